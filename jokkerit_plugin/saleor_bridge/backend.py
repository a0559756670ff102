"""Optional: no agreement, no customers, on Saleor's own doors too.

The shop puts it first in its settings, once everybody who works with customers has signed:

    AUTHENTICATION_BACKENDS = [
        "jokkerit_plugin.saleor_bridge.backend.AgreementBackend",
        *AUTHENTICATION_BACKENDS,
    ]

From then on the permissions that `doors.py` lists are withheld from a user, superusers too, until
a confidentiality agreement of theirs is in force. Our own permissions and `MANAGE_STAFF` stay, so
that everybody can be let in, sign, and have the rest back with the next request. Apps are beyond
it: Saleor asks no backend about them.

Dangers in Saleor's `User.has_perm`, both of superusers:
- It takes one whose list of permissions is empty for all-powerful; so the list that we leave is
  true even when it is empty (`Withheld`).
- It asks no backend about one who has no list yet, as after `tokenCreate` within one request; so
  `install` wraps it to narrow the user first: no hook of Saleor's would do.

What is withheld is decided by the database, in the very query that reads the permissions.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import Exists, Q, QuerySet
from saleor.account.models import User
from saleor.core.auth_backend import JSONWebTokenBackend

from .. import clock
from ..access import agreements
from . import doors


class Withheld(QuerySet):  # type: ignore[type-arg]
    """A user's permissions without those that need an agreement; never false."""

    def __bool__(self) -> bool:
        return True


class AgreementBackend(JSONWebTokenBackend):  # type: ignore[misc]
    """Saleor's backend for its own tokens, whose users come narrowed."""

    def authenticate(self, request: Any = None, **kwargs: Any) -> User | None:
        """Return the user of the request's token, narrowed."""
        user = super().authenticate(request, **kwargs)
        if user is not None:
            narrow(user)
        return user


def narrow(user: User) -> None:
    """Withhold the doors' permissions from a user while no agreement is in force; no query."""
    held = user.effective_permissions
    if getattr(held, "narrowed", False):
        return
    signed = agreements.in_force_at(clock.now()).filter(signer=f"user:{user.pk}")
    left = held.filter(~Q(codename__in=doors.permissions()) | Exists(signed))
    # In place: the list keeps its database and what it fetches along.
    left.__class__ = Withheld
    # Of this very object: a list that is put together from it anew is narrowed anew.
    left.narrowed = True
    user.effective_permissions = left
    user.__dict__.pop("_perm_cache", None)


def install() -> None:
    """Let every check of a user's permission narrow the user first; once in a process."""
    if not hasattr(User.has_perm, "narrows"):
        User.has_perm = _narrowing(User.has_perm)


def _narrowing(has_perm: Callable[..., bool]) -> Callable[..., bool]:
    @wraps(has_perm)
    def narrowed(user: User, perm: Any, obj: Any = None) -> bool:
        narrow(user)
        return has_perm(user, perm, obj)

    narrowed.narrows = True  # type: ignore[attr-defined]
    return narrowed
