"""Events of orders and invoices: type, date, amounts, lines and numbers stay.

What stays is listed, so a parameter that a later Saleor adds goes.
"""

from ...shop.erasers import ShopPart
from .sheet import OF_KEYS, OF_ORDERS, Sheet

_KEPT = (
    "amount quantity composed_id warehouse fulfilled_items awaiting_fulfillments"
    " shipping_costs_included related_order_pk invoice_number email_type payment_gateway"
)
_REASONLESS = "jsonb_set({0}, '{{reason}}', 'null', false)"


def only(kept: str, special: str = "") -> str:
    """Return the SQL of `t.parameters` with these keys alone, never NULL.

    `special` are WHENs on the key `p.key`; jsonb_object_agg over nothing would be NULL.
    """
    names = ", ".join(f"'{name}'" for name in kept.split())
    value = f"CASE p.key {special} ELSE p.value END" if special else "p.value"
    return f"""coalesce((SELECT jsonb_object_agg(p.key, {value})
        FROM jsonb_each(CASE jsonb_typeof(t.parameters)
            WHEN 'object' THEN t.parameters ELSE '{{}}' END) p
        WHERE p.key IN ({names})), '{{}}'::jsonb)"""


# Of a line: which, how many, its name, and what the discount was without why.
_DISCOUNT = "CASE jsonb_typeof({0}) WHEN 'object' THEN " + _REASONLESS + " ELSE 'null'::jsonb END"
_OF_LINE = _DISCOUNT.format("l.value -> 'discount'")
_LINE = (
    "jsonb_build_object('quantity', l.value -> 'quantity', 'line_pk', l.value -> 'line_pk',"
    " 'item', l.value -> 'item') || CASE WHEN l.value ? 'discount' THEN jsonb_build_object("
    f"'discount', {_OF_LINE}) ELSE '{{}}'::jsonb END"
)
_SPECIAL = f"""
    WHEN 'discount' THEN {_DISCOUNT.format("p.value")}
    WHEN 'lines' THEN coalesce((SELECT jsonb_agg({_LINE}) FROM jsonb_array_elements(
        CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value ELSE '[]' END) l
        WHERE jsonb_typeof(l.value) = 'object'), '[]'::jsonb)"""

SHEETS = [
    Sheet(
        ShopPart.ORDER_DETAIL,
        "order_orderevent",
        f"{OF_ORDERS} AND t.parameters <> '{{}}'",
        {"parameters": only(f"{_KEPT} discount lines", _SPECIAL)},
        once=True,
    ),
    Sheet(
        ShopPart.ORDER_DETAIL,
        "invoice_invoiceevent",
        f"({OF_ORDERS} OR t.invoice_id IN"
        f" (SELECT id FROM invoice_invoice WHERE order_id {OF_KEYS}))",
        {"parameters": only("number invoice_id")},
    ),
]
