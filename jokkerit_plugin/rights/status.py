"""What somebody should know or see to: sentences for the status, nobody's data."""

from django.db.models import Q

from .. import clock, keys
from ..config import Config
from ..models import Request, RequestLetter
from ..policy import requests as policy
from ..policy.requests import RequestKind, RequestState
from ..register.status import shortened
from . import requests


def problems(config: Config) -> list[str]:
    """Return a sentence for each."""
    if not config.active:
        return []
    return [*_waiting(), *_late(), *_unsent(), *_keyless()]


def _waiting() -> list[str]:
    asked = requests.waiting().count()
    if not asked:
        return []
    message = (
        f"{asked} requests of customers about their data wait for the controller: they asked, or"
        " their account in the shop is gone."
    )
    return [message]


def _late() -> list[str]:
    active = Request.objects.filter(state__in=sorted(policy.ACTIVE), due_on__lt=clock.today())
    late = active.exclude(kind=RequestKind.ERASURE, state=RequestState.ACCEPTED)
    keys_ = [str(pk) for pk in late.order_by("due_on", "pk").values_list("pk", flat=True)]
    if not keys_:
        return []
    return [f"Requests were not answered within the law's time ({len(keys_)}): {shortened(keys_)}."]


def _unsent() -> list[str]:
    waiting = RequestLetter.objects.filter(sent_at=None, attempts__gt=2)
    found = [str(pk) for pk in waiting.order_by("request").values_list("request", flat=True)]
    if not found:
        return []
    message = (
        f"Letters to those who asked could not be sent ({len(found)}): tell them in another way,"
        f" and record it (requestTold). Requests {shortened(found)}."
    )
    return [message]


def _keyless() -> list[str]:
    needed = Q(sealed__isnull=False) | Q(
        kind__in=sorted(policy.COPIES), state=RequestState.ACCEPTED
    )
    if not Request.objects.filter(needed).exists():
        return []
    try:
        keys.current()
    except keys.NoKey as error:
        return [f"Requests cannot be read or answered: {error.message}"]
    return []
