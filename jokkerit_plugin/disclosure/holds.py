"""Legal holds: what may not be erased yet, and why. `collection.py` opens those of debts.

A hold of a purchase keeps that purchase and what is needed of whoever it belongs to. It tells of
a claim against or by that customer, so whoever sees or changes one goes through the guard.
"""

from collections.abc import Callable, Collection
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from .. import clock
from ..access import guard, members
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..access.staying import stays
from ..access.subjects import here
from ..errors import RegisterError
from ..models import Hold, Movement, Purchase
from ..policy.categories import Category
from ..policy.holds import (
    RELEASES,
    REVIEW_WITHIN_YEARS,
    HoldGround,
    Release,
    add_years,
    lapses_on,
)
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..shop.snapshots import MovementKind


class HoldError(RegisterError):
    """A hold cannot be placed, reviewed or released as asked."""

    code = "HOLD"


def place(
    *,
    customer: int | None = None,
    purchase: int | None = None,
    categories: Collection[Category],
    ground: HoldGround,
    reason: str,
    review_on: date,
    actor: Actor,
) -> Hold:
    """Place a hold on a customer or on one purchase. A debt goes through `collection.hand_over`."""
    controller_only(actor, "place hold")
    if ground is HoldGround.COLLECTION:
        message = "A hold for debt collection comes with handing the purchase over."
        raise HoldError(message, field="ground")
    if (customer is None) is (purchase is None):
        raise HoldError("Name a customer or a purchase, and not both.", field="customer")
    if not categories:
        raise HoldError("Say which data is kept.", field="categories")
    hold = Hold(
        purchase_id=purchase, categories=" ".join(sorted(set(categories))), ground=ground,
        reason=checked_reason(reason), review_on=checked_review(review_on), placed_by=actor.key,
    )  # fmt: skip
    with transaction.atomic():
        hold.customer_id = here(customer) if customer else None
        if customer and not hold.customer_id:
            raise HoldError("There is no such customer.", field="customer")
        if purchase and not stays(Purchase, purchase):
            raise HoldError("There is no such purchase.", field="purchase")
        hold.save()
    return hold


def review(hold_id: int, *, review_on: date, actor: Actor) -> Hold:
    """Keep a hold, having looked at it, until another day."""

    def change(hold: Hold) -> None:
        hold.review_on = checked_review(review_on)

    return _change(hold_id, change, act="review hold", actor=actor)


def interrupt(hold_id: int, *, on: date, actor: Actor) -> Hold:
    """Record that the limitation of a debt was interrupted, so that it begins anew on that day.

    By a reminder, by a payment in part or another acknowledgement, in court (728/2003, s. 10-11).
    """

    def change(hold: Hold) -> None:
        if hold.due_on is None or hold.lapses_on is None:
            raise HoldError("This hold is not about a debt.", field="id")
        if not (hold.interrupted_on or hold.due_on) <= on <= min(_today(), hold.lapses_on):
            message = "Give a day since the last interruption, before the debt lapsed."
            raise HoldError(message, field="on")
        hold.interrupted_on, hold.lapses_on = on, lapses_on(on)

    return _change(hold_id, change, act="interrupt limitation", actor=actor)


def release(hold_id: int, *, reason: Release, actor: Actor) -> Hold:
    """End a hold. That a debt was paid in the shop ends it by itself (`collection.release_paid`).

    `Release.LAPSED` only when the limitation period is over.
    """

    def change(hold: Hold) -> None:
        if reason not in RELEASES[HoldGround(hold.ground)]:
            choices = ", ".join(sorted(RELEASES[HoldGround(hold.ground)]))
            raise HoldError(f"This hold ends by: {choices}.", field="release_reason")
        if reason is Release.LAPSED and _today() <= (last := _last_day(hold)):
            raise HoldError(
                f"The debt has not lapsed before the end of {last}.", field="release_reason"
            )
        hold.released_at, hold.released_by, hold.released_why = clock.now(), actor.key, reason

    return _change(hold_id, change, act="release hold", actor=actor)


def visible_to(actor: Actor) -> QuerySet[Hold]:
    """Return the holds that somebody whom the guard lets in may see and change.

    The controller's people all of them, staff those of debts, and whoever acts for a collector
    those of the debts that it collects.
    """
    own = members.own(actor.key)
    if actor.is_controller and own is None:
        return Hold.objects.all()
    debts = Hold.objects.filter(ground=HoldGround.COLLECTION)
    return debts if own is None else debts.filter(recipient=own)


def overdue() -> QuerySet[Hold]:
    """Return the holds in force whose review is overdue, the oldest first."""
    return Hold.objects.filter(released_at=None, review_on__lt=_today()).order_by("review_on", "pk")


def checked_reason(reason: str) -> str:
    """Return the reason trimmed, or raise `HoldError`."""
    if not 1 <= len(reason.strip()) <= 1000:
        raise HoldError("Give a reason, in 1000 characters at most.", field="reason")
    return reason.strip()


def checked_review(day: date) -> date:
    """Return the day of a review if it is neither past nor too far, or raise `HoldError`."""
    if not _today() <= day <= add_years(_today(), REVIEW_WITHIN_YEARS):
        raise HoldError("Review it within a year, from today on.", field="review_on")
    return day


def _change(hold_id: int, change: Callable[[Hold], None], *, act: str, actor: Actor) -> Hold:
    """Change a hold in force that the actor may see, with the log's row or not at all."""
    rows = visible_to(actor).filter(pk=hold_id, released_at=None)
    missing = HoldError("There is no such hold in force that you may change.", field="id")
    asks, changed = [Category.PURCHASE], list[Hold]()

    def write() -> None:
        hold = rows.select_for_update(no_key=True).first()
        if hold is None:
            raise missing
        change(hold)
        hold.save()
        changed.append(hold)

    with guard.visit(actor, Purpose.COLLECTION, act=act, asks=asks, needs=CHANGERS) as visit:
        found = rows.select_related("purchase").first()
        if found is None:
            raise missing
        visit.saw([found.subject] if found.subject else [])
        visit.then(write)
    return changed[0]


def _last_day(hold: Hold) -> date:
    """Return the last day of a debt's limitation; a payment in part began it anew."""
    paid = Movement.objects.filter(purchase=hold.purchase_id, kind=MovementKind.PAYMENT)
    newest = paid.order_by("-at").values_list("at", flat=True).first()
    assumed = hold.lapses_on or _today()
    return max(assumed, lapses_on(newest.astimezone(clock.HELSINKI).date())) if newest else assumed


def _today() -> date:
    return clock.now().astimezone(clock.HELSINKI).date()
