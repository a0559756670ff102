"""Acts of a shopper: filling a basket, changing one's mind, placing the order.

Each takes the client of whoever acts (nobody for a guest) and gives the basket as it is then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from demo import records
from demo.records import CHECKOUT, Basket, Placed

if TYPE_CHECKING:
    from demo.assortment import Market
    from demo.client import Client, Json
    from demo.people import Person
    from demo.shopfloor import Shop

Wanted = Mapping[str, int]  # SKU: quantity


def start(
    client: Client,
    shop: Shop,
    market: str,
    wanted: Wanted,
    person: Person | None,
    *,
    email: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Basket:
    """A new checkout. Without a person it is one that nobody has signed yet."""
    settings: Json = {
        "channel": market,
        "lines": [
            {"variantId": shop.variants[sku], "quantity": count} for sku, count in wanted.items()
        ],
        "email": email or (person.email if person else None),
    }
    if person:
        settings |= {"languageCode": person.language, "billingAddress": person.address}
        if any(shop.is_sent(sku) for sku in wanted):
            settings["shippingAddress"] = person.address
    if metadata:
        settings["metadata"] = [{"key": key, "value": text} for key, text in metadata.items()]
    made = client.mutate(
        "checkoutCreate",
        f"checkout {{ {CHECKOUT} }}",
        input=("CheckoutCreateInput!", settings),
    )
    return records.basket(shop.market(market), made["checkout"])


def choose_delivery(client: Client, shop: Shop, basket: Basket, method: str = "Posti") -> Basket:
    if not basket.is_sent:
        return basket
    key = shop.shipping[method]
    return _change(client, basket, "checkoutDeliveryMethodUpdate", deliveryMethodId=("ID", key))


def collect(client: Client, shop: Shop, basket: Basket) -> Basket:
    """Fetched from the shop's warehouse: the order then bears the warehouse's address."""
    place = ("ID", shop.warehouse)
    return _change(client, basket, "checkoutDeliveryMethodUpdate", deliveryMethodId=place)


def again(client: Client, order: Placed, market: Market) -> Basket:
    """A new basket with an order's lines (nothing fires for it), without addresses as yet."""
    select = f"checkout {{ {CHECKOUT} }}"
    made = client.mutate("checkoutCreateFromOrder", select, id=("ID!", order.id))
    return records.basket(market, made["checkout"])


def change_email(client: Client, basket: Basket, email: str) -> Basket:
    return _change(client, basket, "checkoutEmailUpdate", email=("String!", email))


def change_shipping_address(client: Client, basket: Basket, address: Json) -> Basket:
    given = ("AddressInput!", address)
    return _change(client, basket, "checkoutShippingAddressUpdate", shippingAddress=given)


def change_billing_address(client: Client, basket: Basket, address: Json) -> Basket:
    given = ("AddressInput!", address)
    return _change(client, basket, "checkoutBillingAddressUpdate", billingAddress=given)


def add_lines(client: Client, shop: Shop, basket: Basket, wanted: Wanted) -> Basket:
    lines = [{"variantId": shop.variants[sku], "quantity": count} for sku, count in wanted.items()]
    return _change(client, basket, "checkoutLinesAdd", lines=("[CheckoutLineInput!]!", lines))


def change_quantity(client: Client, basket: Basket, line: str, quantity: int) -> Basket:
    lines = [{"lineId": line, "quantity": quantity}]
    given = ("[CheckoutLineUpdateInput!]!", lines)
    return _change(client, basket, "checkoutLinesUpdate", lines=given)


def remove_line(client: Client, basket: Basket, line: str) -> Basket:
    return _change(client, basket, "checkoutLinesDelete", linesIds=("[ID!]!", [line]))


def add_code(client: Client, basket: Basket, code: str) -> Basket:
    """A voucher's or a gift card's code."""
    return _change(client, basket, "checkoutAddPromoCode", promoCode=("String!", code))


def add_note(client: Client, basket: Basket, note: str) -> Basket:
    client.mutate(
        "checkoutCustomerNoteUpdate", id=("ID!", basket.id), customerNote=("String!", note)
    )
    return basket


def attach_customer(client: Client, basket: Basket) -> Basket:
    """A guest's basket becomes that of the person who has logged in meanwhile."""
    return _change(client, basket, "checkoutCustomerAttach")


def complete(client: Client, shop: Shop, basket: Basket) -> Placed:
    """Places the order. Read again by staff: a guest sees masked data of it only."""
    done = client.mutate("checkoutComplete", "order { id }", id=("ID", basket.id))
    return records.look(shop.staff, done["order"]["id"])


def look(client: Client, basket: Basket) -> Basket:
    query = f"query checkout($id: ID) {{ checkout(id: $id) {{ {CHECKOUT} }} }}"
    return records.basket(basket.market, client.call(query, {"id": basket.id})["checkout"])


def _change(
    client: Client, basket: Basket, mutation: str, **arguments: tuple[str, object]
) -> Basket:
    select = f"checkout {{ {CHECKOUT} }}"
    changed = client.mutate(mutation, select, id=("ID", basket.id), **arguments)
    return records.basket(basket.market, changed["checkout"])
