"""Orders carried over from another system in bulk; Saleor tells plugins of them once a batch."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from demo import records
from demo.assortment import SHIPPING, STANDARD, WARES, Market
from demo.client import Json, ShopError

if TYPE_CHECKING:
    from datetime import datetime

    from demo.people import Person
    from demo.records import Placed
    from demo.shopfloor import Shop


@dataclass(frozen=True)
class OldOrder:
    """What is known of an order of the old shop."""

    reference: str
    person: Person
    market: Market
    created: datetime
    wanted: dict[str, int]
    rate: Decimal  # VAT in percent, one for the whole order
    user: str | None = None


def bulk_create(shop: Shop, orders: list[OldOrder]) -> list[Placed]:
    """Imports fulfilled, charged and invoiced orders; raises ShopError if any row is refused."""
    query = f"""mutation orderBulkCreate($orders: [OrderBulkCreateInput!]!) {{
        orderBulkCreate(orders: $orders, errorPolicy: REJECT_EVERYTHING, stockUpdatePolicy: SKIP) {{
        count results {{ order {{ {records.ORDER} }} errors {{ path message code }} }}
        errors {{ path message code }} }} }}"""
    rows = [_row(shop, order) for order in orders]
    done = shop.staff.call(query, {"orders": rows})["orderBulkCreate"]
    errors = [error for result in done["results"] for error in result["errors"] or []]
    if errors:
        raise ShopError("orderBulkCreate", errors)
    return [records.placed(result["order"]) for result in done["results"]]


def _row(shop: Shop, order: OldOrder) -> Json:
    person, created = order.person, order.created.isoformat()
    lines = [_line(shop, order, sku, count) for sku, count in order.wanted.items()]
    shipping = order.market.price(SHIPPING["Posti"])
    total = sum((Decimal(line["totalPrice"]["gross"]) for line in lines), shipping)
    paid = {"amount": str(total), "currency": order.market.currency}
    return {
        "externalReference": order.reference,
        "channel": order.market.slug,
        "createdAt": created,
        "status": "FULFILLED",
        "user": {"id": order.user} if order.user else {"email": person.email},
        "billingAddress": person.address,
        "shippingAddress": person.address,
        "currency": order.market.currency,
        "languageCode": person.language,
        "displayGrossPrices": True,
        "customerNote": "Vanhasta kaupasta",
        "lines": lines,
        "deliveryMethod": {
            "shippingMethodId": shop.shipping["Posti"],
            "shippingMethodName": "Posti (vanha)",
            "shippingTaxClassId": shop.tax_classes[STANDARD],
            "shippingTaxClassName": STANDARD,
            "shippingPrice": _price(order, shipping),
            "shippingTaxRate": str(order.rate / 100),
        },
        "fulfillments": [{"trackingCode": "", "lines": _sent(shop, order)}],
        "transactions": [
            {"name": "Vanha kauppa", "pspReference": order.reference, "amountCharged": paid}
        ],
        "invoices": [
            {
                "number": f"L-{order.reference}",
                "url": f"https://laskut.example/{order.reference}.pdf",
                "createdAt": created,
            }
        ],
    }


def _line(shop: Shop, order: OldOrder, sku: str, count: int) -> Json:
    ware = next(ware for ware in WARES if ware.sku == sku)
    price = _price(order, order.market.price(ware.euros) * count)
    return {
        "variantId": shop.variants[sku],
        "productName": ware.name,
        "productSku": sku,
        "createdAt": order.created.isoformat(),
        "isShippingRequired": shop.is_sent(sku),
        "isGiftCard": False,
        "quantity": count,
        "totalPrice": price,
        "undiscountedTotalPrice": price,
        "warehouse": shop.warehouse,
        "taxRate": str(order.rate / 100),
        "taxClassId": shop.tax_classes[ware.tax_class],
        "taxClassName": ware.tax_class,
    }


def _price(order: OldOrder, gross: Decimal) -> Json:
    net = order.market.round(gross / (1 + order.rate / 100))
    return {"gross": str(gross), "net": str(net)}


def _sent(shop: Shop, order: OldOrder) -> list[Json]:
    return [
        {
            "variantId": shop.variants[sku],
            "quantity": count,
            "warehouse": shop.warehouse,
            "orderLineIndex": place,
        }
        for place, (sku, count) in enumerate(order.wanted.items())
    ]
