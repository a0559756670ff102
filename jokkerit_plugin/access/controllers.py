"""The controller's own people: they decide who gets in, so one of them must always be left."""

from collections.abc import Collection

from django.db.models import QuerySet

from ..errors import NoShop, RegisterError
from ..models import Signature
from ..shop.people import Holder
from ..shop.port import shop
from . import rows
from .actor import Actor


class ControllersOnly(RegisterError):
    """Only the controller's own people may do this."""

    code = "CONTROLLERS_ONLY"


class LastController(RegisterError):
    """The last person who may manage privacy cannot be removed."""

    code = "LAST_CONTROLLER"


def controller_only(actor: Actor, act: str) -> None:
    """Refuse everybody but a person with MANAGE_PRIVACY whose agreement was not revoked.

    An app is refused whatever its permissions: it could record an agreement for itself. The
    refusal is logged, so call it outside a transaction.
    """
    if not actor.is_controller:
        message = "Only the controller's own people may do this."
        rows.refuse(actor, act, ControllersOnly(message))
    if shut_out().filter(signer=actor.key).exists():
        message = "Your agreement was revoked: another controller has to let you in again."
        rows.refuse(actor, act, ControllersOnly(message))


def shut_out() -> QuerySet[Signature]:
    """Return the revoked agreements whose signers have not been readmitted.

    Of an app or on paper, the controller's next record is the readmission.
    """
    return Signature.objects.filter(signer__startswith="user:", readmitted_at=None).exclude(
        revoked_at=None
    )


def people(holders: Collection[Holder]) -> set[str]:
    """Return the keys of those holders who may manage privacy, superusers too."""
    return {
        one.key for one in holders if one.active and Actor(one.key, one.permissions).is_controller
    }


def own_people() -> set[str]:
    """Return the keys of the installed shop's controllers; none where no shop is installed."""
    try:
        return people(shop().people())
    except NoShop:
        return set()


def check_leaving(leaving: Collection[str]) -> None:
    """Raise `LastController` if no controller who decides here would be left without `leaving`."""
    barred = shut_out().values_list("signer", flat=True)
    check_removal(own_people() - set(barred), leaving)


def check_removal(people: Collection[str], leaving: Collection[str]) -> None:
    """Raise `LastController` if nobody of `people` is left when `leaving` have gone.

    `people`: keys (`user:<id>`) of the active users with MANAGE_PRIVACY, superusers too.
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
