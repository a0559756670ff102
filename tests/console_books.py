"""Books and marketing of a small shop, for the tests of their pages in the console."""

from dataclasses import replace
from datetime import UTC, date, datetime

from jokkerit_plugin import clock, keys
from jokkerit_plugin.marketing import ledger
from jokkerit_plugin.models import Recipient, Sweep
from jokkerit_plugin.policy.marketing import Channel, Kind, Source
from jokkerit_plugin.register import sweep
from jokkerit_plugin.shop.accounts import ShopAccounts
from tests.bookkeeping import follow, movement, sell
from tests.graphql import House
from tests.opting import declared_empty
from tests.paper_shop import PaperShop, line, party
from tests.test_exports import SETTINGS

NOW = datetime(2026, 5, 5, 9, tzinfo=UTC)


def kept(shop: PaperShop, monkeypatch) -> House:
    """Sell in March and April, refund, leave something unpaid; it is 5 May 2026.

    The shop's own tables are empty, so books and shop differ.
    """
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    shop.port.settings = replace(SETTINGS, voucher_start=date(2026, 1, 1))
    for number, name in enumerate(("Aino", "Eino", "Väinö")):
        buyer = party(name, "Mäkelä")
        sell(shop, name, f"2026-03-{number + 1:02}", email=f"{name[0].lower()}@example.com",
             billing=buyer)  # fmt: skip
    sell(shop, "late", "2026-03-20", email="eino@example.com",
         lines=[line("late", net="100.000", gross="124.000", tax_rate="0.2400")])  # fmt: skip
    sell(shop, "german", "2026-03-21", tax_country="DE", email="hans@example.com",
         lines=[line("german", net="10.000", gross="11.900", tax_rate="0.1900")])  # fmt: skip
    paid = [movement("back", "12.550", "2026-03-05"),
            movement("back again", "12.550", "2026-04-02", "refund")]  # fmt: skip
    sell(shop, "back", "2026-03-05", movements=paid)
    shop.order("owed", placed_at="2026-03-28T09:00:00.000000Z", status="fulfilled",
               deliveries=[{"key": 1, "line": line("owed")["key"], "status": "fulfilled",
                            "quantity": 1, "at": "2026-03-29T10:00:00.000000Z"}])  # fmt: skip
    follow(shop)
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    house = House(shop)
    house.everybody_signs()
    return house


def market() -> None:
    """Yes and no by several, and old opt-outs declared."""
    declared_empty()
    for letter in "aev":
        ledger.record(
            Kind.RECONSENT, Channel.EMAIL, f"{letter}@example.com", source=Source.LINK,
            at=datetime(2026, 2, 1, tzinfo=UTC),
        )  # fmt: skip
    ledger.record(
        Kind.OBJECTION, Channel.EMAIL, "v@example.com", source=Source.LINK,
        at=datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip
    ledger.record(
        Kind.OBJECTION, Channel.PHONE, "+358401234567", source="staff:telephone",
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def firm() -> int:
    """Return the key of the accounting firm."""
    return Recipient.objects.get().pk
