"""Whose the permissions are: a shop that is sold passes none of them on.

A consent was given to one controller, and soft opt-in comes of a sale by one (GDPR art. 4(11) and
7; Act on Electronic Communications Services 917/2014, s. 200). From when another keeps the
register, what was given before counts no more, and every no still does. The register does not
guess: it notes the business id that it first meets, and with another one nobody is written to until
a controller says whether it is the same company.
"""

from datetime import date, datetime, time

from django.db.models import Max

from .. import clock
from ..access.actor import Actor
from ..access.controllers import deciding
from ..config import Config
from ..errors import RegisterError
from ..models import Controller
from ..policy.marketing import Person
from ..shop.port import shop

_ACT = "controllerDeclare"


class ControllerError(RegisterError):
    """The controller cannot be said to be so."""

    code = "CONTROLLER"


class ControllerChanged(RegisterError):
    """The settings name another business id, and nobody has said whose it is."""

    code = "CONTROLLER_CHANGED"


def note(config: Config) -> None:
    """Note the controller of the settings, if none has been noted."""
    if config.business_id and not Controller.objects.exists():
        first = _row(Controller.Word.FIRST, config, by="shop")
        Controller.objects.bulk_create([first], ignore_conflicts=True)


def check() -> None:
    """Raise `ControllerChanged` while the settings name another than the one that was said."""
    known = said()
    if known is None or known.business_id == (now := shop().config().business_id):
        return
    raise ControllerChanged(
        f"The permissions were given to {known.business_id}, and the settings name"
        f" {now or 'nobody'}. Say whether that is the same controller, or a new one and from when"
        " (controllerDeclare): what was given to the one before does not pass to a new one."
    )


def said() -> Controller | None:
    """Return who the controller is, as last said; None: not noted."""
    return Controller.objects.order_by("-pk").first()


def since() -> datetime | None:
    """Return from when the present controller keeps the register; None: from the beginning."""
    found: datetime | None = Controller.objects.aggregate(since=Max("since"))["since"]
    return found


def person() -> Person:
    """Return what decides beside the events of a stranger (1 query)."""
    return Person(double_opt_in=shop().config().marketing_double_opt_in, controller_since=since())


def declare(business_id: str, *, new_from: date | None, actor: Actor) -> Controller:
    """Say who the business id in the settings is: the same controller, or a new one from a day.

    For good: what is void by it stays so. Refused to all but the controller's people; raises
    `ControllerError`.
    """
    with deciding(actor, _ACT):
        config = shop().config()
        if not config.business_id or business_id != config.business_id:
            message = f"The settings name {config.business_id or 'nobody'}: put them right first."
            raise ControllerError(message, field="business_id")
        known = said()
        if new_from is None:
            if known is None or known.business_id == business_id:
                message = "That is the controller's business id already: nothing is to be said."
                raise ControllerError(message, field="business_id")
            word, moment = Controller.Word.SAME, None
        else:
            word, moment = Controller.Word.NEW, datetime.combine(new_from, time(), clock.HELSINKI)
            last = since()
            if new_from > clock.today() or (last and moment <= last):
                message = "Give the day from which it is so: not one to come, and after the last."
                raise ControllerError(message, field="new_from")
        made = _row(word, config, by=actor.key)
        made.since = moment
        made.save()
    return made


def _row(word: Controller.Word, config: Config, *, by: str) -> Controller:
    return Controller(
        word=word, business_id=config.business_id, name=config.controller_name[:200],
        at=clock.now(), by=by,
    )  # fmt: skip
