"""The document of an order: every field of `OrderSnapshot`, read per order `o` by its key."""

from .movements import GIFT_CARDS_CHARGED, GIFT_CARDS_USED, MOVEMENTS
from .order_outside import outside
from .parts import has_field, marketing, moment, party, vat_id

_GATEWAYS_USED = """
    SELECT p.gateway FROM payment_payment p WHERE p.order_id = o.id
    UNION SELECT coalesce(nullif(t.app_identifier, ''), t.name, '')
    FROM payment_transactionitem t WHERE t.order_id = o.id"""

#: Drafts, and orders of excluded channels or gateways, do not exist for the register.
EXISTS = f"""o.status <> 'draft' AND o.channel_id NOT IN (
    SELECT id FROM channel_channel WHERE slug = ANY(%(excluded)s::text[]))
    AND (%(excluded_gateways)s::text[] = '{{}}' OR NOT EXISTS (
        SELECT FROM ({_GATEWAYS_USED}) used
        WHERE used.gateway = ANY(%(excluded_gateways)s::text[])))"""

# Saleor moves returned lines out of the fulfilment that delivered them, so only the order's
# events still know the day of delivery. `orderBulkCreate` writes no such events and dates the
# payments and fulfilments it brings with the day of the import; for those the register takes
# the order's own day.
_EVENTS = """
    SELECT min(e.date) FILTER (WHERE e.type IN ('placed', 'placed_from_draft',
            'placed_automatically_from_paid_checkout')) AS placed,
        min(e.date) FILTER (WHERE e.type IN ('order_fully_paid', 'order_marked_as_paid')) AS paid,
        max(e.date) FILTER (WHERE e.type = 'fulfillment_fulfilled_items') AS delivered,
        max(e.date) FILTER (WHERE e.type = 'canceled') AS cancelled,
        max(e.date) FILTER (WHERE e.type = 'expired') AS expired,
        bool_or(e.type IN ('note_added', 'note_updated')) AS noted
    FROM order_orderevent e WHERE e.order_id = o.id"""

_PAID = """CASE
    WHEN ev.paid IS NOT NULL THEN ev.paid
    WHEN o.charge_status IN ('full', 'overcharged') THEN CASE WHEN o.origin = 'bulk_create'
        THEN placed.at ELSE coalesce(mv.last_payment, placed.at) END
    END"""

_DELIVERED = """CASE WHEN o.status IN ('fulfilled', 'partially_returned', 'returned')
    THEN coalesce(ev.delivered,
        CASE WHEN o.origin = 'bulk_create' THEN placed.at ELSE ho.last_fulfilled END) END"""

_CANCELLED = """CASE o.status
    WHEN 'canceled' THEN coalesce(ev.cancelled, placed.at)
    WHEN 'expired' THEN coalesce(o.expired_at, ev.expired, placed.at) END"""

# A line whose quantity is raised is named by such an event, too; a row that a migration wrote has
# a day that means nothing, but no event.
_ADDED = f"""CASE WHEN l.created_at > placed.at AND EXISTS (SELECT FROM order_orderevent e
    WHERE e.order_id = o.id AND e.type = 'added_products' AND e.parameters -> 'lines'
        @> jsonb_build_array(jsonb_build_object('line_pk', l.id::text)))
    THEN {moment("l.created_at")} END"""

_TYPE, _KEPT_TYPE = "pr.product_type_id", "coalesce(l.product_type_id, pr.product_type_id)"


def _lines(product_type: str) -> str:
    # The order of purchase; Saleor has no position column. From 3.22 on a line knows its type
    # also when the product is gone.
    return f"""
    SELECT coalesce(json_agg(json_build_object(
            'key', l.id, 'name', l.product_name, 'variant', l.variant_name,
            'sku', coalesce(l.product_sku, ''), 'quantity', l.quantity,
            'net', l.total_price_net_amount::text, 'gross', l.total_price_gross_amount::text,
            'tax_rate', l.tax_rate::text, 'tax_class', coalesce(l.tax_class_name, ''),
            'is_gift_card', l.is_gift_card, 'product_type', coalesce(t.slug, ''),
            'added_at', {_ADDED})
            ORDER BY l.created_at, l.id), '[]'::json) AS list
    FROM order_orderline l
    LEFT JOIN product_productvariant v ON v.id = l.variant_id
    LEFT JOIN product_product pr ON pr.id = v.product_id
    LEFT JOIN product_producttype t ON t.id = {product_type}
    WHERE l.order_id = o.id"""


_DELIVERIES = f"""
    SELECT coalesce(json_agg(json_build_object(
            'key', h.id, 'line', h.order_line_id, 'status', f.status, 'quantity', h.quantity,
            'at', {moment("f.created_at")}) ORDER BY h.id), '[]'::json) AS list,
        max(f.created_at) FILTER (WHERE f.status = 'fulfilled') AS last_fulfilled
    FROM order_fulfillment f JOIN order_fulfillmentline h ON h.fulfillment_id = f.id
    WHERE f.order_id = o.id"""

# A request that no provider has answered yet is not an invoice.
_INVOICES = f"""(
    SELECT coalesce(json_agg(json_build_object(
        'key', i.id, 'number', coalesce(i.number, ''),
        'created_at', {moment("coalesce(i.created, i.created_at)")}) ORDER BY i.id), '[]'::json)
    FROM invoice_invoice i WHERE i.order_id = o.id AND (i.status = 'success'
        OR i.status <> 'failed' AND coalesce(i.number, '') <> ''))"""


_GATEWAYS = f"""(
    SELECT coalesce(json_agg(used.gateway ORDER BY used.gateway COLLATE "C"), '[]'::json)
    FROM ({_GATEWAYS_USED}) used WHERE used.gateway <> '')"""


def select() -> str:
    """The SELECT of one row of document columns per row of `o` (all of order_order).

    It ends before FROM's row source: append `order_order o WHERE ...` or a derived table `o`
    through `joins()`.
    """
    gift_cards = GIFT_CARDS_USED
    if has_field("payment.TransactionItem", "gift_card"):
        gift_cards = f"({gift_cards} - {GIFT_CARDS_CHARGED})"
    return f"""
    o.id AS key, o.number::text AS number, o.status, o.origin, channel.slug AS channel,
    o.currency, o.language_code AS language, o.user_id AS user, o.user_email AS email,
    {moment("placed.at")} AS placed_at, {moment(_PAID)} AS paid_at,
    {moment(_DELIVERED)} AS delivered_at, {moment(_CANCELLED)} AS cancelled_at,
    o.total_net_amount::text AS net, o.total_gross_amount::text AS gross,
    o.shipping_price_net_amount::text AS shipping_net,
    o.shipping_price_gross_amount::text AS shipping_gross,
    o.shipping_tax_rate::text AS shipping_tax_rate,
    coalesce(o.shipping_tax_class_name, '') AS shipping_tax_class,
    {gift_cards}::numeric(20, 3)::text AS gift_card_amount,
    coalesce(CASE WHEN o.collection_point_id IS NOT NULL THEN pickup.country
        ELSE coalesce(sa.country, ba.country) END, channel.default_country) AS tax_country,
    o.tax_exemption AS tax_exempt,
    {vat_id("o.metadata", "ba.metadata")} AS vat_id,
    o.checkout_token, {party("ba")} AS billing, {party("sa")} AS shipping,
    ln.list AS lines, mv.list AS movements, ho.list AS deliveries,
    {_INVOICES} AS invoices, {outside()} AS outside, {_GATEWAYS} AS gateways,
    {marketing("o.metadata")} AS marketing"""


def joins() -> str:
    """What `select()` reads beside `o`: at most one row each."""
    kind = _KEPT_TYPE if has_field("order.OrderLine", "product_type_id") else _TYPE
    return f"""
    JOIN channel_channel channel ON channel.id = o.channel_id
    LEFT JOIN account_address ba ON ba.id = o.billing_address_id
    LEFT JOIN account_address sa ON sa.id = o.shipping_address_id
    LEFT JOIN warehouse_warehouse warehouse ON warehouse.id = o.collection_point_id
    LEFT JOIN account_address pickup ON pickup.id = warehouse.address_id
    CROSS JOIN LATERAL ({_EVENTS}) ev
    CROSS JOIN LATERAL (SELECT coalesce(ev.placed, o.created_at) AS at) placed
    CROSS JOIN LATERAL ({_lines(kind)}) ln
    CROSS JOIN LATERAL ({MOVEMENTS}) mv
    CROSS JOIN LATERAL ({_DELIVERIES}) ho"""
