"""Orders a second into the register, beside the same rows written in other ways."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import UUID

from dev.paths import say
from dev.servers import Servers

from . import paper, plain
from .results import Figure, ratio

#: Orders of a round, and rounds: short ones, so that what is compared is close in time.
ORDERS, ROUNDS = 1000, 11
#: Batches that are saved object by object; the time of all is reckoned from them.
SAVED = 1
#: Of these three the quickest is the yardstick.
RIVALS = ("bound_by_server", "bound_by_client", "as_arrays")


def run(servers: Servers) -> list[Figure]:
    """Measure; the database is an own one on plain Django."""
    plain.setup(servers.database_url)
    return measure(ORDERS, ROUNDS)


def measure(orders: int, rounds: int) -> list[Figure]:
    """Interleaved rounds: every way writes the same orders into empty tables."""
    from jokkerit_plugin.register import inbox, sweep

    from . import rows
    from .prebuilt import PrebuiltShop

    papers = paper.write(orders)
    shops = {
        "documents": PrebuiltShop(papers, parsed=False),
        "snapshots": PrebuiltShop(papers, parsed=True),
    }
    keys = list(papers.orders)
    sizes = {"drain": inbox.BATCH, "sweep": sweep.CHUNK}
    cut = {name: list(_cut(_order(name, keys), size)) for name, size in sizes.items()}
    copies: dict[str, list[rows.Batch]] = {}
    for name in sizes:
        rows.clear()
        _fill(name, shops["snapshots"], keys)
        copies[name] = rows.capture(cut[name])
    taken: dict[str, list[float]] = {}
    for number in range(rounds):
        say(f"intake: round {number + 1} of {rounds}")
        for name in sizes:
            for served, shop in shops.items():
                rows.clear()
                prepare, work = _ways(name, shop, keys)
                prepare()
                with _timed(taken, f"{name} {served}"):
                    work()
            for write in rows.WRITES:
                rows.clear()
                with _timed(taken, f"{name} {write.__name__}"):
                    rows.inserts(copies[name], write)
        rows.clear()
        few = copies["drain"][:SAVED]
        with _timed(taken, "save"):
            rows.saves(few)
    scale = orders / sum(map(len, cut["drain"][:SAVED]))
    taken["save"] = [seconds * scale for seconds in taken["save"]]
    return list(_figures(taken, orders, rows.counted(copies["drain"])))


def _order(name: str, keys: Sequence[UUID]) -> Sequence[UUID]:
    return keys if name == "drain" else sorted(keys)


def _cut(keys: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    return (keys[at : at + size] for at in range(0, len(keys), size))


def _fill(name: str, shop: Any, keys: Sequence[UUID]) -> None:
    prepare, work = _ways(name, shop, keys)
    prepare()
    work()


def _ways(
    name: str, shop: Any, keys: Sequence[UUID]
) -> tuple[Callable[[], object], Callable[[], object]]:
    """What is done before the clock starts, and what is measured."""
    from jokkerit_plugin.register import inbox, sweep
    from jokkerit_plugin.shop import port
    from jokkerit_plugin.shop.snapshots import Kind

    port.install(shop)
    if name == "drain":
        batches = len(keys) // inbox.BATCH + 1
        return lambda: inbox.note(Kind.ORDER, keys), lambda: inbox.drain(max_batches=batches)

    def chunks() -> None:
        for chunk in _cut(_order(name, keys), sweep.CHUNK):
            events = [(Kind.ORDER, str(key)) for key in chunk]
            inbox.work(events, port=shop, config=shop.config())

    return lambda: None, chunks


@contextmanager
def _timed(taken: dict[str, list[float]], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    taken.setdefault(name, []).append(time.perf_counter() - began)


def _figures(taken: dict[str, list[float]], orders: int, written: int) -> Iterable[Figure]:
    save = taken["save"]
    for name, words in (("drain", "drained in 100s"), ("sweep", "swept in 500s")):
        inserts = min((taken[f"{name} {rival}"] for rival in RIVALS), key=median)
        for served in ("documents", "snapshots"):
            mine = taken[f"{name} {served}"]
            way = "parsed and written" if served == "documents" else "written"
            label = f"{words}, {way}"
            yield Figure("intake", label, orders / median(mine), "orders/s")
            yield Figure(
                "intake", f"{label} : bare INSERTs", ratio(inserts, mine), "", 0.5, "higher"
            )
            yield Figure("intake", f"{label} : save()", ratio(save, mine), "")
        yield Figure(
            "intake", f"bare INSERTs, {words}", orders / median(inserts), "orders/s",
            note=f"{written / orders:.1f} rows an order",
        )  # fmt: skip
    yield Figure("intake", "save() of each object", orders / median(save), "orders/s")
