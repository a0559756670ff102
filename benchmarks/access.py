"""What guarded access costs: the guard, the log's appends, the question who looked."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from typing import Any
from uuid import uuid4

from django.db import connection

from dev.paths import DevError
from dev.servers import Servers

from . import plain
from .results import Figure, percentile, ratio

#: Customers in the register, each with this many purchases.
CUSTOMERS, PURCHASES = 20_000, 3
READS = 1000
WRITERS = (1, 8)
SECONDS = 10.0
#: Rows of the log, and how many of a thousand are lists of 50 or exports of 5,000.
LOG_ROWS = 1_000_000
LISTS, EXPORTS = 97, 1
LOOKS = 30
#: Ids of customers that the log refers to.
IDS = 1_000_000


def run(servers: Servers) -> list[Figure]:
    """Measure all three on one database."""
    plain.setup(servers.database_url)
    figures = _guarded_reads()
    figures += [_appends(servers.database_url, writers) for writers in WRITERS]
    return figures + _looks()


def _guarded_reads() -> list[Figure]:
    from jokkerit_plugin.access import agreements, guard
    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.models import Customer
    from jokkerit_plugin.policy.categories import Category
    from jokkerit_plugin.policy.permissions import Permission
    from jokkerit_plugin.policy.purposes import Purpose

    _fill_register()
    actor = Actor("user:1", frozenset({Permission.VIEW_REGISTER}))
    agreements.sign(actor, version=agreements.in_force().version, language="fi")
    asks = [Category.NAME, Category.EMAIL, Category.PURCHASE]

    def read(ids: list[int]) -> None:
        found = list(Customer.objects.filter(pk__in=ids).prefetch_related("purchases"))
        if len([purchase for one in found for purchase in one.purchases.all()]) < len(ids):
            raise DevError("the purchases to be read are not there")

    def guarded(ids: list[int]) -> None:
        with guard.visit(actor, Purpose.SERVICE, act="benchmark", asks=asks) as visit:
            read(ids)
            visit.saw(visit.open_to(ids))

    figures = []
    for size in (1, 50):
        pages = [[1 + (n * size + i) % CUSTOMERS for i in range(size)] for n in range(READS)]
        with_guard, without = _by_turns(guarded, read, pages)
        what = "one customer" if size == 1 else f"a list of {size}"
        added = percentile(with_guard, 0.5) - percentile(without, 0.5)
        figures += [
            Figure("access", f"{what}, guarded : unguarded", ratio(with_guard, without), "x",
                   note="medians of reads by turns"),
            Figure("access", f"{what}, the guard adds", added * 1000, "ms"),
        ]  # fmt: skip
    return figures


def _by_turns(
    first: Callable[[Any], None], second: Callable[[Any], None], values: Iterable[Any]
) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for value in values:
        for act, taken in ((first, times[0]), (second, times[1])):
            began = time.perf_counter()
            act(value)
            taken.append(time.perf_counter() - began)
    return times


def _appends(server: str, writers: int) -> Figure:
    """Entries that were committed in a second, by processes that do nothing else."""
    context = multiprocessing.get_context("spawn")
    results: SimpleQueue[int] = context.SimpleQueue()
    begin = context.Event()
    processes = [
        context.Process(target=_append, args=(server, begin, results)) for _ in range(writers)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        results.get()
    begin.set()
    made = sum(results.get() for _ in processes)
    for process in processes:
        process.join()
        if process.exitcode:
            raise DevError("a writer failed, see above")
    _check()
    return Figure("access", f"log rows, {writers} writers", made / SECONDS, "/s", better="higher")


def _append(server: str, begin: Event, results: SimpleQueue[int]) -> None:
    plain.attach(server)
    from jokkerit_plugin.access import rows
    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.policy.categories import Category
    from jokkerit_plugin.policy.purposes import Purpose
    from jokkerit_plugin.policy.roles import Role

    actor, asks = Actor("user:1", frozenset()), [Category.EMAIL, Category.NAME, Category.PURCHASE]
    about: dict[str, Any] = {"role": Role.STAFF, "purpose": Purpose.SERVICE, "categories": asks}
    connection.ensure_connection()
    results.put(0)
    begin.wait()
    made, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        rows.commit(rows.row(actor, "benchmark", subjects=[made % CUSTOMERS], **about))
        made += 1
    results.put(made)


def _check() -> None:
    """The log of many writers is one chain without a gap."""
    from jokkerit_plugin.access import chain
    from jokkerit_plugin.models import AccessEntry

    if faults := chain.verify(AccessEntry, most=1):
        raise DevError(f"link {faults[0].seq} of the log is {faults[0].what}")


def _looks() -> list[Figure]:
    from jokkerit_plugin.access.looks import looks_at

    _fill_log()
    times: list[float] = []
    most = 0
    for n in range(LOOKS):
        customer = 1 + n * 7919 % IDS
        began = time.perf_counter()
        most = max(most, len(looks_at(customer)))
        times.append(time.perf_counter() - began)
    if not most:
        raise DevError("nobody looked at any of the customers")
    rows = f"{LOG_ROWS:,} rows"
    return [
        Figure("access", f"who looked, {rows}, median", percentile(times, 0.5) * 1000, "ms"),
        Figure("access", f"who looked, {rows}, longest", max(times) * 1000, "ms",
               note=f"{LISTS / 10:g} % lists of 50, {EXPORTS / 10:g} % exports of 5,000"),
    ]  # fmt: skip


def _fill_register() -> None:
    from jokkerit_plugin import clock
    from jokkerit_plugin.models import Customer, Purchase

    Customer.objects.bulk_create(
        (
            Customer(pk=n, guest_email=f"{n}@example.com", email=f"{n}@example.com",
                     first_name="Aino", last_name=f"Virtanen {n}")
            for n in range(1, CUSTOMERS + 1)
        ),
        batch_size=5000,
    )  # fmt: skip
    Purchase.objects.bulk_create(
        (
            Purchase(customer_id=1 + n % CUSTOMERS, saleor_order=uuid4(), number=str(n),
                     status="fulfilled", origin="checkout", channel="fi", currency="EUR",
                     placed_at=clock.now(), net=10, gross=12, shipping_net=4, shipping_gross=5,
                     gift_card_amount=0)
            for n in range(CUSTOMERS * PURCHASES)
        ),
        batch_size=5000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fill_log() -> None:
    """Fill the log without its hashes, which nobody reads here: chained, it would take an hour."""
    size = (
        f"CASE WHEN n %% 1000 < {EXPORTS} THEN 5000"
        f" WHEN n %% 1000 < {EXPORTS + LISTS} THEN 50 ELSE 1 END"
    )
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE jokkerit_plugin_accessentry")
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(
            "INSERT INTO jokkerit_plugin_accessentry (seq, hash, at, actor, role, purpose,"
            " categories, act, subjects, count, outcome, reason)"
            f" SELECT n, '', now() - (%(rows)s - n) * interval '1 minute', 'user:1', 'staff',"
            " 'service', 'name purchase', 'benchmark', range_agg(int8range(one, one + 1)),"
            " count(*), 'granted', '' FROM (SELECT n, (1 + random() * (%(ids)s - 1))::bigint AS one"
            f" FROM generate_series(1, %(rows)s) AS n, generate_series(1, {size})) AS looked"
            " GROUP BY n",
            {"rows": LOG_ROWS, "ids": IDS},
        )
        cursor.execute("VACUUM ANALYZE jokkerit_plugin_accessentry")
