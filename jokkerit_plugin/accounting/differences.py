"""Why books and shop differ for an order, as far as the register can tell."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from ..models import (
    Delivery,
    InboxEvent,
    Movement,
    Posting,
    Purchase,
    PurchaseLine,
    SetAside,
)
from ..policy.vat import Cause
from ..register.rows import fetch, table
from .periods import Period

#: Net and gross.
Both = tuple[Decimal | None, Decimal]

# A gift card that is used or given back moves no sale: only its being sold is compared.
SOLD = """p.kind IN ('sale', 'shipping')
    OR p.kind IN ('gift_card_sold', 'gift_card_taxed') AND p.gross > 0"""
MOVED = "p.kind IN ('payment', 'payback')"
# Of a card that is taxed when it is sold, its use cannot be told from its being given back.
CREDITED = "p.kind = 'refund' OR p.kind = 'gift_card_sold' AND p.gross < 0"


class Why(StrEnum):
    """Why the books and the shop differ for an order."""

    #: Its tax point falls in parts into other periods.
    PARTS = "parts"
    #: Some of it is neither paid nor delivered yet.
    NOT_YET = "not_yet"
    #: Of a refund: the shop has no returned or refunded pieces that are worth it, so nothing but
    #: the sum can be compared.
    NO_PIECES = "no_pieces"
    #: The credit is rightly not the refund: too much had been paid, the sale is not taxed yet, or
    #: goods came back that no money had paid for.
    NO_CREDIT = "no_credit"
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
    #: Likewise its credits.
    credit_corrected: bool
    #: Over all time its credits follow from what was paid and refunded.
    credit_fits: bool
    #: What was refunded in the period.
    refunded: Decimal
    elsewhere: bool
    #: Day of the first entry of its sale.
    first: date | None
    whole: Both
    booked: Both
    customer: int | None


def cause(what: str, books: Both, shop: Both | None, known: Known | None, period: Period) -> Why:
    """Return why an order differs; `shop`: what the shop says of it in the period, if anything.

    The shop's net may be None: it does not say.
    """
    if known is None:
        return Why.MISSING
    first = known.first or date.max
    # Whatever falls into other periods, the sale must be what the shop says, and begin there.
    whole = shop in {None, known.whole}
    begun = first < period.first if shop is None else period.first <= first <= period.last
    of_all = ((known.waiting, Why.WAITING), (known.deleted and shop is None, Why.DELETED))
    own = {
        "sales": (
            (known.corrected and whole, Why.CORRECTED),
            (known.elsewhere and whole and begun, Why.PARTS),
            (known.booked != known.whole and whole and begun, Why.NOT_YET),
        ),
        "money": ((known.money_corrected, Why.CORRECTED),),
        "refunds": (
            (known.credit_corrected, Why.CORRECTED),
            (shop is not None and shop[0] is None and books[1] == shop[1], Why.NO_PIECES),
            (
                known.credit_fits and books[1] != -known.refunded == (shop[1] if shop else 0),
                Why.NO_CREDIT,
            ),
        ),
    }
    return next((why for holds, why in (*of_all, *own[what]) if holds), Why.UNKNOWN)


def look_up(orders: list[UUID], period: Period) -> dict[UUID, Known]:
    """Return what may explain a difference, for the orders that the register has."""
    if not orders:
        return {}
    events = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table(model)} AS w WHERE w.key = b.saleor_order::text)"
        for model in (InboxEvent, SetAside)
    )
    rows = fetch(
        _LOOK_UP.format(events=events),
        {
            "correction": f"%{Cause.CORRECTION}%", "first": period.first, "last": period.last,
            "orders": orders, "start": period.start, "end": period.end,
        },
    )  # fmt: skip
    return {
        order: Known(
            waiting, deleted, corrected, money, credit, fits, refunded, elsewhere, first,
            (net, gross), (part, share), customer,
        )
        for (
            order, waiting, deleted, corrected, money, credit, fits, refunded, elsewhere, first,
            net, gross, part, share, customer,
        ) in rows
    }  # fmt: skip


#: Credited is what was refunded and had not been paid too much, as far as it was sold. Goods that
#: came back unpaid may be credited beyond that.
_FITS = f"""
    CASE WHEN coalesce(back.some, false) THEN coalesce(sum(-p.gross) FILTER (WHERE {CREDITED}), 0)
            BETWEEN least(due.credit, sold.gross) AND sold.gross
        ELSE coalesce(sum(-p.gross) FILTER (WHERE {CREDITED}), 0)
            = least(due.credit, sold.gross) END"""

_BACK = "CASE m.kind WHEN 'refund' THEN m.amount WHEN 'refund_reversed' THEN -m.amount END"

_LOOK_UP = f"""
    SELECT b.saleor_order, b.unbooked OR {{events}}, b.absent_since IS NOT NULL,
        coalesce(bool_or(p.cause LIKE %(correction)s), false),
        coalesce(bool_or(p.cause LIKE %(correction)s AND ({MOVED}) AND p.day >= %(first)s), false),
        coalesce(bool_or(p.cause LIKE %(correction)s AND ({CREDITED}) AND p.day >= %(first)s),
            false),
        {_FITS}, moved.now,
        coalesce(bool_or(({SOLD}) AND NOT p.day BETWEEN %(first)s AND %(last)s), false),
        min(p.day) FILTER (WHERE {SOLD}),
        b.shipping_net + lines.net, b.shipping_gross + lines.gross,
        coalesce(sum(p.net) FILTER (WHERE {SOLD}), 0), sold.gross, b.customer_id
    FROM {table(Purchase)} AS b LEFT JOIN {table(Posting)} AS p ON p.purchase_id = b.id
        CROSS JOIN LATERAL (SELECT coalesce(sum(net), 0) AS net, coalesce(sum(gross), 0) AS gross
            FROM {table(PurchaseLine)} WHERE purchase_id = b.id) AS lines
        CROSS JOIN LATERAL (SELECT coalesce(sum(p.gross) FILTER (WHERE {SOLD}), 0) AS gross
            FROM {table(Posting)} AS p WHERE p.purchase_id = b.id) AS sold
        CROSS JOIN LATERAL (SELECT
            coalesce(sum({_BACK}), 0) AS refunded,
            coalesce(sum({_BACK}) FILTER (WHERE m.at >= %(start)s AND m.at < %(end)s), 0) AS now,
            coalesce(sum(m.amount) FILTER (WHERE m.kind = 'payment'), 0)
                + b.gift_card_amount AS paid
            FROM {table(Movement)} AS m
            WHERE m.purchase_id = b.id AND m.currency = b.currency) AS moved
        CROSS JOIN LATERAL (SELECT greatest(moved.refunded
            - greatest(moved.paid - b.shipping_gross - lines.gross, 0), 0) AS credit) AS due
        CROSS JOIN LATERAL (SELECT bool_or(true) AS some FROM {table(Delivery)} AS d
            WHERE d.purchase_id = b.id AND d.status IN ('returned', 'refunded_and_returned'))
            AS back
    WHERE b.saleor_order = ANY(%(orders)s::uuid[])
    GROUP BY b.id, lines.net, lines.gross, sold.gross, due.credit, back.some,
        moved.now"""
