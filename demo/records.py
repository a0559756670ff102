"""What an act leaves behind, as the caller needs it to check later. Money is Decimal."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.assortment import Market
    from demo.client import Client, Json


def pk(global_id: str) -> str:
    """The database key inside one of Saleor's global ids."""
    return base64.b64decode(global_id).decode().partition(":")[2]


def as_type(global_id: str, name: str) -> str:
    """The same row's id under another of Saleor's type names."""
    return base64.b64encode(f"{name}:{pk(global_id)}".encode()).decode()


@dataclass(frozen=True)
class Line:
    id: str
    sku: str
    quantity: int
    gross: Decimal


@dataclass(frozen=True)
class Parcel:
    """A fulfilment; `lines` maps each fulfilment line's id to its quantity."""

    id: str
    status: str
    lines: dict[str, int]


@dataclass(frozen=True)
class Basket:
    """A checkout that is not yet an order. `total` is what is still to be paid."""

    id: str
    market: Market
    email: str | None
    total: Decimal
    lines: tuple[Line, ...]
    is_sent: bool

    @property
    def key(self) -> str:
        return pk(self.id)


@dataclass(frozen=True)
class Placed:
    """An order as Saleor tells it to staff; `checkout` is None for drafts and imports."""

    id: str
    number: str
    status: str
    email: str
    user: str | None
    channel: str
    currency: str
    total: Decimal
    charged: Decimal
    lines: tuple[Line, ...]
    parcels: tuple[Parcel, ...]
    transactions: tuple[str, ...]
    payments: tuple[str, ...]
    checkout: str | None

    @property
    def key(self) -> str:
        return pk(self.id)


CHECKOUT = """id email isShippingRequired totalPrice { gross { amount } }
    lines { id quantity totalPrice { gross { amount } } variant { sku } }"""

ORDER = """id number status userEmail user { id } channel { slug } checkoutId
    total { gross { amount currency } } totalCharged { amount }
    lines { id quantity productSku totalPrice { gross { amount } } }
    fulfillments { id status lines { id quantity } }
    transactions { id } payments { id }"""


def basket(market: Market, checkout: Json) -> Basket:
    return Basket(
        id=checkout["id"],
        market=market,
        email=checkout["email"],
        total=_amount(checkout["totalPrice"]),
        lines=tuple(
            Line(line["id"], line["variant"]["sku"], line["quantity"], _amount(line["totalPrice"]))
            for line in checkout["lines"]
        ),
        is_sent=checkout["isShippingRequired"],
    )


def placed(order: Json) -> Placed:
    return Placed(
        id=order["id"],
        number=order["number"],
        status=order["status"],
        email=order["userEmail"] or "",
        user=order["user"] and order["user"]["id"],
        channel=order["channel"]["slug"],
        currency=order["total"]["gross"]["currency"],
        total=_amount(order["total"]),
        charged=Decimal(order["totalCharged"]["amount"]),
        lines=tuple(
            Line(
                line["id"], line["productSku"] or "", line["quantity"], _amount(line["totalPrice"])
            )
            for line in order["lines"]
        ),
        parcels=tuple(_parcel(parcel) for parcel in order["fulfillments"]),
        transactions=tuple(item["id"] for item in order["transactions"]),
        payments=tuple(item["id"] for item in order["payments"]),
        checkout=order["checkoutId"],
    )


def look(staff: Client, order: str) -> Placed:
    """The order as it stands now."""
    query = f"query order($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}"
    return placed(staff.call(query, {"id": order})["order"])


def _parcel(parcel: Json) -> Parcel:
    lines = {line["id"]: line["quantity"] for line in parcel["lines"] or []}
    return Parcel(parcel["id"], parcel["status"], lines)


def _amount(taxed: Json) -> Decimal:
    return Decimal(taxed["gross"]["amount"])
