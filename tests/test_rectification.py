"""Rectification: what is right stands in the register and the shop, and vouchers stay."""

import pytest
from django.db import transaction

from jokkerit_plugin.models import (
    Correction,
    Customer,
    KnownIdentifier,
    PostalAddress,
    Purchase,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.corrections import Carried, Field
from jokkerit_plugin.register import corrections, inbox, search
from jokkerit_plugin.rights import carrying, rectification
from jokkerit_plugin.rights.rectification import Wanted
from jokkerit_plugin.shop.snapshots import Kind
from tests.asking import KEYS
from tests.erasing import take
from tests.paper_shop import party
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db(transaction=True)

DAY = "2026-03-02T10:00:00.000000Z"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)


@pytest.fixture
def aino(shop) -> int:
    """An account with an address book and a delivered order."""
    sign(CONTROLLER, OTHER_CONTROLLER, STAFF, MANAGER)
    book = [{"key": 1, "party": party(), "default_billing": True, "default_shipping": True}]
    shop.account(5, email="aino@example.com", addresses=book)
    shop.order("a", user=5, status="fulfilled", **dict.fromkeys(("paid_at", "delivered_at"), DAY))
    take(shop)
    return Customer.objects.get().pk


@pytest.fixture
def guest(shop) -> int:
    """A guest with a delivered order."""
    sign(CONTROLLER, OTHER_CONTROLLER, STAFF, MANAGER)
    shop.order("a", status="fulfilled", **dict.fromkeys(("paid_at", "delivered_at"), DAY))
    take(shop)
    return Customer.objects.get().pk


def correct(customer, request=None, actor=MANAGER, addresses=None, **texts):
    wanted = Wanted({Field(name): value for name, value in texts.items()}, addresses or {})
    return rectification.rectify(
        customer, wanted, reason="The customer called.", request=request, actor=actor
    )


def found(text):
    kinds = {Category.NAME, Category.EMAIL, Category.PHONE}
    return Customer.objects.filter(search.matching(text, kinds)).exists()


def account(shop, user=5):
    return shop.port.customers([user], shop.port.settings)[0]


def drain(shop):
    """Take in whatever the register itself noted in its inbox, too."""
    take(shop)
    inbox.drain()


@pytest.mark.promise("P-RECTIFY-REQUEST")
def test_an_accounts_name_email_and_phone_are_right_at_once_and_in_the_shop(shop, aino):
    correct(aino, last_name="Korhonen", email="aino.k@example.com", phone="040 765 4321")
    row = Customer.objects.get()
    assert (row.last_name, row.email, row.phone) == (
        "Korhonen", "aino.k@example.com", "+358407654321",
    )  # fmt: skip
    assert found("Korhonen")
    assert found("aino.k@example.com")
    assert found("0407654321")
    for old in ("Mäkelä", "aino@example.com", "0401234567"):
        assert not found(old)
    there = account(shop)
    assert (there.last_name, there.email) == ("Korhonen", "aino.k@example.com")
    assert there.addresses[0].party.last_name == "Korhonen"
    assert there.addresses[0].party.phone == "+358407654321"
    drain(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.email, row.phone) == (
        "Korhonen", "aino.k@example.com", "+358407654321",
    )  # fmt: skip
    assert not found("Mäkelä")
    assert not found("aino@example.com")


def test_the_shops_old_values_do_not_come_back_while_it_has_not_agreed(shop, aino, monkeypatch):
    def refuse(what):
        raise OSError("no shop")

    monkeypatch.setattr(shop.port, "correct", refuse)
    correct(
        aino, last_name="Korhonen", email="aino.k@example.com",
        addresses={PostalAddress.objects.get().pk: {"street_1": "Kaskitie 7"}},
    )  # fmt: skip
    shop.account(5, language="sv")
    shop.order("a", status="returned")
    take(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.email, row.language) == ("Korhonen", "aino.k@example.com", "sv")
    (place,) = PostalAddress.objects.all()
    assert (place.street_1, place.last_name, place.in_book) == ("Kaskitie 7", "Korhonen", True)
    assert not found("Mäkelä")
    assert not found("aino@example.com")
    assert account(shop).last_name == "Mäkelä"
    assert set(Correction.objects.values_list("carried", "attempts")) == {("waiting", 1)}
