"""Requests for erasure: opening one, and deciding it.

The intake opens those that come with the shop's own deletions (`register/requests.py`). An
accepted one makes the contact part due as soon as nothing else keeps it (`rules.py`); what
bookkeeping needs stays. An undecided one keeps what it is about.
"""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from .. import clock
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..access.staying import stays
from ..errors import RegisterError
from ..models import Customer, ErasureRequest

_State = ErasureRequest.State


class ErasureRequestError(RegisterError):
    """A request cannot be opened or decided as asked."""

    code = "ERASURE_REQUEST"


def open_request(customer: int, *, actor: Actor) -> ErasureRequest:
    """Record that a customer asked to be erased; it is decided apart."""
    controller_only(actor, "open erasure request")
    try:
        with transaction.atomic():
            if not stays(Customer, customer):
                raise ErasureRequestError("There is no such customer.", field="customer")
            return ErasureRequest.objects.create(
                customer=customer, origin=ErasureRequest.Origin.STAFF, state=_State.OPEN,
                opened_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        message = "A request of this customer waits already."
        raise ErasureRequestError(message, field="customer") from None


def decide(request_id: int, *, accept: bool, actor: Actor) -> ErasureRequest:
    """Accept or refuse a request that waits; one that was accepted may still be refused."""
    controller_only(actor, "decide erasure request")
    states = [_State.ASKS, _State.OPEN] if accept else [_State.ASKS, _State.OPEN, _State.ACCEPTED]
    changed = ErasureRequest.objects.filter(pk=request_id, state__in=states).update(
        state=_State.ACCEPTED if accept else _State.REFUSED,
        decided_at=clock.now(), decided_by=actor.key,
    )  # fmt: skip
    if not changed:
        raise ErasureRequestError("There is no such request that waits.", field="id")
    return ErasureRequest.objects.get(pk=request_id)


def waiting() -> QuerySet[ErasureRequest]:
    """Return the requests that nobody has decided, the oldest first."""
    found = ErasureRequest.objects.filter(state__in=[_State.ASKS, _State.OPEN])
    return found.order_by("opened_at", "pk")
