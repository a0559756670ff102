"""Makes rows in Saleor's tables for a test, through its models."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def at(minutes: int) -> datetime:
    """A moment `minutes` after START."""
    return START + timedelta(minutes=minutes)


def channel(slug: str = "fi", currency: str = "EUR", country: str = "FI") -> Any:
    """A channel, found again by its slug."""
    from saleor.channel.models import Channel

    made, _ = Channel.objects.get_or_create(
        slug=slug,
        defaults={"name": slug, "currency_code": currency, "default_country": country},
    )
    return made


def address(**fields: object) -> Any:
    """A postal address in Finland."""
    from saleor.account.models import Address

    return Address.objects.create(**{"first_name": "Aino", "country": "FI", **fields})


def user(email: str, **fields: object) -> Any:
    """An account."""
    from saleor.account.models import User

    return User.objects.create(email=email, password="!", **fields)


def order(**fields: object) -> Any:
    """An order of no lines, placed without an event."""
    from saleor.order.models import Order

    given = {
        "channel": fields.pop("channel", None) or channel(),
        "currency": "EUR",
        "status": "unfulfilled",
        "origin": "checkout",
        "lines_count": 0,
        **fields,
    }
    return Order.objects.create(**given)


def orders(count: int, **fields: object) -> list[Any]:
    """Many orders in one statement."""
    from saleor.order.models import Order

    shared = {"channel": channel(), "currency": "EUR", "status": "unfulfilled", **fields}
    return Order.objects.bulk_create(
        Order(origin="checkout", lines_count=0, **shared) for _ in range(count)
    )


def line(of: Any, net: str, gross: str, **fields: object) -> Any:
    """An order line with these stored totals."""
    from saleor.order.models import OrderLine

    given = {
        "product_name": "Paita",
        "is_shipping_required": True,
        "is_gift_card": False,
        "quantity": 1,
        "currency": of.currency,
        "unit_price_net_amount": Decimal(net),
        "unit_price_gross_amount": Decimal(gross),
        "total_price_net_amount": Decimal(net),
        "total_price_gross_amount": Decimal(gross),
        **fields,
    }
    return OrderLine.objects.create(order=of, **given)


def variant(kind: str) -> Any:
    """A variant of a product of a type with this slug."""
    from saleor.product.models import Product, ProductType, ProductVariant

    made, _ = ProductType.objects.get_or_create(slug=kind, defaults={"name": kind})
    product = Product.objects.create(name=kind, slug=f"a-{kind}", product_type=made)
    return ProductVariant.objects.create(product=product)


def told(of: Any, kind: str, when: datetime, **parameters: object) -> Any:
    """An event of the order."""
    from saleor.order.models import OrderEvent

    return OrderEvent.objects.create(order=of, type=kind, date=when, parameters=parameters)


def parcel(of: Any, *lines: Any, status: str = "fulfilled") -> Any:
    """A fulfilment of one piece of each line."""
    from saleor.order.models import Fulfillment, FulfillmentLine

    made = Fulfillment.objects.create(order=of, status=status)
    for one in lines:
        FulfillmentLine.objects.create(fulfillment=made, order_line=one, quantity=1)
    return made


def payment(of: Any, gateway: str = "mirumee.payments.dummy", **fields: object) -> Any:
    """A payment of the legacy interface."""
    from saleor.payment.models import Payment

    return Payment.objects.create(order=of, gateway=gateway, currency=of.currency, **fields)


def attempt(on: Any, kind: str, amount: str, *, is_success: bool = True, **fields: object) -> Any:
    """What became of a payment: one row of the legacy interface."""
    from saleor.payment.models import Transaction

    given = {"token": f"t-{uuid.uuid4()}", "gateway_response": {}, **fields}
    return Transaction.objects.create(
        payment=on,
        kind=kind,
        amount=Decimal(amount),
        currency=on.currency,
        is_success=is_success,
        **given,
    )


def transaction(of: Any, **fields: object) -> Any:
    """A transaction of the new interface."""
    from saleor.payment.models import TransactionItem

    return TransactionItem.objects.create(order=of, currency=of.currency, **fields)


def reported(on: Any, kind: str, amount: str, reference: str | None, minute: int) -> Any:
    """An event that Saleor includes in its calculations."""
    from saleor.payment.models import TransactionEvent

    return TransactionEvent.objects.create(
        transaction=on,
        type=kind,
        amount_value=Decimal(amount),
        currency=on.currency,
        psp_reference=reference,
        created_at=at(minute),
        include_in_calculations=True,
    )


def recalculated(of: Any) -> Any:
    """The order after Saleor itself has summed up its transactions and payments."""
    from saleor.order.utils import update_order_charge_data
    from saleor.payment.transaction_item_calculations import recalculate_transaction_amounts

    for item in of.payment_transactions.all():
        recalculate_transaction_amounts(item)
    update_order_charge_data(of)
    of.refresh_from_db()
    return of


def checkout(**fields: object) -> Any:
    """A checkout without lines."""
    from saleor.checkout.models import Checkout

    given = {"channel": fields.pop("channel", None) or channel(), "currency": "EUR", **fields}
    return Checkout.objects.create(**given)
