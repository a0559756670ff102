"""Orders and their lines: numbers, dates, amounts, tax and voucher codes stay.

An empty `user_email` and no `user_id`: Saleor would attach an order with anybody's e-mail to an
account that is opened with it (`match_orders_with_new_user`).
"""

from ...shop.erasers import ShopPart
from .sheet import NO_JSON, OF_KEYS, OF_ORDERS, Sheet, blank

#: Written by Saleor's Anonymizer app, and kept as long as the identity it has destroyed matters.
SCRAMBLED = "saleor-anonymized"

_ID = "encode(convert_to('Order:' || t.id, 'UTF8'), 'base64')"
# Saleor fills it when an order is placed and not again; of a person nothing is left in it.
_VECTOR = (
    "(setweight(to_tsvector('simple', t.number::text), 'A')"
    f" || setweight(to_tsvector('simple', {_ID}), 'A'))"
)
# The VAT id stands on vouchers, so it goes with the identity.
_KEPT = """coalesce((SELECT jsonb_object_agg(m.key, m.value)
    FROM jsonb_each(CASE jsonb_typeof(t.metadata) WHEN 'object' THEN t.metadata ELSE '{}' END) m
    WHERE m.key = ANY(%(kept)s::text[])), '{}'::jsonb)"""
_ROWS = f"t.id {OF_KEYS}"
_NOW = {"updated_at": "now()"}

SHEETS = [
    Sheet(
        ShopPart.ORDER_DETAIL,
        "order_order",
        _ROWS,
        {
            **blank("user_email customer_note tracking_client_id checkout_token search_document"),
            **blank("user_id external_reference redirect_url tax_error", "NULL"),
            **blank("private_metadata", NO_JSON),
            **blank("shipping_method_metadata shipping_method_private_metadata", NO_JSON),
            "metadata": _KEPT,
            "search_vector": _VECTOR,
        },
        _NOW,
    ),
    Sheet(
        ShopPart.ORDER_DETAIL,
        "order_orderline",
        OF_ORDERS,
        {
            **blank("metadata private_metadata", NO_JSON),
            **blank("unit_discount_reason price_override_reason", "NULL"),
        },
    ),
    Sheet(
        ShopPart.ORDER_DETAIL,
        "discount_orderdiscount",
        OF_ORDERS,
        blank("reason", "NULL"),
    ),
    Sheet(
        ShopPart.ORDER_DETAIL,
        "discount_orderlinediscount",
        f"t.line_id IN (SELECT id FROM order_orderline WHERE order_id {OF_KEYS})",
        blank("reason", "NULL"),
    ),
    Sheet(
        ShopPart.ORDER_IDENTITY,
        "order_order",
        _ROWS,
        # Staff's edits may have filled the vector anew from the billing address.
        {"metadata": NO_JSON, "search_vector": _VECTOR},
        _NOW,
    ),
]
