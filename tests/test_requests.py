"""Requests: who may ask, by when they are answered, and that nothing is done twice."""

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.access.guard import NoPermission
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    Purchase,
    Request,
    RequestEvent,
    RequestLetter,
    Restriction,
)
from jokkerit_plugin.policy import requests as policy
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind, RequestState
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import search
from jokkerit_plugin.retention import keeps
from jokkerit_plugin.rights import answering, letters, requests, status, words
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.shop.snapshots import Kind
from tests.asking import KEYS, at, send
from tests.erasing import erase, take
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, STAFF, sign

DAY = "2026-03-02T10:00:00.000000Z"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)


@pytest.fixture
def aino(shop) -> int:
    sign(CONTROLLER, OTHER_CONTROLLER, STAFF, MANAGER)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5, status="fulfilled", **dict.fromkeys(("paid_at", "delivered_at"), DAY))
    take(shop)
    return Customer.objects.get().pk


def taken_down(customer: int, kind=RequestKind.ERASURE, **given) -> Request:
    return requests.open_for(customer, kind=kind, how="passport shown", actor=MANAGER, **given)


@pytest.mark.parametrize(
    ("received", "month", "three"),
    [
        ("2026-03-15", "2026-04-15", "2026-06-15"),
        ("2026-01-31", "2026-02-28", "2026-04-30"),
        ("2028-01-31", "2028-02-29", "2028-04-30"),
        ("2026-11-30", "2026-12-30", "2027-02-28"),
        # The last day is a Sunday, a holiday: it is not moved on.
        ("2026-11-06", "2026-12-06", "2027-02-06"),
    ],
)
def test_the_law_gives_a_month_and_two_more(received, month, three):
    day = date.fromisoformat(received)
    assert policy.due_on(day).isoformat() == month
    assert policy.extended_to(day).isoformat() == three


def test_every_kind_and_ground_has_its_words():
    assert set(policy.TITLES) == set(policy.GROUNDS) == set(RequestKind)
    assert set(RefusalGround) == set().union(*policy.GROUNDS.values())
    for language in ("fi", "sv", "en"):
        found = words.texts("letters", language)
        assert set(found["grounds"]) == {one.value for one in RefusalGround}
        assert set(RequestKind) <= set(found["done"])
        assert {one.value for one in RequestLetter.What} <= set(found)
    assert set(policy.MOVES) == set(RequestState)
    assert not any(policy.MOVES[state] for state in policy.OVER)


def test_the_time_runs_from_the_day_in_helsinki(aino, monkeypatch):
    at(monkeypatch, "2027-03-31 23:30")
    assert taken_down(aino).due_on == date(2027, 4, 30)


def test_staff_who_manage_take_requests_down_and_say_how_they_know_who_asks(aino):
    with pytest.raises(NoPermission):
        requests.open_for(aino, kind=RequestKind.ACCESS, how="x", actor=STAFF)
    with pytest.raises(RequestError, match="how you made sure"):
        requests.open_for(aino, kind=RequestKind.ACCESS, how=" ", actor=MANAGER)
    made = taken_down(aino)
    assert (made.state, made.proof, made.proof_note, made.proved_by) == (
        "open", "staff", "passport shown", "user:21",
    )  # fmt: skip
    looked = AccessEntry.objects.filter(act="requestOpen", outcome="granted").get()
    assert looked.actor == "user:21"


def test_of_one_person_and_kind_one_request_is_under_way(aino):
    taken_down(aino)
    taken_down(aino, RequestKind.RESTRICTION)
    with pytest.raises(RequestError, match="under way already"):
        taken_down(aino)
    with pytest.raises(RequestError, match="no such customer"):
        taken_down(aino + 1)


def test_only_the_controller_decides(aino):
    made = taken_down(aino)
    for act in (
        lambda: requests.decide(made.pk, accept=True, actor=MANAGER),
        lambda: requests.withdraw(made.pk, actor=MANAGER),
        lambda: requests.extend(made.pk, reason="x", actor=MANAGER),
        lambda: letters.told(made.pk, actor=MANAGER),
    ):
        with pytest.raises(ControllersOnly):
            act()


def test_an_open_request_keeps_what_it_is_about(shop, aino):
    made = taken_down(aino, RequestKind.RECTIFICATION)
    assert ("request", None) in _kept(shop, aino)
    erase(Part.CONTACT, [aino])
    assert Customer.objects.exists()
    requests.decide(made.pk, accept=False, ground=RefusalGround.ACCURATE, actor=CONTROLLER)
    assert ("request", None) not in _kept(shop, aino)
    erase(Part.CONTACT, [aino])
    assert not Customer.objects.exists()


def _kept(shop, customer):
    found = keeps.keeps(customers=[customer], day=date(2040, 1, 1), config=shop.port.settings)
    return [(one.rule, one.until) for one in found]


def test_a_granted_correction_makes_nothing_due(shop, aino):
    made = taken_down(aino, RequestKind.RECTIFICATION)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    today = clock.today()
    assert keeps.due(Part.CONTACT, today, shop.port.settings, limit=9) == []
    other = taken_down(aino)
    requests.decide(other.pk, accept=True, actor=CONTROLLER)
    assert keeps.due(Part.CONTACT, today, shop.port.settings, limit=9) == [aino]


@pytest.mark.parametrize(
    ("kind", "ground"),
    [(kind, ground) for kind in RequestKind for ground in (None, *RefusalGround)],
)
def test_a_refusal_names_a_ground_of_that_right(shop, aino, kind, ground):
    made = taken_down(aino, RequestKind.ERASURE)
    Request.objects.filter(pk=made.pk).update(kind=kind)
    allowed = ground in policy.GROUNDS[kind]
    try:
        requests.decide(made.pk, accept=False, ground=ground, actor=CONTROLLER)
    except RequestError:
        assert not allowed
        assert Request.objects.get().state == "open"
    else:
        assert allowed
        ((_, text, _),) = send(shop)
        assert words.texts("letters", "fi")["grounds"][ground] in text
        assert "tietosuojavaltuutetulle" in text


def test_a_restriction_is_laid_on_and_told(shop, aino):
    made = taken_down(aino, RequestKind.RESTRICTION)
    with pytest.raises(RequestError, match="ground"):
        requests.decide(made.pk, accept=True, actor=CONTROLLER)
    requests.decide(made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER)
    assert Restriction.objects.get().customer_id == aino
    assert Request.objects.get().state == "done"
    ((subject, text, to),) = send(shop)
    assert (subject, to) == ("Pyyntösi on täytetty", ["aino@example.com"])
    assert "säilytämme tietosi mutta emme käytä niitä" in text


def test_a_restricted_customer_may_ask_all_the_same(shop, aino):
    made = taken_down(aino, RequestKind.RESTRICTION)
    requests.decide(made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER)
    again = taken_down(aino, RequestKind.RECTIFICATION, message="My name is Aino")
    assert requests.read(again.pk, actor=MANAGER)[1].message == "My name is Aino"


def test_an_extension_counts_from_its_letter_once_and_in_time(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    assert made.due_on == date(2027, 4, 10)
    at(monkeypatch, "2027-04-10 23:00")
    requests.extend(made.pk, reason="Your orders are 4,000.", actor=CONTROLLER)
    assert Request.objects.get().due_on == date(2027, 4, 10)
    ((_, text, _),) = send(shop)
    assert "Your orders are 4,000." in text
    assert "10.6.2027" in text
    assert "tietosuojavaltuutetulle" in text
    assert Request.objects.get().due_on == date(2027, 6, 10)
    with pytest.raises(RequestError, match="once is all"):
        requests.extend(made.pk, reason="x", actor=CONTROLLER)


def test_too_late_nothing_is_extended(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    requests.extend(made.pk, reason="x", actor=CONTROLLER)
    at(monkeypatch, "2027-04-11 00:00")
    assert send(shop) == []
    assert Request.objects.get().due_on == date(2027, 4, 10)
    assert "could not be told in time" in RequestLetter.objects.get().error
    RequestLetter.objects.all().delete()
    with pytest.raises(RequestError, match="first month is over"):
        requests.extend(made.pk, reason="x", actor=CONTROLLER)


def test_the_controller_is_reminded_at_each_stage_once_and_daily_when_late(shop, aino, monkeypatch):
    config = replace(shop.port.settings, privacy_contact="Jouko, privacy@example.com")
    at(monkeypatch, "2027-03-10 12:00")
    taken_down(aino)
    told = []
    for day in range(15, 31):
        at(monkeypatch, f"2027-03-{day:02} 09:00")
        told += [day] * answering.remind(config, shop.port)
    for day in range(1, 13):
        at(monkeypatch, f"2027-04-{day:02} 09:00")
        told += [day] * answering.remind(config, shop.port)
        answering.remind(config, shop.port)
    assert told == [27, 3, 7, 9, 10, 11, 12]
    subject, text, to = shop.port.outbox()[-1]
    assert to == ["privacy@example.com"]
    assert "2027-04-10" in text
    assert "aino" not in (subject + text).lower()
    assert any("not answered within the law's time" in one for one in status.problems(config))


def test_two_who_decide_at_once_do_it_once(aino):
    made = taken_down(aino, RequestKind.RESTRICTION)
    start, outcomes = Barrier(2), []

    def decide(actor):
        start.wait()
        try:
            requests.decide(
                made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=actor
            )
            outcomes.append("done")
        except RequestError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=decide, args=[one]) for one in (CONTROLLER, OTHER_CONTROLLER)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert Restriction.objects.count() == 1
    assert RequestEvent.objects.filter(what="accepted").count() == 1


@pytest.mark.parametrize("state", sorted(policy.OVER))
def test_what_is_over_stays_over(aino, state):
    made = taken_down(aino)
    decided = {"decided_at": clock.now(), "decided_by": "user:1"}
    done = {"done_at": clock.now()} if state == "done" else {}
    Request.objects.filter(pk=made.pk).update(state=state, **decided, **done)
    for act in (
        lambda: requests.decide(made.pk, accept=True, actor=CONTROLLER),
        lambda: requests.decide(
            made.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER
        ),
        lambda: requests.withdraw(made.pk, actor=CONTROLLER),
        lambda: requests.extend(made.pk, reason="x", actor=CONTROLLER),
        lambda: requests.prove(made.pk, customer=aino, how="x", actor=MANAGER),
    ):
        with pytest.raises(RequestError):
            act()


def test_who_is_erased_is_told_what_stays_and_then_that_it_is_done(shop, aino):
    made = taken_down(aino)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    ((_, text, to),) = send(shop)
    assert to == ["aino@example.com"]
    assert "kirjanpito (Accounting Act 1336/1997, ch. 2 s. 10)" in text
    assert "31.12.20" in text
    erase(Part.CONTACT, [aino])
    subject, _, to = send(shop)[-1]
    assert (subject, to) == ("Pyyntösi on täytetty", ["aino@example.com"])
    row = Request.objects.get()
    assert (row.state, row.sealed) == ("done", None)
    assert len(send(shop)) == 2


def test_who_deletes_the_own_account_is_told_too(shop, aino):
    shop.order("a", user=None)
    shop.remove(Kind.CUSTOMER, 5)
    shop.events = [(Kind.LEFT, "5")]
    take(shop)
    ((_, text, to),) = send(shop)
    assert to == ["aino@example.com"]
    assert "poistamme tietosi" in text


def test_a_letter_that_cannot_be_sent_waits_and_can_be_told_in_another_way(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    requests.decide(made.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER)
    Customer.objects.update(email="")
    for hour in range(13, 20):
        at(monkeypatch, f"2027-03-10 {hour}:00")
        assert send(shop) == []
    assert any("tell them in another way" in one for one in status.problems(shop.port.settings))
    assert letters.told(made.pk, actor=CONTROLLER) == 1
    assert RequestLetter.objects.get().sent_by == "user:1"


def test_what_was_written_is_encrypted_and_read_through_the_guard(aino):
    made = taken_down(aino, message="Poistakaa kaikki", email="uusi@example.com")
    row = Request.objects.get()
    assert b"Poistakaa" not in bytes(row.sealed)
    with pytest.raises(NoPermission):
        requests.read(made.pk, actor=STAFF)
    _, found = requests.read(made.pk, actor=MANAGER)
    assert (found.message, found.email) == ("Poistakaa kaikki", "uusi@example.com")
    assert AccessEntry.objects.filter(act="requestContent", outcome="granted").count() == 1
    assert RequestEvent.objects.filter(what="read", actor="user:21").count() == 1


def test_a_request_is_kept_three_years_from_its_end(aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    requests.decide(made.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER)
    at(monkeypatch, "2030-03-10 11:59")
    assert answering.forget_closed() == 0
    at(monkeypatch, "2030-03-10 12:01")
    assert answering.forget_closed() == 1
    assert not Request.objects.exists()
    assert not RequestEvent.objects.exists()


def test_the_guest_who_goes_up_in_an_account_is_answered_once(shop, aino):
    shop.order("b", email="guest@example.com")
    take(shop)
    guest = Customer.objects.get(guest_email="guest@example.com").pk
    taken_down(aino)
    taken_down(guest)
    taken_down(guest, RequestKind.RECTIFICATION)
    with transaction.atomic():
        shop.order("b", user=5, email="aino@example.com")
        take(shop)
    states = Request.objects.order_by("pk").values_list("customer", "kind", "state")
    assert list(states) == [
        (aino, "erasure", "open"), (aino, "erasure", "withdrawn"), (aino, "rectification", "open"),
    ]  # fmt: skip


def test_a_correction_ends_when_it_is_made_and_the_search_forgets(shop, aino):
    made = taken_down(aino, RequestKind.RECTIFICATION)
    with pytest.raises(RequestError, match="no such request"):
        requests.corrected(made.pk, actor=CONTROLLER)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    shop.account(5, email="aino@example.com", last_name="Korhonen")
    take(shop)
    requests.corrected(made.pk, actor=CONTROLLER)
    ((_, text, _),) = send(shop)
    assert "Olemme oikaisseet tietosi." in text
    assert Customer.objects.filter(search.matching("Korhonen", {Category.NAME})).exists()
    assert not Customer.objects.filter(search.matching("Mäkelä", {Category.NAME})).exists()
    # The voucher says what it said.
    assert Purchase.objects.get().party_last_name == "Mäkelä"
    other = taken_down(aino, RequestKind.RESTRICTION)
    with pytest.raises(RequestError):
        requests.corrected(other.pk, actor=CONTROLLER)
