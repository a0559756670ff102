"""The controller's own people: they decide who gets in, so one of them must always be left.

Who acts for a recipient is none of them, whatever permission they have: the guard gives them no
more than the recipient's work.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from ..errors import NoShop, RegisterError
from ..models import Member, Signature
from ..register.locks import Lock, lock
from ..register.rows import fetch, table
from ..shop.people import Holder
from ..shop.port import shop
from . import rows
from .actor import Actor

_SERVING = f"SELECT holder FROM {table(Member)} WHERE ended_at IS NULL AND holder = ANY(%s)"


class ControllersOnly(RegisterError):
    """Only the controller's own people may do this."""

    code = "CONTROLLERS_ONLY"


class LastController(RegisterError):
    """The last person who may manage privacy cannot be removed."""

    code = "LAST_CONTROLLER"


def controller_only(actor: Actor, act: str) -> None:
    """Refuse all but people with MANAGE_PRIVACY, not revoked, who act for no recipient.

    An app is refused whatever its permissions: it could record an agreement for itself. The
    refusal is logged, so call it outside a transaction.
    """
    try:
        _ask(actor)
    except ControllersOnly as refusal:
        rows.refuse(actor, act, refusal)


@contextmanager
def deciding(actor: Actor, act: str) -> Iterator[None]:
    """Give the block a transaction in which a controller decides who stays in.

    Refuses as `controller_only` does, when the turn has come: of two controllers who put each
    other out at once, the second is one no more. Not inside a transaction.
    """
    try:
        with turn():
            _ask(actor)
            yield
    except ControllersOnly as refusal:
        rows.refuse(actor, act, refusal)


@contextmanager
def turn() -> Iterator[None]:
    """Give the block a transaction that waits for every other such, and is waited for by them."""
    with transaction.atomic():
        lock(Lock.CONTROLLERS)
        yield


def _ask(actor: Actor) -> None:
    if not actor.is_controller:
        raise ControllersOnly("Only the controller's own people may do this.")
    if serving([actor.key]):
        message = "You act for a recipient: ask one of the controller's own people."
        raise ControllersOnly(message)
    if shut_out().filter(signer=actor.key).exists():
        message = "Your agreement was revoked: another controller has to let you in again."
        raise ControllersOnly(message)


def shut_out() -> QuerySet[Signature]:
    """Return the revoked agreements whose signers have not been readmitted.

    Of an app or on paper, the controller's next record is the readmission.
    """
    return Signature.objects.filter(signer__startswith="user:", readmitted_at=None).exclude(
        revoked_at=None
    )


def due() -> QuerySet[Member]:
    """Return ended members of recipients from whom the shop has not taken the access away yet.

    Whoever acts for another recipient by now is left alone.
    """
    active = Member.objects.filter(ended_at=None).values("holder")
    return Member.objects.exclude(ended_at=None).filter(shut_out_at=None).exclude(holder__in=active)


def serving(holders: Collection[str]) -> set[str]:
    """Return those of the holders' keys that act for a recipient now."""
    return {holder for (holder,) in fetch(_SERVING, [list(holders)])}


def permitted(holders: Collection[Holder]) -> set[str]:
    """Return the keys of those holders who have MANAGE_PRIVACY, superusers too."""
    return {
        one.key for one in holders if one.active and Actor(one.key, one.permissions).is_controller
    }


def people(holders: Collection[Holder]) -> set[str]:
    """Return the keys of those holders who may manage privacy: permitted, and not `serving`."""
    found = permitted(holders)
    return found - serving(found)


def own_people() -> set[str]:
    """Return the keys of the installed shop's controllers; none where no shop is installed."""
    try:
        return people(shop().people())
    except NoShop:
        return set()


def check_leaving(leaving: Collection[str]) -> None:
    """Raise `LastController` if no controller who decides here would be left without `leaving`.

    In a `turn`: of two who leave at once each would count on the other.
    """
    barred = shut_out().values_list("signer", flat=True)
    check_removal(own_people() - set(barred), leaving)


def check_removal(people: Collection[str], leaving: Collection[str]) -> None:
    """Raise `LastController` if nobody of `people` is left when `leaving` have gone.

    `people` as `people` returns them.
    """
    if set(people) & set(leaving) and not set(people) - set(leaving):
        message = (
            "This is the last person who may manage privacy in the register. Give the permission"
            " to somebody else first."
        )
        raise LastController(message)


def problem(people: Collection[str], signed: Collection[str]) -> str:
    """Return what is wrong with the controllers, as a sentence; empty: nothing.

    `people` as in `check_removal`; `signed` are those with an agreement in force.
    """
    if not people:
        return "Nobody may manage privacy in the register: give somebody JOKKERIT_MANAGE_PRIVACY."
    if set(people).isdisjoint(signed):
        return "None of the controller's people has a confidentiality agreement in force."
    return ""
