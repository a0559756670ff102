"""Breaches for tests: recorded, with people who are affected."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from jokkerit_plugin import clock
from jokkerit_plugin.models import Affected, Breach, Customer
from jokkerit_plugin.policy.breaches import Found, Risk
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.rights.breaches import affected, letters, records
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER

WORDS = {
    language: {
        "happened": f"{language} happened", "consequences": f"{language} consequences",
        "measures": f"{language} measures",
    }
    for language in ("fi", "sv", "en")
}  # fmt: skip


def recorded(**given: Any) -> Breach:
    """Record a breach of which the controller became aware an hour ago."""
    known = {
        "happened": "A laptop was stolen", "aware_at": clock.now() - timedelta(hours=1),
        "categories": [Category.EMAIL], "who": "customers", "consequences": "Scam mails",
        "measures": "Tokens were revoked",
    }  # fmt: skip
    return records.record(known | given, actor=CONTROLLER)


def assessed(risk: Risk = Risk.HIGH, **given: Any) -> Breach:
    """Record a breach and say how great the risk is."""
    return records.assess(recorded(**given).pk, risk=risk, reasons="Because", actor=CONTROLLER)


def everybody(breach: Breach) -> int:
    """Find all whose e-mail is held; return how many are affected."""
    affected.search(breach.pk, kind=Found.HELD, categories=[Category.EMAIL], actor=CONTROLLER)
    affected.compute()
    return Affected.objects.filter(breach=breach).count()


def ordered(shop: PaperShop, **given: Any) -> Breach:
    """Order letters to everybody."""
    reachable(shop)
    breach = assessed(**given)
    everybody(breach)
    return letters.tell(breach.pk, WORDS, actor=CONTROLLER)


def reachable(shop: PaperShop) -> None:
    """Say who answers, in the settings."""
    shop.port.settings = replace(
        shop.port.settings, controller_name="Jokkerit Trading Oy",
        privacy_contact="tietosuoja@jokkerit.example",
    )  # fmt: skip


def mails(shop: PaperShop) -> list[str]:
    """Return to whom the mailbox's letters went, in order."""
    return [to for _, _, (to, *_) in shop.port.outbox()]


def guests(count: int, start: int = 1) -> None:
    """Put customers into the register by hand."""
    Customer.objects.bulk_create(
        Customer(guest_email=f"guest{n}@example.com", email=f"guest{n}@example.com")
        for n in range(start, start + count)
    )
