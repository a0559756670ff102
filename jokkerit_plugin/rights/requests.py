"""Requests: opening one, proving who asks, deciding, extending.

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
from ..access.staying import stays
from ..access.subjects import here
from ..models import Correction, Customer, Request, RequestEvent, RequestLetter
from ..policy import requests as policy
from ..policy.categories import Category
from ..policy.corrections import Carried
from ..policy.languages import language_of
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.requests import Proof, RefusalGround, RequestKind, RequestState
from ..policy.restriction import RestrictionGround
from ..shop.port import shop
from . import content, objections, rectification, scope, store, tellings
from .content import Content
from .errors import RequestError

_What = RequestEvent.What
#: What reaches all that is held of a customer.
_OF_THE_WHOLE = {RequestKind.ERASURE, RequestKind.RESTRICTION}


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
    store.check(message, "message")
    made: list[Request] = []

    def write() -> None:
        if (subject := here(customer)) is None:
            raise RequestError("There is no such customer.", field="customer")
        row = store.new(kind, Request.Origin.STAFF, customer=subject, state=RequestState.OPEN)
        row.marketing = marketing and kind is RequestKind.OBJECTION
        row.proof, row.proof_note, row.proved_by = Proof.STAFF, how.strip(), actor.key
        store.add(row, Content(email=email, message=message) if email or message else None)
        store.note(row, _What.RECEIVED, actor.key)
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
    store.check(message, "message")
    with transaction.atomic():
        key = Customer.objects.filter(saleor_user=user).values_list("pk", flat=True).first()
        row = store.new(
            kind, Request.Origin.ACCOUNT, state=RequestState.OPEN,
            customer=key if key is not None and stays(Customer, key) else None,
        )  # fmt: skip
        row.language, row.proof = language, Proof.ACCOUNT
        row.marketing = marketing and kind is RequestKind.OBJECTION
        written = Content(message=message) if message else None
        if row.customer is None:
            written = _of_stranger(row, user, message)
        store.add(row, written)
        store.note(row, _What.RECEIVED, store.PERSON)
        store.letter(row, RequestLetter.What.RECEIVED)
        go_on(row)
    return row


def prove(request_id: int, *, customer: int, how: str, actor: Actor) -> Request:
    """Say whose request it is, and how staff made sure of it. Raises `RequestError`, `Refused`."""
    if not how.strip():
        raise RequestError("Say how you made sure who asks.", field="how")
    made: list[Request] = []

    def write() -> None:
        with store.taken(request_id, RequestState.OPEN) as row:
            if (subject := here(customer)) is None:
                raise RequestError("There is no such customer.", field="customer")
            if row.customer not in {None, subject}:
                raise RequestError("This request is another customer's.", field="customer")
            row.customer, row.purchases = subject, None
            row.proof, row.proof_note, row.proved_by = Proof.STAFF, how.strip(), actor.key
            store.save(row)
            store.note(row, _What.PROVED, actor.key)
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
    store.check(reason, "reason")
    after = RequestState.ACCEPTED if accept else RequestState.REFUSED
    with transaction.atomic(), store.taken(request_id, after) as row:
        kind = RequestKind(row.kind)
        asked = row.state != RequestState.ASKS
        if not accept and asked and ground not in policy.GROUNDS[kind]:
            raise RequestError("Say on which ground it is refused.", field="ground")
        if accept and asked:
            _check_proof(row)
        row.state, row.decided_at, row.decided_by = after, clock.now(), actor.key
        row.ground = ground.value if ground and not accept else ""
        store.save(row)
        store.note(row, _What.ACCEPTED if accept else _What.REFUSED, actor.key, row.ground)
        if not accept:
            row.letters.filter(sent_at=None).delete()
            if asked:
                store.letter(row, RequestLetter.What.REFUSED, reason)
        elif kind is RequestKind.RESTRICTION:
            if restriction is None:
                raise RequestError("Say on which ground it is restricted.", field="restriction")
            laid = restrictions.restrict(_key(row), ground=restriction, actor=actor)
            tellings.restricted(laid)
            store.end(row, actor.key, reason)
        elif kind is RequestKind.OBJECTION:
            if row.marketing:
                objections.oppose(row, actor)
            store.end(row, actor.key, reason)
    return row


def withdraw(request_id: int, *, actor: Actor) -> Request:
    """Record that the customer took the request back."""
    controller_only(actor, "withdraw request")
    with transaction.atomic(), store.taken(request_id, RequestState.WITHDRAWN) as row:
        row.state = RequestState.WITHDRAWN
        row.decided_at, row.decided_by = clock.now(), actor.key
        store.save(row)
        store.note(row, _What.WITHDRAWN, actor.key)
        row.letters.filter(sent_at=None).delete()
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
            rectification.already_right(row)
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
        actor, Purpose.SERVICE, act="requestContent", asks=everything, needs=CHANGERS
    ) as visit:
        found = content.read(row)
        if row.customer and Customer.objects.filter(pk=row.customer).exists():
            # Of a restricted customer what they ask must be read all the same.
            visit.saw(visit.open_to([row.customer]))
            visit.saw_figures([row.customer])
        visit.then(lambda: store.note(row, _What.READ, actor.key))
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
            store.end(row, store.SHOP)
    elif row.proof in policy.PROVED and (row.customer or row.account) is not None:
        _accept_by_itself(row)


def waiting() -> QuerySet[Request]:
    """Return the requests that somebody has to decide, the most urgent first."""
    found = Request.objects.filter(state__in=sorted(policy.UNDECIDED))
    return found.order_by("due_on", "opened_at", "pk")


def _accept_by_itself(row: Request) -> None:
    row.state, row.decided_at, row.decided_by = RequestState.ACCEPTED, clock.now(), store.SHOP
    store.save(row)
    store.note(row, _What.ACCEPTED, store.SHOP)


def _of_stranger(row: Request, user: int, message: str) -> Content:
    """Let an account that never bought ask for its copy: it is no customer of the register."""
    found = shop().customers([user], shop().config())
    if not found or RequestKind(row.kind) not in policy.COPIES:
        raise RequestError("The register holds nothing of this account.")
    row.account, row.language = user, row.language or language_of(found[0].language)
    return Content(email=found[0].email, message=message)


def _check_proof(row: Request) -> None:
    """Refuse what the proof does not reach, or does not any more; the caller saves the row."""
    for again in (False, True):
        if again:
            scope.renew(row)
        if row.proof not in policy.PROVED:
            raise RequestError("It is not known (any more) whose request this is: prove it first.")
        if RequestKind(row.kind) in _OF_THE_WHOLE and row.purchases is not None:
            raise RequestError(
                "The proof reaches some purchases of a mailbox that others may share:"
                " prove it first."
            )


def _key(row: Request) -> int:
    if row.customer is None:
        raise RequestError("It is not known whose request this is: prove it first.")
    return row.customer
