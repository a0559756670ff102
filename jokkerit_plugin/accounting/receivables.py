"""Money: what came and went by gateway and day, what buyers still owe, and what they are owed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..access import guard
from ..access.actor import Actor
from ..models import Posting, Purchase
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..register.rows import fetch, table
from ..shop.port import shop
from . import door
from .booking import OWED
from .entries import EntryKind
from .periods import Period


@dataclass(frozen=True, slots=True)
class Receipts:
    """What came through one gateway on one day, and what went back (zero or below)."""

    day: date
    gateway: str
    currency: str
    payments: Decimal
    paybacks: Decimal


@dataclass(frozen=True, slots=True)
class Open:
    """A purchase that is not even: `receivable` is owed by the buyer, `advance` to the buyer."""

    purchase: int
    order_number: str
    currency: str
    receivable: Decimal
    advance: Decimal
    #: Day of its first entry.
    since: date


@dataclass(frozen=True, slots=True)
class OpenTotal:
    """Open purchases of one currency in total."""

    currency: str
    receivable: Decimal
    advance: Decimal
    purchases: int


def receipts(
    period: Period, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING
) -> list[Receipts]:
    """Return a period's money by day, gateway and currency, or raise `Refused`."""
    with door.bookkeeping(actor, period, act="receipts", purpose=purpose):
        return read_receipts(period)


def read_receipts(period: Period) -> list[Receipts]:
    """Return a period's receipts and paybacks by day, gateway and currency; not guarded."""
    rows = fetch(
        "SELECT day, gateway, currency, coalesce(sum(gross) FILTER (WHERE kind = %s), 0),"
        f" coalesce(sum(gross) FILTER (WHERE kind = %s), 0) FROM {table(Posting)}"
        " WHERE day BETWEEN %s AND %s AND kind IN (%s, %s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [
            EntryKind.PAYMENT, EntryKind.PAYBACK, period.first, period.last,
            EntryKind.PAYMENT, EntryKind.PAYBACK,
        ],
    )  # fmt: skip
    return [Receipts(*row) for row in rows]


def open_items(day: date, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING) -> list[Open]:
    """Return the purchases open at the end of a day, oldest first, or raise `Refused`."""
    asks = {Category.PURCHASE}
    with (
        shop().writer(),
        guard.visit(actor, purpose, act="open purchases", asks=asks) as visit,
    ):
        rows = fetch(
            f"SELECT b.customer_id, o.purchase_id, b.number, o.currency, o.receivable, o.advance,"
            f" o.since FROM ({_OPEN}) AS o JOIN {table(Purchase)} AS b ON b.id = o.purchase_id"
            " ORDER BY o.since, o.purchase_id",
            _parameters(day),
        )
        visit.saw(customer for customer, *_ in rows if customer is not None)
        return [Open(*row) for _, *row in rows]


def open_totals(day: date) -> list[OpenTotal]:
    """Return what is open at the end of a day, by currency; not guarded."""
    rows = fetch(
        "SELECT currency, sum(receivable), sum(advance), count(*)"
        f" FROM ({_OPEN}) AS o GROUP BY 1 ORDER BY 1",
        _parameters(day),
    )
    return [OpenTotal(*row) for row in rows]


_OPEN = f"""
    SELECT purchase_id, currency, sum(gross * coalesce((%(owed)s::jsonb ->> kind)::int, 0))
            AS receivable,
        sum(CASE kind WHEN 'advance' THEN gross WHEN 'advance_used' THEN -gross ELSE 0 END)
            AS advance, min(day) AS since
    FROM {table(Posting)} WHERE day <= %(day)s GROUP BY 1, 2
    HAVING sum(gross * coalesce((%(owed)s::jsonb ->> kind)::int, 0)) <> 0
        OR sum(CASE kind WHEN 'advance' THEN gross WHEN 'advance_used' THEN -gross ELSE 0 END)
            <> 0"""


def _parameters(day: date) -> dict[str, object]:
    signs = ", ".join(f'"{kind.value}": {sign}' for kind, sign in OWED.items())
    return {"owed": f"{{{signs}}}", "day": day}
