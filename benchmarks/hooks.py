"""How long a hook takes: `register.inbox.note` while others write and drain."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from typing import Any

from dev.paths import DevError
from dev.servers import Servers

from . import paper, plain
from .results import Figure, percentile

WRITERS, DRAINERS = 4, 4
SECONDS = 15.0
#: Between two events of one writer.
PAUSE = 0.01
ORDERS = 2000

Times = list[float]


def run(servers: Servers) -> list[Figure]:
    """Measure alone, then with drains beside."""
    plain.setup(servers.database_url)
    figures: list[Figure] = []
    for drainers in (0, DRAINERS):
        times = _round(servers.database_url, drainers)
        beside = f"{WRITERS} writers, {drainers} drains"
        for name, share in (("median", 0.5), ("p99", 0.99)):
            figures.append(
                Figure("hooks", f"{beside}, {name}", percentile(times, share) * 1000, "ms")
            )
        figures.append(
            Figure("hooks", f"{beside}, longest", max(times) * 1000, "ms",
                   note=f"{len(times):,} events")
        )  # fmt: skip
    return figures


def _round(server: str, drainers: int) -> Times:
    from . import rows

    rows.clear()
    context = multiprocessing.get_context("spawn")
    results: SimpleQueue[tuple[Times, set[Any]]] = context.SimpleQueue()
    begin, end = context.Event(), context.Event()
    writing = [
        context.Process(target=_write, args=(server, number, begin, results))
        for number in range(WRITERS)
    ]
    draining = [context.Process(target=_drain, args=(server, end)) for _ in range(drainers)]
    for process in (*writing, *draining):
        process.start()
    begin.set()
    found = [results.get() for _ in writing]
    end.set()
    for process in (*writing, *draining):
        process.join()
        if process.exitcode:
            raise DevError("a writer or drain failed, see above")
    _check(set().union(*(keys for _, keys in found)))
    return [seconds for times, _ in found for seconds in times]


def _check(noted: set[Any]) -> None:
    """Nothing is lost: what was noted is in the register once the inbox is empty."""
    from jokkerit_plugin.models import InboxEvent, Purchase
    from jokkerit_plugin.register import inbox

    _install()
    inbox.drain(max_batches=100_000)
    here = set(Purchase.objects.values_list("saleor_order", flat=True))
    if InboxEvent.objects.exists() or here != noted:
        raise DevError("events were lost between inbox and register")


def _install() -> list[Any]:
    from jokkerit_plugin.shop import port

    from .prebuilt import PrebuiltShop

    papers = paper.write(ORDERS)
    port.install(PrebuiltShop(papers, parsed=True))
    return list(papers.orders)


def _write(
    server: str, number: int, begin: Event, results: SimpleQueue[tuple[Times, set[Any]]]
) -> None:
    plain.attach(server)
    from jokkerit_plugin.register import inbox
    from jokkerit_plugin.shop.snapshots import Kind

    keys, pick = _install(), random.Random(number)
    inbox.note(Kind.ORDER, [keys[0]])
    begin.wait()
    times: Times = []
    noted = {keys[0]}
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        key = pick.choice(keys)
        noted.add(key)
        began = time.perf_counter()
        inbox.note(Kind.ORDER, [key])
        times.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    results.put((times, noted))


def _drain(server: str, end: Event) -> None:
    plain.attach(server)
    from jokkerit_plugin.register import inbox

    _install()
    while not end.is_set():
        inbox.drain()
        time.sleep(PAUSE)
