"""Any order, repetition and delay of a journey's events gives the same register."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jokkerit_plugin.models import (
    Customer,
    Delivery,
    KnownIdentifier,
    Movement,
    PostalAddress,
    Purchase,
    PurchaseLine,
    Trace,
)
from tests.chance import tries
from tests.journey import ARRIVAL, STEPS, any_order, settle, travel, undone_shop

pytestmark = pytest.mark.django_db

PRESENT = {"aino.new@example.com", "aino@example.com", "eino.right@example.com", "+358401234567"}

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


@cache
def in_order() -> tuple[Picture, set[tuple[Any, ...]]]:
    """The register when every event is worked on as it comes: what any other way must equal."""
    with undone_shop() as shop:
        for step in STEPS:
            step(shop)
            settle(shop)
        return picture(), identifiers()


PLANS = st.tuples(*(st.lists(ARRIVAL, max_size=4) for _ in STEPS)).map(list)


@given(plan=PLANS, shuffled=st.randoms(use_true_random=False), lossy=st.booleans())
@settings(any_order, max_examples=tries(12))
def test_any_interleaving_and_repetition_gives_the_same_register(plan, shuffled, lossy):
    expected, known = in_order()
    with undone_shop() as shop:
        travel(shop, plan, shuffled, lossy=lossy)
        found, seen = picture(), identifiers()
    assert found == expected
    # A state that came and went between two drains was never seen, so less may be known of the
    # past; what the shop still shows must be known.
    assert seen <= known
    assert {one for one in known if one[3] in PRESENT} <= seen
