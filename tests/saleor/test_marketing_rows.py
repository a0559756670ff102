"""What Saleor's rows say of marketing, and the mark that the register leaves on an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.saleor_bridge import marks
from jokkerit_plugin.shop.port import shop
from jokkerit_plugin.shop.snapshots import Buyer
from tests.saleor import rows
from tests.saleor.reading import CONFIG, change, customer, read

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")

SAID = {"marketingConsent": "email", "marketingAt": "2026-11-01T10:00:00+02:00"}


def test_an_account_says_it_by_its_keys_alone_and_they_lie_within_the_description() -> None:
    buyer = rows.user("aino@example.com", metadata={**SAID, "vatId": "FI23685823"})
    found = customer(buyer)
    assert found.marketing == SAID
    assert "user.metadata" not in found.outside
    change(buyer, metadata={**SAID, "lempinimi": "Aikku"})
    assert customer(buyer).marketing == SAID
    assert "user.metadata" in customer(buyer).outside


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, {}), ([], {}), ("text", {}),
        ({"marketingOptOut": True}, {"marketingOptOut": "true"}),
        ({"marketingOptOut": None}, {}),
        ({"marketingText": "x" * 500}, {"marketingText": "x" * 100}),
    ],
)  # fmt: skip
def test_whatever_stands_in_metadata_is_read_as_short_text(metadata: Any, expected: Any) -> None:
    buyer = rows.user("aino@example.com")
    change(buyer, metadata=metadata)
    assert customer(buyer).marketing == expected


def test_an_order_says_it() -> None:
    placed = rows.order(metadata={"marketingOptOutOffered": "true"})
    found = read(placed)
    assert found.marketing == {"marketingOptOutOffered": "true"}
    assert "order.metadata" not in found.outside


def test_whom_orders_name_is_read_by_itself() -> None:
    buyer, place = rows.user("aino@example.com"), rows.address(phone="+358401234567")
    hers = rows.order(user=buyer, user_email=buyer.email, billing_address=place)
    bare = rows.order(channel=hers.channel)
    found = shop().buyers([hers.pk, bare.pk])
    assert (found[hers.pk].email, found[hers.pk].user) == (buyer.email, buyer.pk)
    assert [one.phone for one in found[hers.pk].parties] == ["+358401234567"]
    assert found[bare.pk] == Buyer("", None, ())


def test_a_checkout_says_it() -> None:
    from saleor.checkout.models import CheckoutMetadata

    cart, bare = rows.checkout(), rows.checkout()
    CheckoutMetadata.objects.create(checkout=cart, metadata={"marketingOptOut": "phone"})
    found = {one.key: one for one in shop().checkouts([cart.pk, bare.pk], CONFIG)}
    assert found[cart.pk].marketing == {"marketingOptOut": "phone"}
    assert found[cart.pk].outside == ()
    assert found[bare.pk].marketing == {}


def test_accounts_that_say_no_are_found_however_old() -> None:
    said = {"marketingOptOut": "true"}
    first, last = (rows.user(f"{name}@example.com", metadata=said) for name in ("aino", "lempi"))
    rows.user("quiet@example.com", metadata={"marketingConsent": "true"})
    rows.user("staff@example.com", metadata=said, is_staff=True)
    change(rows.user("odd@example.com"), metadata=[])
    change(first, updated_at=clock.now() - timedelta(days=900))
    assert shop().opted_out(0, 10) == [first.pk, last.pk]
    assert shop().opted_out(0, 1) == [first.pk]
    assert shop().opted_out(first.pk, 10) == [last.pk]


def test_the_mark_is_for_other_apps_and_changes_nothing_else() -> None:
    buyer, other = (
        rows.user(f"{name}@example.com", private_metadata={"luokka": "A"})
        for name in ("aino", "eino")
    )
    change(other, private_metadata={})
    before, digest = buyer.updated_at, customer(buyer).digest
    shop().mark_opt_outs({buyer.pk: "email sms", other.pk: ""})
    buyer.refresh_from_db()
    assert buyer.private_metadata == {"luokka": "A", marks.KEY: "email sms"}
    assert (buyer.updated_at, customer(buyer).digest) == (before, digest)
    shop().mark_opt_outs({buyer.pk: ""})
    buyer.refresh_from_db()
    other.refresh_from_db()
    assert (buyer.private_metadata, other.private_metadata) == ({"luokka": "A"}, {})
    shop().mark_opt_outs({})


def test_the_mark_alone_does_not_lie_outside_the_description() -> None:
    buyer = rows.user("aino@example.com")
    shop().mark_opt_outs({buyer.pk: "email"})
    assert "user.private_metadata" not in customer(buyer).outside
    change(buyer, private_metadata={marks.KEY: "email", "luokka": "A"})
    assert "user.private_metadata" in customer(buyer).outside
