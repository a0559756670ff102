"""Runs inside Saleor, in a process of its own: `python -m benchmarks.inside`.

Fills the empty register from the shop, then reconciles it twice, each time beside the digest
statements alone, and prints the figures as one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from jokkerit_plugin.models import Sweep  # noqa: E402
from jokkerit_plugin.register import sweep  # noqa: E402
from jokkerit_plugin.shop.port import Key, shop  # noqa: E402
from jokkerit_plugin.shop.snapshots import Kind  # noqa: E402

from . import rows  # noqa: E402

#: How often reconciliation and digests alone are timed, in turn.
PAIRS = 2


def main() -> int:
    """Measure and print."""
    port = shop()
    with port.writer():
        rows.clear()
        before = _now_mib()
        began, seconds = time.perf_counter(), []

        def lap(_: Sweep) -> None:
            seconds.append(time.perf_counter() - began)

        filled = sweep.run(sweep.start(Sweep.Name.BACKFILL), report=lap)
        backfill = time.perf_counter() - began
        result: dict[str, object] = {
            "seen": filled.seen,
            "missing": filled.missing,
            "failed": filled.failed,
            "backfill": backfill,
            "laps": seconds,
            "memory before": before,
            "memory peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        digests, walks, differing = [], [], 0
        for _ in range(PAIRS):
            digests.append(_timed(_digests))
            began = time.perf_counter()
            walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
            walks.append(time.perf_counter() - began)
            differing += walk.missing + walk.outdated + walk.vanished
        result |= {"digests": digests, "reconcile": walks, "differing": differing}
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _digests() -> None:
    """The statements that the reconciliation runs in the shop, and nothing else."""
    port = shop()
    config = port.config()
    for kind in (Kind.ORDER, Kind.CUSTOMER):
        after: Key | None = None
        while True:
            found = port.digests(kind, after, sweep.RANGE, config)
            if len(found) < sweep.RANGE:
                break
            after = found[-1][0]


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _now_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    sys.exit(main())
