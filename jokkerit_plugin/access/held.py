"""What the shop gives somebody: kept with what is done later, and asked again when it is done."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ..policy.permissions import Permission
from ..shop.port import shop
from . import rows
from .actor import Actor
from .admission import NoPermission

_OURS = frozenset(Permission)

Piece = TypeVar("Piece")


def held(permissions: frozenset[str]) -> str:
    """Return code names of ours as they are kept with what is done later: sorted, with spaces."""
    return " ".join(sorted(permissions & _OURS))


def still_held(holder: str, permissions: str) -> frozenset[str]:
    """Return those of these permissions that the shop gives somebody today as well."""
    today = {one.key: one.permissions for one in shop().people() if one.active}
    return today.get(holder, frozenset()).intersection(permissions.split())


def while_held(actor: Actor, act: str, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield pieces while the shop gives the actor what it gave when the first was asked for.

    Raises `NoPermission`, logged, once any of it has gone. What a token alone gives (OpenID
    Connect), the shop does not know of, and cannot take away before the token ends.
    """
    asked = held(actor.permissions)
    first = still_held(actor.key, asked)
    for piece in pieces:
        if first - still_held(actor.key, asked):
            message = "The shop has taken a permission away from you: ask for the file anew."
            rows.refuse(actor, act, NoPermission(message))
        yield piece
