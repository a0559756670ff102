"""Gift cards, which pay for orders like money."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.assortment import Market
    from demo.client import Client, Json
    from demo.records import Placed
    from demo.shopfloor import Shop


@dataclass(frozen=True)
class GiftCard:
    id: str
    code: str
    balance: Decimal


FIELDS = "id code currentBalance { amount }"


def issue(staff: Client, market: Market, amount: Decimal, *, email: str | None = None) -> GiftCard:
    """A card given away by the shop, with an e-mail posted to that address."""
    settings: Json = {
        "balance": {"amount": str(amount), "currency": market.currency},
        "isActive": True,
        "note": "Hyvitys",
    }
    if email:
        settings |= {"userEmail": email, "channel": market.slug}
    made = staff.mutate(
        "giftCardCreate", f"giftCard {{ {FIELDS} }}", input=("GiftCardCreateInput!", settings)
    )
    return _card(made["giftCard"])


def look(staff: Client, card: GiftCard) -> GiftCard:
    query = f"query giftCard($id: ID!) {{ giftCard(id: $id) {{ {FIELDS} }} }}"
    return _card(staff.call(query, {"id": card.id})["giftCard"])


def bought_in(shop: Shop, order: Placed) -> list[GiftCard]:
    """The cards that came into being by an order's fulfilment."""
    query = f"""query giftCards($from: [ID!]) {{ giftCards(first: 50, filter: {{products: $from}},
        sortBy: {{field: CREATED_AT, direction: DESC}})
        {{ edges {{ node {{ {FIELDS} events {{ orderId }} }} }} }} }}"""
    edges = shop.staff.call(query)["giftCards"]["edges"]
    return [_card(edge["node"]) for edge in edges if _came_from(edge["node"], order)]


def _came_from(card: Json, order: Placed) -> bool:
    return any(event["orderId"] == order.id for event in card["events"])


def _card(card: Json) -> GiftCard:
    return GiftCard(card["id"], card["code"], Decimal(card["currentBalance"]["amount"]))
