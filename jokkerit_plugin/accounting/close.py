"""Closing a month, the accountant's routine: its report, whether it can be closed, closing it.

What is closed stands: the database refuses a change of its entries, and what changes later comes
on the first open day as a correction. The first month that is closed closes all days before it;
after that months follow one another.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from pydantic_core import to_jsonable_python

from .. import clock
from ..access import office
from ..access.actor import Actor
from ..errors import RegisterError
from ..models import Closing, Posting
from ..policy.permissions import CLOSERS
from ..policy.purposes import Purpose
from ..register import status
from ..register.rows import stream, table
from ..shop.port import shop
from . import books, door, periods, receivables, vat
from .periods import Period
from .receivables import OpenTotal, Receipts, Undelivered
from .vat import VatReport


class NotReady(RegisterError):
    """A month cannot be closed yet; the message says why."""

    code = "MONTH_NOT_READY"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a month cannot be closed: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month as the accountant reads it; empty `obstacles`: it can be closed."""

    period: Period
    closed: bool
    obstacles: tuple[Obstacle, ...]
    vat: VatReport
    receipts: tuple[Receipts, ...]
    open: tuple[OpenTotal, ...]
    undelivered: tuple[Undelivered, ...]


def report(month: str, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING) -> MonthReport:
    """Return the report of a month (YYYY-MM), or raise `Refused` or `PeriodError`."""
    period = periods.month(month)
    with door.bookkeeping(actor, period, act="month report", purpose=purpose):
        return _read(period)


def close(month: str, *, actor: Actor) -> Closing:
    """Close a month for good. Raises `NotReady` with the reason, `Refused` or `PeriodError`.

    The accounting firm's work, or the controller's: what staff may read is not enough.
    """
    office.enter(actor, *CLOSERS, act="close month")
    period = periods.month(month)
    made = list[Closing]()
    with door.bookkeeping(actor, period, act="close month") as visit:
        _ask(obstacles(period))
        visit.then(lambda: made.append(_close(period, actor)))
    return made[0]


def _close(period: Period, actor: Actor) -> Closing:
    # Nobody books while this is held; what they booked before, this reads.
    books.lock(alone=True)
    found = _read(period)
    _ask(found.obstacles)
    entries, digested = digest(period)
    return Closing.objects.create(
        first=period.first, last=period.last, closed_by=actor.key, entries=entries,
        digest=digested, figures=figures(found),
    )  # fmt: skip


def obstacles(period: Period) -> tuple[Obstacle, ...]:
    """Return what keeps a month from being closed, in the order in which to deal with it."""
    last = books.closed_to()
    if last and period.first <= last:
        return (Obstacle("CLOSED", "The month is closed already."),)
    if clock.now() < period.end:
        return (Obstacle("NOT_OVER", f"The month lasts until the end of {period.last}."),)
    found = []
    if last and period.first != last + timedelta(days=1):
        due = periods.month_of(last + timedelta(days=1)).first
        found.append(Obstacle("NOT_NEXT", f"Close {due:%Y-%m} first: months follow one another."))
    known = status.summary()
    if known.complete_to is None or known.complete_to < period.end:
        message = (
            "The register has not been compared with the shop since the month ended: wait for the"
            " night, or run register_reconcile."
        )
        found.append(Obstacle("NOT_COMPARED", message))
    if known.followed_to is None or known.followed_to < period.end:
        message = "Events of the month still wait: see register_status."
        found.append(Obstacle("NOT_FOLLOWED", message))
    if known.set_aside:
        message = f"{known.set_aside} rows of the shop could not be read: see register_status."
        found.append(Obstacle("SET_ASIDE", message))
    if not books.follow(shop().config()):
        message = "The settings have changed, and the books do not follow them yet: wait a moment."
        found.append(Obstacle("SETTINGS", message))
    aside = books.unbookable()
    if waiting := books.unbooked() - aside.count():
        found.append(Obstacle("UNBOOKED", f"{waiting} purchases wait to be booked."))
    since = Q(movements__at__gte=datetime(1900, 1, 1, tzinfo=UTC), movements__at__lt=period.end)
    aside = aside.filter(Q(placed_at__lt=period.end) | since).distinct()
    if reasons := [f"order {one.number}: {one.book_error}" for one in aside]:
        message = f"{len(reasons)} purchases cannot be booked: {status.shortened(reasons)}"
        found.append(Obstacle("UNBOOKABLE", message))
    return tuple(found)


def digest(period: Period) -> tuple[int, str]:
    """Return how many entries a period has, and SHA-256 over them, in hexadecimal digits."""
    sha, count = hashlib.sha256(), 0
    with transaction.atomic():
        # As text, whatever the session's settings are: the same for good.
        rows = stream(
            "jokkerit_digest",
            "SELECT concat_ws('|', id, purchase_id, coalesce(voucher_id, 0),"
            " to_char(day, 'YYYY-MM-DD'), kind, treatment, currency, country,"
            # What is null is left out: entries older than the column have the digest they had.
            " coalesce(rate::text, '-'), net::text, gross::text, gateway, cause,"
            " to_char(corrects, 'YYYY-MM-DD'))"
            f" FROM {table(Posting)} WHERE day BETWEEN %s AND %s ORDER BY id",
            [period.first, period.last],
        )
        for (line,) in rows:
            sha.update(line.encode() + b"\n")
            count += 1
    return count, sha.hexdigest()


def unchanged(closing: Closing) -> bool | None:
    """Tell whether the entries of a closed month are what they were; None: some were erased."""
    if closing.reduced_at:
        return None
    return digest(Period(closing.first, closing.last)) == (closing.entries, closing.digest)


def next_month(today: date) -> Period | None:
    """Return the month to close next, if it is over: after the last closed one, else the last."""
    last = books.closed_to()
    this = periods.month_of(today)
    before = last + timedelta(days=1) if last else this.first - timedelta(days=1)
    month = periods.month_of(before)
    return month if month.last < this.first else None


def figures(report: MonthReport) -> dict[str, Any]:
    """Return a month's sums as plain data: amounts and days as text."""
    found: dict[str, Any] = to_jsonable_python(asdict(report))
    return found


def _read(period: Period) -> MonthReport:
    last = books.closed_to()
    return MonthReport(
        period,
        closed=last is not None and period.last <= last,
        obstacles=obstacles(period),
        vat=vat.read(period),
        receipts=tuple(receivables.read_receipts(period)),
        open=tuple(receivables.open_totals(period.last)),
        undelivered=tuple(receivables.undelivered(period.last)),
    )


def _ask(found: tuple[Obstacle, ...]) -> None:
    if found:
        raise NotReady(" ".join(one.message for one in found), field="month")
