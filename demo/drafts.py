"""Orders that the staff makes: by telephone, for firms, for nobody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.client import Json
    from demo.people import Person
    from demo.records import Placed
    from demo.shopfloor import Shop


def draft(
    shop: Shop,
    market: str,
    wanted: Mapping[str, int],
    person: Person | None = None,
    *,
    user: str | None = None,
    metadata: Mapping[str, str] | None = None,
    voucher: str | None = None,
) -> Placed:
    """A draft for an account (`user`), else for the person's e-mail, else for nobody."""
    settings: Json = {
        "channelId": shop.channels[market],
        "lines": [
            {"variantId": shop.variants[sku], "quantity": count} for sku, count in wanted.items()
        ],
    }
    if user:
        settings["user"] = user
    elif person:
        settings["userEmail"] = person.email
    if person:
        settings |= {"billingAddress": person.address, "shippingAddress": person.address}
    if metadata:
        settings["metadata"] = [{"key": key, "value": text} for key, text in metadata.items()]
    if voucher:
        settings["voucherCode"] = voucher
    made = shop.staff.mutate(
        "draftOrderCreate",
        f"order {{ {records.ORDER} }}",
        input=("DraftOrderCreateInput!", settings),
    )
    return records.placed(made["order"])


def choose_delivery(shop: Shop, order: Placed, method: str = "Posti") -> Placed:
    settings = {"shippingMethod": shop.shipping[method]}
    shop.staff.mutate(
        "orderUpdateShipping",
        order=("ID!", order.id),
        input=("OrderUpdateShippingInput!", settings),
    )
    return records.look(shop.staff, order.id)


def update(shop: Shop, order: Placed, **fields: object) -> Placed:
    """Customer, addresses, note, voucher... of a draft (DraftOrderInput)."""
    shop.staff.mutate("draftOrderUpdate", id=("ID", order.id), input=("DraftOrderInput!", fields))
    return records.look(shop.staff, order.id)


def discount(shop: Shop, order: Placed, kind: str, value: str, reason: str) -> Placed:
    """`kind` is FIXED or PERCENTAGE. Only drafts and unconfirmed orders take it."""
    settings = {"valueType": kind, "value": value, "reason": reason}
    shop.staff.mutate(
        "orderDiscountAdd",
        orderId=("ID!", order.id),
        input=("OrderDiscountCommonInput!", settings),
    )
    return records.look(shop.staff, order.id)


def discount_line(shop: Shop, line: str, kind: str, value: str, reason: str) -> None:
    settings = {"valueType": kind, "value": value, "reason": reason}
    shop.staff.mutate(
        "orderLineDiscountUpdate",
        orderLineId=("ID!", line),
        input=("OrderDiscountCommonInput!", settings),
    )


def change_quantity(shop: Shop, order: Placed, line: str, quantity: int) -> Placed:
    """Of a draft's or an unconfirmed order's line."""
    given = ("OrderLineInput!", {"quantity": quantity})
    shop.staff.mutate("orderLineUpdate", id=("ID!", line), input=given)
    return records.look(shop.staff, order.id)


def add_lines(shop: Shop, order: Placed, wanted: Mapping[str, int]) -> Placed:
    lines = [{"variantId": shop.variants[sku], "quantity": count} for sku, count in wanted.items()]
    shop.staff.mutate(
        "orderLinesCreate", id=("ID!", order.id), input=("[OrderLineCreateInput!]!", lines)
    )
    return records.look(shop.staff, order.id)


def complete(shop: Shop, order: Placed) -> Placed:
    shop.staff.mutate("draftOrderComplete", id=("ID!", order.id))
    return records.look(shop.staff, order.id)


def delete(shop: Shop, order: Placed) -> None:
    shop.staff.mutate("draftOrderDelete", id=("ID", order.id))


def delete_many(shop: Shop, orders: list[Placed]) -> None:
    """In bulk: nothing fires for it."""
    shop.staff.mutate("draftOrderBulkDelete", ids=("[ID!]!", [order.id for order in orders]))
