"""Lines of site logs: taken in beside COPY of the same rows, and a day dropped beside deleting it.

By turns within one run: files of nginx's lines through the door, and the rows that they became, as
they stand, by COPY into a table with the same indexes, and into tables that have one index less or
more. Of the lines a fifth says a user and a fifth a checkout; half of these are customers'. Then
days of a month of 10,000,000 lines: one dropped as the expiry does, one of the same size deleted
and vacuumed. `fill` makes such a month for others.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

from dev.paths import say
from dev.servers import Servers

from . import plain
from .results import Figure, ratio

#: Lines taken in ($SITE_LOG_LINES for a try), in so many transactions; turns of dropping.
LINES = int(os.environ.get("SITE_LOG_LINES", "500000"))
CHUNKS, TURNS = 20, 4
#: A month of a large shop's.
MONTH, DAYS, CUSTOMERS = 10_000_000, 30, 100_000
SEED = 20261128

_PATHS = ("/fi/", "/fi/tuote/{}", "/graphql/", "/static/main.{}.js", "/fi/haku?q=kengät&sivu={}")
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
)


#: An index that a shop may add (docs/sitelog.md).
_BY_PATH = "path", "CREATE INDEX ON bench_path (path text_pattern_ops, at)"
#: Accounts of the shop; half of them bought.
USERS = 20_000
_PURCHASES = """
    INSERT INTO jokkerit_plugin_purchase (saleor_order, customer_id, number, status, origin,
        channel, currency, language, email, placed_at, net, gross, shipping_net, shipping_gross,
        gift_card_amount, shipping_tax_class, tax_country, tax_exempt, vat_id, is_test,
        checkout_token, outside, digest, party_first_name, party_last_name, party_company_name,
        party_street_1, party_street_2, party_postal_code, party_city, party_city_area,
        party_country_area, party_country)
    SELECT gen_random_uuid(), c.id, c.id::text, 'fulfilled', 'checkout', 'finland', 'EUR', 'fi',
        '', now(), 10, 12.55, 0, 0, 0, '', 'FI', false, '', false, token, '[]', '', '', '', '',
        '', '', '', '', '', '', 'FI'
    FROM unnest(%s::text[]) WITH ORDINALITY AS t(token, n)
    JOIN jokkerit_plugin_customer AS c ON c.saleor_user = n"""
_DELETE = "DELETE FROM jokkerit_plugin_siteline WHERE at < %s"


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    plain.setup(servers.database_url, "bench_site_log")
    plain.install_shop()
    return [*_taken(), *_dropped()]


def fill(lines: int = MONTH, days: int = DAYS, customers: int = CUSTOMERS) -> None:
    """Fill the days before today evenly; of every ten lines one is a customer's (1 to `customers`).

    One of fifty is an error, and one of five hundred a failed log-in (401). There need be no such
    customers.
    """
    from django.db import connection

    from jokkerit_plugin.sitelog import days as tables
    from jokkerit_plugin.sitelog import store

    wanted = [tables.today() - timedelta(days=ago) for ago in range(1, days + 1)]
    store.make_days(wanted)
    for day in wanted:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO jokkerit_plugin_siteline (at, address, agent, method, path, status,
                    size, duration, referer, saleor_user, checkout, customer)
                SELECT %(day)s::timestamp AT TIME ZONE 'UTC' + interval '1 day' * n / %(lines)s,
                    '10.0.0.0'::inet + (random() * 200000)::int,
                    %(agent)s, 'GET', '/fi/tuote/' || (random() * 5000)::int,
                    CASE WHEN n %% 500 = 0 THEN 401 WHEN n %% 100 = 1 THEN 500
                        WHEN n %% 100 = 2 THEN 404 ELSE 200 END,
                    (random() * 50000)::int, (random() * 300)::int, 'https://shop.example',
                    CASE WHEN n %% 10 = 0 THEN whose END, NULL,
                    CASE WHEN n %% 10 = 0 THEN whose END
                FROM (SELECT n, 1 + (random() * (%(customers)s - 1))::int AS whose
                      FROM generate_series(0, %(lines)s - 1) AS n) AS made
                """,
                {
                    "day": day, "lines": lines // days, "customers": customers,
                    "agent": _AGENTS[0],
                },
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE jokkerit_plugin_siteline")


def _taken() -> Iterator[Figure]:
    from django.db import connection

    from jokkerit_plugin import clock
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.sitelog import store
    from jokkerit_plugin.sitelog.parsing import read

    say(f"site log: taking in {LINES:,} lines")
    config, dice = Config(active=True), random.Random(SEED)
    buyers = _buyers(dice)
    taking: list[float] = []
    reading: list[float] = []
    store.make_ahead()
    copying: dict[str, list[float]] = {name: [] for name in _tables()}
    for number in range(CHUNKS):
        raw = [_line(dice, clock.now(), buyers) for _ in range(LINES // CHUNKS)]
        taking.append(_timed(lambda raw=raw: store.take_raw(raw, config=config)))  # type: ignore[misc]
        now = clock.now()
        reading.append(_timed(lambda raw=raw, now=now: [read(one, now=now) for one in raw]))  # type: ignore[misc]
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "COPY (SELECT * FROM jokkerit_plugin_siteline ORDER BY id DESC"
                f" LIMIT {len(raw)}) TO STDOUT"
            ) as out,
        ):
            rows = b"".join(bytes(part) for part in out)
        # Each is first once: what comes first finds the least in memory.
        names = [*copying]
        turn = number % len(names)
        for name in [*names[turn:], *names[:turn]]:
            copying[name].append(_timed(lambda rows=rows, name=name: _copy(f"bench_{name}", rows)))  # type: ignore[misc]
    for what, seconds in (("taken", taking), ("read, nothing stored", reading)):
        yield Figure("site_log", f"lines {what}", LINES / CHUNKS / median(seconds), "lines/s")
    usual = copying["all"]
    yield Figure("site_log", "the rows by COPY", LINES / CHUNKS / median(usual), "lines/s",
                 note="as ready text, into the same indexes")  # fmt: skip
    yield Figure("site_log", "take in : COPY (time)", ratio(taking, usual), "")
    for name, seconds in copying.items():
        if name != "all":
            what = "with one by" if name == _BY_PATH[0] else "without the index by"
            yield Figure("site_log", f"COPY {what} {name} : as it is (time)",
                         ratio(seconds, usual), "")  # fmt: skip


def _tables() -> Iterator[str]:
    """Make tables like that of a day: as it is, and with an index less or more; yield which."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = 'jokkerit_plugin_siteline' AND indexname LIKE 'jokkerit_line_%'"
        )
        indexes = {name.rpartition("_")[2]: text for name, text in cursor.fetchall()}
        for name in ("all", *indexes, _BY_PATH[0]):
            cursor.execute(
                f"CREATE TABLE bench_{name} (LIKE jokkerit_plugin_siteline, PRIMARY KEY (at, id))"
            )
            for other, text in indexes.items():
                if other != name:
                    columns = text.partition(" ON ONLY ")[2].partition(" ")[2]
                    cursor.execute(f"CREATE INDEX ON bench_{name} {columns}")
            if name == _BY_PATH[0]:
                cursor.execute(_BY_PATH[1])
            yield name


def _buyers(dice: random.Random) -> list[str]:
    """Put customers with an order each into the register; return checkouts, half of them theirs."""
    from django.db import connection

    checkouts = [str(uuid.UUID(int=dice.getrandbits(128))) for _ in range(USERS)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jokkerit_plugin_customer (saleor_user, email, entered_at)"
            " SELECT n, n || '@example.com', now() FROM generate_series(1, %s) AS n",
            [USERS // 2],
        )
        cursor.execute(_PURCHASES, [checkouts[: USERS // 2]])
        cursor.execute("ANALYZE jokkerit_plugin_customer, jokkerit_plugin_purchase")
    return checkouts


def _copy(table: str, rows: bytes) -> None:
    from django.db import connection, transaction

    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN") as copy,
    ):
        copy.write(rows)


def _dropped() -> Iterator[Figure]:
    from django.db import connection

    from jokkerit_plugin.config import Config
    from jokkerit_plugin.sitelog import days, expiry

    say(f"site log: {TURNS * 2} days of {MONTH // DAYS:,} lines")
    fill(MONTH // DAYS * TURNS * 2, TURNS * 2)
    dropping: list[float] = []
    deleting: list[float] = []
    cleaning: list[float] = []
    for left in range(TURNS * 2 - 1, 0, -2):
        # The oldest by the expiry, and the next row by row.
        config = Config(active=True, site_log_days=left + 1)
        dropping.append(_timed(lambda config=config: expiry.expire(config)))  # type: ignore[misc]
        with connection.cursor() as cursor:
            oldest = days.today() - timedelta(days=left)
            end = datetime.combine(oldest + timedelta(days=1), datetime.min.time(), UTC)
            deleting.append(_timed(lambda end=end: cursor.execute(_DELETE, [end])))  # type: ignore[misc]
            assert cursor.rowcount == MONTH // DAYS, cursor.rowcount
            # Deleted lines are still in the files until then.
            vacuum = f"VACUUM jokkerit_plugin_siteline_{oldest:%Y%m%d}"
            cleaning.append(_timed(partial(cursor.execute, vacuum)))
        expiry.expire(Config(active=True, site_log_days=left))
    yield Figure("site_log", "a day of 333,333 lines dropped", 1000 * median(dropping), "ms")
    both = [one + other for one, other in zip(deleting, cleaning, strict=True)]
    yield Figure("site_log", "drop a day : delete its lines (time)", ratio(dropping, deleting), "",
                 0.1)  # fmt: skip
    yield Figure("site_log", "drop a day : delete and vacuum (time)", ratio(dropping, both), "")
    yield from _empty()


def _empty() -> Iterator[Figure]:
    """What of it does not depend on what the day holds."""
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.sitelog import days, expiry, store

    dropping = []
    for _ in range(TURNS):
        store.make_days([days.today() - timedelta(days=1)])
        config = Config(active=True, site_log_days=1)
        dropping.append(_timed(lambda config=config: expiry.expire(config)))  # type: ignore[misc]
    yield Figure("site_log", "an empty day dropped", 1000 * median(dropping), "ms")


def _line(dice: random.Random, at: datetime, checkouts: Sequence[str]) -> bytes:
    path = dice.choice(_PATHS).format(dice.randrange(5000))
    whose = dice.random()
    more = f" user={1 + dice.randrange(USERS)}" if whose < 0.2 else ""
    more += f" checkout={dice.choice(checkouts)}" if 0.15 < whose < 0.35 else ""
    status = dice.choices((200, 304, 404, 500), (90, 7, 2, 1))[0]
    return (
        f"10.{dice.randrange(4)}.{dice.randrange(256)}.{dice.randrange(256)} - -"
        f' [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} {dice.randrange(50_000)}'
        f' "https://shop.example/fi/?a=b" "{dice.choice(_AGENTS)}"'
        f" rt=0.0{dice.randrange(100):02}{more}"
    ).encode()


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
