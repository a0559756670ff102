"""Advisory locks, held to the end of the transaction: every one that the register takes.

Of the shop's rows two phases, never the other way round: first the shop's keys (before anything is
read from the shop, else a slow reader overwrites what a quick one wrote), then the identities that
the rows turn out to belong to. Each phase locks all at once, in the order of the hash: so two
batches never wait for each other in a circle.
"""

from collections.abc import Iterable
from enum import IntEnum, unique
from typing import Any

from .rows import fetch


@unique
class Lock(IntEnum):
    """Class ids of PostgreSQL's two-key advisory locks. Saleor uses 21218."""

    KEY = 0x4A52_0001
    IDENTITY = 0x4A52_0002
    #: Shared by all who write entries, alone for who closes a month.
    BOOKS = 0x4A52_0003
    NOTICE = 0x4A52_0004
    CONTACT = 0x4A52_0005
    CONFIRMATION = 0x4A52_0006
    #: One person of a breach.
    AFFECTED = 0x4A52_0007
    ERASURE_COPIES = 0x4A52_0008
    COPY_OF_DATA = 0x4A52_0009
    PLAN = 0x4A52_000A
    OPT_OUT_COPIES = 0x4A52_000B
    #: One path that is followed.
    LOG_FILE = 0x4A52_000C
    LOG_EXPIRY = 0x4A52_000D
    ARCHIVE = 0x4A52_000E
    #: Of those who decide who gets in, or sign.
    CONTROLLERS = 0x4A52_0010


#: What is locked where a kind has no names: the whole of it.
WHOLE = ""
TRY = "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))"


def try_lock(kind: Lock, name: str = WHOLE) -> bool:
    """Take the lock of a name, unless somebody holds it; tell whether."""
    return bool(fetch(TRY, [int(kind), name])[0][0])


def lock(kind: Lock, names: Iterable[str] = (WHOLE,), *, shared: bool = False) -> None:
    """Take the locks of `names`; waits for other transactions that hold any of them.

    `shared`: only for those that do not share them.
    """
    if wanted := list(names):
        lock_found(kind, "SELECT unnest(%s::text[])", wanted, shared=shared)


def lock_found(kind: Lock, select: str, given: list[Any], *, shared: bool = False) -> None:
    """Take the locks of the names that a SELECT finds, which has one array for a parameter."""
    # Counted, so that a thousand empty rows need not be read.
    fetch(
        f"SELECT count(*) FROM (SELECT pg_advisory_xact_lock{'_shared' if shared else ''}(%s, hash)"
        f" FROM (SELECT DISTINCT hashtext(name) AS hash FROM ({select}) AS found (name)"
        " ORDER BY 1) AS hashes) AS held",
        [int(kind), given],
    )
