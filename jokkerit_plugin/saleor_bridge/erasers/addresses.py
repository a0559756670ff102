"""Addresses: an order keeps the country of its own, an address nobody refers to goes.

Old shops share one row between orders and address books. What anything else refers to is left as
it is, and the order gets a row of its own that says only the country.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from .sheet import AMONG, NO_JSON, blank

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
    """Empty the address of one side of these orders (3 statements, 4 where some are shared)."""
    side = SIDES[part]
    texts = [name for name in _BLANK if name in known[TABLE]]
    found = fetch(
        f"""SELECT o.id::text, a.id FROM order_order o JOIN {TABLE} a ON a.id = o.{side}
        WHERE o.id = ANY(%s::uuid[]) AND NOT ({_empty("a", texts)})""",
        [keys],
    )
    shared = _elsewhere(keys, side, sorted({address for _, address in found}), references)
    own = sorted({address for _, address in found} - shared)
    pointed = _point([order for order, address in found if address in shared], side, texts, known)
    values = ", ".join(f"{name} = {_BLANK[name]}" for name in texts)
    emptied = execute(f"UPDATE {TABLE} SET {values} WHERE id = ANY(%s::int[])", [own])
    return Counter({TABLE: pointed + emptied})


def _elsewhere(
    keys: list[str], side: str, addresses: list[int], references: References
) -> set[int]:
    """Return those of `addresses` that something else refers to than these orders' own side.

    Each reference is looked up in its own index. As EXISTS in the list of what is selected
    PostgreSQL answered from whole tables, for every batch: a quarter of its time at 30,000 orders.
    """
    among = AMONG.format(name="addresses", kind="int")
    mine = " AND NOT id = ANY(%(keys)s::uuid[])"
    rows = fetch(
        " UNION ".join(
            f"SELECT {column} FROM {table} WHERE {column} {among}"
            + (mine if (table, column) == ("order_order", side) else "")
            for table, column, _ in references
        ),
        {"keys": keys, "addresses": addresses},
    )
    return {address for (address,) in rows}


def _point(orders: list[str], side: str, texts: list[str], known: Mapping[str, set[str]]) -> int:
    """Give each order an address of its own that says the country and nothing else."""
    if not orders:
        return 0
    columns = {name: _BLANK[name] for name in texts}
    columns |= {name: sql for name, sql in _ANEW.items() if name in known[TABLE]}
    return execute(
        f"""WITH shared AS MATERIALIZED (
            SELECT o.id AS order_id, a.country,
                nextval(pg_get_serial_sequence('{TABLE}', 'id')) AS id
            FROM order_order o JOIN {TABLE} a ON a.id = o.{side}
            WHERE o.id = ANY(%s::uuid[])),
        made AS (INSERT INTO {TABLE} (id, {", ".join(columns)})
            SELECT shared.id, {", ".join(columns.values())} FROM shared)
        UPDATE order_order o SET {side} = shared.id FROM shared WHERE o.id = shared.order_id""",
        [orders],
    )


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
