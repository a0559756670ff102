"""What one order costs in a shop of 10,000, of 100,000 and (`--large`) of 1,000,000 orders.

The shops stand side by side, filled, and the same number of new orders is taken in by each in
turn, and the same number of equal ones compared: what else the machine does meanwhile slows all
of them alike.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from statistics import median

from dev.paths import CACHE, ROOT, DevError, say
from dev.servers import Servers
from dev.shop import Shop

from .generate import generate
from .results import Figure, ratio
from .walks import VERSION

SIZES = (10_000, 100_000)
LARGE = 1_000_000
#: How many turns each shop has, and the orders of one.
TURNS, TAKEN, COMPARED = 8, 1_000, 2_000


class Grown:
    """A filled shop with a process inside that takes in and compares on demand."""

    def __init__(self, shop: Shop, size: int) -> None:
        self.size = size
        shop.manage("migrate")
        say(f"growth: making and taking in {size:,} orders")
        generate(shop.database_url, 0, size)
        self.process = subprocess.Popen(
            [str(shop.python), "-m", "benchmarks.inside_growth"],
            cwd=shop.logs,
            env={**shop.environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sys.stderr,
            text=True,
        )
        self.ask("fill")
        generate(shop.database_url, size, size + TAKEN * TURNS)
        self.ask("analyze")

    def ask(self, *words: object) -> float:
        """Have one thing done; the seconds it took."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            raise DevError(f"growth: the process inside the shop of {self.size:,} ended")
        return float(json.loads(line))

    def close(self) -> None:
        """End the process, so that the database can be dropped."""
        self.process.kill()
        self.process.wait()


def run(servers: Servers, *, large: bool = False) -> list[Figure]:
    """Measure; each shop and its register has a database of its own on one server."""
    sizes = (*SIZES, LARGE) if large else SIZES
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    compared: dict[int, list[float]] = {size: [] for size in sizes}
    with ExitStack() as stack:
        shops = []
        for size in sizes:
            logs = CACHE / "bench" / f"growth-{size}"
            shop = stack.enter_context(Shop(VERSION, servers, logs=logs))
            shops.append(Grown(shop, size))
            stack.callback(shops[-1].close)
        for turn in range(TURNS):
            for shop in shops:
                taken[shop.size].append(shop.ask("take", shop.size + turn * TAKEN, TAKEN))
        for turn in range(TURNS):
            for shop in shops:
                compared[shop.size].append(shop.ask("compare", turn, COMPARED))
    return [*_figures("taken in", taken, TAKEN), *_figures("compared, equal", compared, COMPARED)]


def _figures(what: str, seconds: dict[int, list[float]], orders: int) -> Iterator[Figure]:
    # The first turn warms up.
    for size, turns in seconds.items():
        yield Figure("growth", f"{what}, in a shop of {size:,}",
                     orders / median(turns[1:]), "orders/s")  # fmt: skip
    for smaller, larger in pairwise(seconds):
        yield Figure("growth", f"time an order {what}, {larger:,} : {smaller:,}",
                     ratio(seconds[larger][1:], seconds[smaller][1:]), "", 1.2)  # fmt: skip
