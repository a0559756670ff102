"""Who deletes the own account asks to be erased; about others staff are asked."""

from dataclasses import replace
from datetime import date

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.models import Customer, Purchase, Request, RequestEvent, Sweep, Trace
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.register import sweep
from jokkerit_plugin.rights import letters, opening, requests
from jokkerit_plugin.shop.snapshots import Kind
from tests.asking import KEYS, at, send
from tests.erasing import erase, take
from tests.kept import due as all_due
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER, MANAGER, STAFF, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def aino(shop: PaperShop) -> int:
    sign(CONTROLLER, MANAGER, STAFF)
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
    return list(Request.objects.order_by("pk").values_list("origin", "state", "decided_by"))


def test_who_deletes_the_own_account_has_asked_and_is_answered(shop, aino):
    delete(shop, Kind.LEFT)
    assert told() == [("account_deleted", "accepted", "shop")]
    assert Request.objects.get().customer == aino
    # Nothing is erased by that alone, and the purchase stays theirs until then.
    assert Purchase.objects.get().customer_id == aino
    erase(Part.CONTACT, [aino])
    assert Request.objects.get().state == "done"
    events = RequestEvent.objects.order_by("pk").values_list("what", "actor")
    assert list(events) == [("received", "person"), ("accepted", "shop"), ("done", "shop")]
    assert Purchase.objects.get().party_last_name == "Mäkelä"


def test_who_deletes_the_own_account_has_asked_though_nothing_is_filled_just_now(shop, aino):
    shop.port.settings = replace(shop.port.settings, fill_orders=False)
    delete(shop, Kind.CUSTOMER)
    assert told() == []
    shop.events.append((Kind.LEFT, "5"))
    take(shop)
    assert told() == [("account_deleted", "accepted", "shop")]


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


def granted(customer: int) -> Request:
    """Let somebody ask to be erased, and the controller grant it."""
    made = opening.open_for(customer, kind=RequestKind.ERASURE, how="by phone", actor=MANAGER)
    return requests.decide(made.pk, accept=True, actor=CONTROLLER)


def buys_again(shop: PaperShop, **changes: object) -> None:
    shop.order("new", user=5, placed_at=clock.now().isoformat(), **changes)
    take(shop)


def due(shop: PaperShop, customer: int) -> bool:
    return customer in all_due(Part.CONTACT, clock.today(), shop.port.config())


DONE = {"status": "fulfilled", "paid_at": "2026-03-02T10:00:00.000000Z"}


def test_who_buys_again_is_not_erased_is_told_and_may_ask_anew(shop, aino, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    shop.order("a", **DONE)
    take(shop)
    at(monkeypatch, "2027-03-10 12:00")
    made = granted(aino)
    assert due(shop, aino)
    at(monkeypatch, "2027-03-11 12:00")
    buys_again(shop, **DONE)
    made.refresh_from_db()
    assert (made.state, made.ground, made.decided_by) == ("refused", "bought_again", "shop")
    event = made.events.latest("pk")
    assert (event.what, event.actor, event.code) == ("refused", "shop", "bought_again")
    # Nobody is promised any more what was granted, and was not told yet.
    ((_, text, to),) = send(shop)
    assert to == ["aino@example.com"]
    assert "Olet ostanut meiltä uudelleen" in text
    assert "tietosuojavaltuutetulle" in text
    assert not due(shop, aino)

    at(monkeypatch, "2027-03-20 12:00")
    again = granted(aino)
    assert (again.opened_at, again.due_on) == (clock.now(), date(2027, 4, 20))
    assert due(shop, aino)
    erase(Part.CONTACT, [aino])
    assert list(Request.objects.order_by("pk").values_list("state", flat=True)) == [
        "refused", "done",
    ]  # fmt: skip


def test_an_order_that_comes_to_nothing_ends_no_erasure(shop, aino, monkeypatch):
    """Anybody may place one under somebody's e-mail."""
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    shop.order("a", **DONE)
    take(shop)
    at(monkeypatch, "2027-03-10 12:00")
    made = granted(aino)
    at(monkeypatch, "2027-03-11 12:00")
    buys_again(shop, status="unconfirmed", paid_at=None, delivered_at=None)
    assert not due(shop, aino), "while it is open it keeps them"
    day = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    shop.order("new", status="canceled", cancelled_at=day)
    take(shop)
    made.refresh_from_db()
    assert made.state == "accepted"
    assert due(shop, aino)


def test_a_purchase_before_it_was_granted_ends_nothing(shop, aino):
    """The controller saw it, and whoever bought is told of the erasure afterwards."""
    shop.order("a", **DONE)
    made = opening.open_for(aino, kind=RequestKind.ERASURE, how="by phone", actor=MANAGER)
    buys_again(shop, **DONE)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    shop.order("new", language="sv")
    take(shop)
    assert Request.objects.get().state == "accepted"
    assert due(shop, aino)


def test_nobody_is_erased_before_what_stays_is_written_down(shop, aino, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    shop.order("a", **DONE)
    take(shop)
    shop.order("a", **DONE, user=None)
    shop.remove(Kind.CUSTOMER, 5)
    shop.events = [(Kind.LEFT, "5")]
    take(shop)
    assert told() == [("account_deleted", "accepted", "shop")]
    assert not due(shop, aino)
    ((_, text, _),) = send(shop)
    # The terms that the request ends keep nothing.
    assert "kirjanpito" in text
    assert "asiakassuhde" not in text
    assert "asiakaspalvelu" not in text
    assert due(shop, aino)


@pytest.mark.parametrize("together", [True, False])
def test_who_buys_and_then_deletes_the_account_is_erased(shop, aino, together):
    shop.order("a", **DONE)
    take(shop)
    granted(aino)
    shop.order("new", user=5, placed_at=clock.now().isoformat(), **DONE)
    if not together:
        take(shop)
        shop.order("new", user=None)
    shop.remove(Kind.CUSTOMER, 5)
    shop.events.append((Kind.LEFT, "5"))
    take(shop)
    assert Purchase.objects.filter(customer=aino).count() == 2
    assert Request.objects.get(state="accepted").origin == "account_deleted"
    letters.note_erasures(shop.port.config())
    assert due(shop, aino)


def test_staff_are_asked_again_about_an_account_whose_erasure_a_purchase_ended(shop, aino):
    granted(aino)
    buys_again(shop, **DONE)
    shop.order("new", user=None)
    delete(shop, Kind.CUSTOMER)
    assert [state for _, state, _ in told()] == ["refused", "asks"]


def test_of_an_account_that_staff_deleted_and_that_is_back_nobody_is_told(shop, aino):
    delete(shop, Kind.CUSTOMER)
    requests.decide(Request.objects.get().pk, accept=True, actor=CONTROLLER)
    shop.account(5, email="aino@example.com")
    buys_again(shop, **DONE)
    assert told() == [("customer_deleted", "refused", "shop")]
    assert send(shop) == []


def test_who_deletes_the_account_asks_for_all_of_it_whatever_was_proved_before(shop, aino):
    made = opening.open_for(aino, kind=RequestKind.ERASURE, how="by phone", actor=MANAGER)
    Request.objects.update(purchases=[1], proof="matched")
    delete(shop, Kind.LEFT)
    row = Request.objects.get()
    assert (row.state, row.proof, row.purchases) == ("accepted", "account", None)
    # It was asked first then.
    assert (row.opened_at, row.due_on) == (made.opened_at, made.due_on)


def test_a_question_to_staff_becomes_a_request_when_the_owner_turns_out_to_have_left(
    shop, aino, monkeypatch
):
    at(monkeypatch, "2027-03-10 12:00")
    delete(shop, Kind.CUSTOMER)
    at(monkeypatch, "2027-03-20 12:00")
    shop.events = [(Kind.LEFT, "5")]
    take(shop)
    row = Request.objects.get()
    assert (row.state, row.opened_at, row.due_on) == ("accepted", clock.now(), date(2027, 4, 20))
