"""Any order, repetition and delay of a journey's events, with erasures between, brings back nothing
that was erased and loses nothing that is kept.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jokkerit_plugin.models import (
    Customer,
    ErasedKey,
    KnownIdentifier,
    Movement,
    PostalAddress,
    Purchase,
    PurchaseLine,
    SearchWords,
    SetAside,
    Sweep,
)
from jokkerit_plugin.policy.parts import FIELDS, Part
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.snapshots import Kind
from tests.erasing import erase
from tests.paper_shop import PaperShop
from tests.test_interleavings import STEPS, as_note, settle

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("JOKKERIT_EXAMPLES", "25"))
_IDENTITY = FIELDS[Part.IDENTITY]["Purchase"].split()


class Book:
    """What was erased, and what stood beside it then."""

    def __init__(self) -> None:
        self.without: set[Any] = set()
        self.reduced: set[Any] = set()
        self.nameless: dict[Any, Any] = {}
        self.gone: set[Any] = set()
        #: Order to party and tax as they stood when the detail was erased.
        self.kept: dict[Any, Any] = {}

    def erase(self, part: Part, pick: int) -> None:
        """Erase a part of one that is there."""
        model = Customer if part is Part.CONTACT else Purchase
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        if not keys:
            return
        key = keys[pick % len(keys)]
        theirs = Purchase.objects.filter(**{"customer" if part is Part.CONTACT else "pk": key})
        orders = set(theirs.values_list("saleor_order", flat=True))
        if part is Part.DETAIL:
            for order in orders - set(self.kept):
                self.kept[order] = voucher(order)
        erase(part, [key])
        if part is Part.CONTACT:
            self.without |= orders
        elif part is Part.DETAIL:
            self.reduced |= orders
        elif part is Part.IDENTITY:
            self.nameless |= dict.fromkeys(orders)
        else:
            self.gone |= orders

    def holds(self, shop: PaperShop) -> None:
        """Nothing erased is there, and all the rest is as the shop has it."""
        there = dict(Purchase.objects.in_bulk(field_name="saleor_order"))
        assert not self.gone & set(there)
        for order in self.without & set(there):
            assert there[order].customer_id is None
            assert there[order].billing_address_id is None
        for order in self.reduced & set(there):
            one = there[order]
            assert (one.email, one.language, one.billing_address_id) == ("", "", None)
            assert not one.movements.exclude(reference="").exists()
            if order not in self.nameless:
                assert voucher(order) == self.kept[order]
        for order in set(self.nameless) & set(there):
            assert all(getattr(there[order], name) == "" for name in _IDENTITY)
        told = {key: row for (kind, key), row in shop.rows.items() if kind is Kind.ORDER}
        # Of those that vanished only what was seen is there.
        assert set(map(str, there)) >= set(told) - set(map(str, self.gone))
        for order, one in there.items():
            row = told.get(str(order))
            if row is None:
                continue
            assert (one.status, str(one.gross), one.tax_country) == (
                row["status"], row["gross"], row["tax_country"],
            )  # fmt: skip
            lines = PurchaseLine.objects.filter(purchase=one).values_list("name", flat=True)
            assert sorted(lines) == sorted(line["name"] for line in row["lines"])
            moved = Movement.objects.filter(purchase=one).values_list("source", flat=True)
            assert sorted(moved) == sorted(movement["key"] for movement in row["movements"])
            if order not in self.reduced:
                assert one.email == row["email"]
            if order not in self.without and (row["user"] or row["email"]):
                assert one.customer_id or ErasedKey.objects.filter(kind="customer").exists()
        customers = set(Customer.objects.values_list("pk", flat=True))
        for model in (KnownIdentifier, PostalAddress, SearchWords):
            assert set(model.objects.values_list("customer", flat=True)) <= customers


def voucher(order: Any) -> dict[str, Any]:
    return Purchase.objects.values("tax_country", "vat_id", *_IDENTITY).get(saleor_order=order)


@st.composite
def plans(draw: st.DrawFn) -> list[tuple[list[tuple[int, bool]], list[tuple[Part, int]]]]:
    """After each step: which of the events so far arrive now (again), and what is erased."""
    arrival = st.tuples(st.integers(0, 60), st.booleans())
    part = st.sampled_from([*Part, Part.CONTACT, Part.DETAIL])
    erasing = st.tuples(part, st.integers(0, 5))
    return [
        (draw(st.lists(arrival, max_size=3)), draw(st.lists(erasing, max_size=1))) for _ in STEPS
    ]


@given(plan=plans(), shuffled=st.randoms(use_true_random=False), lossy=st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    # Each example costs some 0.5 s: shrinking one would take minutes of a test run.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_erasures_between_any_interleaving_of_events(plan, shuffled, lossy):
    before = port._port
    try:
        with tempfile.TemporaryDirectory() as folder:
            interleaved(Path(folder), plan, shuffled, lossy=lossy)
    finally:
        port.install(before)


def interleaved(folder: Path, plan: Any, shuffled: Any, *, lossy: bool) -> None:
    shop, book = PaperShop.at(folder), Book()
    port.install(shop.port)
    told: list[tuple[Kind, str]] = []
    with transaction.atomic():
        for step, (arrivals, erasings) in zip(STEPS, plan, strict=True):
            step(shop)
            told += shop.delivered()
            for index, drain in arrivals:
                inbox.note(*as_note(told[index % len(told)]))
                if drain:
                    inbox.drain()
            for part, pick in erasings:
                book.erase(part, pick)
        if lossy:
            sweep.run(sweep.start(Sweep.Name.RECONCILE))
        else:
            shuffled.shuffle(told)
            for event in told:
                inbox.note(*as_note(event))
        settle(shop)
        assert not SetAside.objects.exists()
        book.holds(shop)
        walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
        assert (walk.outdated, walk.vanished, walk.failed) == (0, 0, 0)
        book.holds(shop)
        transaction.set_rollback(True)
