"""What Saleor's own tables say of a period's sales and money: the yardstick for the books.

Statements of their own, over whole tables, which share no figure or day with the documents that
the register is filled from. The tax point here is one day an order: the earliest of money, gift
card and delivery; the books follow parts, and the comparison names the orders where that differs.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..config import Config
from ..policy import vat
from ..policy.vat import Treatment
from ..register.rows import stream
from ..shop.accounts import ShopAccounts, ShopMoney, ShopSale
from ..shop.snapshots import MARKETING_KEYS
from .credits import CREDITS, told_by_pieces
from .documents.parts import has_field, vat_id

# Kinds that Saleor counts as captured, and as given back, in the older payment interface.
_LEGACY = """
    SELECT p.order_id, p.gateway, t.created_at AS at, CASE
        WHEN t.kind IN ('capture', 'external', 'refund_reversed') THEN t.amount
        WHEN t.kind = 'refund' THEN -t.amount
        WHEN t.kind = 'capture_failed' AND EXISTS (SELECT 1 FROM payment_transaction c
            WHERE c.payment_id = t.payment_id AND c.kind = 'capture' AND c.is_success
                AND c.id < t.id) THEN -t.amount
        END AS amount, t.kind IN ('refund', 'refund_reversed') AS refund
    FROM payment_transaction t JOIN payment_payment p ON p.id = t.payment_id
    WHERE t.is_success AND NOT t.action_required AND p.order_id IS NOT NULL"""

# Reports with the provider's reference replace each other, the latest counts; a refund or charge
# that failed later did not happen. Reports without one are adjustments by hand, and of those a
# refund is booked as a negative charge, too.
_REPORTED = """
    SELECT order_id, gateway, at, amount, type IN ('refund_success', 'refund_reverse')
        OR type = 'charge_success' AND amount < 0 FROM (
        SELECT i.order_id, coalesce(nullif(i.app_identifier, ''), i.name, '') AS gateway,
            e.created_at AS at, e.type, coalesce(e.psp_reference, '') AS reference,
            CASE WHEN e.type IN ('charge_success', 'refund_reverse') THEN e.amount_value
                ELSE -e.amount_value END AS amount,
            EXISTS (SELECT 1 FROM payment_transactionevent later
                WHERE later.transaction_id = e.transaction_id AND later.include_in_calculations
                    AND later.psp_reference = e.psp_reference AND later.psp_reference <> ''
                    AND (later.created_at, later.id) > (e.created_at, e.id)
                    AND later.type IN (e.type, CASE e.type WHEN 'charge_success'
                        THEN 'charge_failure' WHEN 'refund_success' THEN 'refund_failure' END)
            ) AS undone
        FROM payment_transactionevent e JOIN payment_transactionitem i ON i.id = e.transaction_id
        WHERE e.include_in_calculations AND i.order_id IS NOT NULL
            AND e.type IN ('charge_success', 'refund_success', 'charge_back', 'refund_reverse')
    ) reports
    WHERE NOT undone AND NOT (type = 'refund_success' AND reference = '')"""

_MONEY = f"{_LEGACY} UNION ALL {_REPORTED}"

#: Orders that the books are about.
_ORDERS = """
    SELECT o.* FROM order_order o JOIN channel_channel c ON c.id = o.channel_id
    WHERE o.status <> 'draft' AND NOT c.slug = ANY(%(left_out)s::text[])
        AND NOT EXISTS (SELECT 1 FROM payment_payment p
            WHERE p.order_id = o.id AND p.gateway = ANY(%(gateways)s::text[]))
        AND NOT EXISTS (SELECT 1 FROM payment_transactionitem i WHERE i.order_id = o.id
            AND coalesce(nullif(i.app_identifier, ''), i.name, '') = ANY(%(gateways)s::text[]))"""

_CARD_OFF_THE_TOTAL = """
    SELECT g.order_id FROM giftcard_giftcardevent g WHERE g.type = 'used_in_order'
    {through_the_gateway} GROUP BY g.order_id"""

_SALES = """
WITH orders AS MATERIALIZED ({orders}
        AND o.status NOT IN ('unconfirmed', 'expired', 'canceled')),
    amounts AS (
        SELECT order_id, tax_rate AS rate, total_price_net_amount AS net,
            total_price_gross_amount AS gross, is_gift_card AS card FROM order_orderline
        UNION ALL
        SELECT id, shipping_tax_rate, shipping_price_net_amount, shipping_price_gross_amount, false
        FROM orders),
    taxed AS (SELECT order_id, sum(gross - net) AS vat FROM amounts GROUP BY order_id),
    told AS (SELECT order_id,
            min(date) FILTER (WHERE type LIKE 'placed%%') AS placed,
            min(date) FILTER (WHERE type IN ('order_fully_paid', 'order_marked_as_paid')) AS paid,
            min(date) FILTER (WHERE type = 'fulfillment_fulfilled_items') AS sent
        FROM order_orderevent WHERE type LIKE 'placed%%' OR type IN ('order_fully_paid',
            'order_marked_as_paid', 'fulfillment_fulfilled_items') GROUP BY order_id),
    money AS (SELECT order_id, min(at) AS at FROM ({money}) m WHERE amount > 0 GROUP BY order_id),
    parcels AS (SELECT order_id, min(created_at) AS at FROM order_fulfillment
        WHERE status IN ('fulfilled', 'returned', 'refunded_and_returned', 'replaced')
        GROUP BY order_id),
    invoices AS (SELECT order_id, min(coalesce(created, created_at)) AS at FROM invoice_invoice
        WHERE status = 'success' OR status <> 'failed' AND number <> '' GROUP BY order_id),
    cards AS ({cards}),
    known AS (SELECT o.id, CASE WHEN o.origin = 'bulk_create' THEN coalesce(told.placed,
                o.created_at) END AS imported,
            o.charge_status IN ('full', 'overcharged') AS charged,
            o.status IN ('fulfilled', 'partially_returned', 'returned') AS sent,
            least(money.at, told.paid, CASE WHEN cards.order_id IS NOT NULL
                THEN coalesce(told.placed, o.created_at) END) AS paid,
            least(told.sent, parcels.at) AS delivered, invoices.at AS invoiced,
            coalesce(place.country, channel.default_country) AS country, taxed.vat,
            {vat_id} AS vat_id
        FROM orders o JOIN channel_channel channel ON channel.id = o.channel_id
            JOIN taxed ON taxed.order_id = o.id LEFT JOIN told ON told.order_id = o.id
            LEFT JOIN money ON money.order_id = o.id LEFT JOIN parcels ON parcels.order_id = o.id
            LEFT JOIN invoices ON invoices.order_id = o.id
            LEFT JOIN cards ON cards.order_id = o.id
            LEFT JOIN warehouse_warehouse w ON w.id = o.collection_point_id
            LEFT JOIN account_address billing ON billing.id = o.billing_address_id
            LEFT JOIN account_address place ON place.id = CASE WHEN w.id IS NOT NULL
                THEN w.address_id ELSE coalesce(o.shipping_address_id, o.billing_address_id) END),
    days AS (SELECT id, country, vat, vat_id, invoiced,
            CASE WHEN imported IS NOT NULL AND charged THEN imported ELSE paid END AS paid,
            CASE WHEN imported IS NOT NULL AND sent THEN imported ELSE delivered END AS delivered
        FROM known),
    dated AS (SELECT id, country, vat, vat_id, least(paid, delivered) AS point,
            least(paid, delivered + interval '1 year') AS by_cash,
            CASE WHEN invoiced <= delivered THEN delivered ELSE least(invoiced,
                (date_trunc('month', delivered AT TIME ZONE 'Europe/Helsinki')
                    + interval '1 month 14 days') AT TIME ZONE 'Europe/Helsinki')
            END AS between_states
        FROM days)
SELECT o.id, o.number::text, o.currency, dated.country, amounts.rate, sum(amounts.net),
    sum(amounts.gross), amounts.card, dated.vat, dated.vat_id, dated.point, dated.by_cash,
    dated.between_states
FROM orders o JOIN dated ON dated.id = o.id JOIN amounts ON amounts.order_id = o.id
WHERE tstzrange(%(start)s, %(end)s) @> ANY (ARRAY[point, by_cash, between_states])
GROUP BY o.id, o.number, o.currency, dated.country, amounts.rate, amounts.card,
    amounts.gross <> amounts.net, dated.vat, dated.vat_id, dated.point, dated.by_cash,
    dated.between_states
HAVING sum(amounts.net) <> 0 OR sum(amounts.gross) <> 0
ORDER BY o.id"""

_MOVED = """
WITH orders AS ({orders})
SELECT o.id, o.number::text, o.currency, moved.gateway, sum(moved.amount)
FROM orders o JOIN ({money}) moved ON moved.order_id = o.id
    LEFT JOIN LATERAL (SELECT min(date) AS at FROM order_orderevent e
        WHERE e.order_id = o.id AND e.type LIKE 'placed%%') told ON o.origin = 'bulk_create'
WHERE CASE WHEN o.origin = 'bulk_create' AND o.charge_status IN ('full', 'overcharged')
        THEN coalesce(told.at, o.created_at) ELSE moved.at END >= %(start)s
    AND CASE WHEN o.origin = 'bulk_create' AND o.charge_status IN ('full', 'overcharged')
        THEN coalesce(told.at, o.created_at) ELSE moved.at END < %(end)s
GROUP BY o.id, o.number, o.currency, moved.gateway HAVING sum(moved.amount) <> 0
ORDER BY o.id, moved.gateway"""


def read(start: datetime, end: datetime, config: Config) -> ShopAccounts:
    """See `ShopPort.accounts`."""
    parameters: dict[str, Any] = {
        "start": start,
        "end": end,
        "left_out": [*config.others["excluded"], *config.test_channels],
        "gateways": [*config.others["excluded_gateways"], *config.test_gateways],
        "vat_keys": list(config.vat_id_keys),
        "marketing_keys": list(MARKETING_KEYS),
    }
    # A card used through its gateway writes the same event, and its charge is money.
    gateway = ""
    if has_field("payment.TransactionItem", "gift_card"):
        gateway = (
            "AND NOT EXISTS (SELECT 1 FROM payment_transactionitem i"
            " WHERE i.order_id = g.order_id AND i.gift_card_id = g.gift_card_id)"
        )
    cards = _CARD_OFF_THE_TOTAL.format(through_the_gateway=gateway)
    buyer = vat_id("o.metadata", "billing.metadata")
    sales = _SALES.format(orders=_ORDERS, money=_MONEY, cards=cards, vat_id=buyer)
    moved = _MOVED.format(orders=_ORDERS, money=_MONEY)
    refunded = CREDITS.format(orders=_ORDERS, money=_MONEY)
    return ShopAccounts(
        sales=_sales(sales, parameters, config),
        money=_moved(moved, parameters),
        credits=told_by_pieces(stream("jokkerit_shop_credits", refunded, parameters)),
    )


def _sales(statement: str, parameters: dict[str, Any], config: Config) -> Iterator[ShopSale]:
    for row in stream("jokkerit_shop_sales", statement, parameters):
        *sale, card, order_vat, buyer, point, by_cash, between_states = row
        one = ShopSale(*sale)
        own = one.gross - one.net
        how = vat.treatment(
            one.country, vat=own, order_vat=order_vat, vat_id=buyer, oss=config.vat_oss
        )
        if card and not own and config.gift_cards != "single":
            how = Treatment.NONE
        if how is Treatment.REVERSE_CHARGE:
            point = between_states
        elif config.vat_basis == "cash" and how in vat.AT_HOME:
            point = by_cash
        if point and parameters["start"] <= point < parameters["end"]:
            yield one


def _moved(statement: str, parameters: dict[str, Any]) -> Iterator[ShopMoney]:
    for row in stream("jokkerit_shop_money", statement, parameters):
        yield ShopMoney(*row)
