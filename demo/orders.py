"""What the staff does with an order once it is placed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from demo import records

if TYPE_CHECKING:
    from decimal import Decimal

    from demo.client import Client, Json
    from demo.records import Parcel, Placed
    from demo.shopfloor import Shop

Quantities = Mapping[str, int]  # id of an order line or a fulfilment line: quantity


def fulfil(shop: Shop, order: Placed, quantities: Quantities | None = None) -> Placed:
    """Sends the given order lines, all of them by default."""
    wanted = quantities or {line.id: line.quantity for line in order.lines}
    lines = [
        {"orderLineId": line, "stocks": [{"quantity": count, "warehouse": shop.warehouse}]}
        for line, count in wanted.items()
    ]
    settings = {"lines": lines, "notifyCustomer": False, "trackingNumber": "JJFI64000000001"}
    shop.staff.mutate(
        "orderFulfill", order=("ID", order.id), input=("OrderFulfillInput!", settings)
    )
    return records.look(shop.staff, order.id)


def cancel_parcel(shop: Shop, order: Placed, parcel: Parcel) -> Placed:
    settings = {"warehouseId": shop.warehouse}
    shop.staff.mutate(
        "orderFulfillmentCancel", id=("ID!", parcel.id), input=("FulfillmentCancelInput", settings)
    )
    return records.look(shop.staff, order.id)


def track(staff: Client, order: Placed, parcel: Parcel, number: str) -> Placed:
    settings = {"trackingNumber": number, "notifyCustomer": False}
    staff.mutate(
        "orderFulfillmentUpdateTracking",
        id=("ID!", parcel.id),
        input=("FulfillmentUpdateTrackingInput!", settings),
    )
    return records.look(staff, order.id)


def return_products(
    staff: Client, order: Placed, quantities: Quantities, *, refund: bool, replace: bool = False
) -> Placed:
    """Fulfilled lines come back; `refund` pays by the legacy payment, `replace` makes a draft."""
    lines = [
        {"fulfillmentLineId": line, "quantity": count, "replace": replace}
        for line, count in quantities.items()
    ]
    settings = {"fulfillmentLines": lines, "refund": refund}
    staff.mutate(
        "orderFulfillmentReturnProducts",
        order=("ID!", order.id),
        input=("OrderReturnProductsInput!", settings),
    )
    return records.look(staff, order.id)


def refund_products(
    staff: Client,
    order: Placed,
    quantities: Quantities,
    *,
    amount: Decimal | None = None,
    shipping: bool = False,
) -> Placed:
    """Money back for fulfilled lines that stay with the customer (legacy payments only)."""
    settings: Json = {
        "fulfillmentLines": [
            {"fulfillmentLineId": line, "quantity": count} for line, count in quantities.items()
        ],
        "includeShippingCosts": shipping,
    }
    if amount is not None:
        settings["amountToRefund"] = str(amount)
    staff.mutate(
        "orderFulfillmentRefundProducts",
        order=("ID!", order.id),
        input=("OrderRefundProductsInput!", settings),
    )
    return records.look(staff, order.id)


def grant_refund(staff: Client, order: Placed, quantities: Quantities, reason: str) -> str:
    """A promise of money for order lines, to be paid on a transaction; gives its id."""
    settings = {
        "lines": [{"id": line, "quantity": count} for line, count in quantities.items()],
        "reason": reason,
        "grantRefundForShipping": False,
        "transactionId": order.transactions[0],
    }
    made = staff.mutate(
        "orderGrantRefundCreate",
        "grantedRefund { id }",
        id=("ID!", order.id),
        input=("OrderGrantRefundCreateInput!", settings),
    )
    return str(made["grantedRefund"]["id"])


def cancel(staff: Client, order: Placed) -> Placed:
    staff.mutate("orderCancel", id=("ID!", order.id))
    return records.look(staff, order.id)


def confirm(staff: Client, order: Placed) -> Placed:
    staff.mutate("orderConfirm", id=("ID!", order.id))
    return records.look(staff, order.id)


def update(
    staff: Client,
    order: Placed,
    *,
    email: str | None = None,
    shipping: Json | None = None,
    billing: Json | None = None,
) -> Placed:
    """Staff corrects whom the order belongs to or where it goes."""
    given = {"userEmail": email, "shippingAddress": shipping, "billingAddress": billing}
    settings = {name: value for name, value in given.items() if value is not None}
    staff.mutate("orderUpdate", id=("ID", order.id), input=("OrderUpdateInput!", settings))
    return records.look(staff, order.id)


def add_note(staff: Client, order: Placed, message: str) -> None:
    staff.mutate(
        "orderNoteAdd", order=("ID!", order.id), input=("OrderNoteInput!", {"message": message})
    )


def set_metadata(client: Client, thing: str, values: Mapping[str, str]) -> None:
    """Public metadata of any object that has some."""
    given = [{"key": key, "value": value} for key, value in values.items()]
    client.mutate("updateMetadata", id=("ID!", thing), input=("[MetadataInput!]!", given))


def set_private_metadata(client: Client, thing: str, values: Mapping[str, str]) -> None:
    given = [{"key": key, "value": value} for key, value in values.items()]
    client.mutate("updatePrivateMetadata", id=("ID!", thing), input=("[MetadataInput!]!", given))


def create_invoice(staff: Client, order: Placed, number: str) -> str:
    """An invoice made elsewhere, told to Saleor (nothing fires for it); gives its id."""
    settings = {"number": number, "url": f"https://laskut.example/{number}.pdf"}
    made = staff.mutate(
        "invoiceCreate",
        "invoice { id }",
        orderId=("ID!", order.id),
        input=("InvoiceCreateInput!", settings),
    )
    return str(made["invoice"]["id"])


def request_invoice(staff: Client, order: Placed, number: str) -> str:
    """Asks for an invoice and has it made, as an invoicing app would do; gives its id."""
    asked = staff.mutate(
        "invoiceRequest",
        "order { invoices { id createdAt } }",
        orderId=("ID!", order.id),
        number=("String", number),
    )
    newest = max(asked["order"]["invoices"], key=lambda invoice: str(invoice["createdAt"]))
    key = str(newest["id"])
    settings = {"number": number, "url": f"https://laskut.example/{number}.pdf"}
    staff.mutate("invoiceUpdate", id=("ID!", key), input=("UpdateInvoiceInput!", settings))
    return key


def delete_invoice(staff: Client, invoice: str) -> None:
    staff.mutate("invoiceDelete", id=("ID!", invoice))
