"""A person whose mark stands in every column that could hold one, and what stands there later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.saleor import rows

MARK = "merkki77"
EMAIL = f"{MARK}@example.com"
VAT = {"vatId": "FI23685823"}

Row = dict[str, Any]
#: Table to primary key (as text) to row.
Rows = dict[str, dict[str, Row]]

ORDER_TABLES = (
    "order_order", "order_orderline", "discount_orderdiscount", "discount_orderlinediscount",
    "order_fulfillment", "order_fulfillmentline", "order_ordergrantedrefund",
    "order_ordergrantedrefundline", "order_orderevent", "payment_payment", "payment_transaction",
    "payment_transactionitem", "payment_transactionevent", "invoice_invoice",
    "invoice_invoiceevent", "giftcard_giftcard", "giftcard_giftcardevent", "account_address",
)  # fmt: skip


def fetch(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of one statement, past Saleor's guard."""
    from django.db import connection
    from saleor.core.db.connection import allow_writer

    with allow_writer(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def key_of(table: str) -> str:
    """The column of the primary key."""
    return "token" if table == "checkout_checkout" else "id"


def read(*tables: str) -> Rows:
    """All rows of these tables, as JSON."""
    import json

    found: Rows = {}
    for table in tables:
        sql = f"SELECT {key_of(table)}::text, to_jsonb(t)::text FROM {table} t"
        found[table] = {key: json.loads(text) for key, text in fetch(sql)}
    return found


def columns(table: str) -> dict[str, tuple[str, int | None]]:
    """Type and length of each column."""
    sql = (
        "SELECT column_name, udt_name, character_maximum_length FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = current_schema()"
    )
    return {name: (kind, length) for name, kind, length in fetch(sql, table)}


#: What must stay usable: keys, states, amounts in text, and what tests set themselves.
_LEFT = {
    "status", "currency", "type", "kind", "charge_status", "authorize_status", "origin",
    "language_code", "country", "value_type", "code", "gateway", "app_identifier",
    "unit_discount_type", "unique_type", "store_payment_method", "available_actions",
    "billing_country_code", "parameters", "user_email", "used_by_email", "created_by_email",
    "psp_reference", "email", "assigned_to_email", "image", "avatar", "invoice_file",
    "payload_file", "phone", "payment_method_type",
}  # fmt: skip


def mark(table: str, key: object, **given: object) -> None:
    """Write the mark into every text, JSON, inet and vector column of a row."""
    values: dict[str, object] = {}
    for name, (kind, length) in columns(table).items():
        if name in given or name in _LEFT:
            continue
        if kind in {"varchar", "text", "bpchar"}:
            values[name] = MARK[: length or 100]
        elif kind == "jsonb":
            values[name] = f'{{"{MARK}": "{MARK}", "vatId": "FI23685823"}}'
        elif kind == "inet":
            values[name] = "10.77.77.77"
        elif kind == "tsvector":
            values[name] = f"'{MARK}':1"
    values |= given
    setting = ", ".join(f'"{name}" = %s' for name in values)
    if not setting:  # A version may have no text there.
        return
    fetch(f"UPDATE {table} SET {setting} WHERE {key_of(table)} = %s", *values.values(), key)


@dataclass
class Person:
    """What a test made."""

    user: Any
    order: Any
    card: Any
    billing: Any
    shipping: Any
    others: list[Any] = field(default_factory=list)


def address(**fields: object) -> Any:
    """An address full of marks, in Finland."""
    made = rows.address(phone="+358501234567", **fields)
    mark("account_address", made.pk)
    return made


def person(**fields: Any) -> Person:
    """An account with one paid and delivered order, marked throughout."""
    from saleor.discount.models import OrderDiscount, OrderLineDiscount
    from saleor.giftcard.models import GiftCard, GiftCardEvent
    from saleor.invoice.models import Invoice, InvoiceEvent
    from saleor.order.models import OrderGrantedRefund, OrderGrantedRefundLine

    user = rows.user(EMAIL, first_name="Merkki", last_name=MARK)
    billing, shipping = address(), address()
    order = rows.order(
        user=user,
        user_email=EMAIL,
        billing_address=billing,
        shipping_address=shipping,
        total_net_amount=Decimal(100),
        total_gross_amount=Decimal("125.50"),
        total_charged_amount=Decimal("125.50"),
        **{"status": "fulfilled", "charge_status": "full", **fields},
    )
    mark("order_order", order.pk)
    line = rows.line(order, "100", "125.50", tax_rate=Decimal("0.255"))
    mark("order_orderline", line.pk)
    for made in (
        OrderDiscount.objects.create(order=order, value=1, amount_value=1, currency="EUR"),
        OrderLineDiscount.objects.create(line=line, value=1, amount_value=1, currency="EUR"),
    ):
        mark(made._meta.db_table, made.pk)
    parcel = rows.parcel(order, line)
    mark("order_fulfillment", parcel.pk)
    mark("order_fulfillmentline", parcel.lines.get().pk)
    granted = OrderGrantedRefund.objects.create(order=order, amount_value=5, currency="EUR")
    mark("order_ordergrantedrefund", granted.pk)
    refund_line = OrderGrantedRefundLine.objects.create(
        granted_refund=granted, order_line=line, quantity=1
    )
    mark("order_ordergrantedrefundline", refund_line.pk)
    _events(order, line)
    paid = rows.payment(order, total=60, captured_amount=60, charge_status="fully-charged")
    mark("payment_payment", paid.pk, psp_reference="PSP-1", billing_email=EMAIL)
    mark("payment_transaction", rows.attempt(paid, "capture", "60").pk)
    _transaction(order, "maksut")
    _transaction(order, "")
    invoice = Invoice.objects.create(
        order=order, number="L-1", created=rows.at(1), status="success",
        invoice_file=f"invoices/{MARK}.pdf",
    )  # fmt: skip
    mark("invoice_invoice", invoice.pk, number="L-1")
    InvoiceEvent.objects.create(
        order=order, invoice=invoice, type="sent", parameters={"email": EMAIL, "number": "L-1"}
    )
    card = GiftCard.objects.create(
        code="MERKKIKORTTI", currency="EUR", initial_balance_amount=10, current_balance_amount=7,
        used_by=user, used_by_email=EMAIL, created_by=user, created_by_email=EMAIL,
    )  # fmt: skip
    mark("giftcard_giftcard", card.pk)
    balance = {"currency": "EUR", "old_current_balance": "10.00", "current_balance": "7.00"}
    GiftCardEvent.objects.create(
        gift_card=card, order=order, type="used_in_order",
        parameters={"balance": balance, "email": EMAIL, "message": MARK},
    )  # fmt: skip
    order.refresh_from_db()
    return Person(user, order, card, billing, shipping)


def _transaction(order: Any, app: str) -> None:
    item = rows.transaction(order, app_identifier=app, psp_reference="T-1", charged_value=65)
    mark("payment_transactionitem", item.pk, idempotency_key=f"{MARK} {app}")
    for kind, amount, reference, minute in (
        ("charge_success", "70", "PSP-7", 1), ("charge_success", "65", "PSP-7", 2),
        ("refund_success", "5", "PSP-8", 3), ("refund_success", "5", "PSP-8", 4),
        ("charge_success", "5", None, 5),
    ):  # fmt: skip
        event = rows.reported(item, kind, amount, reference, minute)
        mark("payment_transactionevent", event.pk, idempotency_key=f"{MARK} {event.pk}")


def _events(order: Any, line: Any) -> None:
    discount = {
        "value": "1", "amount_value": "1", "currency": "EUR", "value_type": "fixed",
        "reason": MARK,
    }  # fmt: skip
    entry = {"quantity": 1, "line_pk": str(line.pk), "item": "Paita", "discount": discount}
    for n, (kind, parameters) in enumerate(
        {
            "placed": {},
            "order_fully_paid": {},
            "email_sent": {"email": EMAIL, "email_type": "order_confirmation"},
            "note_added": {"message": MARK},
            "payment_captured": {"amount": "60.00", "payment_id": MARK, "message": MARK},
            "order_discount_added": {"discount": discount},
            "order_line_discount_updated": {"lines": [entry]},
            "invoice_updated": {"invoice_number": "L-1", "url": f"https://x.example/{MARK}"},
            "tracking_updated": {"tracking_number": MARK, "fulfillment": "1-1"},
            "transaction_event": {"message": MARK, "reference": MARK, "status": "SUCCESS"},
        }.items()
    ):
        rows.told(order, kind, rows.at(n), **parameters)


def changes(before: Rows, after: Rows) -> set[tuple[str, str]]:
    """Columns that differ in any row that was there before."""
    return {
        (table, name)
        for table, old in before.items()
        for key, row in old.items()
        for name, value in row.items()
        if key in after[table] and after[table][key][name] != value
    }


def remains(found: Rows, words: Iterable[str] = (MARK, "10.77.77.77")) -> set[tuple[str, str]]:
    """Columns in which a word still stands, whatever its letters' case."""
    return {
        (table, name)
        for table, all_rows in found.items()
        for row in all_rows.values()
        for name, value in row.items()
        if any(word in str(value).lower() for word in words)
    }
