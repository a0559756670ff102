"""The only door to customers' data for people and apps: who, for what, which kinds, of whom.

    with guard.visit(actor, Purpose.SERVICE, act="customer", asks={Category.NAME}) as visit:
        customer = ...                    # read
        visit.saw([customer.pk])
    # here one row of the access log is committed; only now may a byte leave

A refusal raises `Refused` and is logged as well. Everything is asked for twice, when the door
opens and when it closes: what ends meanwhile, ends for requests under way. Restricted customers
are refused when it closes; a list leaves them out, or names no one, by `visit.open_to`:

        shown = visit.open_to(ids)        # name these
        visit.saw(shown)
        visit.saw_figures(ids)            # sums have all of them

What changes or gives something does it by `visit.then`: with the row, or not at all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction

from ..policy.categories import Category
from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from ..policy.restriction import IDENTITY, withheld
from ..policy.roles import Role
from . import chain, held, restrictions, rows
from .actor import Actor
from .admission import (
    NoAgreement,
    NoMembership,
    NoPermission,
    PurposeRefused,
    Refused,
    SubjectRestricted,
    admit,
    demand,
)

__all__ = [
    "NoAgreement",
    "NoMembership",
    "NoPermission",
    "PurposeRefused",
    "Refused",
    "SubjectRestricted",
    "Visit",
    "given",
    "seal",
    "still_open",
    "visit",
]

Piece = TypeVar("Piece")


@dataclass(slots=True)
class Visit:
    """One use of the register: what was asked for, and whose data was seen."""

    actor: Actor
    role: Role | None
    purpose: Purpose
    categories: frozenset[Category]
    act: str
    subjects: set[int] = field(default_factory=set)
    in_figures: set[int] = field(default_factory=set)
    #: All the roles that admit it; `role` is the weakest.
    roles: list[Role] = field(default_factory=list)
    #: Customers of whom the use itself has found that they owe.
    claimed: set[int] = field(default_factory=set)
    _last: Callable[[], object] | None = None

    def saw(self, subjects: Iterable[int]) -> None:
        """Add customers whose data goes out; call it before the data does.

        If the identity of one of them is restricted, the whole visit is refused.
        """
        self.subjects.update(subjects)

    def saw_figures(self, subjects: Iterable[int]) -> None:
        """Add customers who are in a sum or row that tells nothing of who they are."""
        self.in_figures.update(subjects)

    def then(self, act: Callable[[], object]) -> None:
        """Do this last, in the transaction of the log's row: both come about, or neither."""
        self._last = act

    def open_to(self, subjects: Collection[int]) -> set[int]:
        """Return those whose identity may be shown in this visit. One query for all."""
        found = set(subjects)
        if not found or not self._withholds():
            return found
        return found - self._closed(chain.as_multirange(found))

    def closed(self) -> set[int]:
        """Return everybody whose identity may not be shown: a search must not find them."""
        return self._closed("{(,)}") if self._withholds() else set()

    def _closed(self, among: str) -> set[int]:
        restricted = restrictions.among(among)
        if restricted and not self._withholds(claimed=True):
            restricted -= self.claimed | restrictions.claimed(restricted)
        return restricted

    def _withholds(self, *, claimed: bool = False) -> bool:
        return withheld(self.purpose, self.categories, roles=self.roles, claimed=claimed)


@contextmanager
def visit(
    actor: Actor,
    purpose: Purpose,
    *,
    act: str,
    asks: Collection[Category],
    needs: Collection[Permission] = (),
) -> Iterator[Visit]:
    """Open the door, or raise `Refused`; on leaving, write and commit the log row.

    `needs`: what changes or gives something takes one of these permissions as well. If the block
    raises, nothing went out, and nothing is logged as granted.
    """
    categories = frozenset(asks)
    inside = Visit(actor, None, purpose, categories, act)
    try:
        if not categories:
            raise PurposeRefused("Say which kinds of data you need.")
        inside.roles = admit(actor, purpose, categories)
        inside.role = inside.roles[0]
        if needs:
            demand(actor, needs)
    except Refused as refusal:
        rows.commit(_row(inside, categories, (), refusal))
        raise
    yield inside
    seal(inside)


def seal(inside: Visit) -> None:
    """Do what comes last, ask for everything once more, and commit what was seen to the log.

    That is one row; a second one, without the identities, where `saw_figures` added customers.
    """
    closed = set[int]()
    try:
        # Durable: inside a caller's transaction the rows would not be committed before data leaves.
        with transaction.atomic(durable=True):
            if inside._last:
                _ask_again(inside, closed)
                inside._last()
            _ask_again(inside, closed)
            rows.append(*_seen(inside))
    except Refused as refusal:
        rows.commit(_row(inside, inside.categories, closed, refusal))
        raise


def given(inside: Visit, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces of a file while all lasts that let the sealed visit in.

    What ends, ends for a file under way: a permission, an agreement, a firm, a grant; and so it
    does where a customer is restricted whom the visit saw. Raises `Refused`, logged.
    """
    for piece in held.while_held(inside.actor, inside.act, pieces):
        still_open(inside)
        yield piece


def still_open(inside: Visit) -> None:
    """Raise `Refused`, logged, if what let a sealed visit in has ended while data goes out."""
    closed = set[int]()
    try:
        inside.roles = admit(inside.actor, inside.purpose, inside.categories)
        closed |= inside.subjects & inside.closed()
        _refuse(closed)
    except Refused as refusal:
        rows.commit(_row(inside, inside.categories, closed, refusal))
        raise


def _ask_again(inside: Visit, closed: set[int]) -> None:
    """Raise `Refused` if what let it in has ended; `closed` gets those who may not be shown."""
    inside.roles = admit(inside.actor, inside.purpose, inside.categories)
    inside.role = inside.roles[0]
    closed |= inside.subjects - inside.open_to(inside.subjects)
    _refuse(closed)


def _refuse(closed: Collection[int]) -> None:
    if closed:
        message = (
            "The use of this customer's data is restricted at their request. Collection of a debt"
            " that was handed over goes on, and bookkeeping by those who keep the books; for"
            " anything else ask the controller."
        )
        raise SubjectRestricted(message)


def _seen(inside: Visit) -> Iterator[dict[str, Any]]:
    figures = inside.in_figures - inside.subjects
    if inside.subjects or not figures:
        yield _row(inside, inside.categories, inside.subjects)
    if figures:
        yield _row(inside, inside.categories - IDENTITY, figures)


def _row(
    inside: Visit,
    categories: frozenset[Category],
    subjects: Collection[int],
    refusal: Refused | None = None,
) -> dict[str, Any]:
    return rows.row(
        inside.actor, inside.act, role=inside.role, purpose=inside.purpose,
        categories=categories, subjects=subjects, refusal=refusal,
    )  # fmt: skip
