"""Any order, repetition and delay of a journey's events gives the same register."""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jokkerit_plugin.models import (
    Customer,
    Delivery,
    InboxEvent,
    KnownIdentifier,
    Movement,
    PostalAddress,
    Purchase,
    PurchaseLine,
    SetAside,
    Trace,
)
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, key_of, line, party

pytestmark = pytest.mark.django_db

PAID = [
    {
        "key": "payment:1", "kind": "payment", "amount": "12.550", "currency": "EUR",
        "at": "2026-03-01T10:05:00.000000Z", "gateway": "paytrail", "reference": "r1",
    },
]  # fmt: skip
REFUNDED = [*PAID, PAID[0] | {"key": "payment:2", "kind": "refund", "amount": "2.000"}]
SENT = [
    {
        "key": 5, "line": str(key_of("line a")), "status": "fulfilled", "quantity": 1,
        "at": "2026-03-02T08:00:00.000000Z",
    },
]  # fmt: skip
BOOK = [{"key": 3, "party": party(street_1="Koti 1"), "default_billing": True,
         "default_shipping": False}]  # fmt: skip


def attach_silently(shop: PaperShop) -> None:
    """Saleor attaches a guest's orders at registration and tells only of the account."""
    shop.order("a", user=5)
    shop.events.pop()
    shop.account(5)


def vanish(shop: PaperShop, name: str) -> None:
    """Only a purchase that was seen can be marked as gone: Saleor deletes old orders only."""
    inbox.note(Kind.ORDER, [key_of(f"order {name}")])
    while InboxEvent.objects.exists():
        inbox.drain()
    shop.remove(Kind.ORDER, key_of(f"order {name}"))


STEPS: list[Callable[[PaperShop], object]] = [
    lambda shop: shop.checkout("cart"),
    lambda shop: shop.checkout("cart", email="Aino@example.com", shipping=party(street_1="Koti 1")),
    lambda shop: shop.remove(Kind.CHECKOUT, key_of("checkout cart")),
    lambda shop: shop.order("a", checkout_token=str(key_of("checkout cart"))),
    lambda shop: shop.order("a", movements=PAID, paid_at="2026-03-01T10:05:00.000000Z"),
    lambda shop: shop.order("b", email="AINO@example.com", billing=party(last_name="Virtanen")),
    lambda shop: shop.account(5, email="aino@example.com"),
    attach_silently,
    lambda shop: shop.order("b", user=5),
    lambda shop: shop.account(5, addresses=BOOK),
    lambda shop: shop.account(5, email="aino.new@example.com", former_emails=["aino@example.com"]),
    lambda shop: shop.order("a", deliveries=SENT, status="fulfilled"),
    lambda shop: shop.order("c", email="eino@example.com", lines=[line("x"), line("y")]),
    lambda shop: shop.order("c", email="eino.right@example.com", lines=[line("y", quantity=2)]),
    lambda shop: shop.order("a", movements=REFUNDED),
    lambda shop: shop.order("d", email=""),
    lambda shop: shop.order("e", email="aino@example.com"),
    lambda shop: vanish(shop, "e"),
    lambda shop: shop.order("b", status="canceled", billing=party(street_1="Muutto 2")),
]

Picture = dict[str, Any]


def picture() -> Picture:
    """Everything that the register says, without its own keys, clocks and history."""
    owner = ("customer__saleor_user", "customer__guest_email")
    order = "purchase__saleor_order"
    hidden = {"id", "customer_id", "billing_address_id", "shipping_address_id", "absent_since"}
    purchase = [f.attname for f in Purchase._meta.concrete_fields if f.attname not in hidden]
    return {
        "customers": rows(
            Customer, "saleor_user", "guest_email", "email", "first_name", "last_name",
            "company_name", "phone", "language", "vat_id", "is_staff",
        ),
        "purchases": rows(
            Purchase, *owner, *purchase, "billing_address__street_1", "shipping_address__street_1"
        ),
        "absent": rows(Purchase.objects.exclude(absent_since=None), "saleor_order"),
        "lines": rows(PurchaseLine, order, "saleor_line", "name", "quantity", "net", "gross"),
        "movements": rows(Movement, order, "source", "kind", "amount"),
        "deliveries": rows(Delivery, order, "saleor_fulfillment_line", "status"),
        "addresses": rows(
            PostalAddress, *owner, "fingerprint", "in_book", "default_billing",
            "first_used_at", "last_used_at",
        ),
        "traces": rows(Trace, "kind", "key", "email", "street_1"),
    }  # fmt: skip


def identifiers() -> set[tuple[Any, ...]]:
    owner = ("customer__saleor_user", "customer__guest_email")
    return set(KnownIdentifier.objects.values_list(*owner, "kind", "value"))


def rows(source: Any, *fields: str) -> list[tuple[str, ...]]:
    found = getattr(source, "objects", source).values_list(*fields)
    return sorted(tuple(map(str, row)) for row in found)


def settle(shop: PaperShop) -> None:
    for kind, key in shop.delivered():
        inbox.note(kind, [key])
    while InboxEvent.objects.exists():
        inbox.drain()


@cache
def in_order() -> tuple[Picture, set[tuple[Any, ...]]]:
    """The register when every event is worked on as it comes: what any other way must equal."""
    with tempfile.TemporaryDirectory() as folder:
        return _in_order(Path(folder))


def _in_order(folder: Path) -> tuple[Picture, set[tuple[Any, ...]]]:
    shop = PaperShop.at(folder)
    port.install(shop.port)
    with transaction.atomic():
        for step in STEPS:
            step(shop)
            settle(shop)
        found = picture(), identifiers()
        transaction.set_rollback(True)
    return found


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[tuple[int, bool]]]:
    """After each step: which of the events so far arrive now (again), and whether to drain."""
    return [draw(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=4)) for _ in STEPS]


EXAMPLES = int(os.environ.get("JOKKERIT_EXAMPLES", "25"))


@given(plan=deliveries(), shuffled=st.randoms(use_true_random=False), lossy=st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    # Each example costs some 0.5 s: shrinking one would take minutes of a test run.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_interleaving_and_repetition_gives_the_same_register(plan, shuffled, lossy):
    before = port._port
    try:
        with tempfile.TemporaryDirectory() as folder:
            expected, known = in_order()
            found, seen = interleaved(Path(folder), plan, shuffled, lossy=lossy)
    finally:
        port.install(before)
    assert found == expected
    # A state that came and went between two drains was never seen, so less may be known of the
    # past; what the shop still shows must be known.
    assert seen <= known
    assert {one for one in known if one[3] in PRESENT} <= seen


PRESENT = {"aino.new@example.com", "aino@example.com", "eino.right@example.com", "+358401234567"}


def interleaved(
    folder: Path, plan: list[list[tuple[int, bool]]], shuffled: Any, *, lossy: bool
) -> tuple[Picture, set[tuple[Any, ...]]]:
    shop = PaperShop.at(folder)
    port.install(shop.port)
    told: list[tuple[Kind, str]] = []
    owed: list[tuple[Kind, str]] = []
    with transaction.atomic():
        for step, arrivals in zip(STEPS, plan, strict=True):
            step(shop)
            events = list(shop.delivered())
            told += events
            owed += events
            for index, drain in arrivals:
                inbox.note(*as_note(told[index % len(told)]))
                if drain:
                    inbox.drain()
        if lossy:
            sweep.run(sweep.start(sweep.Sweep.Name.RECONCILE))
        else:
            shuffled.shuffle(owed)
            for event in owed:
                inbox.note(*as_note(event))
        settle(shop)
        assert not SetAside.objects.exists()
        found = picture(), identifiers()
        transaction.set_rollback(True)
    return found


def as_note(event: tuple[Kind, str]) -> tuple[Kind, list[Any]]:
    return event[0], [event[1]]
