"""A walk a day, over the register's own customers most often, on which the next worker goes on."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import transaction

from .. import clock
from ..models import Customer, Sweep


def today(name: Sweep.Name) -> Sweep:
    """Return the day's walk of this name, begun now where there is none; or the unfinished one."""
    # Not by when it began: a clock may have been ahead.
    last = Sweep.objects.filter(name=name).order_by("-pk").first()
    now = clock.now()
    if last and (last.finished_at is None or _day(last.started_at) == _day(now)):
        return last
    # Not valid: a walk over the register's own customers proves nothing of the shop.
    return Sweep.objects.create(name=name, started_at=now, kind="customer", valid=False)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.HELSINKI).date()


def step(walk: int, take: Callable[[list[Customer]], object], *, batch: int) -> None:
    """Hand the next customers to `take` in one transaction.

    Of two processes on one walk only one moves it.
    """

    def of_customers(after: int) -> Sequence[int]:
        rows = Customer.objects.filter(pk__gt=after).order_by("pk")[:batch]
        people = list(rows)
        take(people)
        return [one.pk for one in people]

    step_over(walk, of_customers, batch=batch)


def step_over(walk: int, take: Callable[[int], Sequence[int]], *, batch: int) -> None:
    """Let `take` have the next `batch` of whatever is walked over; it returns their keys.

    In one transaction, as `step`; what it is given is the last key that was done.
    """
    with transaction.atomic():
        row = Sweep.objects.select_for_update().get(pk=walk)
        if row.finished_at is not None:
            return
        keys = take(int(row.cursor or 0))
        row.seen += len(keys)
        if len(keys) < batch:
            row.finished_at = clock.now()
        if keys:
            row.cursor = str(keys[-1])
        row.save()
