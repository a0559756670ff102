"""Payments of the older interface: amounts, gateway, kind, dates and country stay.

The payer and the provider's references stand on vouchers: they go with the identity.
"""

from ...shop.erasers import ShopPart
from .sheet import NO_JSON, OF_KEYS, OF_ORDERS, Sheet, blank

_NOW = {"modified": "now()", "modified_at": "now()"}

_DETAIL = {
    **blank("billing_email cc_first_digits cc_last_digits cc_brand extra_data token"),
    **blank("customer_ip_address return_url cc_exp_month cc_exp_year", "NULL"),
    **blank("metadata private_metadata", NO_JSON),
}
_IDENTITY = {
    **blank("billing_first_name billing_last_name billing_company_name billing_address_1"),
    **blank("billing_address_2 billing_city billing_city_area billing_postal_code"),
    **blank("billing_country_area"),
    **blank("psp_reference", "NULL"),
}
_RAW = {
    **blank("customer_id error", "NULL"),
    **blank("gateway_response action_required_data", NO_JSON),
    # Columns that only databases of upgraded shops have.
    **blank("legacy_adyen_plugin_payment_method legacy_adyen_plugin_result_code", "NULL"),
}
_REFERENCE = blank("token")

_ATTEMPTS = f"t.payment_id IN (SELECT id FROM payment_payment WHERE order_id {OF_KEYS})"

SHEETS = [
    Sheet(ShopPart.ORDER_DETAIL, "payment_payment", OF_ORDERS, _DETAIL, _NOW),
    Sheet(ShopPart.ORDER_DETAIL, "payment_transaction", _ATTEMPTS, _RAW),
    Sheet(ShopPart.ORDER_IDENTITY, "payment_payment", OF_ORDERS, _IDENTITY, _NOW),
    Sheet(ShopPart.ORDER_IDENTITY, "payment_transaction", _ATTEMPTS, _REFERENCE),
    # Of no order: %(payments)s.
    Sheet(
        ShopPart.CHECKOUT,
        "payment_payment",
        "t.id = ANY(%(payments)s::int[])",
        {**_DETAIL, **_IDENTITY},
        _NOW,
    ),
    Sheet(
        ShopPart.CHECKOUT,
        "payment_transaction",
        "t.payment_id = ANY(%(payments)s::int[])",
        {**_RAW, **_REFERENCE},
    ),
]
