"""Addresses: an order keeps the country of its own, an address nobody refers to goes.

Old shops share one row between orders and address books. What anything else refers to is left as
it is, and the order gets a row of its own that says only the country.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from .sheet import NO_JSON, blank

TABLE = "account_address"

_BLANK = {
    **blank("first_name last_name company_name street_address_1 street_address_2 city"),
    **blank("city_area postal_code country_area phone"),
    **blank("metadata private_metadata", NO_JSON),
}
#: What an empty row says beyond its texts.
_ANEW = {"country": "shared.country", "validation_skipped": "true"}

#: The order's column that goes with a part.
SIDES = {
    ShopPart.ORDER_DETAIL: "shipping_address_id",
    ShopPart.ORDER_IDENTITY: "billing_address_id",
}
COLUMNS = tuple(_BLANK)

References = Sequence[tuple[str, str, bool]]


def empty(
    part: ShopPart, keys: list[str], references: References, known: Mapping[str, set[str]]
) -> Counter[str]:
    """Empty the address of one side of these orders (4 statements)."""
    side = SIDES[part]
    parameters = {"keys": keys}
    elsewhere = " OR ".join(
        f"EXISTS (SELECT FROM {table} r WHERE r.{column} = a.id"
        + (
            " AND NOT r.id = ANY(%(keys)s::uuid[]))"
            if (table, column) == ("order_order", side)
            else ")"
        )
        for table, column, _ in references
    )
    mine = f"""SELECT o.id AS order_id, a.id, a.country, ({elsewhere}) AS elsewhere
        FROM order_order o JOIN {TABLE} a ON a.id = o.{side}
        WHERE o.id = ANY(%(keys)s::uuid[]) ORDER BY a.id"""
    own = [name for name in _ANEW if name in known[TABLE]]
    texts = [name for name in _BLANK if name in known[TABLE]]
    pointed = execute(
        f"""WITH shared AS MATERIALIZED (
            SELECT m.order_id, m.country, nextval(pg_get_serial_sequence('{TABLE}', 'id')) AS id
            FROM ({mine}) m WHERE m.elsewhere AND NOT EXISTS (
                SELECT FROM {TABLE} a WHERE a.id = m.id AND {_empty("a", texts)})),
        made AS (INSERT INTO {TABLE} (id, {", ".join([*texts, *own])})
            SELECT shared.id, {", ".join([_BLANK[n] for n in texts] + [_ANEW[n] for n in own])}
            FROM shared)
        UPDATE order_order o SET {side} = shared.id FROM shared WHERE o.id = shared.order_id""",
        parameters,
    )
    emptied = execute(
        f"""UPDATE {TABLE} t SET {", ".join(f"{n} = {_BLANK[n]}" for n in texts)}
        FROM ({mine}) m WHERE m.id = t.id AND NOT m.elsewhere AND NOT ({_empty("t", texts)})""",
        parameters,
    )
    return Counter({TABLE: pointed + emptied})


def _empty(row: str, names: Sequence[str]) -> str:
    return " AND ".join(f"{row}.{name} IS NOT DISTINCT FROM {_BLANK[name]}" for name in names)


def unused(row: str, references: References) -> str:
    """Return the SQL condition that nothing refers to address `row`."""
    return " AND ".join(
        f"NOT EXISTS (SELECT FROM {table} r WHERE r.{column} = {row}.id)"
        for table, column, _ in references
    )


def delete(ids: Sequence[int | str], references: References) -> Counter[str]:
    """Delete those that nothing refers to, looked at again (1 statement)."""
    sql = f"DELETE FROM {TABLE} a WHERE a.id = ANY(%s::int[]) AND {unused('a', references)}"
    return Counter({TABLE: execute(sql, [list(ids)])})


def of_users(users: list[str]) -> list[int]:
    """Return the addresses of these accounts' books."""
    sql = """
        SELECT address_id FROM account_user_addresses WHERE user_id = ANY(%(users)s::int[])
        UNION SELECT default_billing_address_id FROM account_user WHERE id = ANY(%(users)s::int[])
        UNION SELECT default_shipping_address_id FROM account_user WHERE id = ANY(%(users)s::int[])
        ORDER BY 1"""
    return [key for (key,) in fetch(sql, {"users": users}) if key is not None]
