"""Restrictions of processing: whose identity may not be shown now (GDPR article 18)."""

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction

from .. import clock
from ..errors import RegisterError
from ..models import Hold, Restriction
from ..policy.holds import HoldGround
from ..policy.restriction import RestrictionGround
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


def lift(restriction_id: int, *, told_on: date, actor: Actor) -> Restriction:
    """Lift a restriction, once the customer has been told that it would be (article 18(3))."""
    controller_only(actor, "lift restriction")
    now = clock.now()
    found = Restriction.objects.filter(pk=restriction_id, lifted_at=None).first()
    if found is None:
        raise RestrictionError("There is no such restriction in force.", field="id")
    today, since = (moment.astimezone(clock.HELSINKI).date() for moment in (now, found.since))
    if not since <= told_on <= today:
        message = "Give the day on which the customer was told, since the restriction began."
        raise RestrictionError(message, field="told_on")
    found.told_on, found.lifted_at, found.lifted_by = told_on, now, actor.key
    found.save()
    return found


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
