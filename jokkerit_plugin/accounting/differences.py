"""Why books and shop differ for an order, as far as the register can tell."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from ..models import InboxEvent, Posting, Purchase, PurchaseLine, SetAside
from ..policy.vat import Cause
from ..register.rows import fetch, table
from .periods import Period

#: Net and gross.
Both = tuple[Decimal, Decimal]

# A gift card that is used or given back moves no sale: only its being sold is compared.
SOLD = """p.kind IN ('sale', 'shipping')
    OR p.kind IN ('gift_card_sold', 'gift_card_taxed') AND p.gross > 0"""
MOVED = "p.kind IN ('payment', 'payback')"


class Why(StrEnum):
    """Why the books and the shop differ for an order."""

    #: Its tax point falls in parts into other periods.
    PARTS = "parts"
    #: Some of it is neither paid nor delivered yet.
    NOT_YET = "not_yet"
    #: Some of it was booked on closed days and corrected afterwards.
    CORRECTED = "corrected"
    #: The shop has deleted it; the books keep it.
    DELETED = "deleted"
    #: Its time in the books is over, and the register has erased it.
    ERASED = "erased"
    #: It has changed, and waits in the inbox or to be booked.
    WAITING = "waiting"
    #: The register does not have it: run register_reconcile.
    MISSING = "missing"
    #: Nobody knows: this needs a person.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of an order: its lines and shipping, and what of it is booked."""

    waiting: bool
    deleted: bool
    corrected: bool
    #: Its money was corrected in the period, or after it: then the period was closed.
    money_corrected: bool
    elsewhere: bool
    #: Day of the first entry of its sale.
    first: date | None
    whole: Both
    booked: Both


def cause(what: str, shop: Both | None, known: Known | None, period: Period) -> Why:
    """Return why an order differs; `shop`: what the shop says of its sale in the period."""
    if known is None:
        return Why.MISSING
    sold, first = what == "sales", known.first or date.max
    # Whatever falls into other periods, the sale must be what the shop says, and begin there.
    whole = sold and shop in {None, known.whole}
    begun = first < period.first if shop is None else period.first <= first <= period.last
    causes = (
        (known.waiting, Why.WAITING),
        (known.deleted and shop is None, Why.DELETED),
        (known.corrected and whole if sold else known.money_corrected, Why.CORRECTED),
        (known.elsewhere and whole and begun, Why.PARTS),
        (known.booked != known.whole and whole and begun, Why.NOT_YET),
    )
    return next((why for holds, why in causes if holds), Why.UNKNOWN)


def look_up(orders: list[UUID], period: Period) -> dict[UUID, Known]:
    """Return what may explain a difference, for the orders that the register has."""
    if not orders:
        return {}
    events = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table(model)} AS w WHERE w.key = b.saleor_order::text)"
        for model in (InboxEvent, SetAside)
    )
    correction = f"%{Cause.CORRECTION}%"
    rows = fetch(
        f"SELECT b.saleor_order, b.unbooked OR {events}, b.absent_since IS NOT NULL,"
        " coalesce(bool_or(p.cause LIKE %s), false),"
        f" coalesce(bool_or(p.cause LIKE %s AND {MOVED} AND p.day >= %s), false),"
        f" coalesce(bool_or(({SOLD}) AND NOT p.day BETWEEN %s AND %s), false),"
        f" min(p.day) FILTER (WHERE {SOLD}),"
        " b.shipping_net + lines.net, b.shipping_gross + lines.gross,"
        f" coalesce(sum(p.net) FILTER (WHERE {SOLD}), 0),"
        f" coalesce(sum(p.gross) FILTER (WHERE {SOLD}), 0)"
        f" FROM {table(Purchase)} AS b LEFT JOIN {table(Posting)} AS p ON p.purchase_id = b.id"
        " CROSS JOIN LATERAL (SELECT coalesce(sum(net), 0) AS net, coalesce(sum(gross), 0)"
        f" AS gross FROM {table(PurchaseLine)} WHERE purchase_id = b.id) AS lines"
        " WHERE b.saleor_order = ANY(%s::uuid[]) GROUP BY b.id, lines.net, lines.gross",
        [correction, correction, period.first, period.first, period.last, orders],
    )
    return {
        order: Known(
            waiting, deleted, corrected, money, elsewhere, first, (net, gross), (part, share)
        )
        for (
            order, waiting, deleted, corrected, money, elsewhere, first, net, gross, part, share,
        ) in rows
    }  # fmt: skip
