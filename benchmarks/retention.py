"""Register rows erased a second, with receipts, beside batched SQL on the same rows by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, transaction

from dev.paths import ROOT, say
from dev.servers import Servers

from . import night, plain
from .results import Figure, ratio

#: Customers of a round, each with an e-mail, an address and a purchase; and rounds.
CUSTOMERS, ROUNDS = 20_000, 3
#: What memory and time a row are compared between; the last one with `--large` only.
SMALL, LARGE, LARGEST = 10_000, 100_000, 1_000_000
#: Customers of one transaction in the SQL by hand: as many as in a batch (`plans.SIZE`, which the
#: server's locks allow), and many more.
BATCHES = {"1,000": 1000, "5,000": 5000}


def run(servers: Servers, *, large: bool = False) -> list[Figure]:
    """Measure on an own database on plain Django."""
    plain.setup(servers.database_url)
    plain.install_shop()
    return list(_beside_sql()) + list(_sizes(servers.database_url, LARGEST if large else LARGE))


def _beside_sql() -> Iterator[Figure]:
    taken: dict[str, list[float]] = {}
    rows = statements = 0
    for number in range(ROUNDS):
        say(f"retention: round {number + 1} of {ROUNDS}")
        _fill(CUSTOMERS)
        plan = night.plan()
        with _timed(taken, "ours"), _counted() as count:
            _run(plan)
        rows, statements = _receipted(), count()
        for name, size in BATCHES.items():
            _fill(CUSTOMERS)
            with _timed(taken, name):
                by_hand = _by_hand(size)
            assert by_hand == rows, (by_hand, rows)
    ours = taken["ours"]
    yield Figure("retention", "register rows erased, with receipts", rows / median(ours), "rows/s")
    for name in BATCHES:
        words = f"SQL by hand, {name} customers a transaction"
        yield Figure("retention", words, rows / median(taken[name]), "rows/s")
        aim = 0.8 if name == "1,000" else None
        yield Figure(
            "retention", f"ours : {words}", ratio(taken[name], ours), "", aim, "higher"
        )  # fmt: skip
    yield Figure("retention", "statements a row", statements / rows, "", 0.05)


def _sizes(server: str, largest: int) -> Iterator[Figure]:
    """Memory and time a row as the register grows; each phase in a process of its own."""
    found: dict[int, dict[str, Any]] = {}
    for size in (SMALL, largest):
        say(f"retention: {size:,} customers")
        _fill(size)
        found[size] = {what: _alone(what, server) for what in ("plan", "erase")}
        found[size]["row"] = found[size]["erase"]["seconds"] / _receipted()
        yield Figure("retention", f"{size:,} customers: planned", found[size]["plan"]["seconds"],
                     "s")  # fmt: skip
    small, large = found[SMALL], found[largest]
    for what, words in (("plan", "planning"), ("erase", "erasing")):
        grown = large[what]["memory"] / small[what]["memory"]
        note = f"{large[what]['memory'] / 1024:.0f} : {small[what]['memory'] / 1024:.0f} MiB"
        yield Figure("retention", f"memory while {words}, {largest:,} : {SMALL:,}", grown, "", 1.1,
                     note=note)  # fmt: skip
    slower = large["row"] / small["row"]
    yield Figure("retention", f"time a row at {largest:,} : at {SMALL:,}", slower, "", 1.2)


def _alone(what: str, server: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.night", what, server],
            cwd=ROOT,
            env={**os.environ, "JOKKERIT_LEDGER_DIR": folder, "JOKKERIT_KEYS": f"b:{'0' * 64}"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _fill(customers: int) -> None:
    """Make customers who bought once, five years ago, and were told 40 days ago."""
    from jokkerit_plugin.models import Customer, Erasure, Notice, Plan, PostalAddress, Purchase
    from jokkerit_plugin.register.rows import execute, table
    from tests.kills import OLD, old_customers

    names = ", ".join(table(model) for model in (Customer, Erasure, Plan, PostalAddress, Purchase))
    execute(f"TRUNCATE {names} CASCADE", [])
    execute("DELETE FROM jokkerit_plugin_chainhead WHERE name = 'erasure'", [])
    old_customers(customers)
    execute(
        f"INSERT INTO {table(Notice)} (customer_id, term, told_at, language) SELECT id,"
        f" (({OLD}) AT TIME ZONE 'Europe/Helsinki')::date + interval '36 months',"
        f" now() - interval '40 days', 'fi' FROM {table(Customer)}",
        [],
    )
    # Else the autovacuum does it while one side or the other is timed.
    execute("VACUUM ANALYZE", [])


def _run(plan: Any) -> None:
    from jokkerit_plugin import clock
    from jokkerit_plugin.retention import batches

    batches.run(plan, until=clock.now() + timedelta(hours=2))
    assert not plan.batches.filter(done_at=None).exists()


def _receipted() -> int:
    """Rows of the register that the receipts count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(value::int) FROM jokkerit_plugin_erasure, jsonb_each_text(rows::jsonb)"
        )
        return int(cursor.fetchone()[0])


def _by_hand(size: int) -> int:
    """What somebody would write who knows the tables: no locks, no second look, no receipt."""
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM jokkerit_plugin_customer ORDER BY id")
        keys = [pk for (pk,) in cursor.fetchall()]
        for at in range(0, len(keys), size):
            some = {"ids": keys[at : at + size]}
            with transaction.atomic():
                for sql in _CONTACT:
                    cursor.execute(sql, some)
                    rows += cursor.rowcount
        cursor.execute("SELECT id FROM jokkerit_plugin_purchase ORDER BY id")
        keys = [pk for (pk,) in cursor.fetchall()]
        for at in range(0, len(keys), size):
            with transaction.atomic():
                cursor.execute(_DETAIL, {"ids": keys[at : at + size]})
                rows += cursor.rowcount
    return rows


_CONTACT = (
    """UPDATE jokkerit_plugin_purchase SET customer_id = NULL, billing_address_id = NULL,
    shipping_address_id = NULL, contact_erased_at = now() WHERE customer_id = ANY(%(ids)s)""",
    "DELETE FROM jokkerit_plugin_knownidentifier WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_searchwords WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_notice WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_postaladdress WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_customer WHERE id = ANY(%(ids)s)",
)
_DETAIL = (
    "UPDATE jokkerit_plugin_purchase SET email = '', language = '', checkout_token = '',"
    " detail_erased_at = now() WHERE id = ANY(%(ids)s)"
)


@contextmanager
def _counted() -> Iterator[Callable[[], int]]:
    """Count the statements of the block."""
    seen = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield lambda: seen


@contextmanager
def _timed(taken: dict[str, list[float]], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    taken.setdefault(name, []).append(time.perf_counter() - began)
