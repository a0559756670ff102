"""Who deletes the own account asks to be erased; about others staff are asked."""

import pytest

from jokkerit_plugin.models import Customer, Purchase, Request, Sweep, Trace
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround
from jokkerit_plugin.register import sweep
from jokkerit_plugin.rights import requests
from jokkerit_plugin.shop.snapshots import Kind
from tests.erasing import erase, take
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def aino(shop: PaperShop) -> int:
    sign(CONTROLLER, STAFF)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    return Customer.objects.get().pk


def delete(shop: PaperShop, *kinds: Kind) -> None:
    """Saleor deletes the account and empties the order's user; then come these events."""
    shop.order("a", user=None)
    shop.remove(Kind.CUSTOMER, 5)
    shop.events = [(kind, "5") for kind in kinds]
    take(shop)


def told() -> list[tuple[str, str, str]]:
    return list(Request.objects.values_list("origin", "state", "decided_by"))


def test_who_deletes_the_own_account_has_asked_and_is_answered(shop, aino):
    delete(shop, Kind.LEFT)
    assert told() == [("account_deleted", "accepted", "shop")]
    assert Request.objects.get().customer == aino
    # Nothing is erased by that alone, and the purchase stays theirs until then.
    assert Purchase.objects.get().customer_id == aino
    erase(Part.CONTACT, [aino])
    assert Request.objects.get().state == "done"
    assert Purchase.objects.get().party_last_name == "Mäkelä"


def test_whose_account_staff_delete_staff_are_asked_about(shop, aino):
    delete(shop, Kind.CUSTOMER)
    assert told() == [("customer_deleted", "asks", "")]
    erase(Part.CONTACT, [aino])
    assert Customer.objects.get().pk == aino


def test_an_account_that_is_found_gone_is_asked_about_once(shop, aino):
    delete(shop)
    for _ in range(2):
        sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert told() == [("customer_deleted", "asks", "")]


@pytest.mark.parametrize(
    "events", [[Kind.LEFT], [Kind.CUSTOMER, Kind.LEFT], [Kind.LEFT, Kind.LEFT, Kind.CUSTOMER]]
)
def test_order_and_repetition_of_the_events_do_not_matter(shop, aino, events):
    for kind in events:
        if (Kind.CUSTOMER, "5") in shop.rows:
            delete(shop, kind)
        else:
            shop.events = [(kind, "5")]
            take(shop)
    assert told() == [("account_deleted", "accepted", "shop")]


def test_what_staff_decided_stays_when_the_shop_tells_again(shop, aino):
    delete(shop, Kind.LEFT)
    requests.decide(
        Request.objects.get().pk, accept=False, ground=RefusalGround.STILL_NEEDED, actor=CONTROLLER
    )
    shop.events = [(Kind.LEFT, "5"), (Kind.CUSTOMER, "5")]
    take(shop)
    assert told() == [("account_deleted", "refused", "user:1")]


def test_an_account_that_is_still_there_asks_for_nothing(shop, aino):
    shop.events = [(Kind.LEFT, "5")]
    take(shop)
    assert told() == []


def test_an_account_that_never_bought_is_no_customer_to_ask_about(shop):
    shop.account(5)
    take(shop)
    shop.remove(Kind.CUSTOMER, 5)
    shop.events = [(Kind.LEFT, "5")]
    take(shop)
    assert told() == []
    assert not Trace.objects.exists()
