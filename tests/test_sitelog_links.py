"""Whose a line is: when it comes, later, and when customers change hands, go up or go."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    Customer,
    ErasedKey,
    Incident,
    IncidentLine,
    Purchase,
    SiteLine,
    Trace,
)
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import erasure, lines
from jokkerit_plugin.register.held_lines import copy_to_incidents, forget_erased
from jokkerit_plugin.register.rows import execute, table
from jokkerit_plugin.shop.snapshots import Kind
from jokkerit_plugin.sitelog import links, store
from jokkerit_plugin.sitelog.minimised import Line
from tests.buyers import bought
from tests.erasing import erase, take
from tests.logs import by_day, tables
from tests.paper_shop import key_of
from tests.races import overtaken

__all__ = ["by_day"]
CONFIG = Config(active=True)
CART, ANOTHER = str(key_of("checkout cart")), str(key_of("checkout another"))

pytestmark = pytest.mark.django_db
#: For what must be committed to be seen.
committed = pytest.mark.usefixtures("by_day")


def came(
    *, user: int | None = None, checkout: str | None = None, at: datetime | None = None
) -> None:
    line = Line(at or clock.now(), "::1", "", "GET", "/", 200, 1, None, "", user, checkout)
    store.take([line], config=CONFIG)


def owners() -> list[int | None]:
    return list(SiteLine.objects.order_by("id").values_list("customer", flat=True))


def keys() -> list[tuple[object, ...]]:
    found = SiteLine.objects.order_by("id")
    return list(found.values_list("customer", "saleor_user", "checkout"))


def held() -> Incident:
    """Hold all lines that there are."""
    incident = Incident.objects.create(
        purpose="security", reason="guessing", since=clock.now().replace(year=2020),
        until=clock.now().replace(year=2050), opened_by="user:1", review_on=clock.today(),
    )  # fmt: skip
    copy_to_incidents("l.at >= %s AND l.at < %s", [incident.since, incident.until])
    return incident


def test_a_line_knows_its_customer_when_it_comes(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7).customer_id
    guest = bought(shop, "guest", checkout_token=CART).customer_id
    came(user=7)
    came(checkout=CART)
    # Somebody of the staff orders for a guest: the line is of who did it.
    came(user=7, checkout=CART)
    came(user=99, checkout=CART)
    came()
    assert owners() == [aino, guest, aino, None, None]
    assert links.link() == 0


def test_a_line_gets_its_customer_when_the_checkout_becomes_an_order(shop, monkeypatch):
    monkeypatch.setattr(links, "BATCH", 1)
    for _ in range(3):
        came(checkout=CART)
    came(user=7)
    came()
    held()
    assert links.link() == 0
    guest = bought(shop, "guest", checkout_token=CART).customer_id
    shop.account(7)
    aino = bought(shop, "aino", user=7).customer_id
    assert links.link() == 8
    assert owners() == [guest, guest, guest, aino, None]
    found = IncidentLine.objects.order_by("line").values_list("customer", flat=True)
    assert list(found) == owners()


def test_lines_follow_a_guest_who_goes_up_in_an_account(shop):
    guest = bought(shop, "aino", checkout_token=CART).customer_id
    came(checkout=CART)
    incident = held()
    Incident.objects.filter(pk=incident.pk).update(customer=guest)
    shop.account(1, email="aino@example.com")
    aino = bought(shop, "aino", user=1).customer_id
    assert aino != guest
    assert owners() == [aino]
    assert IncidentLine.objects.get().customer == aino
    assert Incident.objects.get().customer == aino


def test_lines_of_a_checkout_go_with_its_order_to_another_customer(shop):
    shop.account(1)
    shop.account(2)
    bought(shop, "first", user=1)
    aino = bought(shop, "second", user=1, checkout_token=CART).customer_id
    came(checkout=CART)
    came(user=1)
    assert owners() == [aino, aino]
    other = bought(shop, "second", user=2).customer_id
    assert owners() == [other, aino]


def test_of_an_erased_customer_no_line_has_a_key(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7, checkout_token=CART).customer_id
    other = bought(shop, "other").customer_id
    came(user=7)
    came(checkout=CART)
    held()
    # As if they had come before the customer did.
    SiteLine.objects.update(customer=None)
    came(user=7)
    assert owners() == [None, None, aino]
    assert erase(Part.CONTACT, [aino])["jokkerit_plugin_siteline"] == 3
    keys = ("customer", "saleor_user", "checkout")
    for model in (SiteLine, IncidentLine):
        assert set(model.objects.values_list(*keys)) == {(None, None, None)}
    assert SiteLine.objects.count() == 3
    take(shop)
    assert links.link() == 0
    assert Customer.objects.get().pk == other
    assert Purchase.objects.filter(customer=None).count() == 1


def test_a_basket_that_became_no_order_leaves_no_key(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7).customer_id
    for key, user in ((CART, 7), (ANOTHER, 8)):
        Trace.objects.create(
            kind=Trace.Kind.CHECKOUT, key=key, saleor_user=user, changed_at=clock.now()
        )
        came(checkout=key)
    erase(Part.CONTACT, [aino])
    assert keys() == [(None, None, None), (None, None, ANOTHER)]


def test_a_line_of_another_user_loses_the_order_of_the_erased_alone(shop):
    aino = bought(shop, "aino", checkout_token=CART).customer_id
    came(user=99, checkout=CART)
    erase(Part.CONTACT, [aino])
    assert keys() == [(None, 99, None)]


def test_an_erasure_asks_no_day_for_what_nobody_has(shop):
    guest, other = bought(shop, "guest").customer_id, bought(shop, "other").customer_id
    for name in tables():
        execute(f"DROP TABLE {name}", [])
    with CaptureQueriesContext(connection) as before:
        erase(Part.CONTACT, [guest])
    store.make_ahead()
    with CaptureQueriesContext(connection) as after:
        erase(Part.CONTACT, [other])
    lines = [
        [one["sql"] for one in queries if f"UPDATE {table(SiteLine)}" in one["sql"]]
        for queries in (before, after)
    ]
    assert [len(found) for found in lines] == [0, 1]
    assert "customer IS NULL" not in lines[1][0]


@committed
@pytest.mark.parametrize("key", [{"user": 7}, {"checkout": CART}], ids=["user", "checkout"])
def test_a_line_that_comes_while_its_customer_is_erased_is_nobodys(shop, key):
    shop.account(7)
    aino = bought(shop, "aino", user=7, checkout_token=CART).customer_id
    erased, line = overtaken(
        lambda: erase(Part.CONTACT, [aino]), lambda: came(**key), after=(erasure, "lock_subjects")
    )
    assert (erased["jokkerit_plugin_customer"], line) == (1, None)
    assert keys() == [(None, None, None)]


def test_a_copy_that_an_incident_made_meanwhile_loses_the_key_within_the_hour(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7).customer_id
    came(user=7)
    came(user=8)
    held()
    erase(Part.CONTACT, [aino])
    # As a copy that read the line before it lost its key.
    IncidentLine.objects.filter(customer=None, saleor_user=None).update(saleor_user=7)
    assert forget_erased() == 1
    assert set(IncidentLine.objects.values_list("saleor_user", flat=True)) == {None, 8}


def test_a_copy_that_an_incident_made_meanwhile_loses_the_checkout_too(shop):
    aino = bought(shop, "aino", checkout_token=CART).customer_id
    bought(shop, "other", checkout_token=ANOTHER)
    came(checkout=CART)
    came(user=99, checkout=CART)
    came(checkout=ANOTHER)
    SiteLine.objects.update(customer=None)
    held()
    erase(Part.CONTACT, [aino])
    IncidentLine.objects.filter(checkout=None).update(checkout=CART)
    assert forget_erased() == 2
    found = IncidentLine.objects.order_by("line").values_list("saleor_user", "checkout")
    assert list(found) == [(None, None), (99, None), (None, ANOTHER)]


def test_a_line_from_before_its_customer_was_erased_is_nobodys_when_it_comes_late(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7, checkout_token=CART).customer_id
    erase(Part.CONTACT, [aino])
    came(user=7, at=clock.now() - timedelta(hours=3))
    came(checkout=CART)
    # Who logs in again a week later begins anew; what is written down ahead of it, too.
    ErasedKey.objects.update(erased_at=clock.now() - timedelta(days=7))
    came(user=7)
    came(user=8, checkout=ANOTHER)
    assert [(user, bool(checkout)) for _, user, checkout in keys()] == [
        (None, False), (None, False), (7, False), (8, True),
    ]  # fmt: skip


def test_an_account_that_never_bought_leaves_no_key_when_the_shop_deletes_it(shop):
    shop.account(9)
    shop.account(10)
    bought(shop, "aino", user=10)
    shop.checkout("cart", user=9)
    take(shop)
    for given in ({"user": 9}, {"checkout": CART}, {"user": 10}):
        came(**given)
    held()
    shop.remove(Kind.CUSTOMER, 9)
    take(shop)
    # As if it had come at the same moment, which no row of theirs keeps from happening.
    first = SiteLine.objects.order_by("id").values_list("pk", flat=True)[0]
    SiteLine.objects.filter(pk=first).update(saleor_user=9)
    lines.forget_strangers(clock.now() - timedelta(hours=1))
    came(user=9, at=clock.now() - timedelta(hours=3))
    for model in (SiteLine, IncidentLine):
        found = model.objects.order_by("id").values_list("saleor_user", "checkout")
        assert list(found[:3]) == [(None, None), (None, None), (10, None)]
    assert SiteLine.objects.filter(saleor_user=9).count() == 0
    assert SiteLine.objects.count() == 4


@committed
def test_a_customer_who_is_erased_while_their_line_comes_leaves_no_key(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7).customer_id
    line, erased = overtaken(
        lambda: came(user=7), lambda: erase(Part.CONTACT, [aino]), after=(store, "_copy")
    )
    assert (line, erased["jokkerit_plugin_siteline"]) == (None, 1)
    assert list(SiteLine.objects.values_list("customer", "saleor_user")) == [(None, None)]


@committed
def test_a_guest_who_goes_up_while_their_line_comes_takes_it_along(shop):
    bought(shop, "aino", checkout_token=CART)
    shop.account(1, email="aino@example.com")
    line, gone = overtaken(
        lambda: came(checkout=CART), lambda: bought(shop, "aino", user=1), after=(store, "_copy")
    )
    assert line is None
    assert owners() == [gone.customer_id]
