"""Invoices: number and dates stay; the document is a voucher and goes with the identity."""

from ...register.rows import fetch
from ...shop.erasers import ShopPart
from .sheet import NO_JSON, OF_ORDERS, Sheet, blank

SHEETS = [
    Sheet(
        ShopPart.ORDER_IDENTITY,
        "invoice_invoice",
        OF_ORDERS,
        {
            **blank("invoice_file"),
            **blank("external_url message", "NULL"),
            **blank("metadata private_metadata", NO_JSON),
        },
        {"updated_at": "now()"},
    ),
]


def files(keys: list[str]) -> list[tuple[str, str]]:
    """Return the documents of these orders' invoices (field, name)."""
    sql = (
        "SELECT 'invoice.Invoice.invoice_file', invoice_file FROM invoice_invoice"
        " WHERE order_id = ANY(%s::uuid[]) AND invoice_file <> ''"
    )
    return [(field, name) for field, name in fetch(sql, [keys])]
