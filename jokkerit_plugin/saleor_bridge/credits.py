"""What Saleor's own tables say of refunds: it stores no VAT with one, so the pieces say.

Pieces that were returned or refunded tell net and rate, if together (with the shipping, or
without it) they are worth what was refunded; so does a refund of the whole order.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from ..accounting.shares import step
from ..shop.accounts import ShopCredit

#: Each part of the orders that were refunded in the period, with how many pieces came back.
CREDITS = """
WITH orders AS MATERIALIZED ({orders}
        AND o.status NOT IN ('unconfirmed', 'expired', 'canceled')),
    refunded AS (SELECT order_id, -sum(amount) AS whole,
            -sum(amount) FILTER (WHERE at >= %(start)s AND at < %(end)s) AS now
        FROM ({money}) m WHERE refund GROUP BY order_id),
    back AS (SELECT h.order_line_id, sum(h.quantity) AS pieces
        FROM order_fulfillment f JOIN order_fulfillmentline h ON h.fulfillment_id = f.id
        WHERE f.status IN ('returned', 'refunded', 'refunded_and_returned') GROUP BY 1),
    parts AS (
        SELECT l.order_id, l.tax_rate AS rate, l.total_price_net_amount AS net,
            l.total_price_gross_amount AS gross, l.quantity, coalesce(back.pieces, 0) AS back,
            false AS shipping
        FROM order_orderline l LEFT JOIN back ON back.order_line_id = l.id
        UNION ALL
        SELECT id, shipping_tax_rate, shipping_price_net_amount, shipping_price_gross_amount, 1,
            0, true FROM orders)
SELECT o.id, o.number::text, o.currency, coalesce(place.country, channel.default_country),
    parts.rate, parts.net, parts.gross, parts.quantity, parts.back, parts.shipping,
    refunded.whole, refunded.now
FROM orders o JOIN refunded ON refunded.order_id = o.id JOIN parts ON parts.order_id = o.id
    JOIN channel_channel channel ON channel.id = o.channel_id
    LEFT JOIN warehouse_warehouse w ON w.id = o.collection_point_id
    LEFT JOIN account_address place ON place.id = CASE WHEN w.id IS NOT NULL
        THEN w.address_id ELSE coalesce(o.shipping_address_id, o.billing_address_id) END
WHERE refunded.now <> 0
ORDER BY o.id"""


class _Part(NamedTuple):
    order: Any
    number: str
    currency: str
    country: str
    rate: Decimal | None
    net: Decimal
    gross: Decimal
    quantity: int
    back: int
    shipping: bool
    refunded: Decimal
    now: Decimal


def told_by_pieces(rows: Iterable[tuple[Any, ...]]) -> Iterator[ShopCredit]:
    """Turn the rows of `CREDITS` into credits, order by order."""
    for _, found in groupby(rows, key=itemgetter(0)):
        yield from _of_order([_Part(*row) for row in found])


def _of_order(parts: list[_Part]) -> Iterator[ShopCredit]:
    first = parts[0]
    pieces = [(part, _worth(part)) for part in parts]
    with_shipping = [(one, one.gross if one.shipping else worth) for one, worth in pieces]
    whole = [(part, part.gross) for part in parts]
    head = (first.order, first.number, first.currency, first.country)
    if first.now == first.refunded:
        for known in (whole, pieces, with_shipping):
            if sum(worth for _, worth in known) == first.now:
                for part, worth in known:
                    if worth:
                        yield ShopCredit(*head, part.rate, -_net(part, worth), -worth)
                return
    yield ShopCredit(*head, None, None, -first.now)


def _worth(part: _Part) -> Decimal:
    count = min(part.back, part.quantity)
    return _rounded(part.gross * count / max(part.quantity, 1), part) if count else Decimal(0)


def _net(part: _Part, worth: Decimal) -> Decimal:
    return part.net if worth == part.gross else _rounded(part.net * worth / part.gross, part)


def _rounded(amount: Decimal, part: _Part) -> Decimal:
    return amount.quantize(step(part.currency), ROUND_HALF_UP)
