"""Customers of a paper shop, taken into the register, and companies that get their data."""

from typing import Any

from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import recipients
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import Purchase, Recipient
from jokkerit_plugin.register import intake
from tests.paper_shop import PaperShop, party
from tests.people import CONTROLLER

#: Company to Finnish business id: two companies of one kind need two.
BUSINESS_IDS = {
    "Tili": "2368582-3",
    "Toinen": "1790235-0",
    "Perintä": "1643256-1",
    "Palvelimet": "3141594-6",
}


def bought(shop: PaperShop, name: str, country: str = "FI", **changes: Any) -> Purchase:
    """Let somebody of that name and country buy; return the purchase, its customer with it."""
    address = party(country=country)
    given = {"billing": address, "shipping": address, "tax_country": country} | changes
    key = shop.order(name, **{"email": f"{name}@example.com"} | given)
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=shop.port.config())
    return Purchase.objects.get(saleor_order=key)


def money(kind: str, amount: str, at: str = "2026-03-02T10:00:00.000000Z") -> dict[str, str]:
    """A movement as a document holds it."""
    return {
        "key": f"event:{kind}:{amount}", "kind": kind, "amount": amount, "currency": "EUR",
        "at": at, "gateway": "bank", "reference": "",
    }  # fmt: skip


def company(
    kind: str = "bookkeeping",
    name: str = "Tili",
    country: str = "FI",
    *,
    actor: Actor = CONTROLLER,
    **changes: Any,
) -> Recipient:
    """Register a company with both agreements signed, unless changed."""
    today = clock.now().astimezone(clock.HELSINKI).date()
    given = {"agreement_signed_on": today, "confidentiality_signed_on": today} | changes
    return recipients.register(
        kind=kind, name=name, business_id=BUSINESS_IDS[name] if country == "FI" else "",
        country=country, actor=actor, **given,
    )  # fmt: skip
