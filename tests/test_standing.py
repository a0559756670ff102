"""What a module's tests begin with is made once, and each finds it as it was made."""

import os

import pytest
from django.db import connection, transaction

from jokkerit_plugin.models import Customer
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.snapshots import Kind
from tests.erasing import take
from tests.standing import Stand, standing

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)
made = []


def furnished(shop, monkeypatch):
    made.append(shop)
    monkeypatch.setenv("JOKKERIT_STANDS", "here")
    shop.order("a", email="aino@example.com")
    take(shop)
    return {"shop": shop, "names": ["aino"]}


house = standing(__name__, furnished)


def emails() -> set[str]:
    return set(Customer.objects.values_list("guest_email", flat=True))


@pytest.mark.parametrize("time", [1, 2])
def test_what_one_does_to_it_the_next_does_not_find(house, shop, time):
    assert (len(made), len(shop.rows), house["names"]) == (1, 1, ["aino"])
    assert house["shop"] is shop is not made[0]
    assert port.shop() is shop.port
    assert emails() == {"aino@example.com"}
    shop.order("b", email="eino@example.com")
    house["names"].append("eino")
    take(shop)
    assert len(shop.port.digests(Kind.ORDER, None, 9, shop.port.config())) == 2
    assert emails() == {"aino@example.com", "eino@example.com"}


def test_what_was_set_is_set_for_each(house):
    assert os.environ["JOKKERIT_STANDS"] == "here"


def test_who_does_not_ask_for_it_finds_nothing(shop):
    assert Stand.now is None
    assert emails() == set()
    assert shop.rows == {}


@committing
def test_who_commits_has_it_made_anew(house, shop):
    assert house["shop"] is shop is made[-1]
    assert not connection.in_atomic_block
    assert emails() == {"aino@example.com"}
    with transaction.atomic(durable=True):
        Customer.objects.create(guest_email="eino@example.com")


@committing
def test_and_leaves_nothing(shop):
    assert emails() == set()
