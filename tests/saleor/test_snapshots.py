"""Documents of Saleor's rows: complete, exact, read in a constant number of queries."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import snapshots
from jokkerit_plugin.shop.snapshots import Kind, Party
from tests.saleor import rows
from tests.saleor.inside import statements, strict_writer

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")

CONFIG = Config()
READERS: dict[Kind, Any] = {
    Kind.ORDER: snapshots.orders,
    Kind.CUSTOMER: snapshots.customers,
    Kind.CHECKOUT: snapshots.checkouts,
}


def read(order: Any, config: Config = CONFIG) -> Any:
    (found,) = snapshots.orders([order.pk], config)
    return found


def customer(user: Any, config: Config = CONFIG) -> Any:
    (found,) = snapshots.customers([user.pk], config)
    return found


def keys(kind: Kind, config: Config = CONFIG) -> list[Any]:
    return [key for key, _ in snapshots.digests(kind, None, 10_000, config)]


def change(row: Any, **fields: object) -> None:
    """Change columns behind Saleor's back: `updated_at` stays."""
    type(row).objects.filter(pk=row.pk).update(**fields)


class TestOrders:
    """OrderSnapshot."""

    def test_every_field_is_read(self) -> None:
        buyer = rows.user("buyer@example.com")
        billing = rows.address(
            last_name="Virtanen",
            company_name="Oy",
            street_address_1="Kaskitie 7",
            street_address_2="B 3",
            postal_code="51900",
            city="Juva",
            city_area="Keskusta",
            country_area="Savo",
            phone="+358405551234",
        )
        order = rows.order(
            user=buyer,
            user_email="Buyer@Example.com",
            language_code="fi",
            created_at=rows.at(0),
            total_net_amount=Decimal("100.005"),
            total_gross_amount=Decimal("125.506"),
            shipping_price_net_amount=Decimal("5"),
            shipping_price_gross_amount=Decimal("6.275"),
            shipping_tax_rate=Decimal("0.255"),
            shipping_tax_class_name="Freight",
            tax_exemption=True,
            billing_address=billing,
            metadata={"vatId": " FI23685823 "},
            checkout_token="token",
        )
        line = rows.line(
            order,
            "100.005",
            "125.506",
            variant_name="L",
            product_sku="JR-PAITA",
            quantity=2,
            tax_rate=Decimal("0.2550"),
            tax_class_name="Standard",
            is_gift_card=True,
        )

        found = read(order)

        assert dataclasses.asdict(found) | {"digest": ""} == {
            "key": order.pk,
            "number": str(order.number),
            "status": "unfulfilled",
            "origin": "checkout",
            "channel": "fi",
            "currency": "EUR",
            "language": "fi",
            "user": buyer.pk,
            "email": "Buyer@Example.com",
            "placed_at": rows.at(0),
            "paid_at": None,
            "delivered_at": None,
            "cancelled_at": None,
            "net": Decimal("100.005"),
            "gross": Decimal("125.506"),
            "shipping_net": Decimal(5),
            "shipping_gross": Decimal("6.275"),
            "shipping_tax_rate": Decimal("0.255"),
            "shipping_tax_class": "Freight",
            "gift_card_amount": Decimal(0),
            "tax_country": "FI",
            "tax_exempt": True,
            "vat_id": "FI23685823",
            "checkout_token": "token",
            "billing": dataclasses.asdict(
                Party(
                    first_name="Aino",
                    last_name="Virtanen",
                    company_name="Oy",
                    street_1="Kaskitie 7",
                    street_2="B 3",
                    postal_code="51900",
                    city="Juva",
                    city_area="Keskusta",
                    country_area="Savo",
                    country="FI",
                    phone="+358405551234",
                )
            ),
            "shipping": None,
            "lines": (
                {
                    "key": line.pk,
                    "name": "Paita",
                    "variant": "L",
                    "sku": "JR-PAITA",
                    "quantity": 2,
                    "net": Decimal("100.005"),
                    "gross": Decimal("125.506"),
                    "tax_rate": Decimal("0.255"),
                    "tax_class": "Standard",
                    "is_gift_card": True,
                },
            ),
            "movements": (),
            "handovers": (),
            "invoices": (),
            "outside": (),
            "digest": "",
        }

    @pytest.mark.parametrize(
        ("currency", "amount"),
        [("KWD", "0.001"), ("JPY", "123456789012345"), ("EUR", "0.1"), ("EUR", "-2.345")],
    )
    def test_amounts_are_exact_in_any_currency(self, currency: str, amount: str) -> None:
        shop = rows.channel(currency.lower(), currency)
        order = rows.order(channel=shop, currency=currency, total_gross_amount=Decimal(amount))
        rows.line(order, amount, amount)
        rows.attempt(rows.payment(order), "capture", amount)

        found = read(order)

        (line,), (movement,) = found.lines, found.movements
        assert {found.gross, line.net, line.gross, movement.amount} == {Decimal(amount)}
        assert (found.currency, movement.currency) == (currency, currency)

    def test_nulls_of_texts_are_empty(self) -> None:
        order = rows.order()
        rows.line(order, "1", "1", product_sku=None, tax_class_name=None, tax_rate=None)

        found = read(order)

        assert (found.shipping_tax_class, found.lines[0].sku, found.lines[0].tax_class) == (
            ("",) * 3
        )
        assert (found.shipping_tax_rate, found.lines[0].tax_rate) == (None, None)

    def test_text_comes_through_as_it_is(self) -> None:
        order = rows.order(metadata={"vatId": "ÅÄÖ\u2028'\"\\%s%%{0}"})

        assert read(order).vat_id == "ÅÄÖ\u2028'\"\\%s%%{0}"

    def test_drafts_and_orders_of_excluded_channels_do_not_exist(self) -> None:
        draft, other = rows.order(status="draft"), rows.order(channel=rows.channel("other"))
        config = Config(excluded_channels=("other",))

        assert snapshots.orders([draft.pk, other.pk, uuid4()], config) == []
        assert not {draft.pk, other.pk} & set(keys(Kind.ORDER, config))
        assert snapshots.orders([], config) == []

    def test_hand_overs_and_invoices(self) -> None:
        from saleor.invoice.models import Invoice

        order = rows.order()
        line = rows.line(order, "1", "1")
        sent, back = rows.parcel(order, line), rows.parcel(order, line, status="returned")
        for status, number in [
            ("success", "1"),
            ("success", None),
            ("pending", None),
            ("pending", "2"),
            ("failed", "3"),
        ]:
            Invoice.objects.create(order=order, status=status, number=number)
        dated = Invoice.objects.create(order=order, status="success", created=rows.at(5))

        found = read(order)

        assert [(h.line, h.status, h.quantity, h.at) for h in found.handovers] == [
            (line.pk, "fulfilled", 1, sent.created_at),
            (line.pk, "returned", 1, back.created_at),
        ]
        assert [i.number for i in found.invoices] == ["1", "", "2", ""]
        assert (found.invoices[-1].key, found.invoices[-1].created_at) == (dated.pk, rows.at(5))


class TestDates:
    """When an order was placed, paid, delivered and cancelled."""

    @pytest.mark.parametrize(
        "event", ["placed", "placed_from_draft", "placed_automatically_from_paid_checkout"]
    )
    def test_an_order_was_placed_when_its_first_such_event_says(self, event: str) -> None:
        order = rows.order(created_at=rows.at(0))
        rows.told(order, event, rows.at(9))
        rows.told(order, event, rows.at(4))

        assert read(order).placed_at == rows.at(4)

    @pytest.mark.parametrize("event", ["order_fully_paid", "order_marked_as_paid"])
    def test_paid_by_event(self, event: str) -> None:
        order = rows.order(charge_status="partial")
        rows.told(order, event, rows.at(4))

        assert read(order).paid_at == rows.at(4)

    @pytest.mark.parametrize("charged", ["none", "partial", "full", "overcharged"])
    def test_paid_without_an_event_when_the_last_payment_came(self, charged: str) -> None:
        order = rows.order(charge_status=charged)
        item = rows.transaction(order)
        rows.reported(item, "charge_success", "1", "a", 1)
        rows.reported(item, "charge_success", "2", "b", 7)
        rows.reported(item, "refund_success", "1", "r", 9)

        paid = charged in {"full", "overcharged"}
        assert read(order).paid_at == (rows.at(7) if paid else None)

    def test_an_order_of_nothing_was_paid_when_it_was_placed(self) -> None:
        assert read(rows.order(charge_status="full", created_at=rows.at(3))).paid_at == rows.at(3)

    def test_an_import_s_payment_and_delivery_bear_the_order_s_day(self) -> None:
        order = rows.order(
            origin="bulk_create", charge_status="full", status="fulfilled", created_at=rows.at(0)
        )
        rows.reported(rows.transaction(order), "charge_success", "1", None, 99)
        rows.parcel(order, rows.line(order, "1", "1"))

        found = read(order)

        assert (found.paid_at, found.delivered_at) == (rows.at(0), rows.at(0))

    @pytest.mark.parametrize("status", ["fulfilled", "partially_returned", "returned"])
    def test_delivered_when_the_last_goods_went_out(self, status: str) -> None:
        order = rows.order(status=status)
        rows.told(order, "fulfillment_fulfilled_items", rows.at(2))
        rows.told(order, "fulfillment_fulfilled_items", rows.at(6))
        rows.parcel(order, rows.line(order, "1", "1"), status="returned")

        assert read(order).delivered_at == rows.at(6)

    def test_delivered_without_an_event(self) -> None:
        order = rows.order(status="fulfilled")
        sent = rows.parcel(order, rows.line(order, "1", "1"))

        assert read(order).delivered_at == sent.created_at

    @pytest.mark.parametrize("status", ["unfulfilled", "partially fulfilled", "canceled"])
    def test_not_delivered_while_something_is_missing(self, status: str) -> None:
        order = rows.order(status=status)
        rows.told(order, "fulfillment_fulfilled_items", rows.at(2))

        assert read(order).delivered_at is None

    @pytest.mark.parametrize(
        ("status", "fields", "event", "expected"),
        [
            ("canceled", {}, "canceled", 5),
            ("canceled", {}, None, 0),
            ("expired", {"expired_at": rows.at(8)}, "expired", 8),
            ("expired", {}, "expired", 5),
            ("unfulfilled", {"expired_at": rows.at(8)}, "canceled", None),
        ],
    )
    def test_cancelled(
        self, status: str, fields: dict[str, Any], event: str | None, expected: int | None
    ) -> None:
        order = rows.order(status=status, created_at=rows.at(0), **fields)
        if event:
            rows.told(order, event, rows.at(5))

        assert read(order).cancelled_at == (None if expected is None else rows.at(expected))

    def test_the_session_s_time_zone_changes_nothing(self) -> None:
        from django.db import connection

        order = rows.order(created_at=rows.at(0))
        before = read(order)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'Europe/Helsinki'; SET LOCAL DateStyle = 'German'")

        assert read(order) == before


class TestTaxes:
    """The country that taxes the order, and the buyer's VAT id."""

    def test_the_country_is_the_collection_point_s_else_the_address_s(self) -> None:
        from saleor.warehouse.models import Warehouse

        depot = Warehouse.objects.create(name="d", slug="d", address=rows.address(country="AX"))
        shop = rows.channel("se", "SEK", "SE")
        billing, shipping = rows.address(country="DE"), rows.address(country="EE")
        order = rows.order(
            channel=shop,
            collection_point=depot,
            shipping_address=shipping,
            billing_address=billing,
        )
        seen = [read(order).tax_country]
        for column in ("collection_point", "shipping_address", "billing_address"):
            change(order, **{column: None})
            seen.append(read(order).tax_country)

        assert seen == ["AX", "EE", "DE", "SE"]

    def test_the_vat_id_is_the_order_s_else_the_address_s_else_the_account_s(self) -> None:
        config = Config(vat_id_keys=("vat", "alv"))
        buyer = rows.user("b@example.com", metadata={"vat": "user"})
        billing = rows.address(metadata={"vat": "billing"})
        order = rows.order(
            user=buyer, billing_address=billing, metadata={"vat": " ", "alv": "order", "x": "y"}
        )
        seen = [read(order, config).vat_id]
        for row, fields in (
            (order, {"metadata": {"vat": None, "alv": 7}}),
            (order, {"metadata": {}}),
            (billing, {"metadata": {"vatId": "not configured"}}),
            (buyer, {"metadata": {}}),
        ):
            change(row, **fields)
            seen.append(read(order, config).vat_id)

        assert seen == ["order", "7", "billing", "user", ""]


class TestOutside:
    """What the shop fills outside the description is named and not copied."""

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


class TestDigests:
    """What tells that a row changed, and which rows are walked."""

    @pytest.mark.parametrize("kind", list(READERS))
    def test_a_walk_in_ranges_gives_the_snapshots_digests(self, kind: Kind) -> None:
        walked: list[tuple[Any, str]] = []
        while part := snapshots.digests(kind, walked[-1][0] if walked else None, 7, CONFIG):
            walked += part

        found = READERS[kind]([key for key, _ in walked], CONFIG)

        assert len(walked) > 2
        assert [key for key, _ in walked] == sorted(key for key, _ in walked)
        assert dict(walked) == {one.key: one.digest for one in found}

    def test_whatever_the_snapshot_holds_changes_the_digest(self) -> None:
        billing, buyer = rows.address(), rows.user("a@example.com")
        order = rows.order(billing_address=billing, user=buyer)
        line = rows.line(order, "1", "1")
        parcel = rows.parcel(order, line)
        attempt = rows.attempt(rows.payment(order), "capture", "1")
        seen = [read(order).digest]

        for row, fields in (
            (order, {"status": "fulfilled"}),
            (order, {"metadata": {"note": "x"}}),
            (billing, {"city": "Juva"}),
            (buyer, {"metadata": {"vatId": "FI1"}}),
            (line, {"total_price_gross_amount": Decimal("1.001")}),
            (parcel, {"status": "returned"}),
            (parcel, {"tracking_number": "x"}),
            (attempt, {"amount": Decimal(2)}),
            (order.channel, {"slug": "renamed"}),
        ):
            change(row, **fields)
            seen.append(read(order).digest)

        assert len(set(seen)) == len(seen)
        assert dict(snapshots.digests(Kind.ORDER, None, 10_000, CONFIG))[order.pk] == seen[-1]

    def test_what_it_does_not_hold_leaves_the_digest_alone(self) -> None:
        order = rows.order(metadata={"a": "1"})
        before = read(order).digest

        change(order, updated_at=clock.now() + timedelta(days=1), metadata={"a": "2"})

        assert read(order).digest == before

    def test_settings_that_change_the_reading_change_every_digest(self) -> None:
        order = rows.order()
        configs = [CONFIG, Config(vat_id_keys=("x",)), Config(test_channels=("fi",))]

        assert len({read(order, config).digest for config in configs}) == 3

    def test_which_accounts_are_walked(self) -> None:
        def account(email: str, days: int, **fields: object) -> Any:
            made = rows.user(email, **fields)
            change(made, updated_at=clock.now() - timedelta(days=days))
            return made

        fresh = account("fresh@example.com", 6)
        stale = account("stale@example.com", 8)
        buyer = account("buyer@example.com", 8)
        rows.order(user=buyer)
        elsewhere = account("elsewhere@example.com", 8)
        rows.order(user=elsewhere, channel=rows.channel("other"))
        planner = account("planner@example.com", 8)
        rows.order(user=planner, status="draft")
        staff = account("staff@example.com", 6, is_staff=True)
        staff_buyer = account("staff-buyer@example.com", 8, is_staff=True)
        rows.order(user=staff_buyer)
        config = Config(checkout_days=7, excluded_channels=("other",))

        walked = set(keys(Kind.CUSTOMER, config))

        ours = {fresh, stale, buyer, elsewhere, planner, staff, staff_buyer}
        assert walked & {one.pk for one in ours} == {fresh.pk, buyer.pk, staff_buyer.pk}

    def test_which_checkouts_are_walked(self) -> None:
        fresh, stale = rows.checkout(), rows.checkout()
        change(stale, last_change=clock.now() - timedelta(days=31))

        walked = keys(Kind.CHECKOUT)

        assert fresh.pk in walked
        assert stale.pk not in walked


class TestQueries:
    """One round trip a call, whatever its size, and none that Saleor forbids."""

    def test_a_batch_of_500_orders_is_one_round_trip(self) -> None:
        made = rows.orders(500)

        with statements() as sent:
            found = snapshots.orders([order.pk for order in made], CONFIG)

        assert {one.key for one in found} == {order.pk for order in made}
        assert len(sent) == 1

    def test_each_call_of_the_port_is_one_round_trip_that_saleor_allows(self) -> None:
        from jokkerit_plugin.saleor_bridge.port import SaleorPort

        order, account = rows.order(), rows.user("a@example.com")
        port = SaleorPort()
        with strict_writer(), statements() as sent:
            port.orders([order.pk], CONFIG)
            port.customers([account.pk], CONFIG)
            port.checkouts([uuid4()], CONFIG)
            port.customers_of_addresses([1])
            port.order_keys_of_customers([account.pk], CONFIG)
            port.digests(Kind.ORDER, UUID(int=0), 5, CONFIG)
            port.digests(Kind.CUSTOMER, 0, 5, CONFIG)
            port.digests(Kind.CHECKOUT, None, 5, CONFIG)

        assert len(sent) == 8

    def test_compiling_the_statement_would_cost_more_than_running_it(self) -> None:
        from django.db import connection

        snapshots.orders([rows.order().pk], CONFIG)

        with connection.cursor() as cursor:
            cursor.execute("SHOW jit")
            assert cursor.fetchone() == ("off",)
