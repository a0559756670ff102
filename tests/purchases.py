"""Purchases as the books see them, for tests: plain facts with sensible defaults."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from jokkerit_plugin.accounting.entries import EntryKind
from jokkerit_plugin.accounting.facts import Facts, Money, Part, Pieces
from jokkerit_plugin.shop.snapshots import MovementKind

_SPACE = UUID("6f1c9c52-0d5f-4c51-9a35-5f8b7a3a0002")


def day(text: str) -> date:
    """Read a Finnish day such as 31.8.2024."""
    number, month, year = (int(part) for part in text.split("."))
    return date(year, month, number)


def line_of(name: str) -> UUID:
    """Return the same key for the same name."""
    return uuid5(_SPACE, name)


def part(
    name: str = "a",
    gross: str = "12.55",
    rate: str | None = "0.255",
    net: str | None = None,
    quantity: int = 1,
    kind: EntryKind = EntryKind.SALE,
) -> Part:
    """Return a line; without `net` its VAT is what the rate says, rounded."""
    if net is None:
        net = str((Decimal(gross) / (1 + Decimal(rate or 0))).quantize(Decimal("0.01")))
    tax = Decimal(rate) if rate is not None else None
    return Part(kind, line_of(name), quantity, Decimal(net), Decimal(gross), tax)


def shipping(gross: str = "0", rate: str | None = "0.255", net: str | None = None) -> Part:
    """Return the shipping."""
    made = part("", gross, rate, net, kind=EntryKind.SHIPPING)
    return Part(made.kind, None, 1, made.net, made.gross, made.rate)


def money(
    when: str, amount: str, kind: str = "payment", gateway: str = "paytrail", source: str = ""
) -> Money:
    """Return a movement; its key is made of day and kind unless given."""
    key = source or f"{kind}:{when}"
    return Money(key, MovementKind(kind), Decimal(amount), day(when), gateway)


def pieces(when: str, name: str = "a", quantity: int = 1, status: str = "fulfilled") -> Pieces:
    """Return pieces of a line that went out or came back."""
    return Pieces(when + status, line_of(name), status, quantity, day(when))


def facts(*parts: Part, **changes: Any) -> Facts:
    """Return a purchase of 1.3.2026 in euros, to Finland."""
    base: dict[str, Any] = {
        "purchase": 1, "status": "unfulfilled", "channel": "finland", "is_test": False,
        "currency": "EUR", "country": "FI", "vat_id": "",
        "placed": date(2026, 3, 1), "paid": None, "delivered": None, "gift_cards": Decimal(0),
        "parts": parts or (part(),),
    }  # fmt: skip
    return Facts(**base | changes)
