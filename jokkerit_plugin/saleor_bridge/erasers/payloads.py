"""What was sent to webhooks: whole copies of customers and orders, which no key joins to a person.

So they go by age, sooner than Saleor's own 14 days.
"""

from collections import Counter

from ...register.rows import execute, fetch

_DELIVERIES = "SELECT id FROM core_eventdelivery WHERE payload_id = ANY(%(keys)s::int[])"

ROWS = (
    ("core_eventdeliveryattempt", f"delivery_id IN ({_DELIVERIES})"),
    ("core_eventdelivery", "payload_id = ANY(%(keys)s::int[])"),
    ("core_eventpayload", "id = ANY(%(keys)s::int[])"),
)


def erase(keys: list[str]) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Delete payloads with their deliveries; return rows by table, and files."""
    parameters = {"keys": keys}
    files = fetch(
        "SELECT 'core.EventPayload.payload_file', payload_file FROM core_eventpayload"
        " WHERE id = ANY(%(keys)s::int[]) AND payload_file <> ''",
        parameters,
    )
    done: Counter[str] = Counter()
    for table, rows in ROWS:
        done[table] += execute(f"DELETE FROM {table} WHERE {rows}", parameters)
    return done, [(field, name) for field, name in files]
