"""Backfill and reconciliation inside a real Saleor, at several sizes of the shop."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

from dev.paths import CACHE, DevError, say
from dev.servers import Servers
from dev.shop import Shop

from .generate import generate
from .results import Figure, ratio
from .within import within

VERSION = "3.23"
SIZES = (10_000, 100_000)


def run(servers: Servers) -> list[Figure]:
    """Measure; the shop grows from size to size, the register starts empty at each."""
    measured: dict[int, dict[str, Any]] = {}
    with Shop(VERSION, servers, logs=CACHE / "bench" / "walks") as shop:
        shop.manage("migrate")
        before = 0
        for size in SIZES:
            say(f"walks: making {size - before:,} orders")
            generate(shop.database_url, before, size)
            say(f"walks: filling and reconciling {size:,} orders")
            measured[size] = _inside(shop)
            before = size
    return list(_figures(measured))


def _inside(shop: Shop) -> dict[str, Any]:
    found = within(shop, "inside")
    if found["failed"] or found["differing"]:
        raise DevError(f"the register does not equal the shop: {found}")
    return found


def _figures(measured: dict[int, dict[str, Any]]) -> Iterator[Figure]:
    for size, found in measured.items():
        text = f"{size:,} orders"
        yield Figure("backfill", f"{text}", size / found["backfill"], "orders/s")
        yield Figure(
            "backfill", f"{text}, peak memory", found["memory peak"], "MiB",
            note=f"{found['memory before']:.0f} MiB before it began",
        )  # fmt: skip
    for smaller, larger in pairwise(SIZES):
        yield Figure(
            "backfill", f"peak memory, {larger:,} : {smaller:,}",
            measured[larger]["memory peak"] / measured[smaller]["memory peak"], "", 1.1,
        )  # fmt: skip
    for size, found in measured.items():
        text = f"{size:,} equal orders"
        yield Figure("reconcile", text, size / median(found["reconcile"]), "orders/s")
        yield Figure("reconcile", f"{text} : digest SQL alone",
                     ratio(found["reconcile"], found["digests"]), "", 1.5)  # fmt: skip
