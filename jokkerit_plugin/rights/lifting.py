"""Lifting a restriction: the customer is told before (GDPR article 18(3)), by a letter."""

from datetime import date

from django.db import transaction

from ..access import restrictions
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import Request, RequestEvent, RequestLetter, Restriction
from ..policy.requests import RequestKind, RequestState
from . import store
from .errors import RequestError


def announce(restriction_id: int, *, reason: str, actor: Actor) -> Restriction:
    """Let the customer be told that a restriction will be lifted, and why; lift it afterwards.

    The letter goes with the request that asked for the restriction. Raises `RequestError`.
    """
    controller_only(actor, "announce lifting")
    if not reason.strip():
        raise RequestError("Say why it will be lifted: the customer is told.", field="reason")
    store.check(reason, "reason")
    with transaction.atomic():
        found = restrictions.locked(restriction_id)
        asked = Request.objects.select_for_update(no_key=True).filter(
            customer=found.customer_id, kind=RequestKind.RESTRICTION, state=RequestState.DONE,
            done_at__gte=found.since,
        )  # fmt: skip
        row = asked.order_by("done_at", "pk").first()
        if row is None:
            raise RequestError(
                "Nobody asked for this restriction by a request that a letter could answer: tell"
                " the customer in another way, and lift it with the day.",
                field="id",
            )
        if row.letters.filter(what=RequestLetter.What.LIFTING).exists():
            raise RequestError("The customer is told already.", field="id")
        store.letter(row, RequestLetter.What.LIFTING, reason.strip())
        store.note(row, RequestEvent.What.ANNOUNCED, actor.key)
    return found


def told(row: Request, day: date) -> None:
    """Note that the customer of this request was told: the restriction may be lifted."""
    rows = Restriction.objects.filter(customer=row.customer or 0, lifted_at=None, told_on=None)
    rows.filter(since__lte=row.done_at).update(told_on=day)
