"""A small shop on paper for tests: rows that change, and the documents Saleor would write."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.shop.recording import Record
from jokkerit_plugin.shop.snapshots import Kind
from tests.staffed import StaffedShop

NAMESPACE = UUID("6f1c9c52-0d5f-4c51-9a35-5f8b7a3a0001")


def key_of(name: str) -> UUID:
    """Return the same key for the same name."""
    return uuid5(NAMESPACE, name)


def lately() -> str:
    """Return the moment a day ago: carts and accounts that never bought stay for thirty days."""
    return (clock.now() - timedelta(days=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def party(first: str = "Aino", last: str = "Mäkelä", **changes: str) -> dict[str, str]:
    """Return a postal address as a document holds it."""
    base = {
        "first_name": first, "last_name": last, "company_name": "", "street_1": "Kaskitie 1",
        "street_2": "", "postal_code": "51900", "city": "JUVA", "city_area": "",
        "country_area": "", "country": "FI", "phone": "+358401234567",
    }  # fmt: skip
    return base | changes


def line(name: str, **changes: Any) -> dict[str, Any]:
    """Return an order line: one piece of 10.00 net, 12.55 gross, 25.5 % unless changed."""
    base = {
        "key": str(key_of(f"line {name}")), "name": name, "variant": "", "sku": f"SKU-{name}",
        "quantity": 1, "net": "10.000", "gross": "12.550", "tax_rate": "0.2550",
        "tax_class": "Standard", "is_gift_card": False, "product_type": "shirt",
    }  # fmt: skip
    return base | changes


@dataclass
class PaperShop:
    """Rows by kind and key; every change is an event, kept in `events` until delivered."""

    port: StaffedShop
    rows: dict[tuple[Kind, str], dict[str, Any]] = field(default_factory=dict)
    events: list[tuple[Kind, str]] = field(default_factory=list)
    number: int = 0

    @classmethod
    def at(cls, folder: Path, config: Config | None = None) -> "PaperShop":
        """Open a shop whose file lies in `folder`."""
        return cls(StaffedShop(folder / "shop.sqlite", config))

    def order(self, name: str, **changes: Any) -> UUID:
        """Place an order, or change the one of that name."""
        key = key_of(f"order {name}")
        old = self.rows.get((Kind.ORDER, str(key)))
        if old is None:
            self.number += 1
            old = {
                "key": str(key), "number": str(self.number), "status": "unfulfilled",
                "origin": "checkout", "channel": "finland", "currency": "EUR", "language": "fi",
                "user": None, "email": "aino@example.com",
                "placed_at": f"2026-03-01T10:{self.number % 60:02}:00.000000Z", "paid_at": None,
                "delivered_at": None, "cancelled_at": None, "net": "10.000", "gross": "12.550",
                "shipping_net": "0.000", "shipping_gross": "0.000", "shipping_tax_rate": None,
                "shipping_tax_class": "", "gift_card_amount": "0.000", "tax_country": "FI",
                "tax_exempt": False, "vat_id": "", "checkout_token": "", "billing": party(),
                "shipping": party(), "lines": [line(name)], "movements": [], "deliveries": [],
                "invoices": [], "outside": [],
            }  # fmt: skip
        self.put(Kind.ORDER, str(key), old | changes)
        return key

    def account(self, user: int, **changes: Any) -> int:
        """Open an account, or change the one of that id."""
        old = self.rows.get((Kind.CUSTOMER, str(user)))
        if old is None:
            old = {
                "key": user, "email": f"user{user}@example.com", "first_name": "Aino",
                "last_name": "Mäkelä", "language": "fi", "is_staff": False, "is_active": True,
                "joined_at": "2026-01-01T00:00:00.000000Z",
                "changed_at": lately(), "former_emails": [],
                "addresses": [], "vat_id": "", "outside": [],
            }  # fmt: skip
        self.put(Kind.CUSTOMER, str(user), old | changes)
        return user

    def checkout(self, name: str, **changes: Any) -> UUID:
        """Begin a checkout, or change the one of that name."""
        key = key_of(f"checkout {name}")
        old = self.rows.get((Kind.CHECKOUT, str(key)))
        if old is None:
            old = {
                "key": str(key), "user": None, "email": "aino@example.com", "channel": "finland",
                "currency": "EUR", "language": "fi", "gross": "12.550", "lines_count": 1,
                "created_at": lately(), "changed_at": lately(), "billing": None,
                "shipping": party(), "outside": [],
            }  # fmt: skip
        self.put(Kind.CHECKOUT, str(key), old | changes)
        return key

    def put(self, kind: Kind, key: str, row: dict[str, Any]) -> None:
        """Store a row and its event."""
        self.rows[kind, key] = row
        self.port.play([Record(kind, key, json.dumps(row), True)])
        self.events.append((kind, key))

    def remove(self, kind: Kind, key: object) -> None:
        """Delete a row; the event is noted too."""
        self.rows.pop((kind, str(key)))
        self.port.play([Record(kind, str(key), None, True)])
        self.events.append((kind, str(key)))

    def delivered(self) -> Iterable[tuple[Kind, str]]:
        """Hand out the events noted so far."""
        events, self.events = self.events, []
        return events
