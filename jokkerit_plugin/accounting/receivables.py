"""Money: what came and went by gateway and day, what buyers still owe, and what they are owed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..access import guard
from ..access.actor import Actor
from ..models import Delivery, Posting, Purchase, PurchaseLine
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..register.rows import fetch, table
from ..shop.port import shop
from . import door
from .amounts import nearest
from .booked import OWED
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


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was sold (its tax is due, since it is paid) and has not been delivered, in total."""

    currency: str
    net: Decimal
    gross: Decimal
    purchases: int


def undelivered(day: date) -> list[Undelivered]:
    """Return what is paid and not delivered at the end of a day, by currency; not guarded.

    Sales less what left the shop by then, at the worth of its lines and with its share of the
    shipping, and less what was credited. What came back was delivered, and is credited by its
    refund, so of the two the larger counts. An advance that no sale stands against is not in it:
    see `OpenTotal`.
    """
    end = Period(day, day).end
    rows = fetch(_UNDELIVERED, {"day": day, "end": end})
    return [
        Undelivered(currency, nearest(net, currency), nearest(gross, currency), count)
        for currency, net, gross, count in rows
    ]


_UNDELIVERED = f"""
    WITH sold AS (SELECT purchase_id, currency,
            sum(net) FILTER (WHERE kind <> 'refund') AS net,
            sum(gross) FILTER (WHERE kind <> 'refund') AS gross,
            coalesce(-sum(net) FILTER (WHERE kind = 'refund'), 0) AS net_back,
            coalesce(-sum(gross) FILTER (WHERE kind = 'refund'), 0) AS gross_back
        FROM {table(Posting)} WHERE day <= %(day)s AND kind IN ('sale', 'shipping', 'refund')
        GROUP BY 1, 2),
    waiting AS (SELECT sold.*, b.shipping_net, b.shipping_gross FROM sold
        JOIN {table(Purchase)} AS b ON b.id = sold.purchase_id
        WHERE sold.gross > sold.gross_back AND (b.delivered_at IS NULL OR b.delivered_at >= %(end)s)
    ),
    moved AS (SELECT purchase_id, saleor_line, sum(quantity) AS pieces,
            coalesce(sum(quantity) FILTER (WHERE status IN ('fulfilled', 'replaced')), 0) AS out
        FROM {table(Delivery)} WHERE at < %(end)s
            AND purchase_id IN (SELECT purchase_id FROM waiting)
            AND status IN ('fulfilled', 'replaced', 'returned', 'refunded_and_returned')
        GROUP BY 1, 2),
    lines AS (SELECT l.purchase_id, sum(l.net) AS net, sum(l.gross) AS gross,
            sum(l.net * m.out) AS net_out, sum(l.gross * m.out) AS gross_out,
            sum(l.net * (m.pieces - m.out)) AS net_returned,
            sum(l.gross * (m.pieces - m.out)) AS gross_returned
        FROM {table(PurchaseLine)} AS l LEFT JOIN LATERAL (
            SELECT least(moved.out, l.quantity) / greatest(l.quantity, 1)::numeric AS out,
                least(moved.pieces, l.quantity) / greatest(l.quantity, 1)::numeric AS pieces
            FROM moved WHERE moved.saleor_line = l.saleor_line) AS m ON true
        WHERE l.purchase_id IN (SELECT purchase_id FROM waiting) GROUP BY 1),
    left_over AS (SELECT w.currency,
            greatest(w.net - coalesce(l.net_out, 0) - greatest(coalesce(l.net_returned, 0),
                w.net_back) - w.shipping_net * coalesce(l.net_out / nullif(l.net, 0), 0), 0) AS net,
            greatest(w.gross - coalesce(l.gross_out, 0) - greatest(coalesce(l.gross_returned, 0),
                w.gross_back) - w.shipping_gross * coalesce(l.gross_out / nullif(l.gross, 0), 0), 0)
                AS gross
        FROM waiting AS w LEFT JOIN lines AS l USING (purchase_id))
    SELECT currency, sum(net), sum(gross), count(*) FROM left_over WHERE gross >= 0.005
    GROUP BY 1 ORDER BY 1"""

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
