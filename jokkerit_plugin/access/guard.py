"""The only door to customers' data for people and apps: who, for what, which kinds, of whom.

    with guard.visit(actor, Purpose.SERVICE, act="customer", asks={Category.NAME}) as visit:
        customer = ...                    # read
        visit.saw([customer.pk])
    # here one row of the access log is committed; only now may a byte leave

A refusal raises `Refused` and is logged as well. The agreement is asked for twice, when the
door opens and when it closes, so that a revocation holds for requests under way.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction

from .. import clock
from ..errors import RegisterError
from ..models import AccessEntry, Grant
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..policy.roles import Role, allowed
from . import agreements, chain
from .actor import Actor


class Refused(RegisterError):
    """The guard said no; the message says what is missing and how to get it."""

    code = "REFUSED"


class NoPermission(Refused):
    """No role in the register."""

    code = "NO_PERMISSION"


class NoAgreement(Refused):
    """No confidentiality agreement that is signed, of the text in force, and not ended."""

    code = "NO_AGREEMENT"


class PurposeRefused(Refused):
    """The actor's roles may not use these categories for this purpose."""

    code = "PURPOSE_REFUSED"


@dataclass(slots=True)
class Visit:
    """One use of the register: what was asked for, and whose data was seen."""

    actor: Actor
    role: Role
    purpose: Purpose
    categories: frozenset[Category]
    act: str
    subjects: set[int] = field(default_factory=set)

    def saw(self, subjects: Iterable[int]) -> None:
        """Add customers whose data goes out; call it before the data does."""
        self.subjects.update(subjects)


@contextmanager
def visit(
    actor: Actor, purpose: Purpose, *, act: str, asks: Collection[Category]
) -> Iterator[Visit]:
    """Open the door, or raise `Refused`; on leaving, write and commit the log row.

    If the block raises, nothing went out, and nothing is logged as granted.
    """
    categories = frozenset(asks)
    try:
        role = _admit(actor, purpose, categories)
    except Refused as refusal:
        _log(actor, None, purpose, categories, act, set(), refusal=refusal)
        raise
    inside = Visit(actor, role, purpose, categories, act)
    yield inside
    seal(inside)


def seal(inside: Visit) -> None:
    """Ask for the agreement once more and commit the log row."""
    try:
        _ask_agreement(inside.actor)
    except Refused as refusal:
        _log(
            inside.actor, inside.role, inside.purpose, inside.categories, inside.act, set(),
            refusal=refusal,
        )  # fmt: skip
        raise
    _log(
        inside.actor, inside.role, inside.purpose, inside.categories, inside.act,
        inside.subjects, refusal=None,
    )  # fmt: skip


def _admit(actor: Actor, purpose: Purpose, categories: frozenset[Category]) -> Role:
    if not actor.roles:
        message = (
            "You have no role in the customer register. Ask the shop's administrator for one of"
            " the Jokkerit Register permissions."
        )
        raise NoPermission(message)
    _ask_agreement(actor)
    for role in actor.roles:
        granted = role is Role.MAINTAINER and _has_grant(actor)
        if categories <= allowed(role, purpose, granted=granted):
            return role
    message = (
        f"Your role does not use this data for the purpose {purpose.value}. Choose the purpose"
        " that you need it for, or ask the controller."
    )
    raise PurposeRefused(message)


def _ask_agreement(actor: Actor) -> None:
    if agreements.current(actor.key) is None:
        message = (
            "There is no confidentiality agreement of yours in force. Read and sign it in the"
            " register; for an app the controller records it."
        )
        raise NoAgreement(message)


def _has_grant(actor: Actor) -> bool:
    return Grant.objects.filter(
        holder=actor.key, ended_at=None, expires_at__gt=clock.now()
    ).exists()


def _log(
    actor: Actor,
    role: Role | None,
    purpose: Purpose,
    categories: frozenset[Category],
    act: str,
    subjects: set[int],
    *,
    refusal: Refused | None,
) -> None:
    # Durable: inside a caller's transaction the row would not be committed before data leaves.
    with transaction.atomic(durable=True):
        chain.append(
            AccessEntry,
            {
                "at": clock.now(),
                "actor": actor.key,
                "role": role.value if role else "",
                "purpose": purpose.value,
                "categories": " ".join(sorted(categories)),
                "act": act,
                "subjects": chain.as_multirange(list(subjects)),
                "count": len(subjects),
                "outcome": "refused" if refusal else "granted",
                "reason": refusal.code if refusal else "",
            },
        )
