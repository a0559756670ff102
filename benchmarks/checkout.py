"""What the plugin costs the shop: checkoutComplete with and without it.

Two web servers of one Saleor version on databases from one dump: Saleor's own environment, and
the one with the plugin. The same shopper buys the same goods in both by turns, one request at a
time; only checkoutComplete is timed. Once without workers, and once with a worker and beat on
both sides, where the plugin's drain works every five seconds.
"""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from demo.client import Client
from demo.drive import staff_client
from demo.load import Kind, load
from demo.shopfloor import Shop as Floor
from demo.shopfloor import open_shop
from dev.checkouts import checkout
from dev.databases import server_url
from dev.paths import CACHE, DevError, say
from dev.servers import Servers
from dev.shop import Shop

from .results import Figure, percentile, ratio

VERSION = "3.23"
#: Pairs of checkouts, and those before them that only warm up.
PAIRS, WARM = 300, 10
GOODS = Kind(sku="JR-PAITA", paid=True)
#: Checkouts whose statements are counted.
COUNTED = 5

#: Seconds of the same purchase with the plugin and without it.
Pairs = Sequence[tuple[float, float]]


class Side:
    """One of the two shops."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.url = f"{shop.url}/graphql/"
        self.floor: Floor = open_shop(staff_client(self.url))

    def buy(self, tag: str) -> float:
        """Place one order; the seconds of its checkoutComplete."""
        done = load(
            lambda: Client(self.url), self.floor, threads=1, stop=threading.Event(), kind=GOODS,
            tag=tag, limit=1,
        )  # fmt: skip
        if done.broken or not done.placed:
            raise DevError(f"Saleor refused a checkout: {done.broken or done.refused}")
        return done.placed[0].answer.seconds


def bare(servers: Servers) -> Shop:
    """The shop without the plugin, in Saleor's own environment."""
    # Which finds Saleor by its folder only.
    path = {"PYTHONPATH": str(checkout(VERSION).folder)}
    return Shop(VERSION, servers, logs=CACHE / "bench" / "without", plugin=False, environment=path)


def run(servers: Servers) -> list[Figure]:
    """Measure both variants, and count statements."""
    figures: list[Figure] = []
    with Shop(VERSION, servers, logs=CACHE / "bench" / "with") as mine, bare(servers) as plain:
        mine.manage("migrate")
        for shop in (mine, plain):
            shop.start_web()
        sides = Side(mine), Side(plain)
        figures += timed(*sides, "no workers")
        figures += _statements(servers, *sides)
        for shop in (mine, plain):
            shop.start_worker()
            shop.start_beat()
        figures += timed(*sides, "workers and beat on both sides")
    return figures


def timed(mine: Side, plain: Side, label: str, aim: float = 1.02) -> Iterator[Figure]:
    """Buy in both by turns; the ratios of median and p95."""
    times: tuple[list[float], list[float]] = ([], [])
    worked = [0.0, 0.0]
    for number in range(-WARM, PAIRS):
        if number % 50 == 0:
            say(f"checkout, {label}: {number} of {PAIRS} pairs")
        # Who goes first changes, so that neither always finds warm caches.
        turns = ((mine, 0), (plain, 1)) if number % 2 else ((plain, 1), (mine, 0))
        for side, at in turns:
            before = _processor_time(side)
            seconds = side.buy(f"{label[:2]}{number + WARM}")
            if number >= 0:
                times[at].append(seconds)
                worked[at] += _processor_time(side) - before
    pairs = list(zip(*times, strict=True))
    for name, of in (("median of the pairs", _paired), ("median", _median), ("p95", _p95)):
        low, high = _interval(pairs, of)
        ours, theirs = (1000 * percentile(side, 0.95 if of is _p95 else 0.5) for side in times)
        yield Figure(
            "checkout", f"with : without, {name}, {label}", of(pairs), "",
            None if of is _p95 else aim,
            note=f"{ours:.0f} : {theirs:.0f} ms; 95 % interval {low:.3f} to {high:.3f}",
        )  # fmt: skip
    ours, theirs = (1000 * seconds / PAIRS for seconds in worked)
    yield Figure(
        "checkout", f"processor time of the web server, a whole purchase, {label}", ours / theirs,
        "", note=f"{ours:.0f} : {theirs:.0f} ms",
    )  # fmt: skip


def _processor_time(side: Side) -> float:
    """Seconds that the web server has worked since it began, in its own code and for it."""
    used = Path(f"/proc/{side.shop.web.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def _paired(pairs: Pairs) -> float:
    # What slows the machine for a while slows both of a pair, and falls out.
    return ratio(*zip(*pairs, strict=True))


def _median(pairs: Pairs) -> float:
    return median(ours for ours, _ in pairs) / median(theirs for _, theirs in pairs)


def _p95(pairs: Pairs) -> float:
    ours, theirs = (percentile(side, 0.95) for side in zip(*pairs, strict=True))
    return ours / theirs


def _interval(pairs: Pairs, of: Callable[[Pairs], float]) -> tuple[float, float]:
    """Where the ratio lies with a probability of 95 %, by drawing pairs anew 1,000 times."""
    pick = random.Random(1)
    drawn = [of(pick.choices(pairs, k=len(pairs))) for _ in range(1000)]
    return percentile(drawn, 0.025), percentile(drawn, 0.975)


def _statements(servers: Servers, mine: Side, plain: Side) -> Iterator[Figure]:
    """Round trips of a checkout's requests, from PostgreSQL's log of every statement."""
    if servers.postgres is None:
        say("checkout: statements are only counted on a PostgreSQL of our own")
        return
    counts = [_counted(side, servers.postgres.process.log) for side in (mine, plain)]
    (all_mine, noted), (all_plain, _) = counts
    yield Figure("checkout", "statements of a whole purchase without the plugin", all_plain, "")
    yield Figure("checkout", "events noted in a whole purchase", noted, "")
    yield Figure("checkout", "statements more, an event noted", (all_mine - all_plain) / noted, "",
                 1.0)  # fmt: skip


def _counted(side: Side, log: Path) -> tuple[float, float]:
    """Statements and events of one purchase, medians: now and then staff signs in anew."""
    _log_statements(side.shop, "all")
    side.shop.web.stop()
    side.shop.start_web()
    side.buy("warm")
    found = []
    for number in range(COUNTED):
        start = log.stat().st_size
        side.buy(f"count{number}")
        with log.open("rb") as text:
            text.seek(start)
            found.append(_count(text.read().decode(errors="replace")))
    _log_statements(side.shop, "none")
    side.shop.web.stop()
    side.shop.start_web()
    return median(n for n, _ in found), median(n for _, n in found)


def _log_statements(shop: Shop, which: str) -> None:
    name = shop.database_url.rpartition("/")[2]
    url = server_url(shop.servers.database_url).replace("postgres://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            SQL("ALTER DATABASE {} SET log_statement = {}").format(Identifier(name), Literal(which))
        )


def _count(log: str) -> tuple[int, int]:
    lines = re.findall(r"LOG:  (?:statement|execute [^:]*): .*(?:\n(?!\d{4}-).*)*", log)
    return len(lines), sum("jokkerit_plugin_inboxevent" in line for line in lines)
