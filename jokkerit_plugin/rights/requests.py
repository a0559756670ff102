"""Requests: opening one, proving who asks, deciding, extending.

Every step locks the request's row, asks whether its state allows the step (`policy.requests.MOVES`)
and writes what comes of it in the same transaction: of two who do the same at once, the second is
refused. What is to be told the person is a letter that waits in a table (`letters.py`).

The intake opens those for erasure that come with the shop's own deletions
(`register/requests.py`). An accepted one makes the contact part due as soon as nothing else keeps
it (`retention/rules.py`); what bookkeeping needs stays. An undecided one keeps what it is about.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from .. import clock
from ..access import guard, restrictions
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..access.staying import stays
from ..access.subjects import here
from ..models import Customer, Request, RequestEvent, RequestLetter
from ..policy import requests as policy
from ..policy.categories import Category
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.requests import Proof, RefusalGround, RequestKind, RequestState
from ..policy.restriction import RestrictionGround
from . import content, objections
from .content import Content
from .errors import RequestError

PERSON = "person"
SHOP = "shop"
#: Characters of what somebody writes, and of a controller's sentence.
LONGEST = 2000

_What = RequestEvent.What


def open_for(
    customer: int,
    *,
    kind: RequestKind,
    how: str,
    message: str = "",
    email: str = "",
    marketing: bool = False,
    actor: Actor,
) -> Request:
    """Record that a customer asked in a letter, by phone or in person; it is decided apart.

    `how`: how staff made sure who asks; it is stored, so it names the way and not a document's
    number. `email`: where the answer goes, if not to the customer's own address. Through the
    guard. Raises `RequestError`, `Refused`, `NoKey`.
    """
    if not how.strip():
        raise RequestError("Say how you made sure who asks.", field="how")
    _check(message, "message")
    made: list[Request] = []

    def write() -> None:
        if (subject := here(customer)) is None:
            raise RequestError("There is no such customer.", field="customer")
        row = new(kind, Request.Origin.STAFF, customer=subject, state=RequestState.OPEN)
        row.marketing = marketing and kind is RequestKind.OBJECTION
        row.proof, row.proof_note, row.proved_by = Proof.STAFF, how.strip(), actor.key
        store(row, Content(email=email, message=message) if email or message else None)
        note(row, _What.RECEIVED, actor.key)
        go_on(row, actor)
        made.append(row)

    with guard.visit(
        # Of purchases alone: a restricted customer's request is taken down, too.
        actor, Purpose.SERVICE, act="requestOpen", asks={Category.PURCHASE}, needs=CHANGERS
    ) as visit:  # fmt: skip
        visit.saw([customer])
        visit.then(write)
    return made[0]


def open_by_account(
    user: int, *, kind: RequestKind, message: str = "", marketing: bool = False, language: str = ""
) -> Request:
    """Open the request of somebody who is signed in at the shop, whose account is the proof.

    Raises `RequestError`, `NoKey`.
    """
    _check(message, "message")
    with transaction.atomic():
        key = Customer.objects.filter(saleor_user=user).values_list("pk", flat=True).first()
        row = new(
            kind, Request.Origin.ACCOUNT, state=RequestState.OPEN,
            customer=key if key is not None and stays(Customer, key) else None,
        )  # fmt: skip
        row.language, row.proof = language, Proof.ACCOUNT
        row.marketing = marketing and kind is RequestKind.OBJECTION
        if row.customer is None:
            raise RequestError("The register holds nothing of this account.")
        store(row, Content(message=message) if message else None)
        note(row, _What.RECEIVED, PERSON)
        letter(row, RequestLetter.What.RECEIVED)
        go_on(row)
    return row


def prove(request_id: int, *, customer: int, how: str, actor: Actor) -> Request:
    """Say whose request it is, and how staff made sure of it. Raises `RequestError`, `Refused`."""
    if not how.strip():
        raise RequestError("Say how you made sure who asks.", field="how")
    made: list[Request] = []

    def write() -> None:
        with _taken(request_id, RequestState.OPEN) as row:
            if (subject := here(customer)) is None:
                raise RequestError("There is no such customer.", field="customer")
            if row.customer not in {None, subject}:
                raise RequestError("This request is another customer's.", field="customer")
            row.customer, row.purchases = subject, None
            row.proof, row.proof_note, row.proved_by = Proof.STAFF, how.strip(), actor.key
            save(row)
            note(row, _What.PROVED, actor.key)
            go_on(row, actor)
            made.append(row)

    with guard.visit(
        actor, Purpose.SERVICE, act="requestProve", asks={Category.PURCHASE}, needs=CHANGERS
    ) as visit:
        visit.saw([customer])
        visit.then(write)
    return made[0]


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
    for the letter. Raises `RequestError`.
    """
    controller_only(actor, "decide request")
    _check(reason, "reason")
    after = RequestState.ACCEPTED if accept else RequestState.REFUSED
    with transaction.atomic(), _taken(request_id, after) as row:
        kind = RequestKind(row.kind)
        asked = row.state != RequestState.ASKS
        if not accept and asked and ground not in policy.GROUNDS[kind]:
            raise RequestError("Say on which ground it is refused.", field="ground")
        if accept and asked and row.proof not in policy.PROVED:
            raise RequestError("It is not known yet whose request this is: prove it first.")
        row.state, row.decided_at, row.decided_by = after, clock.now(), actor.key
        row.ground = ground.value if ground and not accept else ""
        save(row)
        note(row, _What.ACCEPTED if accept else _What.REFUSED, actor.key, row.ground)
        if not accept:
            if asked:
                letter(row, RequestLetter.What.REFUSED, reason)
        elif kind is RequestKind.RESTRICTION:
            if restriction is None:
                raise RequestError("Say on which ground it is restricted.", field="restriction")
            restrictions.restrict(_key(row), ground=restriction, actor=actor)
            end(row, actor.key, reason)
        elif kind is RequestKind.OBJECTION:
            if row.marketing:
                objections.oppose(row, actor)
            end(row, actor.key, reason)
    return row


def withdraw(request_id: int, *, actor: Actor) -> Request:
    """Record that the customer took the request back."""
    controller_only(actor, "withdraw request")
    with transaction.atomic(), _taken(request_id, RequestState.WITHDRAWN) as row:
        row.state = RequestState.WITHDRAWN
        row.decided_at, row.decided_by = clock.now(), actor.key
        save(row)
        note(row, _What.WITHDRAWN, actor.key)
    return row


def corrected(request_id: int, *, reason: str = "", actor: Actor) -> Request:
    """Record that what a rectification asked for is right now; the person is told.

    It is corrected in the shop, and the register follows it; an issued voucher stays as it is.
    """
    controller_only(actor, "request corrected")
    _check(reason, "reason")
    with transaction.atomic(), _taken(request_id, RequestState.DONE) as row:
        if row.kind != RequestKind.RECTIFICATION:
            raise RequestError("Only a request for rectification ends like this.", field="id")
        note(row, _What.CORRECTED, actor.key)
        end(row, actor.key, reason)
    return row


def extend(request_id: int, *, reason: str, actor: Actor) -> Request:
    """Take two further months, since it is complex or there are many (article 12(3)).

    `reason` is told the person, within the first month: the last day moves when that letter has
    been sent in time, and not before. Raises `RequestError`.
    """
    controller_only(actor, "extend request")
    if not reason.strip():
        raise RequestError("Say why it takes longer: the person is told.", field="reason")
    _check(reason, "reason")
    with transaction.atomic():
        row = _locked(request_id)
        if row.state not in {RequestState.OPEN, RequestState.ACCEPTED} or row.due_on is None:
            raise RequestError("Only a request that is not over can take longer.", field="id")
        if row.extended_at or row.letters.filter(what=RequestLetter.What.EXTENDED).exists():
            raise RequestError("It was extended already: once is all.", field="id")
        if clock.today() > row.due_on:
            raise RequestError("The first month is over: it can be extended no more.", field="id")
        letter(row, RequestLetter.What.EXTENDED, reason.strip())
        note(row, _What.EXTENDED, actor.key)
    return row


def read(request_id: int, *, actor: Actor) -> tuple[Request, Content]:
    """Return a request with what was written, through the guard. Raises `NoKey`, `Refused`."""
    row = Request.objects.filter(pk=request_id).exclude(state=RequestState.UNCONFIRMED).first()
    if row is None:
        raise RequestError("There is no such request.", field="id")
    everything = {Category.NAME, Category.POSTAL, Category.EMAIL, Category.PHONE, Category.PURCHASE}
    with guard.visit(
        actor, Purpose.SERVICE, act="requestContent", asks=everything, needs=CHANGERS
    ) as visit:
        found = content.read(row)
        if row.customer and Customer.objects.filter(pk=row.customer).exists():
            # Of a restricted customer what they ask must be read all the same.
            visit.saw(visit.open_to([row.customer]))
            visit.saw_figures([row.customer])
        visit.then(lambda: note(row, _What.READ, actor.key))
    return row, found


def go_on(row: Request, actor: Actor | None = None) -> None:
    """Grant at once what has no grounds to weigh, if it is known who asks; in a transaction.

    `actor`: of staff, who took it down or proved it; None: the person.
    """
    kind = RequestKind(row.kind)
    if row.state != RequestState.OPEN or kind not in policy.BY_ITSELF:
        return
    if kind is RequestKind.OBJECTION:
        # Against direct marketing: the mailbox alone may say so of itself.
        if row.marketing and objections.oppose(row, actor):
            _accept_by_itself(row)
            end(row, SHOP)
    elif row.proof in policy.PROVED and row.customer is not None:
        _accept_by_itself(row)


def end(row: Request, by: str, reason: str = "") -> None:
    """Say that what was asked is done; the row is locked or new, and accepted."""
    row.state, row.done_at = RequestState.DONE, clock.now()
    save(row)
    note(row, _What.DONE, by)
    letter(row, RequestLetter.What.DONE, reason)


def waiting() -> QuerySet[Request]:
    """Return the requests that somebody has to decide, the most urgent first."""
    found = Request.objects.filter(state__in=sorted(policy.UNDECIDED))
    return found.order_by("due_on", "opened_at", "pk")


def _accept_by_itself(row: Request) -> None:
    row.state, row.decided_at, row.decided_by = RequestState.ACCEPTED, clock.now(), SHOP
    save(row)
    note(row, _What.ACCEPTED, SHOP)


def new(
    kind: RequestKind, origin: str, *, customer: int | None = None, state: RequestState
) -> Request:
    """Return a request that is received now, not stored yet."""
    now = clock.now()
    return Request(
        customer=customer, kind=kind, origin=origin, state=state, opened_at=now,
        due_on=policy.due_on(now.astimezone(clock.HELSINKI).date()),
    )  # fmt: skip


def store(row: Request, written: Content | None) -> None:
    """Insert a request with what was written. Raises `RequestError`, `NoKey`."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        message = "A request of this customer, of this kind, is under way already."
        raise RequestError(message, field="customer") from None
    if written is not None:
        content.seal(row, written)
        row.save(update_fields=["key_version", "sealed"])


@contextmanager
def _taken(request_id: int, after: RequestState) -> Iterator[Request]:
    """Lock a request that may go on to a state; in a transaction."""
    row = _locked(request_id)
    if not (policy.may_move(row.state, after) or row.state == after == RequestState.OPEN):
        raise RequestError("There is no such request that waits.", field="id")
    yield row


def _locked(request_id: int) -> Request:
    row = Request.objects.select_for_update(no_key=True).filter(pk=request_id).first()
    if row is None:
        raise RequestError("There is no such request.", field="id")
    return row


def save(row: Request) -> None:
    """Write a locked request. Raises `RequestError` where another of its kind is under way."""
    try:
        with transaction.atomic():
            row.save(force_update=True)
    except IntegrityError:
        message = "A request of this customer, of this kind, is under way already."
        raise RequestError(message, field="customer") from None


def _key(row: Request) -> int:
    if row.customer is None:
        raise RequestError("It is not known whose request this is: prove it first.")
    return row.customer


def note(row: Request, what: str, actor: str, code: str = "") -> None:
    """Write down what happened to a request, in the same transaction."""
    RequestEvent.objects.create(request=row, what=what, actor=actor, code=code, at=clock.now())


def letter(row: Request, what: str, reason: str = "") -> None:
    """Let the one who asked be told; of each kind of letter there is one a request."""
    now = clock.now()
    RequestLetter.objects.get_or_create(
        request=row, what=what, defaults={"reason": reason, "made_at": now, "next_at": now}
    )


def _check(text: str, field: str) -> None:
    if len(text) > LONGEST:
        raise RequestError(f"Write {LONGEST} characters at most.", field=field)
