"""Requests: deciding them, extending, reading what was written. How they begin: `opening.py`.

Every step locks the request's row, asks whether its state allows the step (`policy.requests.MOVES`)
and writes what comes of it in the same transaction: of two who do the same at once, the second is
refused. What is to be told the person is a letter that waits in a table (`letters.py`).

The intake opens those for erasure that come with the shop's own deletions
(`register/requests.py`). An accepted one makes the contact part due as soon as nothing else keeps
it (`retention/rules.py`); what bookkeeping needs stays. An undecided one keeps what it is about.
"""

from django.db import transaction
from django.db.models import QuerySet

from .. import clock
from ..access import guard, restrictions
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import Correction, Customer, Request, RequestEvent, RequestLetter
from ..policy import requests as policy
from ..policy.categories import Category
from ..policy.corrections import Carried
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.requests import RefusalGround, RequestKind, RequestState
from ..policy.restriction import RestrictionGround
from ..shop.port import shop
from . import content, letters, objections, proofs, rectified, store, tellings
from .content import Content
from .errors import RequestError

_What = RequestEvent.What


def decide(
    request_id: int,
    *,
    accept: bool,
    ground: RefusalGround | None = None,
    restriction: RestrictionGround | None = None,
    reason: str = "",
    actor: Actor,
) -> Request:
    """Accept or refuse a request that waits; one that was accepted may still be refused.

    `ground`: of a refusal; `restriction`: of a restriction that is granted; `reason`: a sentence
    for the letter. Whose proof is lost by now is asked for more instead. Raises `RequestError`.
    """
    controller_only(actor, "decide request")
    store.check(reason, "reason")
    after = RequestState.ACCEPTED if accept else RequestState.REFUSED
    with transaction.atomic(), store.taken(request_id, after) as row:
        kind = RequestKind(row.kind)
        asked = row.state != RequestState.ASKS
        if not accept and asked and ground not in policy.GROUNDS[kind]:
            raise RequestError("Say on which ground it is refused.", field="ground")
        held = not (accept and asked) or proofs.holds(row)
        if held:
            row.state, row.decided_at, row.decided_by = after, clock.now(), actor.key
            row.ground = ground.value if ground and not accept else ""
            row.reason = reason
            store.save(row)
            store.note(row, _What.ACCEPTED if accept else _What.REFUSED, actor.key, row.ground)
            if accept:
                _grant(row, restriction, actor)
            else:
                store.unsay(row)
                if asked:
                    store.letter(row, RequestLetter.What.REFUSED, reason)
    if not held:
        raise proofs.lost()
    return row


def _grant(row: Request, restriction: RestrictionGround | None, actor: Actor) -> None:
    """Do at once what can be; the rest goes on by itself (`answering.py`)."""
    if row.kind == RequestKind.RESTRICTION:
        if restriction is None:
            raise RequestError("Say on which ground it is restricted.", field="restriction")
        laid = restrictions.restrict(_key(row), ground=restriction, actor=actor)
        tellings.restricted(laid, request=row.pk)
        store.end(row, actor.key)
    elif row.kind == RequestKind.ERASURE and row.origin != Request.Origin.CUSTOMER_DELETED:
        letters.erasing(row, shop().config())
    elif row.kind == RequestKind.OBJECTION:
        # The purchases first, as the intake locks them before it holds addresses.
        if not row.marketing:
            objections.free_vouchers(row)
        if not objections.oppose(row, actor):
            raise RequestError("It is not known to which address marketing should end.", field="id")
        store.end(row, actor.key)


def withdraw(request_id: int, *, actor: Actor) -> Request:
    """Record that the customer took the request back."""
    controller_only(actor, "withdraw request")
    with transaction.atomic(), store.taken(request_id, RequestState.WITHDRAWN) as row:
        row.state = RequestState.WITHDRAWN
        row.decided_at, row.decided_by = clock.now(), actor.key
        store.save(row)
        store.note(row, _What.WITHDRAWN, actor.key)
        store.unsay(row)
    return row


def corrected(
    request_id: int, *, already_right: bool = False, reason: str = "", actor: Actor
) -> Request:
    """Record that what a rectification asked for is right now; the person is told.

    By `rectification.rectify` a request ends by itself. `already_right`: somebody else corrected
    it, as the customer in the shop; those who were given the data are told all the same.
    """
    controller_only(actor, "request corrected")
    store.check(reason, "reason")
    with transaction.atomic(), store.taken(request_id, RequestState.DONE) as row:
        if row.kind != RequestKind.RECTIFICATION:
            raise RequestError("Only a request for rectification ends like this.", field="id")
        made = Correction.objects.filter(request=row.pk)
        if made.filter(carried=Carried.WAITING).exists():
            raise RequestError("The shop has not taken the correction yet: it ends then.")
        if not made.exists():
            if not already_right:
                message = "Nothing was corrected for it: do so, or say that it is right already."
                raise RequestError(message, field="is_already_right")
            rectified.already_right(row)
        store.note(row, _What.CORRECTED, actor.key)
        store.end(row, actor.key, reason)
    return row


def extend(request_id: int, *, reason: str, actor: Actor) -> Request:
    """Take two further months, since it is complex or there are many (article 12(3)).

    `reason` is told the person, within the first month: the last day moves when that letter has
    been sent in time, and not before. Raises `RequestError`.
    """
    controller_only(actor, "extend request")
    if not reason.strip():
        raise RequestError("Say why it takes longer: the person is told.", field="reason")
    store.check(reason, "reason")
    with transaction.atomic():
        row = store.locked(request_id)
        if row.state not in {RequestState.OPEN, RequestState.ACCEPTED} or row.due_on is None:
            raise RequestError("Only a request that is not over can take longer.", field="id")
        if row.extended_at or row.letters.filter(what=RequestLetter.What.EXTENDED).exists():
            raise RequestError("It was extended already: once is all.", field="id")
        if clock.today() > row.due_on:
            raise RequestError("The first month is over: it can be extended no more.", field="id")
        store.letter(row, RequestLetter.What.EXTENDED, reason.strip())
        store.note(row, _What.EXTENDED, actor.key)
    return row


def read(request_id: int, *, actor: Actor) -> tuple[Request, Content]:
    """Return a request with what was written, through the guard. Raises `NoKey`, `Refused`."""
    row = Request.objects.filter(pk=request_id).exclude(state=RequestState.UNCONFIRMED).first()
    if row is None:
        raise RequestError("There is no such request.", field="id")
    everything = {Category.NAME, Category.POSTAL, Category.EMAIL, Category.PHONE, Category.PURCHASE}
    with guard.visit(
        actor, Purpose.RIGHTS, act="requestContent", asks=everything, needs=CHANGERS
    ) as visit:
        found = content.read(row)
        if row.customer and Customer.objects.filter(pk=row.customer).exists():
            visit.saw([row.customer])
        visit.then(lambda: store.note(row, _What.READ, actor.key))
    return row, found


def waiting() -> QuerySet[Request]:
    """Return the requests that somebody has to decide, the most urgent first."""
    found = Request.objects.filter(state__in=sorted(policy.UNDECIDED))
    return found.order_by("due_on", "opened_at", "pk")


def _key(row: Request) -> int:
    if row.customer is None:
        raise RequestError("It is not known whose request this is: prove it first.")
    return row.customer
