"""Lines of the site log that incidents hold, and whose the lines of a day are."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime

from ..models import Customer, ErasedKey, Incident, IncidentLine, Purchase, SiteLine
from .erased import ACCOUNTS, OVERLAP
from .rows import Params, execute, fetch, table

#: The table of all days.
LINES = SiteLine._meta.db_table
#: The tables of the days, attached or not, by a pattern that PostgreSQL and Python read alike.
DAYS = rf"^{LINES}_([0-9]{{8}})$"

_COLUMNS = (
    "at", "address", "agent", "method", "path", "status", "size", "duration", "referer",
    "saleor_user", "checkout", "customer",
)  # fmt: skip
#: By what an incident finds its lines.
_TERMS = (
    "l.at >= i.since AND l.at < i.until"
    " AND (i.address IS NULL OR l.address = i.address)"
    " AND (i.customer IS NULL OR l.customer = i.customer)"
    " AND (i.path = '' OR starts_with(l.path, i.path))"
)


def copy_to_incidents(
    condition: str, given: Params, *, terms: str = _TERMS, source: str = LINES
) -> int:
    """Copy lines `l` to open incidents `i` where terms and condition hold; return how many.

    Doing it twice changes nothing. Of errors no address is copied: mending needs none.
    `source`: a day that is detached already.
    """
    taken = {name: f"l.{name}" for name in _COLUMNS}
    taken["address"] = "CASE WHEN i.purpose = 'security' THEN l.address END"
    return execute(
        f"INSERT INTO {table(IncidentLine)} (incident_id, line, {', '.join(taken)})"
        f" SELECT i.id, l.id, {', '.join(taken.values())}"
        # Locked: who closes an incident meanwhile would not see, and so not delete, the copies.
        f" FROM (SELECT * FROM {table(Incident)} WHERE closed_at IS NULL FOR SHARE) AS i"
        f" JOIN {source} AS l ON {terms or 'true'} WHERE {condition}"
        " ON CONFLICT (incident_id, line) DO NOTHING",
        given,
    )


def forget_erased(name: str = table(IncidentLine)) -> int:
    """Take customers who are erased from copies that were made meanwhile; return how many rows.

    `name`: or from a day that was detached meanwhile.
    """
    done = execute(
        f"UPDATE {name} AS l"
        " SET customer = NULL, saleor_user = NULL, checkout = NULL"
        f" WHERE (customer IS NOT NULL AND NOT EXISTS (SELECT FROM {table(Customer)} AS c"
        " WHERE c.id = customer))"
        f" OR (customer IS NULL AND EXISTS (SELECT FROM {table(ErasedKey)} AS e"
        " WHERE e.kind = ANY(%s) AND e.key = l.saleor_user::text AND l.at <= e.erased_at + %s))",
        [ACCOUNTS, OVERLAP],
    )
    # Of a line of another user the order alone goes.
    return done + execute(
        f"UPDATE {name} AS l SET checkout = NULL WHERE customer IS NULL"
        f" AND EXISTS (SELECT FROM {table(Purchase)} AS p WHERE p.checkout_token = l.checkout"
        " AND p.checkout_token <> '' AND p.contact_erased_at IS NOT NULL"
        " AND p.customer_id IS NULL)",
        [],
    )


def day_of(name: str) -> date | None:
    """Return which day's lines a table holds, by its name; None: it is no such table."""
    found = re.match(DAYS, name)
    return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date() if found else None


def tied_to(customers: Collection[int]) -> list[tuple[str, str, int]]:
    """Return table, key (as the proof writes it) and customer of their lines, incidents' too."""
    return fetch(
        f"SELECT tableoid::regclass::text, at::text || ',' || id, customer FROM {LINES}"
        " WHERE customer = ANY(%(customers)s) UNION ALL SELECT tableoid::regclass::text, id::text,"
        f" customer FROM {table(IncidentLine)} WHERE customer = ANY(%(customers)s) ORDER BY 1, 2",
        {"customers": sorted(customers)},
    )


def owners(name: str, keys: Collection[str]) -> dict[str, int]:
    """Return whose lines of a day, or of incidents, these are, by key as the proof writes it."""
    key = "at::text || ',' || id" if day_of(name) else "id::text"
    if not day_of(name) and name != IncidentLine._meta.db_table:
        return {}
    found = fetch(
        f"SELECT {key}, customer FROM {name} WHERE id = ANY(%s) AND customer IS NOT NULL",
        [[int(one.rpartition(",")[2]) for one in keys]],
    )
    return dict(found)
