"""Transactions: amounts, types, dates and the app stay.

Reports with one PSP reference replace each other, and without a reference they are adjustments by
hand: NULL would change what was paid. So a reference becomes one that only says "the same".
The name of a transaction without an app is its gateway for the books, and stays: emptied with the
identity the next comparison would book the money anew, without a gateway.
"""

from ...shop.erasers import ShopPart
from .sheet import NO_JSON, OF_KEYS, OF_ORDERS, Sheet, blank

_NOW = {"modified_at": "now()"}

_ITEM = {
    **blank("message payment_method_name cc_brand cc_first_digits cc_last_digits", "NULL"),
    **blank("cc_exp_month cc_exp_year gift_card_last_chars gift_card_brand", "NULL"),
    **blank("external_url idempotency_key status", "NULL"),
    **blank("metadata private_metadata", NO_JSON),
    "name": "CASE WHEN coalesce(t.app_identifier, '') = '' THEN t.name ELSE '' END",
}
_EVENT = blank("message external_url idempotency_key status", "NULL")
_SAME = """CASE WHEN coalesce(t.psp_reference, '') = '' THEN t.psp_reference ELSE
    'erased-' || min(t.id) OVER (PARTITION BY t.transaction_id, t.psp_reference) END"""
_PSP = blank("psp_reference", "NULL")

_OF_ITEMS = f"t.transaction_id IN (SELECT id FROM payment_transactionitem WHERE order_id {OF_KEYS})"

SHEETS = [
    Sheet(ShopPart.ORDER_DETAIL, "payment_transactionitem", OF_ORDERS, _ITEM, _NOW),
    Sheet(ShopPart.ORDER_DETAIL, "payment_transactionevent", _OF_ITEMS, _EVENT),
    Sheet(ShopPart.ORDER_IDENTITY, "payment_transactionitem", OF_ORDERS, _PSP, _NOW),
    Sheet(
        ShopPart.ORDER_IDENTITY,
        "payment_transactionevent",
        _OF_ITEMS,
        {"psp_reference": _SAME},
        once=True,
    ),
    # Of no order: %(transactions)s.
    Sheet(
        ShopPart.CHECKOUT,
        "payment_transactionitem",
        "t.id = ANY(%(transactions)s::int[])",
        {**_ITEM, **_PSP, "name": "''"},
        _NOW,
    ),
    Sheet(
        ShopPart.CHECKOUT,
        "payment_transactionevent",
        "t.transaction_id = ANY(%(transactions)s::int[])",
        {**_EVENT, "psp_reference": _SAME},
        once=True,
    ),
]
