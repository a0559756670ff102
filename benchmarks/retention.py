"""Register rows erased a second, with receipts, beside batched SQL on the same rows by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, transaction

from dev.paths import say
from dev.servers import Servers

from . import plain
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
    return list(_beside_sql()) + list(_sizes(LARGEST if large else LARGE))


def _beside_sql() -> Iterator[Figure]:
    taken: dict[str, list[float]] = {}
    rows = statements = 0
    for number in range(ROUNDS):
        say(f"retention: round {number + 1} of {ROUNDS}")
        plan = _prepare(CUSTOMERS)
        with _timed(taken, "ours"), _counted() as count:
            _run(plan)
        rows, statements = _receipted(), count()
        for name, size in BATCHES.items():
            _prepare(CUSTOMERS, told=False)
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


def _sizes(largest: int) -> Iterator[Figure]:
    """Memory and time a row as the register grows."""
    seconds: dict[int, float] = {}
    memory: dict[int, int] = {}
    planned: dict[int, int] = {}
    for size in (SMALL, largest):
        say(f"retention: {size:,} customers")
        began = time.perf_counter()
        with _peak() as prepared:
            plan = _prepare(size)
        yield Figure(
            "retention", f"{size:,} customers: filled, told and planned",
            time.perf_counter() - began, "s",
        )  # fmt: skip
        began = time.perf_counter()
        with _peak() as run:
            _run(plan)
        seconds[size] = (time.perf_counter() - began) / _receipted()
        memory[size], planned[size] = run(), prepared()
    for what, peaks in (("planned", planned), ("erased", memory)):
        grown = peaks[largest] / peaks[SMALL]
        yield Figure("retention", f"memory while {what}, {largest:,} : {SMALL:,}", grown, "", 1.1)
    slower = seconds[largest] / seconds[SMALL]
    yield Figure("retention", f"time a row at {largest:,} : at {SMALL:,}", slower, "", 1.2)


@contextmanager
def _peak() -> Iterator[Callable[[], int]]:
    """Yield what gives the process's peak memory within the block, in kB (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    found: list[int] = []
    yield lambda: found[0]
    status = Path("/proc/self/status").read_text()
    found.append(int(status.partition("VmHWM:")[2].split()[0]))


def _prepare(customers: int, *, told: bool = True) -> Any:
    from jokkerit_plugin import clock
    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.models import Customer, Erasure, Notice, Plan, PostalAddress, Purchase
    from jokkerit_plugin.register.rows import execute, table
    from jokkerit_plugin.retention import inactive, night, plans
    from jokkerit_plugin.shop.port import shop
    from tests.kills import old_customers

    names = ", ".join(table(model) for model in (Customer, Erasure, Plan, PostalAddress, Purchase))
    execute(f"TRUNCATE {names} CASCADE", [])
    execute("DELETE FROM jokkerit_plugin_chainhead WHERE name = 'erasure'", [])
    old_customers(customers)
    if not told:
        return None
    config, day = shop().config(), clock.today()
    after = 0
    while page := inactive.untold(day, config, after=after, limit=250_000):
        execute(
            f"INSERT INTO {table(Notice)} (customer_id, term, told_at, language)"
            " SELECT pk, term, now() - interval '40 days', 'fi'"
            " FROM unnest(%s::bigint[], %s::date[]) AS told(pk, term)",
            [[one.customer for one in page], [one.term for one in page]],
        )
        after = page[-1].customer
    plan = plans.make(config)
    assert plan is not None
    plans.approve(plan.pk, actor=Actor("command:benchmark", frozenset()))
    execute("ANALYZE", [])
    begun = night.begin(day, config)
    assert begun is not None
    return begun


def _run(plan: Any) -> None:
    from jokkerit_plugin import clock
    from jokkerit_plugin.retention import batches

    batches.run(plan, until=clock.now() + timedelta(hours=2))
    assert not plan.batches.filter(done_at=None).exists()


def _receipted() -> int:
    """Rows of the register that the receipts count; the notices are ours alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(value::int) FROM jokkerit_plugin_erasure,"
            " jsonb_each_text(rows::jsonb) WHERE key NOT LIKE '%%notice%%'"
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
