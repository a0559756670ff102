"""Parts of customers and purchases are erased as sets, and stay erased whatever the shop says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.accounting import books
from jokkerit_plugin.disclosure import holds, transfers
from jokkerit_plugin.models import (
    Closing,
    Customer,
    ErasedKey,
    Export,
    ExportChunk,
    FormerCustomer,
    Hold,
    KnownIdentifier,
    Movement,
    Owed,
    PostalAddress,
    Posting,
    Purchase,
    PurchaseLine,
    Request,
    Restriction,
    SearchWords,
    Sweep,
    Trace,
    TransferRequest,
    Voucher,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround, Release
from jokkerit_plugin.policy.parts import FIELDS, Part
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import erasure, search, sweep
from jokkerit_plugin.retention import owed, plans
from jokkerit_plugin.shop.erasers import ShopPart
from jokkerit_plugin.shop.snapshots import Kind
from tests.bookkeeping import booked, follow, movement, sell, told
from tests.buyers import company
from tests.erasing import erase, take
from tests.paper_shop import PaperShop, key_of, line, party
from tests.people import CONTROLLER, STAFF, sign
from tests.test_books import close_to, settings

pytestmark = pytest.mark.django_db

TODAY = clock.now().astimezone(clock.HELSINKI).date()
PAID = [movement("1", "12.550", "2026-03-01")]
BOOK = [{"key": 3, "party": party(street_1="Koti 1"), "default_billing": True,
         "default_shipping": False}]  # fmt: skip


def purchase(name: str) -> Purchase:
    return Purchase.objects.get(saleor_order=key_of(f"order {name}"))


def again(shop: PaperShop, name: str) -> None:
    """The shop tells once more of an order, changed in something that is not erased."""
    shop.order(name, status="returned")
    take(shop)


def hold(**whose: int) -> Hold:
    return holds.place(
        categories=[Category.NAME], ground=HoldGround.DISPUTE, reason="Case 12",
        review_on=TODAY + timedelta(days=90), actor=CONTROLLER, **whose,
    )  # fmt: skip


def test_what_went_while_an_order_was_left_out_is_owed_once_it_is_back(shop):
    for name in ("early", "late"):
        shop.order(name, status="fulfilled", paid_at="2026-03-01T10:00:00.000000Z")
    take(shop)
    early, late = purchase("early"), purchase("late")
    # With the order in the shop, what was to go there went.
    erase(Part.DETAIL, [early.pk])
    ours = shop.port.settings
    for config in (replace(ours, excluded_channels=("finland",)), ours):
        shop.port.settings = config
        shop.events = [(Kind.ORDER, str(one.saleor_order)) for one in (early, late)]
        take(shop)
        if config is not ours:
            erase(Part.DETAIL, [late.pk])
    assert list(Owed.objects.values_list("what", "key")) == [
        ("order_detail", str(late.saleor_order))
    ]
    assert purchase("late").absent_since is None


# Contact


def test_the_contact_part_takes_the_customer_and_leaves_the_purchases(shop):
    shop.account(5, email="aino@example.com", former_emails=["old@example.com"], addresses=BOOK)
    shop.order("a", user=5, movements=PAID, vat_id="FI23685823")
    take(shop)
    customer = Customer.objects.get()
    at = clock.now()

    rows = erase(Part.CONTACT, [customer.pk], at)

    for model in (Customer, KnownIdentifier, PostalAddress, SearchWords):
        assert not model.objects.exists()
    left = purchase("a")
    assert (left.customer, left.billing_address, left.shipping_address) == (None, None, None)
    assert left.contact_erased_at == at
    assert (left.party_last_name, left.email, left.vat_id) == (
        "Mäkelä", "aino@example.com", "FI23685823",
    )  # fmt: skip
    assert Movement.objects.get().reference == "1"
    assert (ErasedKey.objects.get().kind, ErasedKey.objects.get().key) == ("customer", "5")
    assert rows == {
        Customer._meta.db_table: 1, Purchase._meta.db_table: 1,
        KnownIdentifier._meta.db_table: 3, PostalAddress._meta.db_table: 2,
        SearchWords._meta.db_table: 1,
    }  # fmt: skip


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_a_late_event_of_an_old_order_brings_nobody_back(shop):
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    shop.order("guest's", email="eino@example.com")
    take(shop)
    erase(Part.CONTACT, Customer.objects.values_list("pk", flat=True))

    shop.account(5, email="aino@example.com", addresses=BOOK)
    for name in ("a", "guest's"):
        again(shop, name)

    for model in (Customer, KnownIdentifier, PostalAddress, SearchWords, Trace):
        assert not model.objects.exists()
    assert [one.status for one in Purchase.objects.all()] == ["returned"] * 2


def test_reconciliation_brings_nobody_back_and_finds_nothing_missing(shop):
    shop.account(5)
    shop.order("a", user=5, placed_at="2022-03-01T10:00:00.000000Z")
    take(shop)
    erase(Part.CONTACT, Customer.objects.values_list("pk", flat=True))
    shop.order("old", user=5, placed_at="2021-03-01T10:00:00.000000Z")
    shop.order("a", status="returned")

    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))

    assert not Customer.objects.exists()
    assert (walk.missing, walk.outdated) == (1, 1)
    assert purchase("old").contact_erased_at is not None
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert (walk.missing, walk.outdated, walk.vanished) == (0, 0, 0)


def test_a_new_purchase_begins_a_new_entry_and_old_ones_stay_without(shop):
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    first = Customer.objects.get().pk
    at = clock.now()
    erase(Part.CONTACT, [first], at)

    shop.order("new", user=5, placed_at=(at + timedelta(hours=1)).isoformat())
    shop.order("unseen", user=5)
    again(shop, "a")

    customer = Customer.objects.get()
    assert customer.pk != first
    assert [one.number for one in customer.purchases.all()] == [purchase("new").number]
    assert purchase("unseen").contact_erased_at == at
    shop.account(5, email="aino.new@example.com")
    take(shop)
    assert Customer.objects.get().email == "aino.new@example.com"
    erase(Part.CONTACT, [customer.pk], at + timedelta(days=2))
    assert ErasedKey.objects.get().erased_at == at + timedelta(days=2)


def test_an_order_placed_while_the_account_was_erased_is_a_new_one(shop):
    shop.account(5)
    shop.order("a", user=5)
    take(shop)
    at = clock.now()
    erase(Part.CONTACT, [Customer.objects.get().pk], at)
    shop.order("new", user=5, placed_at=(at - timedelta(minutes=1)).isoformat())
    take(shop)
    assert Customer.objects.get().purchases.get() == purchase("new")


def test_orders_attached_to_an_erased_account_stay_with_the_guest(shop):
    shop.account(5)
    shop.order("a", user=5)
    shop.order("b", email="aino@example.com")
    take(shop)
    erase(Part.CONTACT, [Customer.objects.get(saleor_user=5).pk])
    shop.order("b", user=5)
    take(shop)
    assert Customer.objects.get().guest_email == "aino@example.com"
    assert purchase("b").customer == Customer.objects.get()


@pytest.mark.parametrize("why", ["hold", "restriction", "request"])
def test_whoever_something_refers_to_is_left_over(shop, why):
    sign(CONTROLLER)
    shop.order("a")
    shop.order("b", email="eino@example.com")
    take(shop)
    held, free = Customer.objects.order_by("pk")
    if why == "hold":
        hold(customer=held.pk)
    elif why == "restriction":
        restrictions.restrict(held.pk, ground=RestrictionGround.OBJECTION, actor=CONTROLLER)
    else:
        Request.objects.create(
            customer=held.pk, origin="customer_deleted", state="asks", opened_at=clock.now(),
            due_on=clock.today(),
        )  # fmt: skip
    erase(Part.CONTACT, [held.pk, free.pk])
    assert Customer.objects.get() == held


def test_what_is_settled_goes_with_the_customer(shop):
    sign(CONTROLLER, STAFF)
    shop.order("a")
    take(shop)
    customer = Customer.objects.get()
    settled = hold(customer=customer.pk)
    holds.release(settled.pk, reason=Release.SETTLED, actor=CONTROLLER)
    restriction = restrictions.restrict(
        customer.pk, ground=RestrictionGround.OBJECTION, actor=CONTROLLER
    )
    restrictions.lift(restriction.pk, told_on=TODAY, actor=CONTROLLER)
    text = transfers.in_force()
    transfers.record_request(
        customer.pk, recipient=company(country="US").pk, version=text.version, language="fi",
        risks_told=True, requested_at=clock.now(), channel="email", actor=CONTROLLER,
    )  # fmt: skip
    FormerCustomer.objects.create(id=999, customer=customer)
    Request.objects.create(
        customer=customer.pk, origin="staff", state="accepted", opened_at=clock.now(),
        decided_at=clock.now(), decided_by="user:1",
    )  # fmt: skip

    erase(Part.CONTACT, [customer.pk])

    for model in (Customer, Hold, Restriction, TransferRequest, FormerCustomer):
        assert not model.objects.exists()
    assert Request.objects.get().state == "done"
    assert Request.objects.get().done_at is not None


@pytest.mark.parametrize("model", [Customer, Purchase])
def test_whatever_refers_to_a_customer_or_purchase_is_decided(model):
    """A new table that protects them must say in `erasure.py` what becomes of its rows."""
    protecting = {
        one.related_model.__name__
        for one in model._meta.related_objects
        if one.on_delete is not models.CASCADE
    }
    decided = {
        Customer: {"Purchase", "Hold", "TransferRequest"},
        Purchase: {"Hold", "Posting", "Voucher"},
    }
    assert protecting == decided[model]


# Detail


def test_the_detail_part_leaves_the_voucher_and_the_customer(shop):
    shop.order("a", movements=PAID, checkout_token=str(key_of("cart")))
    take(shop)
    customer = Customer.objects.get()
    rows = erase(Part.DETAIL, [purchase("a").pk])
    left = purchase("a")
    assert (left.email, left.language, left.checkout_token) == ("", "", "")
    assert (left.billing_address, left.shipping_address) == (None, None)
    assert (left.customer, left.party_street_1) == (customer, "Kaskitie 1")
    assert Movement.objects.get().reference == ""
    assert PostalAddress.objects.exists()
    assert rows == {Purchase._meta.db_table: 1, Movement._meta.db_table: 1}
    assert erase(Part.DETAIL, [left.pk]) == {}


def test_a_late_event_writes_figures_and_never_the_detail(shop):
    shop.order("a", movements=PAID)
    take(shop)
    before = Customer.objects.values().get()
    erase(Part.DETAIL, [purchase("a").pk])
    refund = movement("2", "2.000", "2026-11-20", "refund")
    shop.order("a", movements=[*PAID, refund], status="returned", billing=party(last_name="Uusi"))
    take(shop)
    left = purchase("a")
    assert (left.status, left.email, left.language, left.billing_address) == (
        "returned",
        "",
        "",
        None,
    )
    assert left.party_last_name == "Mäkelä"
    assert {(str(one.amount), one.reference) for one in Movement.objects.all()} == {
        ("12.550", ""), ("2.000", "")
    }  # fmt: skip
    assert Customer.objects.values().get() == before


def test_what_the_shop_erased_too_is_not_lost_where_the_register_keeps_it(shop):
    """Saleor's order is emptied: no e-mail, account, shipping address, metadata."""
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5, tax_country="EE", vat_id="EE100931558", movements=PAID)
    shop.order("guest's", email="eino@example.com")
    take(shop)
    before = list(Customer.objects.order_by("pk").values())
    erase(Part.DETAIL, Purchase.objects.values_list("pk", flat=True))

    for name in ("a", "guest's"):
        shop.order(
            name, user=None, email="", shipping=None, billing=None, tax_country="FI", vat_id="",
            movements=[one | {"reference": ""} for one in PAID] if name == "a" else [],
        )  # fmt: skip
    take(shop)

    left = purchase("a")
    assert (left.tax_country, left.vat_id, left.party_last_name) == ("EE", "EE100931558", "Mäkelä")
    assert left.customer.saleor_user == 5
    assert purchase("guest's").customer.guest_email == "eino@example.com"
    assert list(Customer.objects.order_by("pk").values()) == before
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert (walk.outdated, walk.vanished) == (0, 0)


def test_an_account_event_does_not_empty_a_customer_whose_details_are_erased(shop):
    shop.account(5, email="aino@example.com", first_name="", last_name="")
    shop.order("a", user=5)
    take(shop)
    before = Customer.objects.values().get()
    assert (before["phone"], before["first_name"]) == ("+358401234567", "Aino")
    for part in (Part.DETAIL, Part.IDENTITY):
        erase(part, [purchase("a").pk])
        shop.account(5, changed_at=f"2026-11-0{len(part) % 7 + 1}T10:00:00.000000Z")
        take(shop)
        after = Customer.objects.values().get()
        assert after | {"account_digest": ""} == before | {"account_digest": ""}


# Identity


def test_the_identity_part_leaves_figures_and_the_country(shop):
    shop.order("a", vat_id="DE136695976", tax_country="DE", billing=party(country="DE"))
    shop.order("b", vat_id="rubbish")
    take(shop)
    erase(Part.IDENTITY, Purchase.objects.values_list("pk", flat=True))
    for name, vat_id, country in (("a", "DE*", "DE"), ("b", "*", "FI")):
        left = purchase(name)
        values = {f: getattr(left, f) for f in FIELDS[Part.IDENTITY]["Purchase"].split()}
        assert values == dict.fromkeys(values, "") | {"vat_id": vat_id}
        assert (left.party_country, left.identity_erased_at is None) == (country, False)
        again(shop, name)
        assert purchase(name).vat_id == vat_id
        assert purchase(name).party_last_name == ""


def test_books_say_the_same_when_the_buyer_is_erased(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    business = {"vat_id": "DE136695976", "tax_country": "DE", "net": "10", "gross": "10"}
    goods = [line("a", net="10.000", gross="10.000", tax_rate="0")]
    parcel = {"key": 1, "line": str(key_of("line a")), "status": "fulfilled", "quantity": 1,
              "at": "2026-01-12T10:00:00.000000Z"}  # fmt: skip
    sell(
        shop, "a", "2026-01-10", lines=goods, deliveries=[parcel], status="fulfilled",
        delivered_at=parcel["at"], **business,
    )  # fmt: skip
    sell(shop, "b", "2026-01-11", vat_id="rubbish", tax_country="DE")
    follow(shop)
    close_to(date(2026, 2, 28))
    before = told(booked())
    assert any("vat_id" in one for one in before)
    treatments = set(Posting.objects.values_list("treatment", flat=True))
    assert "reverse_charge" in treatments

    for part in (Part.DETAIL, Part.IDENTITY):
        erase(part, Purchase.objects.values_list("pk", flat=True))
    Purchase.objects.update(unbooked=True)
    books.keep()

    assert told(booked()) == before
    assert not Purchase.objects.filter(unbooked=True).exists()


def test_a_star_that_a_buyer_typed_makes_no_business_of_them(shop):
    parcel = {"key": 1, "line": str(key_of("line a")), "status": "fulfilled", "quantity": 1,
              "at": "2026-01-12T10:00:00.000000Z"}  # fmt: skip
    sell(
        shop, "a", "2026-01-10", vat_id="DE*", tax_country="DE", deliveries=[parcel],
        lines=[line("a", net="10.000", gross="10.000", tax_rate="0")],
    )  # fmt: skip
    follow(shop)
    assert Posting.objects.filter(kind="sale").exists()
    assert "reverse_charge" not in set(Posting.objects.values_list("treatment", flat=True))
    erase(Part.IDENTITY, [purchase("a").pk])
    assert purchase("a").vat_id == "*"


# Figures


def figures(shop: PaperShop) -> None:
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-01-10", email="aino@example.com")
    sell(shop, "b", "2026-02-10", email="eino@example.com")
    follow(shop)
    close_to(date(2026, 1, 31))
    close_to(date(2026, 2, 28))
    for part in (Part.DETAIL, Part.IDENTITY):
        erase(part, Purchase.objects.values_list("pk", flat=True))


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_the_figures_go_with_lines_money_entries_and_vouchers(shop):
    figures(shop)
    gone = purchase("a").pk
    erase(Part.FIGURES, [gone])
    assert Purchase.objects.get() == purchase("b")
    for model in (PurchaseLine, Movement, Posting, Voucher):
        assert not model.objects.filter(purchase_id=gone).exists()
        assert model.objects.exists()
    assert ErasedKey.objects.filter(kind="order", key=str(key_of("order a"))).exists()
    # Nobody is left in January; February, the last one closed, stays as it was.
    assert [one.last for one in Closing.objects.all()] == [date(2026, 2, 28)]
    assert Closing.objects.get().reduced_at is None

    again(shop, "a")
    assert Purchase.objects.count() == 1
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert (walk.missing, walk.vanished) == (0, 0)


def test_the_books_are_open_to_the_eraser_for_its_own_statements_only(shop):
    figures(shop)
    with transaction.atomic():
        ids = list(erasure.lock_subjects(Part.FIGURES, [purchase("a").pk]))
        erasure.erase(Part.FIGURES, ids, clock.now())
        with pytest.raises(DatabaseError, match="day is closed"), transaction.atomic():
            Posting.objects.all().delete()


def test_a_month_of_which_somebody_is_left_says_that_it_is_reduced(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-01-10")
    sell(shop, "b", "2026-01-11")
    follow(shop)
    close_to(date(2026, 1, 31))
    erase(Part.FIGURES, [purchase("a").pk])
    assert Closing.objects.get().reduced_at is not None


def test_a_purchase_under_a_hold_keeps_its_figures(shop):
    sign(CONTROLLER)
    figures(shop)
    hold(purchase=purchase("a").pk)
    erase(Part.FIGURES, [purchase("a").pk])
    assert purchase("a")


# Backfill


def old(year: int, **changes: object) -> dict[str, object]:
    day = f"{year}-03-01T10:00:00.000000Z"
    return {
        "placed_at": day, "paid_at": day, "delivered_at": day, "status": "fulfilled",
        "movements": [movement(f"{year}", "12.550", day)],
    } | changes  # fmt: skip


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_a_backfill_brings_in_nothing_that_is_over(shop):
    year = TODAY.year
    shop.account(5)
    shop.order("books over", user=5, **old(year - 12))
    shop.order("detail over", email="eino@example.com", **old(year - 5))
    shop.order("young", email="x@example.com", **old(year - 1))
    sweep.run(sweep.start(Sweep.Name.BACKFILL))

    assert {one.number for one in Purchase.objects.all()} == {
        purchase("detail over").number, purchase("young").number
    }  # fmt: skip
    reduced = purchase("detail over")
    assert (reduced.email, reduced.language, reduced.party_last_name) == ("", "", "Mäkelä")
    assert reduced.detail_erased_at is not None
    assert reduced.customer.guest_email == reduced.customer.email == "eino@example.com"
    assert Movement.objects.get(purchase=reduced).reference == ""
    assert purchase("young").email == "x@example.com"
    assert set(Owed.objects.values_list("what", "key")) == {
        ("order_detail", str(key_of("order books over"))),
        ("order_identity", str(key_of("order books over"))),
        ("order_detail", str(key_of("order detail over"))),
    }
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert (walk.missing, walk.outdated, walk.vanished, walk.failed) == (0, 0, 0, 0)


def test_what_was_refused_by_a_mistyped_setting_comes_in_when_it_is_mended(shop):
    year = TODAY.year
    shop.account(5)
    for name, ago in (("a", 9), ("b", 8)):
        shop.order(name, user=5, **old(year - ago))
    shop.order("over", user=5, **old(year - 12))
    settings(shop, bookkeeping_years=5)
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert not Purchase.objects.exists()
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert walk.missing == 0
    settings(shop, bookkeeping_years=10)
    keys = [str(key_of(f"order {name}")) for name in ("a", "b", "over")]
    refused = owed.over(ShopPart.ORDER_IDENTITY, keys, TODAY, shop.port.settings)
    assert set(refused) == set(keys)
    # Whoever erases in the shop waits until they are in.
    plans.make(shop.port.settings)
    assert owed.over(ShopPart.ORDER_IDENTITY, keys, TODAY, shop.port.settings) == []
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert {one.number for one in Purchase.objects.all()} == {
        purchase("a").number, purchase("b").number
    }  # fmt: skip
    assert purchase("a").customer == purchase("b").customer == Customer.objects.get()
    assert owed.over(ShopPart.ORDER_IDENTITY, keys, TODAY, shop.port.settings) == keys[2:]
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert walk.missing == 0


def test_identity_that_is_over_does_not_come_in(shop):
    settings(shop, identity_years=6)
    shop.order("a", **old(TODAY.year - 8, vat_id="DE136695976"))
    take(shop)
    assert (purchase("a").party_last_name, purchase("a").party_country) == ("", "FI")
    assert purchase("a").vat_id == "DE*"
    assert purchase("a").identity_erased_at is not None


@pytest.mark.parametrize(
    "changes", [{"status": "unfulfilled"}, {"paid_at": None}], ids=["undelivered", "unpaid"]
)
def test_an_old_order_that_is_not_done_comes_in_whole(shop, changes):
    shop.order("a", **old(TODAY.year - 12) | changes)
    take(shop)
    assert purchase("a").email == "aino@example.com"


def test_with_retention_off_everything_comes_in(shop):
    settings(shop, retention=False)
    shop.order("a", **old(TODAY.year - 12))
    take(shop)
    assert purchase("a").email == "aino@example.com"


def test_an_account_whose_old_orders_are_over_may_buy_again(shop):
    shop.account(5)
    shop.order("old", user=5, **old(TODAY.year - 12))
    shop.order("young", user=5, **old(TODAY.year - 2))
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert Customer.objects.get().purchases.get() == purchase("young")


# All parts


def test_erasing_takes_a_constant_number_of_statements(shop):
    for number in range(40):
        shop.account(number + 1)
        shop.order(
            f"{number}", user=number + 1, movements=[movement(f"{number}", "1.000", "2026-03-01")]
        )
    take(shop)
    counts = {}
    keys = {model: list(model.objects.order_by("pk").values_list("pk", flat=True))
            for model in (Customer, Purchase)}  # fmt: skip
    for part in (Part.DETAIL, Part.IDENTITY, Part.CONTACT, Part.FIGURES):
        found = []
        for some in (slice(0, 2), slice(2, 40)):
            ids = keys[Customer if part is Part.CONTACT else Purchase][some]
            with CaptureQueriesContext(connection) as queries:
                erase(part, ids)
            found.append(len(queries))
        counts[part] = found
    assert all(few == many for few, many in counts.values()), counts
    assert max(many for _, many in counts.values()) <= 25, counts


def test_every_field_of_a_part_is_empty_when_the_part_is_erased(shop):
    shop.account(5, email="aino@example.com", addresses=BOOK, vat_id="FI23685823")
    shop.order("a", user=5, movements=PAID, vat_id="DE136695976")
    take(shop)
    key = purchase("a").pk
    for part in (Part.CONTACT, Part.DETAIL, Part.IDENTITY):
        erase(part, [Customer.objects.get().pk if part is Part.CONTACT else key])
        for name, fields in FIELDS[part].items():
            rows = apps.get_model("jokkerit_plugin", name).objects.values(*fields.split())
            kept = {value for row in rows for value in row.values()}
            assert kept <= {"", "DE*"}, (part, name)


def test_invoices_that_name_the_buyer_go_with_the_identity_and_journals_stay(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-01-10")
    follow(shop)
    code = Voucher.objects.get().code
    firm = company()
    for form, name in (("finvoice", f"finvoice-{code}.xml"), ("xlsx", "xlsx-2026.xlsx")):
        made = Export.objects.create(
            format=form, first=date(2026, 1, 10), last=date(2026, 1, 10), filename=name,
            recipient=firm, purpose="bookkeeping", categories="purchase", subjects="{[1,2)}",
            sha256="0" * 64, size=3, created_by="user:1",
        )  # fmt: skip
        ExportChunk.objects.create(export=made, number=0, data=b"abc")
    erase(Part.IDENTITY, [purchase("a").pk])
    assert [(one.format, one.sha256) for one in Export.objects.all()] == [("xlsx", "0" * 64)]
    assert bytes(ExportChunk.objects.get().data) == b"abc"
    erase(Part.FIGURES, [purchase("a").pk])
    assert not Export.objects.exists()
    assert not ExportChunk.objects.exists()


def test_search_finds_the_erased_by_nothing(shop):
    shop.order("a", email="aino@example.com")
    take(shop)
    erase(Part.CONTACT, [Customer.objects.get().pk])
    everything = frozenset(Category)
    for query in ("Aino", "aino@example.com", "+358401234567", f"#{purchase('a').number}"):
        assert not Customer.objects.filter(search.matching(query, everything)).exists()


def test_e_mails_are_all_by_which_somebody_is_known(shop):
    shop.account(5, email="Aino@Example.com", former_emails=["old@example.com"])
    shop.order("a", user=5, email="other@example.com")
    take(shop)
    customer = Customer.objects.get().pk
    assert erasure.emails([customer]) == {
        customer: ["Aino@Example.com", "aino@example.com", "old@example.com", "other@example.com"]
    }
