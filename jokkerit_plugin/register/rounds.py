"""A walk a day over the register's own customers, on which the next worker goes on."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from .. import clock
from ..models import Customer, Sweep


def today(name: Sweep.Name) -> Sweep:
    """Return the day's walk of this name, begun now where there is none; or the unfinished one."""
    last = Sweep.objects.filter(name=name).order_by("-started_at").first()
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
    with transaction.atomic():
        row = Sweep.objects.select_for_update().get(pk=walk)
        if row.finished_at is not None:
            return
        after = Customer.objects.filter(pk__gt=int(row.cursor or 0)).order_by("pk")
        people = list(after[:batch])
        take(people)
        row.seen += len(people)
        if len(people) < batch:
            row.finished_at = clock.now()
        if people:
            row.cursor = str(people[-1].pk)
        row.save()
