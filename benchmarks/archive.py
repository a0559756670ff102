"""The copy of somebody with 10,000 orders, beside 100 and beside COPY of the same rows.

Inside a real Saleor. Each copy is made in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from dev.paths import CACHE, say
from dev.servers import Servers
from dev.shop import Shop

from .generate import generate
from .results import Figure, ratio
from .within import within

VERSION = "3.23"
#: Orders of the two customers, and of the others among whom they are.
FEW, MANY, OTHERS = 100, 10_000, 10_000
ROUNDS = 3

#: The next orders go to the accounts of these keys, in turn.
GIVE = """
    WITH theirs AS (SELECT id FROM order_order WHERE number >= %(first)s AND number < %(last)s),
        moved AS (UPDATE order_order o SET user_id = u.id, user_email = u.email
            FROM theirs, account_user u WHERE o.id = theirs.id AND u.id = %(user)s)
    UPDATE account_address a SET first_name = u.first_name, last_name = u.last_name
        FROM order_order o, account_user u
        WHERE o.id IN (SELECT id FROM theirs) AND u.id = %(user)s
            AND a.id IN (o.billing_address_id, o.shipping_address_id)"""


def run(servers: Servers) -> list[Figure]:
    """Measure; the database is an own one."""
    with Shop(VERSION, servers, logs=CACHE / "bench" / "archive") as shop:
        shop.manage("migrate")
        say(f"archive: making {FEW + MANY + OTHERS:,} orders")
        generate(shop.database_url, 0, FEW + MANY + OTHERS)
        users = _give(shop.database_url)
        within(shop, "copying", "fill")
        few, many = [], []
        for number in range(ROUNDS):
            say(f"archive: round {number + 1} of {ROUNDS}")
            few.append(within(shop, "copying", "copy", str(users[0])))
            many.append(within(shop, "copying", "copy", str(users[1])))
    return list(_figures(few, many))


def _give(url: str) -> list[int]:
    """Let two accounts have all orders of theirs and no others; return their keys."""
    url = url.replace("postgres://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        [(first,)] = connection.execute(
            "SELECT min(number) FROM order_order WHERE number >= 1000000"
        ).fetchall()
        users = [key for (key,) in connection.execute(
            "SELECT id FROM account_user WHERE NOT is_staff ORDER BY id DESC LIMIT 2"
        )]  # fmt: skip
        for user, start, count in zip(users, (first, first + FEW), (FEW, MANY), strict=True):
            connection.execute("UPDATE order_order SET user_id = NULL WHERE user_id = %s", [user])
            connection.execute(GIVE, {"user": user, "first": start, "last": start + count})
        connection.execute("VACUUM ANALYZE")
    return users


def _figures(few: list[dict[str, Any]], many: list[dict[str, Any]]) -> Iterator[Figure]:
    for orders, found in ((FEW, few), (MANY, many)):
        note = f"{found[0]['rows']:,} rows, {found[0]['size'] / 2**20:.1f} MiB as a zip, encrypted"
        yield Figure("archive", f"{orders:,} orders", min(_of("copy", found)), "s", note=note)
        yield Figure("archive", f"{orders:,} orders, COPY of the same rows",
                     min(_of("sql", found)), "s")  # fmt: skip
        yield Figure("archive", f"{orders:,} orders : COPY of the same rows",
                     ratio(_of("copy", found), _of("sql", found)), "")  # fmt: skip
        yield Figure("archive", f"{orders:,} orders, memory above the start",
                     max(_of("memory", found)), "MiB", 64)  # fmt: skip
    yield Figure(
        "archive", f"time an order, {MANY:,} : {FEW:,}",
        ratio([one / MANY for one in _of("copy", many)], [one / FEW for one in _of("copy", few)]),
        "", 1.2,
    )  # fmt: skip
    peaks = [max(_of("peak", found)) for found in (many, few)]
    yield Figure("archive", f"peak memory, {MANY:,} : {FEW:,}", peaks[0] / peaks[1], "", 1.1)


def _of(name: str, found: list[dict[str, Any]]) -> list[float]:
    return [float(one[name]) for one in found]
