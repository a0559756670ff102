"""Orders that could not be read: whom a no among what they say may concern.

The columns that name the buyer are read by themselves. Where they name nobody, it may be anybody.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..models import Purchase, SetAside
from ..policy.marketing import Channel
from ..register.rows import fetch, table
from ..shop.port import shop
from ..shop.snapshots import Kind
from . import contact_keys, reach


@dataclass(frozen=True, slots=True)
class Unread:
    """`pairs` and `users`: addresses and accounts that orders name; `nameless`: orders of nobody.

    Of a nameless one the moment is there since when it could not be read.
    """

    pairs: Set[tuple[Channel, str]]
    users: Set[int]
    nameless: dict[UUID, datetime]


def orders() -> Unread:
    """Return whom orders may concern that are set aside and have no purchase; 1 query, or 2."""
    aside = dict(fetch(
        f"SELECT key::uuid, first_at FROM {table(SetAside)} AS s WHERE kind = %s AND NOT EXISTS"
        f" (SELECT FROM {table(Purchase)} WHERE saleor_order = s.key::uuid)",
        [Kind.ORDER.value],
    ))  # fmt: skip
    pairs: set[tuple[Channel, str]] = set()
    users: set[int] = set()
    for key, buyer in shop().buyers(sorted(aside)).items() if aside else ():
        theirs = {
            (channel, contact_keys.normalise(channel, one))
            for channel, one in reach.each(reach.of_buyer(buyer))
        }
        if theirs or buyer.user:
            pairs |= theirs
            users |= {buyer.user} if buyer.user else set()
            del aside[key]
    return Unread(pairs, users, aside)
