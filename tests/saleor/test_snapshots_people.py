"""Accounts and checkouts as snapshots, and what lies outside the description."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import snapshots
from jokkerit_plugin.shop.snapshots import Kind
from tests.saleor import rows
from tests.saleor.reading import CONFIG, change, customer, keys, read

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")


class TestCustomers:
    """CustomerSnapshot."""

    def test_every_field_is_read(self) -> None:
        from saleor.account.models import CustomerEvent

        home, work, extra = rows.address(city="Juva"), rows.address(city="Espoo"), rows.address()
        buyer = rows.user(
            "New@Example.com",
            first_name="Aino",
            last_name="Virtanen",
            language_code="sv",
            is_staff=True,
            is_active=False,
            default_billing_address=home,
            default_shipping_address=work,
            metadata={"vatId": "FI23685823"},
        )
        buyer.addresses.add(home, extra)
        for old in ("old@example.com", "older@example.com", "old@example.com", "new@example.com"):
            CustomerEvent.objects.create(
                user=buyer, type="email_changed", parameters={"old_email": old}
            )

        found = customer(buyer)

        assert (found.key, found.email, found.first_name, found.last_name) == (
            buyer.pk,
            "New@Example.com",
            "Aino",
            "Virtanen",
        )
        assert (found.language, found.is_staff, found.is_active) == ("sv", True, False)
        assert (found.joined_at, found.changed_at) == (buyer.date_joined, buyer.updated_at)
        assert found.former_emails == ("old@example.com", "older@example.com")
        assert found.vat_id == "FI23685823"
        assert [
            (a.key, a.party.city, a.default_billing, a.default_shipping) for a in found.addresses
        ] == [
            (home.pk, "Juva", True, False),
            (work.pk, "Espoo", False, True),
            (extra.pk, "", False, False),
        ]

    def test_addresses_lead_to_their_accounts(self) -> None:
        one, other = rows.user("1@example.com"), rows.user("2@example.com")
        book, billing, shipping, alone = (rows.address() for _ in range(4))
        one.addresses.add(book)
        change(other, default_billing_address=billing, default_shipping_address=shipping)

        def found(*addresses: Any) -> list[int]:
            return snapshots.customers_of_addresses([address.pk for address in addresses])

        assert found(book) == [one.pk]
        assert found(billing) == found(shipping) == [other.pk]
        assert found(book, shipping, alone) == [one.pk, other.pk]
        assert found(alone) == found() == []

    def test_accounts_lead_to_their_orders(self) -> None:
        one, other = rows.user("1@example.com"), rows.user("2@example.com")
        first, second = rows.order(user=one), rows.order(user=other)
        rows.order(user=one, status="draft")
        rows.order(user=one, channel=rows.channel("other"))
        config = Config(excluded_channels=("other",))

        assert snapshots.order_keys_of_customers([one.pk], config) == [first.pk]
        both = snapshots.order_keys_of_customers([one.pk, other.pk], config)
        assert both == sorted([first.pk, second.pk])
        assert snapshots.order_keys_of_customers([], config) == []


class TestCheckouts:
    """CheckoutSnapshot."""

    def test_every_field_is_read(self) -> None:
        from saleor.checkout.models import CheckoutLine
        from saleor.product.models import ProductVariant

        basket = rows.checkout(
            email="a@example.com",
            user=rows.user("a@example.com"),
            language_code="fi",
            total_gross_amount=Decimal("12.345"),
            shipping_address=rows.address(city="Juva"),
        )
        for variant in ProductVariant.objects.all()[:2]:
            CheckoutLine.objects.create(
                checkout=basket, variant=variant, quantity=3, currency="EUR"
            )

        (found,) = snapshots.checkouts([basket.pk], CONFIG)

        assert (found.key, found.user, found.email) == (
            basket.pk,
            basket.user_id,
            "a@example.com",
        )
        assert (found.channel, found.currency, found.language) == ("fi", "EUR", "fi")
        assert (found.gross, found.lines_count) == (Decimal("12.345"), 2)
        assert (found.created_at, found.changed_at) == (basket.created_at, basket.last_change)
        assert (found.billing, found.shipping.city) == (None, "Juva")

    def test_an_excluded_channel_has_none(self) -> None:
        basket = rows.checkout(channel=rows.channel("other"), email=None)
        config = Config(excluded_channels=("other",))

        assert snapshots.checkouts([basket.pk], config) == []
        assert basket.pk not in keys(Kind.CHECKOUT, config)
        assert basket.pk in keys(Kind.CHECKOUT)


class TestOutside:
    """What the shop fills outside the description is named and not copied."""

    @pytest.mark.promise("P-NOTHING-ELSE", "P-RELEVANT")
    def test_columns_of_an_order(self) -> None:
        order = rows.order(
            customer_note="secret",
            tracking_client_id="secret",
            external_reference="secret",
            redirect_url="https://secret.example",
            metadata={"secret": "secret"},
            private_metadata={"secret": "secret"},
            billing_address=rows.address(metadata={"secret": "secret"}),
        )
        rows.line(order, "1", "1", metadata={"secret": "secret"}, unit_discount_reason="secret")
        rows.told(order, "note_added", rows.at(1), message="secret")
        parcel = rows.parcel(order)
        change(parcel, tracking_number="secret")
        rows.payment(order, customer_ip_address="192.0.2.1", extra_data="secret")
        rows.transaction(order, message="secret", private_metadata={"secret": "secret"})

        found = read(order)

        assert found.outside == (
            "address.metadata",
            "fulfillment.tracking_number",
            "order.customer_note",
            "order.external_reference",
            "order.metadata",
            "order.note",
            "order.private_metadata",
            "order.redirect_url",
            "order.tracking_client_id",
            "orderline.metadata",
            "orderline.unit_discount_reason",
            "payment.customer_ip_address",
            "payment.extra_data",
            "transaction.message",
            "transaction.private_metadata",
        )
        assert "secret" not in repr(found)

    def test_a_vat_id_in_metadata_is_inside(self) -> None:
        order = rows.order(metadata={"vatId": "FI1", "vat_id": "FI1"})

        assert read(order).outside == ()
        assert read(order, Config(vat_id_keys=("vatId",))).outside == ("order.metadata",)

    @pytest.mark.promise("P-NOTHING-ELSE", "P-RELEVANT")
    def test_columns_of_an_account(self) -> None:
        from saleor.account.models import CustomerNote

        buyer = rows.user(
            "b@example.com",
            note="secret",
            avatar="secret.png",
            external_reference="secret",
            metadata={"vatId": "FI1", "secret": "secret"},
            private_metadata={"secret": "secret"},
        )
        buyer.addresses.add(rows.address(private_metadata={"secret": "secret"}))
        CustomerNote.objects.create(customer=buyer, content="secret")

        found = customer(buyer)

        assert found.outside == (
            "address.private_metadata",
            "customernote.content",
            "user.avatar",
            "user.external_reference",
            "user.metadata",
            "user.note",
            "user.private_metadata",
        )
        assert "secret" not in repr(found)

    def test_columns_of_a_checkout(self) -> None:
        from saleor.checkout.models import CheckoutMetadata

        basket = rows.checkout(note="secret", redirect_url="https://secret.example")
        CheckoutMetadata.objects.create(checkout=basket, metadata={"secret": "secret"})

        (found,) = snapshots.checkouts([basket.pk], CONFIG)

        assert found.outside == ("checkout.metadata", "checkout.note", "checkout.redirect_url")
        assert "secret" not in repr(found)
