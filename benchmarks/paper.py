"""Documents of a made-up shop, as Saleor's tables would give them: the same for the same seed.

An order has three lines on average, one or two movements of money, two thirds are delivered,
three quarters invoiced. Six in ten belong to an account; a customer buys two and a half times.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

FIRST = ("Aino", "Väinö", "Helmi", "Onni", "Saga", "Elias", "Märta", "Åke", "Lumi", "Eino")
LAST = ("Mäkelä", "Korhonen", "Sjöberg", "Räsänen", "Öhman", "Hämäläinen", "Nyström", "Laine")
STREETS = ("Kaskitie", "Hämeenkatu", "Torggatan", "Mannerheimintie", "Rantakatu")
TOWNS = (("51900", "JUVA"), ("33230", "TAMPERE"), ("22100", "MARIEHAMN"), ("90100", "OULU"))
START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Papers:
    """Documents by the shop's key."""

    orders: dict[UUID, str] = field(default_factory=dict)
    accounts: dict[int, str] = field(default_factory=dict)


def write(orders: int, *, seed: int = 1) -> Papers:
    """Make up `orders` orders and the accounts that placed them."""
    pick = random.Random(seed)
    papers = Papers()
    people = [_person(pick, number) for number in range(max(1, orders * 2 // 5))]
    for number in range(orders):
        person = pick.choice(people)
        key = UUID(int=pick.getrandbits(128), version=4)
        papers.orders[key] = _dump(_order(pick, key, number, person))
        if person["user"]:
            papers.accounts[person["user"]] = _dump(_account(person))
    return papers


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _person(pick: random.Random, number: int) -> dict[str, Any]:
    first, last = pick.choice(FIRST), pick.choice(LAST)
    code, city = pick.choice(TOWNS)
    return {
        "user": number + 1 if number % 5 < 3 else None,
        "email": f"{first}.{last}.{number}@example.com".lower(),
        "party": {
            "first_name": first, "last_name": last, "company_name": "",
            "street_1": f"{pick.choice(STREETS)} {pick.randrange(1, 99)}", "street_2": "",
            "postal_code": code, "city": city, "city_area": "", "country_area": "",
            "country": "FI", "phone": f"+35850{number:07}",
        },
    }  # fmt: skip


def _account(person: dict[str, Any]) -> dict[str, Any]:
    entry = {"key": person["user"], "party": person["party"], "default_billing": True,
             "default_shipping": True}  # fmt: skip
    return {
        "key": person["user"], "email": person["email"],
        "first_name": person["party"]["first_name"], "last_name": person["party"]["last_name"],
        "language": "fi", "is_staff": False, "is_active": True, "joined_at": _at(START),
        "changed_at": _at(START), "former_emails": [], "addresses": [entry], "vat_id": "",
        "outside": [],
    }  # fmt: skip


def _order(pick: random.Random, key: UUID, number: int, person: dict[str, Any]) -> dict[str, Any]:
    placed = START + timedelta(minutes=number * 5)
    lines = [_line(pick) for _ in range(pick.randint(1, 5))]
    cents = sum(int(line["gross"].replace(".", "")) for line in lines)
    billing = person["party"]
    shipping = billing | {"street_1": "Varastokatu 1"} if pick.random() < 0.2 else billing
    parts = 2 if pick.random() < 0.15 else 1
    movements = [
        {"key": f"event:{number * 2 + n}", "kind": ("payment", "refund")[n],
         "amount": _money(cents // (n * 4 + 1)), "currency": "EUR",
         "at": _at(placed + timedelta(days=n * 3)), "gateway": "jokkerit.payments",
         "reference": f"PSP-{number}-{n}"}
        for n in range(parts)
    ]  # fmt: skip
    delivered = placed + timedelta(days=2) if pick.random() < 2 / 3 else None
    deliveries = [
        {"key": number * 8 + n, "line": line["key"], "status": "fulfilled",
         "quantity": line["quantity"], "at": _at(delivered)}
        for n, line in enumerate(lines) if delivered
    ]  # fmt: skip
    invoiced = pick.random() < 0.75
    invoice = {"key": number, "number": f"L-{number}", "created_at": _at(placed)}
    return {
        "key": str(key), "number": str(number), "origin": "checkout", "channel": "suomi",
        "status": "fulfilled" if delivered else "unfulfilled", "currency": "EUR",
        "language": "fi", "user": person["user"], "email": person["email"],
        "placed_at": _at(placed), "paid_at": _at(placed), "cancelled_at": None,
        "delivered_at": _at(delivered) if delivered else None,
        "net": _money(cents * 1000 // 1255), "gross": _money(cents), "shipping_net": "4.700",
        "shipping_gross": "5.900", "shipping_tax_rate": "0.2550",
        "shipping_tax_class": "Yleinen kanta", "gift_card_amount": "0.000", "tax_country": "FI",
        "tax_exempt": False, "vat_id": "",
        "checkout_token": str(UUID(int=pick.getrandbits(128), version=4)), "billing": billing,
        "shipping": shipping, "lines": lines, "movements": movements, "deliveries": deliveries,
        "invoices": [invoice] if invoiced else [], "outside": [],
    }  # fmt: skip


def _line(pick: random.Random) -> dict[str, Any]:
    ware, quantity = pick.randrange(200), pick.randint(1, 3)
    cents = (1000 + ware * 37) * quantity * 10
    return {
        "key": str(UUID(int=pick.getrandbits(128), version=4)), "name": f"Villapaita {ware}",
        "variant": "L", "sku": f"JR-{ware:04}", "quantity": quantity,
        "net": _money(cents * 1000 // 1255), "gross": _money(cents), "tax_rate": "0.2550",
        "tax_class": "Yleinen kanta", "is_gift_card": False,
    }  # fmt: skip


def _money(thousandths: int) -> str:
    return f"{thousandths // 1000}.{thousandths % 1000:03}"


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
