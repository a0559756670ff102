"""Restrictions of processing: whose identity may not be shown now (GDPR article 18)."""

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction

from .. import clock
from ..errors import RegisterError
from ..models import Customer, Hold, Restriction
from ..policy.holds import HoldGround
from ..policy.restriction import RestrictionGround
from ..shop.port import shop
from .actor import Actor
from .controllers import controller_only
from .subjects import here


class RestrictionError(RegisterError):
    """A restriction cannot be made or lifted as asked."""

    code = "RESTRICTION"


def restrict(customer: int, *, ground: RestrictionGround, actor: Actor) -> Restriction:
    """Restrict the use of one customer's data from now on, requests under way included."""
    controller_only(actor, "restrict")
    with transaction.atomic():
        if (subject := here(customer)) is None:
            raise RestrictionError("There is no such customer.", field="customer")
        return Restriction.objects.create(
            customer_id=subject, ground=ground.value, since=clock.now(), restricted_by=actor.key
        )


def lift(restriction_id: int, *, told_on: date | None = None, actor: Actor) -> Restriction:
    """Lift a restriction, once the customer has been told that it would be (article 18(3)).

    `told_on`: the day, if it was not by our letter (`rights/lifting.py`).
    """
    controller_only(actor, "lift restriction")
    now = clock.now()
    with transaction.atomic():
        found = locked(restriction_id)
        told_on = told_on or found.told_on
        today, since = (moment.astimezone(clock.HELSINKI).date() for moment in (now, found.since))
        if told_on is None or not since <= told_on <= today:
            message = "Give the day on which the customer was told, since the restriction began."
            raise RestrictionError(message, field="told_on")
        found.told_on, found.lifted_at, found.lifted_by = told_on, now, actor.key
        found.save(update_fields=["told_on", "lifted_at", "lifted_by"])
    return found


def locked(restriction_id: int) -> Restriction:
    """Lock a restriction in force; in a transaction. Raises `RestrictionError`."""
    rows = Restriction.objects.select_for_update(no_key=True)
    found = rows.filter(pk=restriction_id, lifted_at=None).first()
    if found is None:
        raise RestrictionError("There is no such restriction in force.", field="id")
    return found


def mark() -> None:
    """Let the shop's accounts show who is restricted now, to staff and other apps there.

    Called every minute, so that it follows also people who merge, and accounts that are new.
    """
    rows = Customer.objects.filter(restrictions__lifted_at=None, account_gone_at=None)
    theirs = rows.filter(restrictions__isnull=False, saleor_user__isnull=False)
    users = theirs.distinct().values_list("saleor_user", flat=True)
    shop().mark_restricted([user for user in users if user])


def among(customers: str) -> set[int]:
    """Return those of a set of customers (an `int8multirange`) who are restricted now.

    The few restrictions are held against the set, not the set against the table.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id FROM {Restriction._meta.db_table}"
            " WHERE lifted_at IS NULL AND customer_id <@ %s::int8multirange",
            [customers],
        )
        return {pk for (pk,) in cursor.fetchall()}


def claimed(customers: Collection[int]) -> set[int]:
    """Return those of these customers who owe a debt that is in collection now."""
    holds = Hold.objects.filter(
        ground=HoldGround.COLLECTION, released_at=None, purchase__customer__in=customers
    )
    return set(holds.values_list("purchase__customer", flat=True))
