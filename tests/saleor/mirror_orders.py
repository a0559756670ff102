"""The mirror of orders: purchase, lines, deliveries, invoices, party, addresses, owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.sql import SQL

from tests.saleor import mirror_goods, mirror_money
from tests.saleor.mirror_rows import (
    Database,
    Row,
    children,
    grouped,
    keyed,
    mailbox,
    party,
    place,
    read,
    unequal,
    vat_id,
)

PLACED = ("placed", "placed_from_draft", "placed_automatically_from_paid_checkout")
PAID = ("order_fully_paid", "order_marked_as_paid")


@dataclass(frozen=True)
class Shop:
    """Saleor's tables around its orders, as rows by key."""

    addresses: Mapping[int, Row]
    users: Mapping[int, Row]
    channels: Mapping[int, Row]
    warehouses: Mapping[Any, Row]
    lines: Mapping[Any, list[Row]]
    types: mirror_goods.Types
    parcels: Mapping[Any, list[Row]]
    parcel_lines: Mapping[Any, list[Row]]
    invoices: Mapping[Any, list[Row]]
    events: Mapping[Any, list[Row]]
    money: mirror_money.Money


@dataclass(frozen=True)
class Register:
    """The register's tables, rows by the purchase that they belong to."""

    customers: Mapping[int, Row]
    addresses: Mapping[int, Row]
    lines: Mapping[int, list[Row]]
    deliveries: Mapping[int, list[Row]]
    invoices: Mapping[int, list[Row]]
    movements: Mapping[int, list[Row]]


def differences(database: Database, wanted: set[str] | None) -> list[str]:
    """Compare the orders of these keys, or all of them."""
    orders = {
        str(row["id"]): row
        for row in read(database, "order_order", SQL("WHERE status <> 'draft'"))
        if wanted is None or str(row["id"]) in wanted
    }
    here = {
        str(row["saleor_order"]): row
        for row in read(database, "jokkerit_plugin_purchase")
        if wanted is None or str(row["saleor_order"]) in wanted
    }
    shop, register = _shop(database), _register(database)
    found = [f"order {key}: missing" for key in sorted(orders.keys() - here.keys())]
    for key, purchase in sorted(here.items()):
        if (order := orders.get(key)) is not None:
            found += _compare(key, order, purchase, shop, register)
        elif purchase["absent_since"] is None:
            found.append(f"order {key}: not in the shop and not marked so")
    return found


def _shop(database: Database) -> Shop:
    return Shop(
        addresses=keyed(read(database, "account_address")),
        users=keyed(read(database, "account_user")),
        channels=keyed(read(database, "channel_channel")),
        warehouses=keyed(read(database, "warehouse_warehouse")),
        lines=grouped(read(database, "order_orderline"), "order_id"),
        types=mirror_goods.types(database),
        parcels=grouped(read(database, "order_fulfillment"), "order_id"),
        parcel_lines=grouped(read(database, "order_fulfillmentline"), "fulfillment_id"),
        invoices=grouped(read(database, "invoice_invoice"), "order_id"),
        events=grouped(read(database, "order_orderevent"), "order_id"),
        money=mirror_money.read_money(database),
    )


def _register(database: Database) -> Register:
    by_purchase = {
        name: grouped(read(database, f"jokkerit_plugin_{name}"), "purchase_id")
        for name in ("purchaseline", "delivery", "invoice", "movement")
    }
    return Register(
        customers=keyed(read(database, "jokkerit_plugin_customer")),
        addresses=keyed(read(database, "jokkerit_plugin_postaladdress")),
        lines=by_purchase["purchaseline"],
        deliveries=by_purchase["delivery"],
        invoices=by_purchase["invoice"],
        movements=by_purchase["movement"],
    )


def _compare(key: str, order: Row, purchase: Row, shop: Shop, register: Register) -> list[str]:
    what, pk = f"order {key}", purchase["id"]
    billing = shop.addresses.get(order["billing_address_id"])
    shipping = shop.addresses.get(order["shipping_address_id"])
    lines = shop.lines.get(order["id"], [])
    found = unequal(what, _head(order, lines, shop), purchase)
    found += unequal(what, _dates(order, shop), purchase)
    words = {f"party_{name}": text for name, text in party(billing).items() if name != "phone"}
    found += unequal(what, words, purchase)
    found += _owner(what, order, purchase, shop, register)
    if purchase["absent_since"] is not None:
        found.append(f"{what}: absent_since")
    for column, address in (("billing_address", billing), ("shipping_address", shipping)):
        ours = register.addresses.get(purchase[f"{column}_id"])
        wanted = place(party(address)) if purchase["customer_id"] else None
        if place(ours) != wanted or (ours and ours["customer_id"] != purchase["customer_id"]):
            found.append(f"{what}: {column}")
    placed, events = _dates(order, shop)["placed_at"], shop.events.get(order["id"], [])
    parcels = [(one, shop.parcel_lines.get(one["id"], [])) for one in _parcels(order, shop)]
    for name, column, expected, rows in (
        (
            "line",
            "saleor_line",
            mirror_goods.lines(lines, shop.types, placed, events),
            register.lines,
        ),
        (
            "delivery",
            "saleor_fulfillment_line",
            mirror_goods.deliveries(parcels),
            register.deliveries,
        ),
        (
            "invoice",
            "saleor_invoice",
            mirror_goods.invoices(shop.invoices.get(order["id"], [])),
            register.invoices,
        ),
    ):
        found += children(f"{what} {name}", expected, keyed(rows.get(pk, []), column))
    moved = keyed(register.movements.get(pk, []), "source")
    return found + mirror_money.compare(what, order, shop.money, moved)


def _parcels(order: Row, shop: Shop) -> list[Row]:
    return shop.parcels.get(order["id"], [])


def _head(order: Row, lines: list[Row], shop: Shop) -> dict[str, Any]:
    channel = shop.channels[order["channel_id"]]
    billing = shop.addresses.get(order["billing_address_id"])
    shipping = shop.addresses.get(order["shipping_address_id"])
    pickup = shop.warehouses.get(order["collection_point_id"])
    taxed_at = shop.addresses[pickup["address_id"]] if pickup else shipping or billing
    whole = sum(
        (line["total_price_gross_amount"] for line in lines), order["shipping_price_gross_amount"]
    )
    return {
        "number": str(order["number"]),
        "status": order["status"],
        "origin": order["origin"],
        "channel": channel["slug"],
        "currency": order["currency"],
        "language": order["language_code"],
        "email": order["user_email"],
        "net": order["total_net_amount"],
        "gross": order["total_gross_amount"],
        "shipping_net": order["shipping_price_net_amount"],
        "shipping_gross": order["shipping_price_gross_amount"],
        "shipping_tax_rate": order["shipping_tax_rate"],
        "shipping_tax_class": order["shipping_tax_class_name"] or "",
        # Not read from the cards' events, but what is lacking to the sum.
        "gift_card_amount": whole - order["total_gross_amount"],
        "tax_country": taxed_at["country"] if taxed_at else channel["default_country"],
        "tax_exempt": order["tax_exemption"],
        "vat_id": vat_id(*(row["metadata"] for row in (order, billing) if row)),
        "checkout_token": order["checkout_token"],
    }


def _dates(order: Row, shop: Shop) -> dict[str, Any]:
    events = shop.events.get(order["id"], [])

    def when(*types: str) -> list[Any]:
        return sorted(event["date"] for event in events if event["type"] in types)

    imported = order["origin"] == "bulk_create"
    placed = (when(*PLACED) or [order["created_at"]])[0]
    paid = (when(*PAID) or [None])[0]
    if paid is None and order["charge_status"] in ("full", "overcharged"):
        payments = mirror_money.payment_dates(order, shop.money)
        paid = placed if imported or not payments else payments[-1]
    delivered = None
    if order["status"] in ("fulfilled", "partially_returned", "returned"):
        sent = [p["created_at"] for p in _parcels(order, shop) if p["status"] == "fulfilled"]
        known = when("fulfillment_fulfilled_items") or ([placed] if imported else sorted(sent))
        delivered = known[-1] if known else None
    cancelled = None
    if order["status"] == "canceled":
        cancelled = (when("canceled") or [placed])[-1]
    elif order["status"] == "expired":
        cancelled = order["expired_at"] or (when("expired") or [placed])[-1]
    return {
        "placed_at": placed,
        "paid_at": paid,
        "delivered_at": delivered,
        "cancelled_at": cancelled,
    }


def _owner(what: str, order: Row, purchase: Row, shop: Shop, register: Register) -> list[str]:
    customer = register.customers.get(purchase["customer_id"])
    if order["user_id"] is not None:
        right = customer is not None and customer["saleor_user"] == order["user_id"]
    elif customer is not None and customer["saleor_user"] is not None:
        # Saleor takes the user off an order only with the account: the customer stays.
        right = customer["saleor_user"] not in shop.users and bool(customer["account_gone_at"])
    else:
        guest = mailbox(order["user_email"])
        right = (customer["guest_email"] if customer else "") == guest
    return [] if right else [f"{what}: customer"]
