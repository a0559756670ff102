"""Rectification on Saleor's own rows: the account, its address book, open orders; vouchers stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.saleor import rows
from tests.saleor.reading import change

pytest_plugins = ("tests.saleor.fixtures_inside",)

OURS = frozenset({"jokkerit_manage_register", "jokkerit_manage_privacy"})
WRONG = {
    "first_name": "Aino", "last_name": "Mäkelä", "street_address_1": "Kaskitie 1",
    "postal_code": "51900", "city": "JUVA", "phone": "+358401234567",
}  # fmt: skip


@pytest.fixture
def desk(inside: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody who may correct; rows of the log need no commit of their own here."""
    from django.db import transaction

    from jokkerit_plugin.access.actor import Actor
    from tests.people import sign

    monkeypatch.setenv("JOKKERIT_KEYS", f"2026:{'ab' * 32}")
    real = transaction.atomic
    monkeypatch.setattr(transaction, "atomic", lambda using=None, **_: real(using))
    actor = Actor("user:900001", OURS)
    sign(actor)
    return actor


def take(*events: tuple[str, object]) -> None:
    """Let the register take in these rows, and what it noted itself."""
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.models import InboxEvent
    from jokkerit_plugin.register import intake
    from jokkerit_plugin.shop.port import shop
    from jokkerit_plugin.shop.snapshots import Kind

    port = shop()
    with port.writer():
        noted = [(Kind(kind), key) for kind, key in InboxEvent.objects.values_list("kind", "key")]
        InboxEvent.objects.all().delete()
        found = [(Kind(kind), str(key)) for kind, key in events]
        intake.apply([*found, *noted], port=port, config=Config(active=True))


def correct(customer: int, actor: Any, texts: dict[str, str], **at: dict[str, str]) -> Any:
    from jokkerit_plugin.models import PostalAddress
    from jokkerit_plugin.policy.corrections import Field
    from jokkerit_plugin.rights.rectification import Wanted, rectify

    places = {PostalAddress.objects.get(street_1=key.replace("_", " ")).pk: given
              for key, given in at.items()}  # fmt: skip
    wanted = Wanted({Field(name): text for name, text in texts.items()}, places)
    return rectify(customer, wanted, reason="Called.", actor=actor)


def voucher(order: Any) -> None:
    """Number a voucher for an order's purchase."""
    from jokkerit_plugin.models import Purchase, Voucher

    Voucher.objects.create(
        purchase=Purchase.objects.get(saleor_order=order.pk), prefix="T", year_end="2026-12-31",
        number=1, code="T-2026-000001", kind="sale", day="2026-03-29",
    )  # fmt: skip


def order(**fields: Any) -> Any:
    made = rows.order(
        billing_address=rows.address(**WRONG), shipping_address=rows.address(**WRONG), **fields
    )
    rows.line(made, "10", "12.55")
    return made


@pytest.mark.promise("P-RECTIFY-REQUEST")
def test_an_account_its_book_and_its_open_order_are_right_and_the_voucher_stays(
    desk: Any,
) -> None:
    from django.db import connection
    from saleor.account.models import User

    from jokkerit_plugin.models import Customer, Purchase, Voucher, VoucherNote

    buyer = rows.user("aino@example.com", first_name="Aino", last_name="Mäkelä")
    book = rows.address(**WRONG)
    buyer.addresses.add(book)
    change(buyer, default_billing_address=book, default_shipping_address=book)
    past = order(user=buyer, user_email="aino@example.com", status="fulfilled")
    open_ = order(user=buyer, user_email="aino@example.com", status="unfulfilled")
    take(("order", past.pk), ("order", open_.pk), ("customer", buyer.pk))
    voucher(past)
    kept = list(Voucher.objects.values())
    customer = Customer.objects.get(saleor_user=buyer.pk)

    made = correct(
        customer.pk, desk,
        {"last_name": "Korhonen", "email": "aino.k@example.com", "phone": "0407654321"},
        Kaskitie_1={"street_1": "Kaskitie 7"},
    )  # fmt: skip

    found = User.objects.get(pk=buyer.pk)
    assert (found.last_name, found.email) == ("Korhonen", "aino.k@example.com")
    (there,) = found.addresses.all()
    assert there.pk == found.default_billing_address_id == found.default_shipping_address_id
    assert (there.street_address_1, there.last_name, str(there.phone)) == (
        "Kaskitie 7", "Korhonen", "+358407654321",
    )  # fmt: skip
    for one, expected in ((past, "Kaskitie 1"), (open_, "Kaskitie 7")):
        one.refresh_from_db()
        assert one.billing_address.street_address_1 == expected
        assert one.shipping_address.street_address_1 == expected
        assert one.user_email == "aino.k@example.com"
    assert list(Voucher.objects.values()) == kept
    assert made.vouchers == ["T-2026-000001"]
    note = VoucherNote.objects.get()
    assert (note.party_last_name, note.party_street_1) == ("Korhonen", "Kaskitie 7")

    take()
    customer.refresh_from_db()
    assert (customer.last_name, customer.email, customer.phone) == (
        "Korhonen", "aino.k@example.com", "+358407654321",
    )  # fmt: skip
    assert Purchase.objects.get(saleor_order=past.pk).party_last_name == "Mäkelä"
    # Saleor's own search forgets it, too.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM account_user WHERE id = %s AND"
            " coalesce(to_jsonb(account_user) ->> 'search_vector', '')"
            " || search_document ILIKE '%%mäkelä%%'",
            [buyer.pk],
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.promise("P-RECTIFY-REQUEST")
def test_a_guests_orders_get_the_right_mailbox_and_past_addresses_stay(desk: Any) -> None:
    from jokkerit_plugin.models import Customer, PostalAddress, Purchase

    past = order(user_email="aino@exmaple.com", status="fulfilled")
    open_ = order(user_email="aino@exmaple.com", status="partially fulfilled")
    take(("order", past.pk), ("order", open_.pk))
    voucher(past)
    guest = Customer.objects.get(guest_email="aino@exmaple.com")

    correct(guest.pk, desk, {"email": "aino@example.com", "last_name": "Korhonen"})
    take()

    row = Customer.objects.get(guest_email="aino@example.com")
    assert (row.last_name, row.email) == ("Korhonen", "aino@example.com")
    assert not Customer.objects.filter(guest_email="aino@exmaple.com").exists()
    for one, expected in ((past, "Mäkelä"), (open_, "Korhonen")):
        one.refresh_from_db()
        assert one.user_email == "aino@example.com"
        assert one.billing_address.last_name == one.shipping_address.last_name == expected
        assert Purchase.objects.get(saleor_order=one.pk).party_last_name == expected
    assert {one.last_name for one in PostalAddress.objects.filter(customer=row)} == {"Korhonen"}


def test_a_row_that_an_order_shares_with_the_book_is_left_to_the_order(desk: Any) -> None:
    from jokkerit_plugin.models import Customer

    buyer = rows.user("aino@example.com", first_name="Aino", last_name="Mäkelä")
    shared = rows.address(**WRONG)
    buyer.addresses.add(shared)
    change(buyer, default_shipping_address=shared)
    past = rows.order(
        user=buyer, user_email="aino@example.com", status="fulfilled", billing_address=shared
    )
    rows.line(past, "10", "12.55")
    take(("order", past.pk), ("customer", buyer.pk))
    customer = Customer.objects.get(saleor_user=buyer.pk)

    correct(customer.pk, desk, {}, Kaskitie_1={"street_1": "Kaskitie 7"})

    shared.refresh_from_db()
    buyer.refresh_from_db()
    assert shared.street_address_1 == "Kaskitie 1"
    (own,) = buyer.addresses.all()
    assert own.pk == buyer.default_shipping_address_id != shared.pk
    assert own.street_address_1 == "Kaskitie 7"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Undeliverable, back from carrier", True), ("Väärä osoite", True), ("Okänd adress", True),
        ("", False), ("Peruutti kaupan", False),
    ],
)  # fmt: skip
def test_a_return_says_whether_anybody_was_found_at_the_address(
    desk: Any, reason: str, expected: bool
) -> None:
    from saleor.order.models import Fulfillment

    from jokkerit_plugin.shop.port import shop

    bought = order(user_email="aino@example.com", status="returned")
    parcel = rows.parcel(bought, bought.lines.get(), status="returned")
    known = hasattr(Fulfillment, "reason")
    if known:
        Fulfillment.objects.filter(pk=parcel.pk).update(reason=reason)
    found = shop().undelivered([bought.pk])
    assert {key: evidence for key, (evidence, _) in found.items()} == (
        {bought.pk: f"fulfillment:{parcel.pk}"} if expected and known else {}
    )


@pytest.mark.promise("P-RECTIFY-REQUEST")
def test_a_parcel_that_is_sent_again_says_so_too_by_the_reason_of_its_line(desk: Any) -> None:
    import graphene
    from saleor.order.models import Fulfillment

    from jokkerit_plugin.models import CorrectionTask, Customer
    from jokkerit_plugin.rights import signs
    from jokkerit_plugin.shop.snapshots import Kind
    from tests.saleor import staff

    if not hasattr(Fulfillment, "reason"):
        pytest.skip("this Saleor stores no reason of a return")
    bought = order(user_email="aino@example.com", status="fulfilled")
    # Only what is sold still is sent again.
    bought.lines.update(variant=rows.variant("paita"))
    sent = rows.parcel(bought, bought.lines.get())
    token = staff.token_of(staff.user("clerk", "manage_orders"))
    answer = staff.graphql(
        token, """mutation ($order: ID!, $line: ID!) {
            orderFulfillmentReturnProducts(order: $order, input: {fulfillmentLines: [
                {fulfillmentLineId: $line, quantity: 1, replace: true, reason: "Wrong address"}
            ]}) { errors { field message } } }""",
        order=graphene.Node.to_global_id("Order", bought.pk),
        line=graphene.Node.to_global_id("FulfillmentLine", sent.lines.get().pk),
    )  # fmt: skip
    assert answer["data"]["orderFulfillmentReturnProducts"]["errors"] == []
    take((Kind.ORDER, bought.pk))
    signs.look(Customer.objects.all())
    task = CorrectionTask.objects.get(sign="returned")
    assert task.evidence == f"fulfillment:{bought.fulfillments.get(status='replaced').pk}"


@pytest.mark.promise("P-RECTIFY-REQUEST", breaks=True)
def test_what_another_account_has_waits_and_says_so(desk: Any) -> None:
    from jokkerit_plugin import clock
    from jokkerit_plugin.models import Correction, Customer
    from jokkerit_plugin.overview import overview
    from jokkerit_plugin.rights import carrying

    buyer = rows.user("aino@example.com", first_name="Aino", last_name="Mäkelä")
    bought = order(user=buyer, user_email="aino@example.com", status="fulfilled")
    take(("order", bought.pk), ("customer", buyer.pk))
    # Somebody who has not bought: the register does not know of the account.
    rows.user("taken@example.com")
    customer = Customer.objects.get(saleor_user=buyer.pk)

    correct(customer.pk, desk, {"email": "taken@example.com"})

    waits = Correction.objects.get()
    assert (waits.carried, waits.error) == (
        "waiting", "Another account of the shop has this e-mail address.",
    )  # fmt: skip
    buyer.refresh_from_db()
    assert buyer.email == "aino@example.com"
    Correction.objects.update(at=clock.now() - timedelta(hours=2))
    (said,) = [one for one in overview().problems if "the shop has not taken yet" in one]
    assert f"(1): {waits.pk}." in said
    rows.user("other@example.com")
    change(type(buyer).objects.get(email="taken@example.com"), email="free@example.com")
    Correction.objects.update(next_at="2026-01-01T00:00:00Z")
    carrying.carry()
    buyer.refresh_from_db()
    assert buyer.email == "taken@example.com"
