"""Any order, repetition and delay of a journey's events, with erasures between, brings back nothing
that was erased and loses nothing that is kept.
"""

from typing import Any

import pytest
from hypothesis import given, settings
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
    Sweep,
)
from jokkerit_plugin.policy.parts import FIELDS, Part
from jokkerit_plugin.register import sweep
from jokkerit_plugin.shop.snapshots import Kind
from tests.chance import tries
from tests.erasing import erase
from tests.journey import ARRIVAL, STEPS, Arrivals, any_order, travel, undone_shop
from tests.paper_shop import PaperShop

pytestmark = pytest.mark.django_db

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
def plans(draw: st.DrawFn) -> tuple[list[Arrivals], list[list[tuple[Part, int]]]]:
    """After each step: which of the events so far arrive now (again), and what is erased."""
    part = st.sampled_from([*Part, Part.CONTACT, Part.DETAIL])
    erasing = st.tuples(part, st.integers(0, 5))
    return (
        [draw(st.lists(ARRIVAL, max_size=3)) for _ in STEPS],
        [draw(st.lists(erasing, max_size=1)) for _ in STEPS],
    )


@given(plan=plans(), shuffled=st.randoms(use_true_random=False), lossy=st.booleans())
@settings(any_order, max_examples=tries(12))
def test_erasures_between_any_interleaving_of_events(plan, shuffled, lossy):
    arrivals, erasings = plan
    book = Book()

    def erase_some(step: int) -> None:
        for part, pick in erasings[step]:
            book.erase(part, pick)

    with undone_shop() as shop:
        travel(shop, arrivals, shuffled, lossy=lossy, then=erase_some)
        book.holds(shop)
        walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
        assert (walk.outdated, walk.vanished, walk.failed) == (0, 0, 0)
        book.holds(shop)
