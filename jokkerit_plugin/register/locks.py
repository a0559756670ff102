"""Advisory locks, held to the end of the transaction.

Two phases, never the other way round: first the shop's keys (before anything is read from the
shop, else a slow reader overwrites what a quick one wrote), then the identities that the rows
turn out to belong to. Each phase locks all at once, in the order of the hash: so two batches
never wait for each other in a circle.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from .rows import fetch


class Phase(IntEnum):
    """Class ids of PostgreSQL's two-key advisory locks. Saleor uses 21218."""

    KEY = 0x4A52_0001
    IDENTITY = 0x4A52_0002


def try_lock(space: int, name: str) -> bool:
    """Take the lock of a name in a class of its own, unless somebody holds it; tell whether."""
    sql = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"
    return bool(fetch(sql, [space, name])[0][0])


def lock(phase: Phase, names: Iterable[str]) -> None:
    """Take the locks of `names`; waits for other transactions that hold any of them."""
    if wanted := list(names):
        lock_found(phase, "SELECT unnest(%s::text[])", wanted)


def lock_found(phase: Phase, select: str, given: list[Any]) -> None:
    """Take the locks of the names that a SELECT finds, which has one array for a parameter."""
    # Counted, so that a thousand empty rows need not be read.
    fetch(
        "SELECT count(*) FROM (SELECT pg_advisory_xact_lock(%s, hash)"
        f" FROM (SELECT DISTINCT hashtext(name) AS hash FROM ({select}) AS found (name)"
        " ORDER BY 1) AS hashes) AS held",
        [int(phase), given],
    )
