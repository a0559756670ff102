"""A house in which everything has happened once: a row of every kind, for whoever asks for all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import transaction

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting import close, periods
from jokkerit_plugin.disclosure import collection, flows, transfers
from jokkerit_plugin.marketing import ledger as ledger_of_marketing
from jokkerit_plugin.marketing import uploads
from jokkerit_plugin.models import (
    Affected,
    BilledLine,
    Breach,
    BreachEvent,
    BreachSearch,
    Certificate,
    Closing,
    Controller,
    Correction,
    CorrectionTask,
    Customer,
    ExportJob,
    Incident,
    IncidentLine,
    Plan,
    Recipient,
    RefusedLines,
    Request,
    RequestEvent,
    RequestLetter,
    Telling,
    Voucher,
    VoucherNote,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.policy.site_log import Refusal
from jokkerit_plugin.register import corrections
from jokkerit_plugin.retention import ledger
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.shop.flows import Flow, FlowKind
from tests.bookkeeping import exported, follow
from tests.buyers import company
from tests.graphql import House
from tests.logs import logged
from tests.opting import declared_empty
from tests.paper_shop import PaperShop, key_of, line, party
from tests.published import described, published


def fill(shop: PaperShop, monkeypatch: pytest.MonkeyPatch) -> House:
    """Let everything happen once, and return the house."""
    shop.order(
        "one", email="aino@example.com", billing=party("Aino", "Mäkelä"),
        invoices=[{"key": 1, "number": "L1", "created_at": "2026-03-01T10:00:00.000000Z"}],
        movements=[{"key": "payment:1", "kind": "payment", "amount": "12.550", "currency": "EUR",
                    "at": "2026-03-01T10:00:00.000000Z", "gateway": "g", "reference": "r"}],
        deliveries=[{"key": 1, "line": str(key_of("line one")), "status": "fulfilled",
                    "quantity": 1, "at": "2026-03-02T10:00:00.000000Z"}],
    )  # fmt: skip
    shop.order("two", email="restricted@example.com")
    shop.order(
        "older", email="older@example.com", status="fulfilled",
        **dict.fromkeys(("placed_at", "paid_at", "delivered_at"), "2024-05-01T10:00:00.000000Z"),
    )  # fmt: skip
    shop.order("stale", email="stale@example.com", placed_at="2025-03-01T10:00:00.000000Z")
    # Sold on the spot: a gift card, and something at a rate that was no longer in force.
    shop.order("three", email="eino@example.com", lines=[
        line("card", is_gift_card=True, net="50.000", gross="50.000", tax_rate="0.0000"),
        line("late", net="10.000", gross="12.400", tax_rate="0.2400"),
    ], delivered_at="2026-03-02T10:00:00.000000Z", net="60.000", gross="62.400")  # fmt: skip
    # Paid in another quarter and member state, not delivered, and given back in part.
    moved = {"key": "payment:4", "kind": "payment", "amount": "11.900", "currency": "EUR",
             "at": "2025-12-30T10:00:00.000000Z", "gateway": "g", "reference": "r"}  # fmt: skip
    back = {"key": "payment:5", "kind": "refund", "amount": "1.190",
            "at": "2026-03-03T10:00:00.000000Z"}  # fmt: skip
    shop.order(
        "four", email="eino@example.com", tax_country="DE", movements=[moved, moved | back],
        lines=[line("four", net="10.000", gross="11.900", tax_rate="0.1900")],
    )  # fmt: skip
    shop.port.settings = replace(shop.port.settings, voucher_start=date(2026, 1, 1))
    follow(shop)
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    shop.port.settings = replace(shop.port.settings, marketing_double_opt_in=False)
    house = House(shop)
    house.everybody_signs()
    _exports()
    Closing.objects.create(
        first=date(2020, 1, 1), last=date(2020, 1, 31), closed_by="user:3", figures={}, entries=0,
        digest=close.digest(periods.month("2020-01"))[1],
    )  # fmt: skip
    other = Customer.objects.get(email="restricted@example.com")
    controller = Actor.of(house.people["controller"])
    restrictions.restrict(other.pk, ground=RestrictionGround.ACCURACY, actor=controller)
    house.ask("{ purchases(first: 1) { totalCount } }", "staff")
    _markets(house)
    _discloses(house, other, controller)
    _describes(shop)
    _retains(other)
    _was_breached(other)
    _corrects()
    _logs(Customer.objects.get(email="aino@example.com"))
    Certificate.objects.create(
        origin="sample", customer=other.pk, verdict="leftover", hits=1, left_over=1,
        findings=[{"table": "t", "column": "c", "key": "1", "kinds": ["email"], "rule": "",
                   "ground": "", "until": None}],
    )  # fmt: skip
    return house


def _describes(shop: PaperShop) -> None:
    """Two versions, with what changed; now something is missing."""
    published(shop)
    published(shop, detail_years=2)
    described(shop, privacy_contact="")


def _markets(house: House) -> None:
    """Accounts of all who are customers too, a consent, and an import."""
    for caller in (*house.people.values(), None):
        kind, _, key = caller.key.partition(":") if caller else ("user", "", "12")
        if kind == "user":
            house.shop.account(int(key))
    aino = Customer.objects.get(email="aino@example.com")
    ledger_of_marketing.record(
        Kind.CONSENT, Channel.EMAIL, "aino@example.com", source="staff:telephone", customer=aino.pk
    )
    declared_empty()
    house.shop.port.settings = replace(house.shop.port.settings, business_id="2368582-3")
    Controller.objects.create(
        word="new", business_id="2368582-3", name="Jokkerit Trading Oy", by="user:1",
        since=datetime(2020, 1, 1, tzinfo=UTC), at=clock.now(),
    )  # fmt: skip
    uploads.store([b"email\n"], actor=Actor.of(house.people["controller"]))


def _logs(aino: Customer) -> None:
    """Lines of one day, an incident, and a voucher that rests on one of them."""
    at = datetime(2026, 3, 5, 10, tzinfo=UTC)
    one = logged(at, customer=aino.pk, path="/login", method="POST", status=401)
    RefusedLines.objects.create(day=at.date(), reason=Refusal.BINARY, count=1)
    incident = Incident.objects.create(
        purpose="security", reason="Guessing", since=at, until=at + timedelta(hours=1),
        opened_by="user:1", review_on=date(2030, 1, 1),
    )  # fmt: skip
    fields = [field.attname for field in IncidentLine._meta.concrete_fields]
    copied = {name: getattr(one, name) for name in fields if hasattr(one, name) and name != "id"}
    IncidentLine.objects.create(incident=incident, line=one.pk, **copied)
    voucher = Voucher.objects.filter(purchase__customer=aino).first()
    BilledLine.objects.create(
        purchase=voucher.purchase, voucher=voucher, line=one.pk, at=at, method="GET", path="/",
        status=200, size=1, duration=1,
    )  # fmt: skip


def _retains(asked: Customer) -> None:
    """A dry run, a receipt, and a request for erasure."""
    plan = Plan.objects.create(
        day=date(2026, 3, 1), state=Plan.State.LEFT, settings="x", counts={"contact": {"x": 1}}
    )
    ledger.append(
        ledger.receipt(
            plan=plan.pk, part="contact", subjects=[9999], shop_keys=[], rows={}, in_shop=False,
            at=clock.now(),
        )
    )  # fmt: skip
    request = Request.objects.create(
        customer=asked.pk, origin="customer_deleted", state="asks", opened_at=clock.now(),
        due_on="2026-12-01",
    )  # fmt: skip
    RequestEvent.objects.create(request=request, what="received", actor="shop")
    RequestLetter.objects.create(request=request, what="received")
    own = Customer.objects.create(saleor_user=12, email="own@example.com")
    Request.objects.create(
        customer=own.pk, origin="account", state="accepted", kind="erasure", proof="account",
        opened_at=clock.now(), decided_at=clock.now(), decided_by="user:1", due_on="2026-12-01",
    )  # fmt: skip
    for one in (RequestEvent(what="received"), RequestLetter(what="received")):
        one.request = Request.objects.latest("pk")
        one.save()


def _was_breached(affected: Customer) -> None:
    """A breach with a search, somebody affected, and a letter."""
    words = dict.fromkeys(("happened", "consequences", "measures"), "x")
    row = Breach.objects.create(
        state="open", recorded_at=clock.now(), recorded_by="user:1", happened="x",
        letter={"fi": words}, aware_at=clock.now(), due_at=clock.now(), letters_at=clock.now(),
    )  # fmt: skip
    BreachEvent.objects.create(breach=row, what="recorded", actor="user:1")
    BreachSearch.objects.create(
        breach=row, kind="held", categories="email", asked_at=clock.now(), asked_by="user:1"
    )
    Affected.objects.create(breach=row, customer=affected.pk, categories="email")


def _corrects() -> None:
    """A correction with its note on a voucher, a task, and a recipient to be told."""
    aino = Customer.objects.get(email="aino@example.com")
    now = clock.now()
    made = Correction.objects.create(
        customer=aino, field="last_name", last_name="Virtanen", by="user:1", carried="done",
        carried_at=now,
    )  # fmt: skip
    corrections.seal(made, {"last_name": "Mäkelä"}, "She called.")
    made.save()
    VoucherNote.objects.create(purchase=aino.purchases.get(), by="user:1", party_last_name="Oja")
    CorrectionTask.objects.create(
        customer=aino, field="email", sign="bounce", evidence="event:1", opened_by="shop"
    )
    day = date(2026, 3, 1)
    Telling.objects.create(
        recipient=Recipient.objects.earliest("pk"), what="rectification", customer=aino.pk,
        source="correction 1", categories="name", orders=["1"], first_on=day, last_on=day,
        ready_at=now,
    )  # fmt: skip


def _discloses(house: House, debtor: Customer, controller: Actor) -> None:
    """A debt in collection, a request for a transfer, and a way out."""
    today = clock.now().astimezone(clock.HELSINKI).date()
    collection.hand_over(
        debtor.purchases.get().pk, company("debt_collection", "Perintä", actor=controller).pk,
        due_on=today, reason="Reminded twice", review_on=today, actor=controller,
    )  # fmt: skip
    abroad = company("processor", "Toinen", "US", actor=controller)
    transfers.record_request(
        debtor.pk, recipient=abroad.pk, version=transfers.in_force().version, language="fi",
        risks_told=True, requested_at=clock.now(), channel="letter", actor=controller,
    )  # fmt: skip
    flows.register("mail", "mail.example", recipient=abroad.pk, actor=controller)
    house.shop.port.ways_out = [Flow(FlowKind.MAIL, "EMAIL_URL", "mail.example")]


def _exports() -> None:
    """A small file for the accounting firm, and one to be made."""
    export = exported("j.csv", b"Tosite;\r\n")
    ExportJob.objects.create(
        asked_at=clock.now(), asked_by="user:3", format="xlsx", first=export.first,
        last=export.last, language="fi", recipient=export.recipient,
    )  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is done inside: the house is built once for many questions."""
    cache.clear()
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)
        # Each one that stays open holds a lock: after some thousand PostgreSQL has no more.
        transaction.savepoint_commit(before)
