"""The same customers erased by this product, by django-gdpr-assist and by SQL, in one run.

Each has two orders, twelve years old, so that nothing keeps anything of them. A row is a customer
or an order, though the register holds more of each. What every side leaves behind is looked for
(`marked`), also when it was killed again and again, and after a backup from before was restored.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

from dev import aside
from dev.databases import server_url
from dev.paths import say
from dev.servers import Servers

from . import peers_ours
from .copied import Copied
from .peers_theirs import PACKAGES, Assisted
from .results import Figure

#: Customers ($PEERS_CUSTOMERS for a try), and those whom gdpr-assist is given one by one: for each
#: it looks through all whom it has anonymised before, so that more take longer each.
CUSTOMERS = int(os.environ.get("PEERS_CUSTOMERS", "20000"))
FEW = CUSTOMERS // 20
ORDERS = 2
#: Kills of either side, rounds of SQL by hand, and rows of one of its transactions.
KILLS, ROUNDS, BATCH = 10, 3, 1_000
_PEER = "django-gdpr-assist"


def run(servers: Servers) -> list[Figure]:
    """Measure; each side has databases of its own on one server."""
    python, server = aside.python("peers", PACKAGES), server_url(servers.database_url)
    say(f"peers: making {CUSTOMERS:,} customers")
    ours = peers_ours.fill(servers.database_url, CUSTOMERS)
    theirs, few = (
        Assisted(python, Copied(server, f"bench_{name}"), Copied(server, f"bench_{name}_log"))
        for name in ("theirs", "few")
    )
    theirs.fill(CUSTOMERS)
    few.fill(FEW)
    figures = list(_speed(ours, theirs, few))
    return [*figures, *_kills(ours, few)]


def _speed(ours: Copied, theirs: Assisted, few: Assisted) -> Iterator[Figure]:
    rows, few_rows = (number * (1 + ORDERS) for number in (CUSTOMERS, FEW))
    say("peers: this product")
    mine, left = peers_ours.erased(ours)
    speed = rows / (mine["planned"] + mine["seconds"])
    yield Figure(
        "peers", "this product", speed, "rows/s",
        note=f"{mine['planned']:.1f} s the dry run, {mine['seconds']:.1f} s the erasing",
    )  # fmt: skip
    yield from _about("this product", mine, rows, left)
    for act, words, shop, number in (
        ("bulk", f"{_PEER}, a queryset", theirs, rows),
        ("each", f"{_PEER}, one by one, {FEW:,} customers", few, few_rows),
    ):
        say(f"peers: {words}")
        found, left = shop.erased(act)
        per = number / found["seconds"]
        yield Figure("peers", words, per, "rows/s", note=f"{found['seconds']:.0f} s")
        yield Figure("peers", f"this product : {words}", speed / per, "")
        yield from _about(words, found, number, left)
    for size, words in ((0, "one transaction"), (BATCH, f"{BATCH:,} rows a transaction")):
        rounds = [theirs.by_hand(size) for _ in range(ROUNDS)]
        per = rows / median(seconds for seconds, _ in rounds)
        yield Figure("peers", f"SQL by hand, {words}", per, "rows/s")
        yield Figure("peers", f"this product : SQL by hand, {words}", speed / per, "")
    yield _behind("SQL by hand", rounds[-1][1])


def _kills(ours: Copied, theirs: Assisted) -> Iterator[Figure]:
    say(f"peers: killed {KILLS} times")
    sides = {"this product": peers_ours.killed(ours, CUSTOMERS, times=KILLS)}
    sides[f"{_PEER}, one by one"] = theirs.killed("each", times=KILLS)
    sides[f"{_PEER}, a queryset"] = theirs.killed("bulk", times=1)
    for words, found in sides.items():
        first, second = found["left"]
        yield _behind(f"{words}, killed {found['kills']} times and run again", first)
        yield Figure("peers", f"{words}: of that without a receipt", found["missing"], "rows")
        if "gone" in found:
            yield Figure(
                "peers", f"{words}: logged when it was killed", found["logged"], "rows",
                note=f"of {found['gone']:,} that were gone",
            )  # fmt: skip
        yield _behind(f"{words}, a backup restored and replayed", second)
        yield Figure("peers", f"{words}: the replay", found["seconds"], "s")


def _about(words: str, found: dict[str, Any], rows: int, left: Counter[str]) -> Iterator[Figure]:
    yield Figure("peers", f"{words}: statements a row", found["statements"] / rows, "")
    yield Figure("peers", f"{words}: peak memory", found["memory"] / 1024, "MiB")
    yield _behind(words, left)


def _behind(words: str, left: Counter[str]) -> Figure:
    where = ", ".join(f"{place} {number:,}" for place, number in left.most_common(6))
    return Figure("peers", f"{words}: still found", sum(left.values()), "places", note=where)
