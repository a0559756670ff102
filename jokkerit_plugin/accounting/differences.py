"""Why books and shop differ for an order, as far as the register can tell."""

from collections.abc import Mapping
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
from ..shop.port import shop
from ..shop.snapshots import GIFT_CARD_GATEWAY
from .periods import Period

#: Net and gross.
Both = tuple[Decimal | None, Decimal]
#: First day, net and gross.
_Part = tuple[date | None, Decimal, Decimal]

# A card that is taxed when it is sold is booked alike when it is used, below zero, and when money
# goes back to it: only the purchase tells. One that both sells cards and is paid by one does not.
_SELLS = f"""EXISTS (SELECT FROM {table(PurchaseLine)} AS l
    WHERE l.purchase_id = b.id AND l.is_gift_card)"""
_USES = f"""(b.gift_card_amount <> 0 OR EXISTS (SELECT FROM {table(Movement)} AS u
    WHERE u.purchase_id = b.id AND u.gateway = '{GIFT_CARD_GATEWAY}'))"""
SOLD = f"""p.kind IN ('sale', 'shipping') OR p.kind = 'gift_card_sold' AND p.gross > 0
    OR p.kind = 'gift_card_taxed' AND p.gross > 0 AND {_SELLS}"""
MOVED = "p.kind IN ('payment', 'payback')"
CREDITED = f"""p.kind = 'refund' OR p.kind = 'gift_card_sold' AND p.gross < 0
    OR p.kind = 'gift_card_taxed' AND p.gross < 0 AND {_SELLS} AND NOT {_USES}"""


class Reason(StrEnum):
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
    #: On the cash basis its sale has parts that follow it and parts that do not: of each rate the
    #: first day, net and gross; else empty.
    mixed: dict[Decimal | None, _Part]
    customer: int | None


def cause(
    what: str,
    books: Both,
    told: Both | None,
    known: Known | None,
    period: Period,
    rates: Mapping[Decimal | None, Both],
) -> Reason:
    """Return why an order differs; `told`: what the shop says of it in the period, if anything.

    The shop's net may be None: it does not say. `rates`: the same by rate.
    """
    if known is None:
        return Reason.MISSING
    first = known.first or date.max
    # Whatever falls into other periods, the sale must be what the shop says, and begin there.
    whole = told in {None, known.whole}
    if not whole and rates.keys() <= known.mixed.keys():
        whole = all(known.mixed[rate][1:] == both for rate, both in rates.items())
        first = min(known.mixed[rate][0] or date.max for rate in rates)
    begun = first < period.first if told is None else period.first <= first <= period.last
    of_all = ((known.waiting, Reason.WAITING), (known.deleted and told is None, Reason.DELETED))
    own = {
        "sales": (
            (known.corrected and whole, Reason.CORRECTED),
            (known.elsewhere and whole and begun, Reason.PARTS),
            (known.booked != known.whole and whole and begun, Reason.NOT_YET),
        ),
        "money": ((known.money_corrected, Reason.CORRECTED),),
        "refunds": (
            (known.credit_corrected, Reason.CORRECTED),
            (told is not None and told[0] is None and books[1] == told[1], Reason.NO_PIECES),
            (
                known.credit_fits and books[1] != -known.refunded == (told[1] if told else 0),
                Reason.NO_CREDIT,
            ),
        ),
    }
    return next((why for holds, why in (*of_all, *own[what]) if holds), Reason.UNKNOWN)


def look_up(orders: list[UUID], period: Period) -> dict[UUID, Known]:
    """Return what may explain a difference, for the orders that the register has."""
    if not orders:
        return {}
    mixed = _mixed(orders)
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
            (net, gross), (part, share), mixed.get(order, {}), customer,
        )
        for (
            order, waiting, deleted, corrected, money, credit, fits, refunded, elsewhere, first,
            net, gross, part, share, customer,
        ) in rows
    }  # fmt: skip


def _mixed(orders: list[UUID]) -> dict[UUID, dict[Decimal | None, _Part]]:
    """Return the parts of those orders whose sale has more than one treatment."""
    found: dict[UUID, dict[Decimal | None, _Part]] = {}
    if shop().config().vat_basis == "cash":
        for order, rate, *part in fetch(_MIXED, {"orders": orders}):
            found.setdefault(order, {})[rate] = tuple(part)
    return found


_MIXED = f"""
    SELECT b.saleor_order, lines.rate, min(sold.day), lines.net, lines.gross
    FROM {table(Purchase)} AS b
        CROSS JOIN LATERAL (SELECT rate, sum(net) AS net, sum(gross) AS gross FROM (
            SELECT tax_rate AS rate, net, gross FROM {table(PurchaseLine)}
                WHERE purchase_id = b.id
            UNION ALL SELECT b.shipping_tax_rate, b.shipping_net, b.shipping_gross
            ) AS parts GROUP BY 1 HAVING sum(gross) <> 0) AS lines
        LEFT JOIN {table(Posting)} AS sold ON sold.purchase_id = b.id
            AND sold.rate IS NOT DISTINCT FROM lines.rate
            AND sold.kind IN ('sale', 'shipping', 'gift_card_sold', 'gift_card_taxed')
            AND sold.gross > 0
    WHERE b.saleor_order = ANY(%(orders)s::uuid[]) AND (
        SELECT count(DISTINCT p.treatment) > 1 FROM {table(Posting)} AS p
        WHERE p.purchase_id = b.id AND ({SOLD}))
    GROUP BY b.id, lines.rate, lines.net, lines.gross"""


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
