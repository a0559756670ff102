"""Lifting a restriction: the customer is told before it (GDPR article 18(3)), recipients after."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from ..access import restrictions
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import Request, RequestEvent, RequestLetter, Restriction
from ..policy.requests import RequestKind, RequestState
from ..register import correcting
from . import store, tellings
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
        _lock_customer(restriction_id)
        found = restrictions.locked(restriction_id)
        asked = Request.objects.select_for_update(no_key=True).filter(
            customer=found.customer_id, kind=RequestKind.RESTRICTION, state=RequestState.DONE,
            decided_at__lte=found.since, done_at__gte=found.since,
        )  # fmt: skip
        row = asked.first()
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


def lift(restriction_id: int, *, told_on: date | None = None, actor: Actor) -> Restriction:
    """Lift a restriction (`restrictions.lift`), and let those be told who were told of it."""
    # Its refusal is logged, which a transaction would take back.
    controller_only(actor, "lift restriction")
    with transaction.atomic():
        _lock_customer(restriction_id)
        found = restrictions.lift(restriction_id, told_on=told_on, actor=actor)
        tellings.lifted(found)
    return found


def of_request(row: Request) -> QuerySet[Restriction]:
    """Return the restriction that came of this request, while it is in force; no other."""
    span = row.decided_at, row.done_at
    return Restriction.objects.filter(customer=row.customer or 0, lifted_at=None, since__range=span)


def told(row: Request, day: date) -> None:
    """Note that the customer was told of the restriction of this request: it may be lifted."""
    of_request(row).filter(told_on=None).update(told_on=day)


def _lock_customer(restriction_id: int) -> None:
    """Lock whose a restriction is, before it: of a guest it goes over to an heir."""
    rows = Restriction.objects.filter(pk=restriction_id).values_list("customer", flat=True)
    if (key := rows.first()) is not None:
        correcting.locked(key)
