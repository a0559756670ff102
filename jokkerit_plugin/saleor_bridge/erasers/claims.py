"""Which eraser claims which column, and which columns hold no customer's data.

Every column that may hold text stands here once: on a sheet, in a table whose rows are deleted,
or as free. One that does not stops the erasing of Saleor's tables (`refusal`), until somebody has
looked at it: a later Saleor, another plugin's tables, a copy that somebody made by SQL.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from ...shop.erasers import ShopPart
from ..version import tried
from . import (
    addresses,
    columns,
    events,
    fulfilments,
    gift_cards,
    invoices,
    mentions,
    orders,
    payments,
    references,
    transactions,
)
from .free import FREE
from .sheet import Sheet

#: In the order in which they run: gift cards are matched by the e-mail that the orders lose.
SHEETS: tuple[Sheet, ...] = (
    *gift_cards.SHEETS, *events.SHEETS, *fulfilments.SHEETS, *payments.SHEETS,
    *transactions.SHEETS, *invoices.SHEETS, *orders.SHEETS,
)  # fmt: skip

#: Columns of rows that are deleted whole, by the part that deletes them.
ROWS: Mapping[ShopPart, Mapping[str, str]] = {
    ShopPart.ACCOUNT: {
        "account_user": (
            "email password note first_name last_name avatar private_metadata metadata"
            " jwt_token_key language_code search_document external_reference search_vector"
        ),
        "account_customernote": "content",
        "account_customerevent": "parameters",
        "thumbnail_thumbnail": "image",
        "attribute_attributevalue": "name slug value content_type file_url rich_text plain_text",
        "attribute_attributevaluetranslation": "name rich_text plain_text",
        "discount_vouchercustomer": "customer_email",
        "giftcard_giftcardtag": "name",
    },
    ShopPart.CHECKOUT: {
        "checkout_checkout": (
            "email note metadata private_metadata redirect_url tracking_code search_vector"
            " language_code country tax_error voucher_code external_shipping_method_id"
        ),
        "checkout_checkoutline": "metadata private_metadata price_override_reason",
        "checkout_checkoutmetadata": "metadata private_metadata",
        "checkout_checkoutdelivery": "metadata private_metadata message",
        "discount_checkoutdiscount": "reason",
        "discount_checkoutlinediscount": "reason",
    },
    ShopPart.PAYLOAD: {
        "core_eventpayload": "payload payload_file",
        "core_eventdeliveryattempt": "response response_headers request_headers",
    },
}

#: Comma-separated `table.column` or `table.*` that the shop itself declares free.
SETTING = "JOKKERIT_FREE_COLUMNS"
#: How many names a sentence lists.
NAMES = 20


@cache
def claimed() -> Mapping[columns.Column, ShopPart]:
    """Return every claimed column with the part with which it goes at the latest."""
    found: dict[columns.Column, ShopPart] = {}
    for part, tables in ROWS.items():
        for table, names in tables.items():
            found |= {(table, name): part for name in names.split()}
    # A billing address stays with its order; other addresses go sooner.
    found |= {(addresses.TABLE, name): ShopPart.ORDER_IDENTITY for name in addresses.COLUMNS}
    sheets = [*SHEETS, *mentions.SHEETS, *gift_cards.CLAIMED]
    order = (ShopPart.CHECKOUT, ShopPart.ACCOUNT, ShopPart.ORDER_DETAIL, ShopPart.ORDER_IDENTITY)
    for sheet in sorted(sheets, key=lambda one: order.index(one.part)):
        for name in (*sheet.columns, *sheet.also):
            # What is only emptied beside an order's, belongs to the order.
            found[sheet.table, name] = sheet.part
    return found


@cache
def free() -> frozenset[columns.Column]:
    """Return every column that is declared free of customers' data."""
    return frozenset((table, name) for table, names in FREE.items() for name in names.split())


def unclaimed(found: Iterable[columns.Column]) -> list[str]:
    """Return, sorted, what nobody claims and nobody declared free.

    `table.column`, or `table.*` of a table of which no column is known.
    """
    tables = {table for table, _ in claimed().keys() | free()}
    return sorted(
        {
            f"{table}.{name}" if table in tables else f"{table}.*"
            for table, name in set(found) - claimed().keys() - free()
            if not _declared(table, name)
        }
    )


def unknown_references(found: Mapping[str, Collection[tuple[str, str, bool]]]) -> list[str]:
    """Return as `table.column`, sorted, what refers to rows that are deleted unknown to us."""
    return sorted(
        f"{table}.{name}"
        for parent, rows in found.items()
        for table, name, _ in rows
        if f"{table}.{name}" not in references.KNOWN.get(parent, "").split()
        and not _declared(table, name)
    )


def _declared(table: str, name: str) -> bool:
    """Whether the shop itself has declared a column free."""
    own = {one.strip() for one in os.environ.get(SETTING, "").split(",")}
    return bool(own & {f"{table}.{name}", f"{table}.*"})


def refusal(version: str) -> str:
    """See `ShopEraser.refusal` (2 statements)."""
    if not tried(version):
        return f"Saleor {version} is not one that erasing was tested with."
    if names := unclaimed(columns.texts()):
        return _sentence("columns that no eraser knows", names)
    if names := unknown_references(columns.references(references.DELETED)):
        return _sentence("references that no eraser knows", names)
    return ""


def _sentence(what: str, names: list[str]) -> str:
    shown = ", ".join(names[:NAMES])
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return f"The shop's database has {what}: {shown}{more}. Declare them in {SETTING} once seen."
