"""Carries corrections to the shop, again and again until it agrees.

A customer's corrections go in one transaction, under the locks that the intake takes: what the
shop has taken and what the register knows of that are one. One that it refuses waits alone, and a
newer one of the same text takes its place. What the shop says by then that is
newer than what was wrong stands.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from .. import clock
from ..errors import RegisterError, describe
from ..models import Correction, Customer, Purchase, Request
from ..policy.corrections import SHOP_LATE, Carried, Field
from ..policy.holds import add_years
from ..policy.requests import RequestKind, RequestState
from ..policy.retention import CORRECTION_YEARS
from ..register import correcting, corrections, intake
from ..register.addresses import FIELDS
from ..shop.corrections import Answer, ShopCorrection
from ..shop.port import ShopPort, shop
from ..shop.snapshots import OPEN_STATUSES, Kind, Party
from . import store, voucher_notes

#: Minutes until one that failed is tried again: doubled each time, a day at most.
_PAUSE, _LONGEST = 1, 24 * 60
_CARRIED = {Answer.DONE: Carried.DONE, Answer.NOWHERE: Carried.HELD, Answer.NEWER: Carried.LEFT}


def carry(*, customer: int | None = None) -> int:
    """Carry what waits, of one customer or of all; return how many corrections were carried."""
    port = shop()
    done, failed = 0, set[int]()
    while True:
        waiting = Correction.objects.filter(carried=Carried.WAITING)
        due = waiting.filter(next_at__lte=clock.now()).exclude(customer__in=failed)
        if customer is not None:
            due = due.filter(customer=customer)
        key = due.order_by("next_at", "pk").values_list("customer", flat=True).first()
        if key is None:
            _finish()
            return done
        try:
            with port.writer(), transaction.atomic():
                done += _carry(key, port)
        except Exception as error:  # noqa: BLE001 - other plugins of the shop may raise anything
            failed.add(key)
            _later(waiting.filter(customer=key), error)


def _later(rows: Iterable[Correction], error: Exception) -> None:
    message = error.message if isinstance(error, RegisterError) else describe(error)
    for row in rows:
        minutes = min(_PAUSE * 2 ** min(row.attempts, 11), _LONGEST)
        Correction.objects.filter(pk=row.pk, carried=Carried.WAITING).update(
            attempts=F("attempts") + 1, error=message[:200],
            next_at=clock.now() + timedelta(minutes=minutes),
        )  # fmt: skip


def _carry(customer: int, port: ShopPort) -> int:
    row = correcting.locked(customer)
    if row is None:
        return 0
    rows = Correction.objects.select_for_update(no_key=True).filter(
        customer=row.pk, carried=Carried.WAITING
    )
    done = 0
    events: set[intake.Event] = set()
    for group in _groups(rows.order_by("pk")):
        try:
            with transaction.atomic():
                asked = _asked(row, group)
                answer = port.correct(asked)
        except RegisterError as error:
            # One that the shop refuses keeps no other waiting.
            _later(group, error)
            continue
        for one in group:
            last = one is group[-1]
            one.carried = _CARRIED[answer] if last else Carried.LEFT
            one.carried_at, one.error = clock.now(), ""
            one.save(update_fields=["carried", "carried_at", "error"])
        orders = {*asked.mailed, *asked.billed, *asked.shipped}
        events |= {(Kind.ORDER, str(key)) for key in orders}
        done += len(group)
    if done and row.saleor_user:
        events.add((Kind.CUSTOMER, str(row.saleor_user)))
    intake.append(events)
    return done


def _groups(rows: Iterable[Correction]) -> Iterable[list[Correction]]:
    """Return what is carried as one: of a text, from what the shop has to what is right at last."""
    found: dict[str | int, list[Correction]] = {}
    for one in rows:
        key = one.pk if one.field == Field.ADDRESS else one.field
        found.setdefault(key, []).append(one)
    return found.values()


def _asked(row: Customer, group: list[Correction]) -> ShopCorrection:
    was, _ = corrections.unseal(group[0])
    one = group[-1]
    user = row.saleor_user if row.account_gone_at is None else None
    there = Purchase.objects.filter(customer=row, absent_since=None).order_by("pk")
    # A voucher that is being numbered now refers to its purchase, and waits.
    locked = there.select_for_update()
    if one.field != Field.ADDRESS:
        orders = there.filter(email__iexact=was[one.field]) if one.field == Field.EMAIL else None
        return ShopCorrection(
            one.field, was[one.field], getattr(one, one.field), user=user,
            mailed=() if orders is None else tuple(orders.values_list("saleor_order", flat=True)),
        )  # fmt: skip
    open_ = locked.filter(status__in=OPEN_STATUSES)
    shipped = dict(open_.values_list("pk", "saleor_order"))
    issued = set(voucher_notes.issued(row.pk).filter(pk__in=shipped).values_list("pk", flat=True))
    return ShopCorrection(
        parties=(Party(**was), Party(*(getattr(one, name) for name in FIELDS))), user=user,
        shipped=tuple(shipped.values()),
        billed=tuple(order for pk, order in shipped.items() if pk not in issued),
    )  # fmt: skip


def _finish() -> None:
    """End the requests of which nothing waits for the shop any more."""
    accepted = Request.objects.filter(kind=RequestKind.RECTIFICATION, state=RequestState.ACCEPTED)
    made = Correction.objects.filter(request__in=accepted.values("pk"))
    waits = set(made.filter(carried=Carried.WAITING).values_list("request", flat=True))
    for key, by in dict(made.order_by("pk").values_list("request", "by")).items():
        if key is not None and key not in waits:
            with transaction.atomic():
                row = accepted.select_for_update(no_key=True).filter(pk=key).first()
                if row is not None:
                    store.end(row, by)


def late() -> list[int]:
    """Return the keys of corrections that the shop has not taken for too long."""
    before = clock.now() - SHOP_LATE
    rows = Correction.objects.filter(carried=Carried.WAITING, at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def forget() -> int:
    """Forget what was wrong, and why it was corrected, three years later; return of how many."""
    day = add_years(clock.today(), -CORRECTION_YEARS)
    before = datetime(day.year, day.month, day.day, tzinfo=clock.HELSINKI)
    rows = Correction.objects.filter(sealed__isnull=False, at__lt=before)
    found = list(rows.exclude(carried=Carried.WAITING).values_list("pk", flat=True)[:500])
    return Correction.objects.filter(pk__in=found).update(key_version="", sealed=None)
