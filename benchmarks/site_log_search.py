"""A month of the site log searched by customer and by time, beside the same rows by bare SQL.

Each search is what `siteLines` does: a page of a hundred with all columns of its purpose, the
newest first. It is measured by turns with the shortest SQL that returns the same rows of the same
tables, and with a `SELECT` of the whole condition's count.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dev.paths import DevError, say
from dev.servers import Servers

from . import plain
from .results import Figure, percentile, ratio
from .site_log import CUSTOMERS, DAYS, MONTH, fill

#: Lines of the month ($SITE_LOG_MONTH for a try), rounds, rows of a page.
LINES = int(os.environ.get("SITE_LOG_MONTH", str(MONTH)))
ROUNDS, PAGE = 60, 100
_TABLE = "jokkerit_plugin_siteline"
_COLUMNS = "id, address::text, agent, at, customer, duration, method, path, referer, size, status"


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    plain.setup(servers.database_url, "bench_site_log_search")
    plain.install_shop()
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = until - timedelta(days=DAYS)
    say(f"site log: a month of {LINES:,} lines")
    fill(LINES, DAYS, CUSTOMERS)
    return [*_pages(since, until), *_views(since, until)]


def _pages(since: datetime, until: datetime) -> list[Figure]:
    from jokkerit_plugin.policy.purposes import Purpose
    from jokkerit_plugin.sitelog import search
    from jokkerit_plugin.sitelog.search import Wanted
    from jokkerit_plugin.web.pagination import Slice, page
    from jokkerit_plugin.web.schema.site_lines import ORDERS

    dice = random.Random(7)

    def searched(**given: Any) -> int:
        wanted = Wanted(**{"since": since, "until": until} | given)
        found = search.lines(wanted, Purpose.SECURITY)
        return len(page(found, ORDERS["NEWEST"], Slice(PAGE, False, None), descending=True).rows)

    def hour() -> dict[str, Any]:
        begin = until - timedelta(hours=dice.randint(1, 24 * DAYS))
        return {"since": begin, "until": begin + timedelta(hours=1)}

    figures = []
    for what, draw, condition in (
        ("a customer", lambda: {"customer": dice.randint(1, CUSTOMERS)}, "customer = %(customer)s"),
        ("an hour", hour, "true"),
        ("an address", lambda: {"address": f"10.{dice.randint(0, 2)}.{dice.randint(0, 255)}.7"},
         "address = %(address)s::inet"),
    ):  # fmt: skip
        sql = (
            f"SELECT {_COLUMNS} FROM {_TABLE} WHERE at >= %(since)s AND at < %(until)s"
            f" AND {condition} ORDER BY at DESC, id DESC LIMIT {PAGE + 1}"
        )
        ours, bare = [], []
        for _ in range(ROUNDS):
            given = draw()
            taken, rows = _timed(lambda given=given: searched(**given))
            told, same = _timed(
                lambda given=given, sql=sql: len(
                    _fetched(sql, {"since": since, "until": until, **given})[:PAGE]
                )
            )
            if rows != same:
                raise DevError(f"{what}: {rows} rows, and {same} by bare SQL")
            ours.append(taken)
            bare.append(told)
        figures += [
            Figure("site_log_search", f"{what}, a page of {PAGE}", percentile(ours, 0.5) * 1000,
                   "ms", note=f"p95 {percentile(ours, 0.95) * 1000:.1f} ms"),
            Figure("site_log_search", f"{what} : bare SQL", ratio(ours, bare), "x"),
        ]  # fmt: skip
    return figures


def _views(since: datetime, until: datetime) -> list[Figure]:
    from jokkerit_plugin.sitelog import views
    from jokkerit_plugin.sitelog.search import Wanted

    wanted = Wanted(since, until)
    figures = []
    for what, act, sql in (
        ("errors of the month", lambda: views.errors(wanted),
         (f"SELECT path, status, count(*) FROM {_TABLE} WHERE status >= 400"
         " AND at >= %(since)s AND at < %(until)s GROUP BY 1, 2")),
        ("usage of the month, a page", lambda: views.usage(wanted, after=None, size=101),
         (f"SELECT customer, count(*), sum(size), sum(duration) FROM {_TABLE}"
         " WHERE customer IS NOT NULL AND at >= %(since)s AND at < %(until)s"
         " GROUP BY 1 ORDER BY 1 LIMIT 101")),
    ):  # fmt: skip
        ours, bare = [], []
        for _ in range(5):
            ours.append(_timed(act)[0])
            given = {"since": since, "until": until}
            bare.append(_timed(lambda given=given, sql=sql: _fetched(sql, given))[0])
        figures += [
            Figure("site_log_search", what, percentile(ours, 0.5) * 1000, "ms"),
            Figure("site_log_search", f"{what} : bare SQL", ratio(ours, bare), "x"),
        ]
    return figures


def _fetched(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found
