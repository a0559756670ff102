"""Debt collection: an unpaid purchase is handed over, and its data held until that is over."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from .. import clock
from ..access import guard, members
from ..access.actor import Actor
from ..access.chain import as_multirange
from ..models import Hold, Purchase, Recipient
from ..policy.holds import HoldGround, Release, lapses_on
from ..policy.permissions import CHANGERS
from ..policy.recipients import DISCLOSURES, RecipientKind
from ..register.rows import fetch, table
from . import claim, ledger
from .holds import HoldError, checked_reason, checked_review
from .terms import Intent, Reason, check

_PURPOSE, _CATEGORIES = DISCLOSURES[RecipientKind.COLLECTION]
#: States of an order in which nobody owes for it.
_NOT_OWED = {"canceled", "expired", "unconfirmed", "draft", "returned", "refunded"}


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The hold that was opened, and the claim (JSON) that the collector gets."""

    hold: Hold
    document: bytes


def hand_over(
    purchase: int,
    recipient: int,
    *,
    due_on: date,
    interrupted_on: date | None = None,
    reason: str,
    review_on: date,
    actor: Actor,
) -> HandedOver:
    """Hand an unpaid purchase to a collector: disclose the claim and hold its data, at once.

    `due_on`: when it fell due; `interrupted_on`: the last reminder or other interruption of the
    limitation, each within three years of the one before. Raises `HoldError` for what was asked
    wrongly, `Refused` (the guard), and `DisclosureRefused` where nothing is owed, or it was
    handed over already; then there is neither a disclosure nor a hold.
    """
    with (
        ledger.refusals_logged(),
        guard.visit(actor, _PURPOSE, act="hand over", asks=_CATEGORIES, needs=CHANGERS) as visit,
    ):
        found = Purchase.objects.filter(pk=purchase).first()
        if found is None or found.customer_id is None:
            message = "There is no such purchase, or nobody is known to have made it."
            raise HoldError(message, field="purchase")
        hold = Hold(
            purchase=found, recipient_id=recipient, ground=HoldGround.COLLECTION,
            categories=" ".join(sorted(_CATEGORIES)), reason=checked_reason(reason),
            review_on=checked_review(review_on), placed_by=actor.key,
            due_on=due_on, interrupted_on=interrupted_on,
            lapses_on=_lapses_on(found, due_on, interrupted_on),
        )  # fmt: skip
        intent = Intent(
            recipient, _PURPOSE, _CATEGORIES, as_multirange([found.customer_id]), 1,
            f"purchase {purchase}", "", actor,
        )  # fmt: skip
        check(intent)
        _check_owed(found, intent)
        customer, made = found.customer_id, list[bytes]()
        visit.claimed.add(customer)
        visit.saw([customer])
        visit.then(lambda: made.append(_hand_over(hold, intent, purchase, customer, due_on)))
    return HandedOver(hold, made[0])


def collectors(*, actor: Actor) -> QuerySet[Recipient]:
    """Return the collectors to whom the actor may hand a debt, by name; the guard is the caller's.

    A company without its agreements is among them, so that `hand_over` can say what it lacks.
    """
    found = Recipient.objects.filter(kind=RecipientKind.COLLECTION, ended_at=None)
    own = members.own(actor.key)
    return (found if own is None else found.filter(pk=own)).order_by("name", "pk")


def release_paid() -> list[int]:
    """Release the holds of debts that have been paid in full; return their keys. One statement.

    A debt that was paid in part, or whose payment was charged back, stays.
    """
    released = fetch(
        f"""
        UPDATE {table(Hold)} SET released_at = %s, released_by = 'task:release_paid',
            released_why = %s
        WHERE id IN (
            SELECT h.id FROM {table(Hold)} AS h JOIN {table(Purchase)} AS p ON p.id = h.purchase_id
            WHERE h.ground = %s AND h.released_at IS NULL AND {claim.OWED} <= 0
            ORDER BY h.id FOR NO KEY UPDATE OF h SKIP LOCKED)
        RETURNING id""",
        [clock.now(), Release.PAID.value, HoldGround.COLLECTION.value],
    )
    return sorted(pk for (pk,) in released)


def _hand_over(hold: Hold, intent: Intent, purchase: int, customer: int, due_on: date) -> bytes:
    # Locked, since intake writes this row whenever a payment comes in, and so that of two
    # hand-overs at once the second finds the first's hold.
    rows = Purchase.objects.select_for_update(of=["self"], no_key=True)
    locked = rows.select_related("customer").get(pk=purchase)
    if locked.customer_id != customer:
        message = "The purchase has just gone over to another customer: try again."
        raise intent.refused(Reason.CHANGED, message, field="purchase")
    _check_owed(locked, intent)
    hold.save()
    document = claim.document(locked, due_on=due_on)
    ledger.record(
        recipient=check(intent, lock=True), purpose=intent.purpose, categories=intent.categories,
        subjects=[customer], what=intent.what, actor=intent.actor,
        sha256=hashlib.sha256(document).hexdigest(),
    )  # fmt: skip
    return document


def _check_owed(purchase: Purchase, intent: Intent) -> None:
    if Hold.objects.filter(
        purchase=purchase, ground=HoldGround.COLLECTION, released_at=None
    ).exists():
        message = "This purchase has been handed over already."
        raise intent.refused(Reason.ALREADY_HANDED_OVER, message, field="purchase")
    owed = claim.owed(purchase.pk)
    sentences = {
        "This purchase is cancelled, returned, refunded, or was never confirmed.": (
            purchase.status in _NOT_OWED or purchase.cancelled_at is not None
        ),
        "The shop no longer has this order, so nobody can tell whether it is paid.": (
            purchase.absent_since is not None
        ),
        "This purchase is a test.": purchase.is_test,
        "This purchase is paid.": owed <= 0,
        "The shop holds this purchase for paid, outside its records of money.": (
            purchase.paid_at is not None and not purchase.movements.exists()
        ),
    }
    for sentence, holds in sentences.items():
        if holds:
            raise intent.refused(Reason.NOT_OWED, sentence, field="purchase")


def _lapses_on(purchase: Purchase, due_on: date, interrupted_on: date | None) -> date:
    today = clock.now().astimezone(clock.HELSINKI).date()
    placed = purchase.placed_at.astimezone(clock.HELSINKI).date()
    if not placed <= due_on <= today:
        raise HoldError("Give the day when it fell due, after the purchase.", field="due_on")
    if interrupted_on and not due_on <= interrupted_on <= today:
        message = "Give a day between the due day and today."
        raise HoldError(message, field="interrupted_on")
    last = lapses_on(interrupted_on or due_on)
    if last < today:
        raise HoldError(f"This debt lapsed at the end of {last}.", field="due_on")
    return last
