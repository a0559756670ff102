"""Rows of the log of who looked: one for each use of customers' data, and for each refusal."""

from collections.abc import Collection
from typing import Any, NoReturn

from django.db import transaction

from .. import clock, telemetry
from ..errors import RegisterError
from ..models import AccessEntry
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..policy.roles import Role
from . import chain
from .actor import Actor


def row(
    actor: Actor,
    act: str,
    *,
    role: Role | None = None,
    purpose: Purpose | None = None,
    categories: Collection[Category] = (),
    subjects: Collection[int] = (),
    refusal: RegisterError | None = None,
) -> dict[str, Any]:
    """Return what a row holds: keys and codes, nothing else of a person."""
    return {
        "at": clock.now(),
        "actor": actor.key,
        "role": role.value if role else "",
        "purpose": purpose.value if purpose else "",
        "categories": " ".join(sorted(categories)),
        "act": act,
        "subjects": chain.as_multirange(subjects),
        "count": len(subjects),
        "outcome": "refused" if refusal else "granted",
        "reason": refusal.code if refusal else "",
    }


def commit(*rows: dict[str, Any]) -> None:
    """Commit rows; not inside a transaction."""
    # Durable: inside a caller's transaction the rows would not be committed before data leaves.
    with transaction.atomic(durable=True):
        append(*rows)
    for one in rows:
        if reason := one["reason"]:
            telemetry.measure("jokkerit.access.refused", reason=reason, door=one["act"])


def append(*rows: dict[str, Any]) -> None:
    """Write rows; the last statements of a transaction."""
    for one in rows:
        chain.append(AccessEntry, one)


def refuse(actor: Actor, act: str, refusal: RegisterError) -> NoReturn:
    """Log the refusal of an act that shows no customer, and raise it; not inside a transaction."""
    commit(row(actor, act, refusal=refusal))
    raise refusal
