"""Requests from the page for everybody: written down, proved by mail, and then begun.

What the page answers never depends on whether the address is known: nothing is looked up before
the mailbox is proved, and then only letters to it say what was found.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from .. import clock
from ..access import staying
from ..models import Customer, Request, RequestEvent, RequestLetter
from ..policy.holds import add_years
from ..policy.requests import (
    ACTIVE,
    CONFIRM_DAYS,
    IN_WORDS,
    Proof,
    RequestKind,
    RequestState,
)
from ..policy.retention import REQUEST_YEARS
from . import content, links, opening, proofs, scope, store
from .content import Content
from .errors import RequestError


def receive(
    written: Content,
    *,
    kind: RequestKind,
    marketing: bool = False,
    language: str,
    wait: timedelta = timedelta(),
) -> Request:
    """Store what was written, and a letter that asks the mailbox to confirm it. Raises `NoKey`.

    `wait`: how long the letter waits, so that nobody floods a mailbox.
    """
    with transaction.atomic():
        row = store.new(kind, Request.Origin.FORM, state=RequestState.UNCONFIRMED)
        row.language = language
        row.marketing = marketing and kind is RequestKind.OBJECTION
        store.add(row, written)
        store.note(row, RequestEvent.What.RECEIVED, store.PERSON)
        store.letter(row, RequestLetter.What.CONFIRM, wait=wait)
    return row


def confirm(token: str) -> Request | None:
    """Begin the request whose mailbox a link proves; None: it is not there, or begun already."""
    with transaction.atomic():
        found = links.confirmed(token)
        if found is None:
            return None
        row = Request.objects.select_for_update(no_key=True).get(pk=found.pk)
        if row.state != RequestState.UNCONFIRMED:
            return None
        written = content.read(row)
        # The letter is no proof of anything more once its link has been used.
        store.unsay(row)
        row.state, row.proof = RequestState.OPEN, Proof.MAILBOX
        # All of them before any of their requests: the guest may be going up in the account.
        there = staying.stay(Customer, scope.customers_of(written.email))
        reaches = [scope.reach(one, written) for one in sorted(there)]
        _begin(row, reaches[0] if reaches else None)
        for reach in reaches[1:]:
            _begin(_twin(row, written), reach)
    return row


def forget_unconfirmed() -> int:
    """Delete what nobody confirmed in time; return how many.

    The time runs from the letter. Whom it never reached has been answered nothing: they wait until
    mail can be sent again, or as long as an answered request is kept.
    """
    now = clock.now()
    sent = RequestLetter.objects.filter(
        request=OuterRef("pk"), what=RequestLetter.What.CONFIRM,
        sent_at__lte=now - timedelta(days=CONFIRM_DAYS),
    )  # fmt: skip
    longest = add_years(now.astimezone(clock.HELSINKI).date(), -REQUEST_YEARS)
    return _forget(Q(Exists(sent)) | Q(opened_at__date__lt=longest))


def forget_unreachable(request_id: int) -> int:
    """Delete what waits for a mailbox that took no letter in time; return how many.

    Not while the letter is held: requests are locked before their letters (`store.py`).
    """
    before = clock.now() - timedelta(days=CONFIRM_DAYS)
    return _forget(Q(pk=request_id, opened_at__lte=before))


def _forget(which: Q) -> int:
    rows = Request.objects.filter(which, state=RequestState.UNCONFIRMED)
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:1000])
    with transaction.atomic():
        locked = rows.filter(pk__in=found).order_by("pk").select_for_update(skip_locked=True)
        keys = list(locked.values_list("pk", flat=True))
        store.drop(keys)
    return len(keys)


def _begin(row: Request, reach: scope.Reach | None) -> None:
    enough = True
    if reach is not None:
        row.customer, row.proof = reach.customer, reach.proof
        row.purchases = None if reach.purchases is None else list(reach.purchases)
        enough = proofs.is_enough(row)
        opening.answered_with(opening.take_over(row, reach.customer), row)
        try:
            store.save(row)
        except RequestError:
            # Of a customer one of a kind is under way.
            other = Request.objects.get(
                customer=reach.customer, kind=row.kind, state__in=sorted(ACTIVE), marketing=False
            )
            if not _adds(row, other):
                row.state, row.decided_at = RequestState.WITHDRAWN, clock.now()
                row.decided_by = store.SHOP
            row.customer, row.purchases, row.proof = None, None, Proof.MAILBOX
    store.save(row)
    store.note(row, RequestEvent.What.CONFIRMED, store.PERSON)
    if row.state == RequestState.WITHDRAWN:
        store.note(row, RequestEvent.What.WITHDRAWN, store.SHOP, f"see {other.pk}")
        return
    store.letter(row, RequestLetter.What.RECEIVED)
    if not enough and not row.marketing:
        store.letter(row, RequestLetter.What.PROOF)
    opening.go_on(row)


def _adds(row: Request, other: Request) -> bool:
    """Tell whether a request asks for more than the one under way: then staff see whose it is.

    Several people may share the mailbox, each with orders of their own.
    """
    reaches, known = row.purchases, other.purchases
    more = known is not None and (reaches is None or not set(reaches) <= set(known))
    return more or (row.kind in IN_WORDS and bool(content.read(row).message))


def _twin(row: Request, written: Content) -> Request:
    """Return the same request once more, for the other customer of the same mailbox."""
    twin = Request(
        kind=row.kind, origin=row.origin, state=RequestState.OPEN, opened_at=row.opened_at,
        due_on=row.due_on, proof=Proof.MAILBOX, language=row.language, marketing=row.marketing,
    )  # fmt: skip
    store.add(twin, written)
    return twin
