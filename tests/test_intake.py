"""What the register holds after the intake has read the shop."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import transaction

from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    Customer,
    Delivery,
    ErasedKey,
    InboxEvent,
    Invoice,
    KnownIdentifier,
    Movement,
    PostalAddress,
    Purchase,
    PurchaseLine,
    Trace,
)
from jokkerit_plugin.register import intake
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, key_of, line, party

pytestmark = pytest.mark.django_db


def take(shop: PaperShop, config: Config | None = None) -> intake.Counts:
    with transaction.atomic():
        return intake.apply(shop.delivered(), port=shop.port, config=config or shop.port.config())


@pytest.mark.promise("P-DATA-NAME", "P-DATA-POSTAL", "P-DATA-EMAIL", "P-DATA-PHONE")
def test_a_guest_order_makes_a_customer_with_name_address_email_and_phone(shop):
    shop.order("one", email=" Aino@Exämple.com ")
    take(shop)
    customer = Customer.objects.get()
    assert customer.guest_email == "aino@xn--exmple-cua.com"
    assert customer.email == " Aino@Exämple.com "
    assert (customer.first_name, customer.last_name) == ("Aino", "Mäkelä")
    assert customer.phone == "+358401234567"
    address = PostalAddress.objects.get()
    assert address.customer == customer
    assert (address.street_1, address.postal_code, address.city) == ("Kaskitie 1", "51900", "JUVA")
    assert {(i.kind, i.value) for i in KnownIdentifier.objects.all()} == {
        ("email", "aino@xn--exmple-cua.com"),
        ("phone", "+358401234567"),
    }


@pytest.mark.promise("P-DATA-PURCHASE", "P-PURPOSE-ORDERS")
def test_a_purchase_carries_figures_lines_money_goods_and_invoices(shop):
    shop.order(
        "one",
        status="fulfilled",
        paid_at="2026-03-01T10:05:00.000000Z",
        net="14.000",
        gross="17.550",
        shipping_net="4.000",
        shipping_gross="5.000",
        shipping_tax_rate="0.2550",
        gift_card_amount="0.000",
        movements=[
            {
                "key": "payment:7", "kind": "payment", "amount": "17.550", "currency": "EUR",
                "at": "2026-03-01T10:05:00.000000Z", "gateway": "paytrail", "reference": "r1",
            },
        ],
        deliveries=[
            {
                "key": 5, "line": str(key_of("line one")), "status": "fulfilled", "quantity": 1,
                "at": "2026-03-02T08:00:00.000000Z",
            },
        ],
        invoices=[{"key": 9, "number": "INV-1", "created_at": "2026-03-01T10:06:00.000000Z"}],
    )  # fmt: skip
    take(shop)
    purchase = Purchase.objects.get()
    assert purchase.gross + purchase.gift_card_amount == (
        purchase.shipping_gross + sum(one.gross for one in purchase.lines.all())
    )
    assert purchase.paid_at == datetime(2026, 3, 1, 10, 5, tzinfo=UTC)
    assert purchase.party_street_1 == "Kaskitie 1"
    assert PurchaseLine.objects.get().tax_rate == Decimal("0.2550")
    movement = Movement.objects.get()
    assert (movement.amount, movement.gateway) == (Decimal("17.550"), "paytrail")
    assert Delivery.objects.get().saleor_line == key_of("line one")
    assert Invoice.objects.get().number == "INV-1"


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("JPY", "12345678901234567.000"), ("KWD", "0.001"), ("EUR", "99999999999999999.999")],
)
def test_amounts_of_every_currency_are_exact(shop, currency, amount):
    shop.order("one", currency=currency, gross=amount, lines=[line("one", gross=amount)])
    take(shop)
    assert Purchase.objects.get().gross == Decimal(amount)
    assert PurchaseLine.objects.get().gross == Decimal(amount)


def test_a_deleted_gift_card_does_not_rewrite_the_purchase(shop):
    shop.order("one", gross="2.550", gift_card_amount="10.000")
    take(shop)
    shop.order("one", gift_card_amount="0.000", status="fulfilled")
    take(shop)
    assert Purchase.objects.get().gift_card_amount == Decimal(10)
    shop.order("one", gift_card_amount="4.000")
    take(shop)
    assert Purchase.objects.get().gift_card_amount == Decimal(10)
    shop.order("one", gift_card_amount="0.000", gross="12.550")
    take(shop)
    assert Purchase.objects.get().gift_card_amount == 0


def test_what_disappears_from_an_order_disappears_from_the_purchase(shop):
    shop.order("one", lines=[line("one"), line("two")])
    take(shop)
    shop.order("one", lines=[line("two", quantity=3)])
    take(shop)
    assert [(one.name, one.quantity) for one in PurchaseLine.objects.all()] == [("two", 3)]


def test_a_repeated_event_changes_nothing(shop):
    shop.account(5)
    shop.order("one", user=5)
    take(shop)
    before = list(Purchase.objects.values()), list(Customer.objects.values())
    shop.events = [(Kind.ORDER, str(key_of("order one"))), (Kind.CUSTOMER, "5")] * 2
    assert take(shop).unchanged == 1
    assert (list(Purchase.objects.values()), list(Customer.objects.values())) == before


def test_an_order_that_vanished_is_marked_and_kept(shop):
    key = shop.order("one")
    take(shop)
    shop.remove(Kind.ORDER, key)
    assert take(shop).absent == 1
    first = Purchase.objects.get().absent_since
    assert first is not None
    shop.events = [(Kind.ORDER, str(key))]
    assert take(shop).absent == 0
    assert Purchase.objects.get().absent_since == first


def test_an_order_that_comes_back_is_present_again(shop):
    key = shop.order("one")
    take(shop)
    row = shop.rows[Kind.ORDER, str(key)]
    shop.remove(Kind.ORDER, key)
    take(shop)
    shop.put(Kind.ORDER, str(key), row)
    take(shop)
    assert Purchase.objects.get().absent_since is None


def test_what_was_erased_on_purpose_is_never_brought_back(shop):
    key = shop.order("one")
    ErasedKey.objects.create(kind="order", key=str(key), erased_at=datetime.now(UTC))
    take(shop)
    assert not Purchase.objects.exists()
    assert not Customer.objects.exists()


def test_excluded_channels_stay_out_and_test_ones_are_marked(shop):
    config = Config(
        active=True, excluded_channels=("outlet",), test_channels=("try",), test_gateways=("dummy",)
    )
    shop.order("theirs", channel="outlet")
    shop.order("trial", channel="try")
    shop.order(
        "paid by dummy",
        movements=[
            {
                "key": "payment:1", "kind": "payment", "amount": "1.000", "currency": "EUR",
                "at": "2026-03-01T10:05:00.000000Z", "gateway": "dummy", "reference": "",
            },
        ],
    )  # fmt: skip
    shop.order("real")
    take(shop, config)
    assert dict(Purchase.objects.values_list("saleor_order", "is_test")) == {
        key_of("order trial"): True,
        key_of("order paid by dummy"): True,
        key_of("order real"): False,
    }


def test_orders_paid_through_an_excluded_gateway_stay_out(shop):
    shop.account(7)
    shop.order("theirs", user=7, gateways=["dummy", "theirs"])
    shop.order("ours", gateways=["dummy"])
    config = Config(active=True, excluded_gateways=("theirs",))
    take(shop, config)
    assert [one.saleor_order for one in Purchase.objects.all()] == [key_of("order ours")]
    assert shop.port.order_keys_of_customers([7], config) == []
    assert [key for key, _ in shop.port.digests(Kind.ORDER, None, 9, config)] == [
        key_of("order ours")
    ]


def test_an_order_that_turns_out_to_be_another_company_s_is_marked_as_gone(shop):
    movement = {
        "key": "payment:1", "kind": "payment", "amount": "1.000", "currency": "EUR",
        "at": "2026-03-01T10:05:00.000000Z", "gateway": "theirs", "reference": "",
    }  # fmt: skip
    shop.order("one", gateways=["theirs"], movements=[movement])
    take(shop)
    config = Config(active=True, excluded_gateways=("theirs",))
    shop.events = [(Kind.ORDER, str(key_of("order one")))]
    take(shop, config)
    assert Purchase.objects.get().absent_since is not None


def test_an_order_that_a_test_gateway_only_authorised_is_a_test(shop):
    shop.order("one", gateways=["Dummy gateway"])
    take(shop, Config(active=True, test_gateways=("Dummy gateway",)))
    assert Purchase.objects.get().is_test


def test_a_changed_test_setting_makes_every_row_outdated(shop):
    shop.order("one")
    take(shop)
    shop.events = [(Kind.ORDER, str(key_of("order one")))]
    take(shop, Config(active=True, test_channels=("finland",)))
    assert Purchase.objects.get().is_test


@pytest.mark.promise("P-NOTHING-ELSE")
def test_columns_outside_the_description_are_named_not_copied(shop):
    shop.order(
        "one", outside=["order.customer_note", "order.metadata"], customer_note="hushhush",
        metadata={"hushhush": "hushhush"}, billing=party() | {"metadata": {"a": "hushhush"}},
        lines=[line("one") | {"note": "hushhush"}],
    )  # fmt: skip
    take(shop)
    assert Purchase.objects.get().outside == ["order.customer_note", "order.metadata"]
    rows = [
        row
        for model in apps.get_app_config("jokkerit_plugin").get_models()
        for row in model._default_manager.values()
    ]
    assert "Kaskitie 1" in str(rows)
    assert "hushhush" not in str(rows)


def test_addresses_are_one_row_however_often_used(shop):
    shop.order("one")
    shop.order("two", billing=party(street_1=" Kaskitie  1"), shipping=party(street_1="Ranta 2"))
    take(shop)
    rows = PostalAddress.objects.order_by("street_1").values_list("street_1", flat=True)
    assert list(rows) == ["Kaskitie 1", "Ranta 2"]
    kaskitie = PostalAddress.objects.get(street_1="Kaskitie 1")
    assert kaskitie.first_used_at == Purchase.objects.get(number="1").placed_at
    assert kaskitie.last_used_at == Purchase.objects.get(number="2").placed_at


def test_a_corrected_address_takes_the_place_of_the_wrong_one(shop):
    shop.order("one")
    take(shop)
    shop.order("one", billing=party(street_1="Oikea 3"), shipping=party(street_1="Oikea 3"))
    take(shop)
    assert PostalAddress.objects.get().street_1 == "Oikea 3"
    assert Purchase.objects.get().party_street_1 == "Oikea 3"


def test_a_correction_of_letter_case_arrives(shop):
    shop.order("one", shipping=party(street_1="kaskitie 1"))
    take(shop)
    shop.order("one", shipping=party(street_1="Kaskitie 1"), billing=party(street_1="Muu 1"))
    take(shop)
    assert Purchase.objects.get().shipping_address.street_1 == "Kaskitie 1"


def test_the_address_book_follows_the_account(shop):
    entry = {"key": 1, "party": party(), "default_billing": True, "default_shipping": False}
    ranta = party(street_1="Ranta 2", phone="+358501")
    other = {"key": 2, "party": ranta, "default_billing": False, "default_shipping": True}
    shop.account(5, addresses=[entry, other])
    shop.order("one", user=5)
    take(shop)
    assert PostalAddress.objects.filter(in_book=True).count() == 2
    shop.account(5, addresses=[other])
    take(shop)
    book = PostalAddress.objects.get(in_book=True)
    assert (book.street_1, book.default_shipping) == ("Ranta 2", True)
    assert PostalAddress.objects.get(street_1="Kaskitie 1").in_book is False
    assert Customer.objects.get().phone == "+358501"


@pytest.mark.promise("P-GROUND-ORDER")
def test_a_checkout_is_a_trace_and_no_customer(shop):
    key = shop.checkout("cart")
    take(shop)
    assert Trace.objects.get().key == str(key)
    assert not Customer.objects.exists()


@pytest.mark.promise("P-GROUND-ORDER", breaks=True)
def test_who_has_not_ordered_is_not_taken_in_whatever_is_told_of_them(shop):
    entry = {"key": 31, "party": party(), "default_billing": True, "default_shipping": True}
    user = shop.account(5, addresses=[entry], changed_at="2020-01-01T00:00:00.000000Z")
    shop.order("theirs", user=user, channel="outlet")
    never = str(key_of("order never"))
    shop.events += [(Kind.ADDRESS, "31"), (Kind.LEFT, str(user)), (Kind.ORDER, never)]
    config = Config(active=True, excluded_channels=("outlet",))
    assert take(shop, config) == intake.Counts()
    for model in (Customer, KnownIdentifier, PostalAddress, Purchase, Trace):
        assert not model.objects.exists()


def test_a_checkout_that_becomes_an_order_leaves_no_trace(shop):
    key = shop.checkout("cart")
    take(shop)
    shop.remove(Kind.CHECKOUT, key)
    shop.order("one", checkout_token=str(key))
    take(shop)
    assert not Trace.objects.exists()


def test_checkouts_are_left_alone_while_the_setting_is_off(shop):
    shop.checkout("cart")
    take(shop, Config(active=True, fill_checkouts=False))
    assert not Trace.objects.exists()


def test_an_old_checkout_is_not_taken_in(shop):
    shop.checkout("cart", changed_at="2020-01-01T00:00:00.000000Z")
    take(shop)
    assert not Trace.objects.exists()


def test_an_address_event_reads_the_accounts_that_hold_it(shop):
    entry = {"key": 31, "party": party(), "default_billing": True, "default_shipping": True}
    shop.account(5, addresses=[entry])
    shop.order("one", user=5)
    take(shop)
    shop.account(5, addresses=[entry | {"party": party(street_1="Uusi 9")}])
    shop.events = [(Kind.ADDRESS, "31")]
    take(shop)
    assert PostalAddress.objects.get(in_book=True).street_1 == "Uusi 9"


def test_orders_attached_to_an_account_without_an_event_are_followed(shop):
    shop.order("one", email="user5@example.com")
    take(shop)
    shop.account(5)
    shop.order("one", user=5)
    shop.events = [(Kind.CUSTOMER, "5")]
    take(shop)
    assert list(InboxEvent.objects.values_list("kind", "key")) == [
        ("order", str(key_of("order one")))
    ]


def test_an_order_of_an_account_that_was_found_gone_first_has_its_customer(shop: PaperShop) -> None:
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    shop.events.clear()
    shop.remove(Kind.CUSTOMER, 5)
    take(shop)
    shop.order("a", user=5)
    take(shop)
    owner = Purchase.objects.get().customer
    assert owner is not None
    assert owner.saleor_user == 5
