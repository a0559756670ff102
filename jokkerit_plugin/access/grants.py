"""Grants: customers' data opened to one maintainer, for a reason and for a short time."""

from datetime import datetime

from django.db.models import QuerySet

from .. import clock
from ..errors import RegisterError
from ..models import Grant
from ..policy.roles import GRANT_LONGEST
from .actor import Actor, is_key
from .controllers import controller_only


class GrantError(RegisterError):
    """A grant cannot be given or ended as asked."""

    code = "GRANT"


def give(holder: str, *, reason: str, until: datetime, actor: Actor) -> Grant:
    """Open customers' data to a maintainer for mending errors.

    `holder` is `user:<id>`; `reason` is a ticket or a sentence without customers' data. The
    role and the agreement are asked for at every look all the same.
    """
    controller_only(actor, "give grant")
    now = clock.now()
    if not is_key(holder, "user"):
        raise GrantError("A grant is for one user of the shop.", field="holder")
    if not reason.strip():
        raise GrantError("Say why this maintainer needs customers' data.", field="reason")
    if until.tzinfo is None:
        raise GrantError("Give the time with its time zone.", field="until")
    if not now < until <= now + GRANT_LONGEST:
        message = f"A grant ends in the future, and lasts {GRANT_LONGEST.days} days at most."
        raise GrantError(message, field="until")
    return Grant.objects.create(
        holder=holder, reason=reason.strip(), granted_by=actor.key, granted_at=now,
        expires_at=until,
    )  # fmt: skip


def end(grant_id: int, *, actor: Actor) -> Grant:
    """End a grant at once; requests under way are refused when they are sealed."""
    controller_only(actor, "end grant")
    changed = Grant.objects.filter(pk=grant_id, ended_at=None).update(
        ended_at=clock.now(), ended_by=actor.key
    )
    if not changed:
        raise GrantError("There is no such grant in force.", field="id")
    return Grant.objects.get(pk=grant_id)


def in_force() -> QuerySet[Grant]:
    """Return the grants that open something now."""
    return Grant.objects.filter(ended_at=None, expires_at__gt=clock.now())
