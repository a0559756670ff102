"""Requests from the page for everybody: written down, proved by mail, and then begun.

What the page answers never depends on whether the address is known: nothing is looked up before
the mailbox is proved, and then only letters to it say what was found.
"""

from datetime import timedelta

from django.db import transaction

from .. import clock
from ..access import staying
from ..models import Customer, Request, RequestEvent, RequestLetter
from ..policy.requests import ACTIVE, CONFIRM_DAYS, Proof, RequestKind, RequestState
from . import content, links, opening, scope, store
from .content import Content
from .errors import RequestError
from .proofs import OF_THE_WHOLE


def receive(
    written: Content, *, kind: RequestKind, marketing: bool = False, language: str
) -> Request:
    """Store what was written, and a letter that asks the mailbox to confirm it. Raises `NoKey`."""
    with transaction.atomic():
        row = store.new(kind, Request.Origin.FORM, state=RequestState.UNCONFIRMED)
        row.language = language
        row.marketing = marketing and kind is RequestKind.OBJECTION
        store.add(row, written)
        store.note(row, RequestEvent.What.RECEIVED, store.PERSON)
        store.letter(row, RequestLetter.What.CONFIRM)
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
    """Delete what nobody confirmed in time; return how many."""
    before = clock.now() - timedelta(days=CONFIRM_DAYS)
    rows = Request.objects.filter(state=RequestState.UNCONFIRMED, opened_at__lte=before)
    found = list(rows.order_by("pk").values_list("pk", flat=True)[:1000])
    with transaction.atomic():
        locked = rows.filter(pk__in=found).order_by("pk").select_for_update(skip_locked=True)
        keys = list(locked.values_list("pk", flat=True))
        store.drop(keys)
    return len(keys)


def _begin(row: Request, reach: scope.Reach | None) -> None:
    other = None
    if reach is not None:
        row.customer, row.proof = reach.customer, reach.proof
        row.purchases = None if reach.purchases is None else list(reach.purchases)
        opening.answered_with(opening.take_over(row, reach.customer), row)
        try:
            store.save(row)
        except RequestError:
            # The same was asked before, and is under way: this one adds nothing to it.
            under_way = Request.objects.filter(state__in=sorted(ACTIVE), kind=row.kind)
            other = under_way.filter(customer=row.customer).first()
            row.customer, row.purchases, row.proof = None, None, Proof.MAILBOX
            row.state, row.decided_at = RequestState.WITHDRAWN, clock.now()
            row.decided_by = store.SHOP
    store.save(row)
    store.note(row, RequestEvent.What.CONFIRMED, store.PERSON)
    if row.state == RequestState.WITHDRAWN:
        store.note(row, RequestEvent.What.WITHDRAWN, store.SHOP, f"see {other.pk}" if other else "")
        return
    store.letter(row, RequestLetter.What.RECEIVED)
    less = row.proof == Proof.MAILBOX or (row.kind in OF_THE_WHOLE and row.purchases is not None)
    if row.customer is not None and less and not row.marketing:
        store.letter(row, RequestLetter.What.PROOF)
    opening.go_on(row)


def _twin(row: Request, written: Content) -> Request:
    """Return the same request once more, for the other customer of the same mailbox."""
    twin = Request(
        kind=row.kind, origin=row.origin, state=RequestState.OPEN, opened_at=row.opened_at,
        due_on=row.due_on, proof=Proof.MAILBOX, language=row.language, marketing=row.marketing,
    )  # fmt: skip
    store.add(twin, written)
    return twin
