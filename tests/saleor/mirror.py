"""An independent reading of Saleor's tables, held against the register's.

Plain SQL, a table at a time, put together in Python: nothing of the plugin is imported, so that
a mistake in its own SQL cannot hide itself. What comes back names rows by key and columns by
name, never a value.

    differences(database, checkouts=True)    # [] when the register equals the shop
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.saleor import mirror_orders, mirror_people

Row = dict[str, Any]


def connect(database_url: str) -> psycopg.Connection[Row]:
    """A connection of its own that sees what is committed; rows are dicts."""
    url = database_url.replace("postgres://", "postgresql://", 1)
    return psycopg.connect(url, autocommit=True, row_factory=dict_row)


def differences(
    database: psycopg.Connection[Row],
    *,
    orders: Iterable[str] | None = None,
    accounts: Iterable[int] | None = None,
    baskets: Iterable[str] | None = None,
) -> list[str]:
    """What differs between register and shop: of these orders, accounts and checkouts.

    None means all of them. The plugin is expected to keep traces of checkouts. All is read in
    one transaction, so that nothing moves meanwhile.
    """
    wanted = None if orders is None else {str(key) for key in orders}
    users = None if accounts is None else {int(key) for key in accounts}
    tokens = None if baskets is None else {str(key) for key in baskets}
    with database.transaction():
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = mirror_orders.differences(database, wanted)
        found += mirror_people.of_accounts(database, users)
        found += mirror_people.of_checkouts(database, tokens)
        if wanted is None and users is None:
            found += mirror_people.of_guests(database)
            found += mirror_people.of_strangers(database)
    return found


def waiting(database: psycopg.Connection[Row]) -> int:
    """Events that no drain has taken, and keys that were set aside."""
    row = database.execute(
        "SELECT (SELECT count(*) FROM jokkerit_plugin_inboxevent)"
        " + (SELECT count(*) FROM jokkerit_plugin_setaside) AS n"
    ).fetchone()
    assert row is not None
    return int(row["n"])
