"""Opening a request: taken down by staff, or by the customer's own token of the shop.

Those of the page for everybody begin in `forms.py`; those of the shop's own deletions in the intake
(`register/requests.py`). Customers are locked before requests (`store.py`).
"""

from django.db import transaction
from django.db.models import Q

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..access.staying import stays
from ..models import Customer, Request, RequestEvent, RequestLetter
from ..policy import requests as policy
from ..policy.categories import Category
from ..policy.languages import language_of
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.requests import Proof, RequestKind, RequestState
from ..register import correcting
from ..shop.port import shop
from . import content, objections, scope, store
from .content import Content
from .errors import RequestError

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
    store.check(message, "message")
    made: list[Request] = []

    def write() -> None:
        if (subject := correcting.locked(customer)) is None:
            raise RequestError("There is no such customer.", field="customer")
        row = store.new(kind, Request.Origin.STAFF, customer=subject.pk, state=RequestState.OPEN)
        row.marketing = marketing and kind is RequestKind.OBJECTION
        row.proof, row.proof_note, row.proved_by = Proof.STAFF, how.strip(), actor.key
        _add(row, Content(email=email, message=message) if email or message else None)
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

    While a copy that they asked for like that stands its link is sent again: a large one takes a
    minute to make. Raises `RequestError`, `NoKey`.
    """
    store.check(message, "message")
    with transaction.atomic():
        key = Customer.objects.filter(saleor_user=user).values_list("pk", flat=True).first()
        if kind in policy.COPIES and (made := _copied(key, user, kind)):
            store.letter(made, RequestLetter.What.ARCHIVE)
            return made
        row = store.new(
            kind, Request.Origin.ACCOUNT, state=RequestState.OPEN,
            customer=key if key is not None and stays(Customer, key) else None,
        )  # fmt: skip
        row.language, row.proof = language, Proof.ACCOUNT
        row.marketing = marketing and kind is RequestKind.OBJECTION
        written = Content(message=message) if message else None
        if row.customer is None:
            written = _of_stranger(row, user, message)
        _add(row, written)
        store.note(row, _What.RECEIVED, store.PERSON)
        store.letter(row, RequestLetter.What.RECEIVED)
        go_on(row)
    return row


def _copied(customer: int | None, user: int, kind: RequestKind) -> Request | None:
    whose = Q(account=user) if customer is None else Q(customer=customer)
    there = Request.objects.filter(
        whose, kind=kind, proof=Proof.ACCOUNT, state=RequestState.DONE,
        archive__expires_at__gt=clock.now(),
    )  # fmt: skip
    return there.order_by("-pk").first()


def take_over(row: Request, customer: int) -> Request | None:
    """End the one that waits for a better proof: this brings it. The time runs from the first.

    Return what ended, or None; the customer is locked, and whoever calls notes `answered_with`.
    """
    less = Q(proof=Proof.MAILBOX)
    if row.proof not in policy.PROVED and row.kind in policy.IN_WORDS:
        return None
    if row.proof in policy.PROVED and row.purchases is None:
        less |= Q(proof=Proof.MATCHED, purchases__isnull=False)
    waits = Request.objects.select_for_update(no_key=True).filter(
        less, customer=customer, kind=row.kind, state=RequestState.OPEN, marketing=row.marketing
    )
    if (first := waits.exclude(pk=row.pk).first()) is None:
        return None
    if first.opened_at < row.opened_at:
        row.opened_at, row.due_on = first.opened_at, first.due_on
        row.extended_at, row.extended_by = first.extended_at, first.extended_by
    first.state, first.decided_at = RequestState.WITHDRAWN, clock.now()
    first.decided_by = store.SHOP
    store.save(first)
    store.unsay(first)
    return first


def answered_with(first: Request | None, row: Request) -> None:
    """Note on what was taken over which request, stored by now, answers it."""
    if first is not None:
        store.note(first, _What.WITHDRAWN, store.SHOP, f"see {row.pk}")


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
    elif (
        row.proof in policy.PROVED
        and (row.customer or row.account) is not None
        and (actor is None or actor.is_controller or goes_home(row))
    ):
        _accept_by_itself(row)


def goes_home(row: Request) -> bool:
    """Tell whether the answer goes to a mailbox that the register knows as the customer's now.

    A copy is all that is held of somebody: to another address the controller alone sends it. A
    former mailbox may be another's by now. Raises `NoKey`.
    """
    written = content.read(row).email
    return not written or row.customer in scope.customers_of(written)


def _add(row: Request, written: Content | None) -> None:
    first = take_over(row, row.customer) if row.customer is not None else None
    store.add(row, written)
    answered_with(first, row)


def _accept_by_itself(row: Request) -> None:
    row.state, row.decided_at, row.decided_by = RequestState.ACCEPTED, clock.now(), store.SHOP
    store.save(row)
    store.note(row, _What.ACCEPTED, store.SHOP)


def _of_stranger(row: Request, user: int, message: str) -> Content:
    """Let an account that never bought ask for its copy, or object to marketing.

    It is no customer of the register.
    """
    found = shop().customers([user], shop().config())
    if not found or not (RequestKind(row.kind) in policy.COPIES or row.marketing):
        raise RequestError("The register holds nothing of this account.")
    row.account, row.language = user, row.language or language_of(found[0].language)
    return Content(email=found[0].email, message=message)
