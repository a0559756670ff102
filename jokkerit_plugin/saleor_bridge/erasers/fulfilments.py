"""Fulfilments and granted refunds: who got what and when stays, texts go."""

from ...shop.erasers import ShopPart
from .sheet import NO_JSON, OF_KEYS, OF_ORDERS, Sheet, blank

_DETAIL = ShopPart.ORDER_DETAIL

SHEETS = [
    Sheet(
        _DETAIL,
        "order_fulfillment",
        OF_ORDERS,
        {**blank("tracking_number reason"), **blank("metadata private_metadata", NO_JSON)},
    ),
    Sheet(
        _DETAIL,
        "order_fulfillmentline",
        f"t.fulfillment_id IN (SELECT id FROM order_fulfillment WHERE order_id {OF_KEYS})",
        blank("reason"),
    ),
    Sheet(
        _DETAIL,
        "order_ordergrantedrefund",
        OF_ORDERS,
        blank("reason"),
        {"updated_at": "now()"},
    ),
    Sheet(
        _DETAIL,
        "order_ordergrantedrefundline",
        "t.granted_refund_id IN"
        f" (SELECT id FROM order_ordergrantedrefund WHERE order_id {OF_KEYS})",
        blank("reason", "NULL"),
    ),
]
