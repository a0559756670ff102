"""Requests: who may ask, by when they are answered, and that nothing is done twice."""

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.access.guard import NoPermission
from jokkerit_plugin.access.restrictions import RestrictionError
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    MarketingEvent,
    Purchase,
    Request,
    RequestEvent,
    RequestLetter,
    Restriction,
    Suppression,
)
from jokkerit_plugin.policy import requests as policy
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind, RequestState
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import search
from jokkerit_plugin.retention import keeps
from jokkerit_plugin.rights import (
    answering,
    letters,
    lifting,
    opening,
    proofs,
    requests,
    status,
    words,
)
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.shop.port import MailError
from jokkerit_plugin.shop.snapshots import Kind
from tests.asking import asks, at, attend, keyed_somebody, send, taken_down
from tests.erasing import erase, take
from tests.kept import due
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, STAFF
from tests.standing import standing

DAY = "2026-03-02T10:00:00.000000Z"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

aino = standing(__name__, keyed_somebody)


@pytest.mark.parametrize(
    ("received", "month", "three"),
    [
        ("2026-03-15", "2026-04-15", "2026-06-15"),
        # The two further months run from the end of the first: the earlier day of two readings.
        ("2026-01-31", "2026-02-28", "2026-04-28"),
        ("2028-01-31", "2028-02-29", "2028-04-29"),
        ("2026-01-30", "2026-02-28", "2026-04-28"),
        ("2026-05-31", "2026-06-30", "2026-08-30"),
        ("2026-12-31", "2027-01-31", "2027-03-31"),
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
    given = set().union(*policy.GROUNDS.values())
    assert set(RefusalGround) - given == {policy.OF_THE_REGISTER}
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
        opening.open_for(aino, kind=RequestKind.ACCESS, how="x", actor=STAFF)
    with pytest.raises(RequestError, match="how you made sure"):
        opening.open_for(aino, kind=RequestKind.ACCESS, how=" ", actor=MANAGER)
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


def test_a_granted_copy_keeps_what_it_is_of_until_it_is_made(shop, aino):
    made = taken_down(aino, RequestKind.ACCESS)
    Request.objects.filter(pk=made.pk).update(
        state="accepted", decided_at=clock.now(), decided_by="shop"
    )
    assert ("request", None) in _kept(shop, aino)
    erase(Part.CONTACT, [aino])
    assert Customer.objects.exists()
    Request.objects.filter(pk=made.pk).update(state="done", done_at=clock.now())
    erase(Part.CONTACT, [aino])
    assert not Customer.objects.exists()


@pytest.mark.parametrize("kind", [RequestKind.ERASURE, RequestKind.RESTRICTION])
def test_a_proof_of_some_purchases_does_not_reach_the_whole_customer(aino, kind):
    made = taken_down(aino, kind)
    Request.objects.filter(pk=made.pk).update(proof="matched", purchases=[1])
    with pytest.raises(RequestError, match="others may share"):
        requests.decide(
            made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER
        )
    assert Request.objects.get(pk=made.pk).state == "open"


def _kept(shop, customer):
    found = keeps.keeps(customers=[customer], day=date(2040, 1, 1), config=shop.port.settings)
    return [(one.rule, one.until) for one in found]


def test_a_granted_correction_makes_nothing_due(shop, aino):
    made = taken_down(aino, RequestKind.RECTIFICATION)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    today = clock.today()
    assert not due(Part.CONTACT, today, shop.port.settings)
    other = taken_down(aino)
    requests.decide(other.pk, accept=True, actor=CONTROLLER)
    assert list(due(Part.CONTACT, today, shop.port.settings)) == [aino]


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
    # It would stay for good, and keep what waits for the last letter.
    assert not RequestLetter.objects.exists()
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


@pytest.mark.django_db(transaction=True)
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
        lambda: proofs.prove(made.pk, customer=aino, how="x", actor=MANAGER),
    ):
        with pytest.raises(RequestError):
            act()


def test_who_is_erased_is_told_what_stays_and_then_that_it_is_done(shop, aino):
    made = taken_down(aino)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    ((_, text, to),) = send(shop)
    assert to == ["aino@example.com"]
    assert "kirjanpito (kirjanpitolaki 1336/1997, 2 luku 10 §)" in text
    assert "31.12.20" in text
    # The shop's own tables are left alone here: nothing is promised of them.
    assert "asiakasrekisteristämme; verkkokaupan omista tiedoista poistamme ne erikseen" in text
    erase(Part.CONTACT, [aino])
    subject, text, to = send(shop)[-1]
    assert "Olemme poistaneet tietosi asiakasrekisteristämme." in text
    assert (subject, to) == ("Pyyntösi on täytetty", ["aino@example.com"])
    row = Request.objects.get()
    assert (row.state, row.sealed) == ("done", None)
    assert len(send(shop)) == 2


def test_what_stays_is_told_even_if_the_mail_fails_until_they_are_erased(shop, aino, monkeypatch):
    made = taken_down(aino)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)

    def fails(*_):
        raise MailError("no mail server")

    with monkeypatch.context() as broken:
        broken.setattr(shop.port, "mail", fails)
        assert send(shop) == []
    erase(Part.CONTACT, [aino])
    RequestLetter.objects.update(next_at=clock.now())
    accepted, done = send(shop)
    assert "kirjanpito (kirjanpitolaki 1336/1997, 2 luku 10 §)" in accepted[1]
    assert (done[0], done[2]) == ("Pyyntösi on täytetty", ["aino@example.com"])


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


def merged(shop) -> None:
    """Let Saleor attach the guest's order to the account: they are one person."""
    shop.order("b", user=5, email="aino@example.com")
    take(shop)


@pytest.mark.parametrize("kind", [RequestKind.ACCESS, RequestKind.PORTABILITY])
@pytest.mark.parametrize(
    ("actor", "email", "state"),
    [
        (MANAGER, "clerk@example.com", "open"),
        # Whoever has the former mailbox by now is somebody else.
        (MANAGER, "former@example.com", "open"),
        (MANAGER, " AINO@example.com", "accepted"),
        (MANAGER, "", "accepted"),
        (CONTROLLER, "aino.work@example.com", "accepted"),
    ],
)
def test_a_copy_to_another_address_is_the_controllers_to_grant(
    shop, aino, kind, actor, email, state
):
    shop.account(5, email="aino@example.com", former_emails=["former@example.com"])
    take(shop)
    row = opening.open_for(aino, kind=kind, how="by phone", email=email, actor=actor)
    assert row.state == state


def test_of_a_guest_whose_erasure_was_granted_and_an_account_that_asks_it_goes_on(shop, aino):
    shop.order("b", email="guest@example.com")
    take(shop)
    own = opening.open_by_account(5, kind=RequestKind.ERASURE)
    granted = taken_down(Customer.objects.get(guest_email="guest@example.com").pk)
    requests.decide(granted.pk, accept=True, actor=CONTROLLER)
    assert own.letters.filter(sent_at=None).exists()
    merged(shop)
    assert _states() == [(own.pk, aino, "withdrawn"), (granted.pk, aino, "accepted")]
    event = own.events.latest("pk")
    assert (event.what, event.actor, event.code) == ("withdrawn", "shop", f"see {granted.pk}")
    assert not own.letters.exists()
    ((_, text, _),) = send(shop)
    assert "poistamme tietosi" in text


def test_one_that_was_granted_before_the_account_bought_ends_no_other(shop, aino):
    shop.order("b", email="guest@example.com")
    take(shop)
    granted = taken_down(Customer.objects.get(guest_email="guest@example.com").pk)
    requests.decide(granted.pk, accept=True, actor=CONTROLLER)
    now = clock.now().isoformat()
    shop.order("c", user=5, placed_at=now, paid_at=now)
    take(shop)
    own = opening.open_by_account(5, kind=RequestKind.ERASURE)
    merged(shop)
    assert _states() == [(granted.pk, aino, "refused"), (own.pk, aino, "open")]


def test_of_two_that_wait_the_better_proved_goes_on_and_the_time_of_the_first(
    shop, aino, monkeypatch
):
    shop.order("b", email="guest@example.com")
    take(shop)
    guest = Customer.objects.get(guest_email="guest@example.com").pk
    at(monkeypatch, "2027-03-10 12:00")
    first = taken_down(guest)
    Request.objects.filter(pk=first.pk).update(proof="mailbox", purchases=[])
    at(monkeypatch, "2027-03-20 12:00")
    own = opening.open_by_account(5, kind=RequestKind.ERASURE)
    merged(shop)
    assert _states() == [(first.pk, aino, "withdrawn"), (own.pk, aino, "open")]
    own.refresh_from_db()
    assert (own.opened_at, own.due_on) == (first.opened_at, date(2027, 4, 10))


@pytest.mark.parametrize("kind", sorted(policy.IN_WORDS))
@pytest.mark.parametrize("granted", [False, True])
def test_what_guest_and_account_each_say_in_words_is_each_answered(
    shop, aino, monkeypatch, kind, granted
):
    shop.order("b", email="guest@example.com")
    shop.order("c", email="other@example.com")
    take(shop)
    guests = [Customer.objects.get(guest_email=f"{one}@example.com").pk
              for one in ("guest", "other")]  # fmt: skip
    at(monkeypatch, "2027-03-10 12:00")
    asked = [taken_down(one, RequestKind(kind), message="My street is Kesäkuja 9")
             for one in guests]  # fmt: skip
    if granted:
        Request.objects.filter(pk=asked[0].pk).update(
            state="accepted", decided_at=clock.now(), decided_by="user:1", reason="Niin on."
        )
    at(monkeypatch, "2027-03-20 12:00")
    own = opening.open_by_account(5, kind=RequestKind(kind), message="My name is Aino")
    shop.order("b", user=5, email="aino@example.com")
    shop.order("c", user=5, email="aino@example.com")
    take(shop)
    assert _states() == [(one.pk, None, "open") for one in asked] + [(own.pk, aino, "open")]
    assert Request.objects.get(pk=own.pk).due_on == date(2027, 4, 20)
    for one in asked:
        one.refresh_from_db()
        assert (one.due_on, one.proof, one.reason) == (date(2027, 4, 10), "mailbox", "")
        event = one.events.latest("pk")
        assert (event.what, event.actor, event.code) == ("reopened", "shop", f"see {own.pk}")
        assert requests.read(one.pk, actor=MANAGER)[1].message == "My street is Kesäkuja 9"
    # Once the first is answered staff say whose the next one is.
    requests.decide(own.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER)
    assert proofs.prove(asked[0].pk, customer=aino, how="seen", actor=MANAGER).customer == aino


def test_an_objection_to_marketing_is_answered_with_no_other(shop, aino):
    shop.order("b", email="guest@example.com")
    take(shop)
    guest = Customer.objects.get(guest_email="guest@example.com").pk
    no_more = taken_down(guest, RequestKind.OBJECTION, message="No letters")
    Request.objects.filter(pk=no_more.pk).update(marketing=True)
    own = opening.open_by_account(5, kind=RequestKind.OBJECTION, message="Do not profile me")
    merged(shop)
    assert _states() == [(no_more.pk, aino, "open"), (own.pk, aino, "open")]


def _states() -> list[tuple[int, int, str]]:
    return list(Request.objects.order_by("pk").values_list("pk", "customer", "state"))


def test_a_granted_erasure_that_no_night_does_is_named(shop, aino, monkeypatch):
    config = shop.port.settings
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    at(monkeypatch, "2027-03-13 11:00")
    assert not any("not done" in one for one in status.problems(config))
    at(monkeypatch, "2027-03-13 13:00")
    assert any(f"not done, although nothing keeps the data (1): {made.pk}." in one
               for one in status.problems(config))  # fmt: skip
    shop.order("a", status="unfulfilled", delivered_at=None)
    take(shop)
    assert not any("not done" in one for one in status.problems(config))


def test_what_is_taken_back_is_promised_in_no_letter(shop, aino):
    made = taken_down(aino)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    letters.note_erasures(shop.port.settings)
    requests.withdraw(made.pk, actor=CONTROLLER)
    assert send(shop) == []


def test_the_controller_is_reminded_of_a_deleted_account_as_of_a_request(shop, aino, monkeypatch):
    config = replace(shop.port.settings, privacy_contact="privacy@example.com")
    at(monkeypatch, "2027-03-10 12:00")
    shop.order("a", user=None)
    shop.remove(Kind.CUSTOMER, 5)
    take(shop)
    asks = Request.objects.get()
    assert (asks.state, asks.due_on) == ("asks", date(2027, 4, 10))
    assert list(asks.events.values_list("what", "actor", "code")) == [
        ("received", "shop", "customer_deleted")
    ]
    told = []
    for day in (26, 27, 28):
        at(monkeypatch, f"2027-03-{day} 09:00")
        told += [day] * answering.remind(config, shop.port)
    assert told == [27]
    assert "Decide by 2027-04-10" in shop.port.outbox()[-1][1]
    at(monkeypatch, "2027-04-11 09:00")
    assert answering.remind(config, shop.port) == 1
    assert any("not answered within the law's time" in one for one in status.problems(config))


def test_a_correction_ends_when_it_is_made_and_the_search_forgets(shop, aino):
    made = taken_down(aino, RequestKind.RECTIFICATION)
    with pytest.raises(RequestError, match="no such request"):
        requests.corrected(made.pk, actor=CONTROLLER)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    shop.account(5, email="aino@example.com", last_name="Korhonen")
    take(shop)
    with pytest.raises(RequestError, match="Nothing was corrected"):
        requests.corrected(made.pk, actor=CONTROLLER)
    requests.corrected(made.pk, already_right=True, actor=CONTROLLER)
    ((_, text, _),) = send(shop)
    assert "Olemme oikaisseet tietosi." in text
    assert Customer.objects.filter(search.matching("Korhonen", {Category.NAME})).exists()
    assert not Customer.objects.filter(search.matching("Mäkelä", {Category.NAME})).exists()
    # The voucher says what it said.
    assert Purchase.objects.get().party_last_name == "Mäkelä"
    other = taken_down(aino, RequestKind.RESTRICTION)
    with pytest.raises(RequestError):
        requests.corrected(other.pk, already_right=True, actor=CONTROLLER)


def _restricted(shop, aino) -> Restriction:
    made = taken_down(aino, RequestKind.RESTRICTION)
    requests.decide(made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER)
    attend(shop)
    return Restriction.objects.get()


def test_a_restriction_is_lifted_after_its_letter_and_not_before(shop, aino):
    found = _restricted(shop, aino)
    with pytest.raises(RestrictionError, match="was told"):
        restrictions.lift(found.pk, actor=CONTROLLER)
    with pytest.raises(ControllersOnly):
        lifting.announce(found.pk, reason="x", actor=MANAGER)
    with pytest.raises(RequestError, match="why"):
        lifting.announce(found.pk, reason=" ", actor=CONTROLLER)
    lifting.announce(found.pk, reason="Nimesi on nyt oikein.", actor=CONTROLLER)
    # Announced is not told: nothing has been sent yet.
    with pytest.raises(RestrictionError, match="was told"):
        restrictions.lift(found.pk, actor=CONTROLLER)
    with pytest.raises(RequestError, match="told already"):
        lifting.announce(found.pk, reason="x", actor=CONTROLLER)
    subject, text, to = attend(shop)[-1]
    assert (subject, to) == ("Tietojesi käytön rajoitus päättyy", ["aino@example.com"])
    assert "Nimesi on nyt oikein." in text
    assert "tietosuojavaltuutetulle" in text
    lifted = restrictions.lift(found.pk, actor=CONTROLLER)
    assert (lifted.told_on, lifted.lifted_by) == (clock.today(), CONTROLLER.key)


def test_who_has_no_mailbox_is_told_in_another_way_before_the_restriction_is_lifted(shop, aino):
    found = _restricted(shop, aino)
    Customer.objects.update(email="")
    lifting.announce(found.pk, reason="x", actor=CONTROLLER)
    attend(shop)
    with pytest.raises(RestrictionError, match="was told"):
        restrictions.lift(found.pk, actor=CONTROLLER)
    letters.told(Request.objects.get().pk, actor=CONTROLLER)
    assert restrictions.lift(found.pk, actor=CONTROLLER).told_on == clock.today()


@pytest.mark.parametrize("first", ["asked", "laid"])
def test_who_was_told_of_one_restriction_was_not_told_of_another(shop, aino, first):
    if first == "asked":
        other = _restricted(shop, aino)
    else:
        other = restrictions.restrict(aino, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    made = taken_down(aino, RequestKind.RESTRICTION)
    requests.decide(made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER)
    found = Restriction.objects.latest("pk")
    lifting.announce(found.pk, reason="x", actor=CONTROLLER)
    attend(shop)
    with pytest.raises(RestrictionError, match="was told"):
        restrictions.lift(other.pk, actor=CONTROLLER)
    if first == "laid":
        with pytest.raises(RequestError, match="in another way"):
            lifting.announce(other.pk, reason="x", actor=CONTROLLER)
    assert restrictions.lift(found.pk, actor=CONTROLLER).told_on == clock.today()


def test_a_restriction_that_no_request_asked_for_needs_the_day(shop, aino):
    made = restrictions.restrict(aino, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    with pytest.raises(RequestError, match="in another way"):
        lifting.announce(made.pk, reason="x", actor=CONTROLLER)
    restrictions.lift(made.pk, told_on=clock.today(), actor=CONTROLLER)


def test_the_shop_marks_who_is_restricted_and_nobody_else(shop, aino):
    found = _restricted(shop, aino)
    assert shop.port.restricted == {5}
    restrictions.restrict(aino, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    restrictions.lift(found.pk, told_on=clock.today(), actor=CONTROLLER)
    attend(shop)
    assert shop.port.restricted == {5}
    second = Restriction.objects.get(lifted_at=None)
    restrictions.lift(second.pk, told_on=clock.today(), actor=CONTROLLER)
    attend(shop)
    assert shop.port.restricted == set()


def test_a_granted_objection_ends_marketing_and_names_on_vouchers_beyond_the_law(shop, aino):
    made = taken_down(aino, RequestKind.OBJECTION, message="Not my name in your books.")
    assert not Suppression.objects.exists()
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    assert len(Suppression.objects.filter(lifted_at=None)) == 4
    assert not Purchase.objects.filter(customer=aino, objected_at=None).exists()
    assert not Purchase.objects.exclude(customer=aino).exclude(objected_at=None).exists()
    own = words.texts("letters", "fi")["done"]
    text = attend(shop)[-1][1]
    assert own["objection"] in text
    assert own["objection_vouchers"] in text
    shop.order("later", user=5)
    take(shop)
    assert Purchase.objects.filter(customer=aino, objected_at=None).count() == 1


def test_a_granted_objection_reaches_the_orders_that_were_proved(shop, aino):
    shop.order("other", user=5)
    take(shop)
    number = Purchase.objects.filter(customer=aino).latest("pk").number
    made = asks(shop, RequestKind.OBJECTION, orders=((number, "51900"),))
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    (only,) = Purchase.objects.exclude(objected_at=None)
    assert [only.pk] == made.purchases


@pytest.mark.parametrize("under_way", [False, True])
def test_an_objection_to_direct_marketing_that_staff_take_down_holds_at_once(shop, aino, under_way):
    if under_way:
        other = taken_down(aino, RequestKind.OBJECTION)
    made = taken_down(aino, RequestKind.OBJECTION, marketing=True)
    assert not under_way or Request.objects.get(pk=other.pk).state == "open"
    assert Request.objects.get(pk=made.pk).state == "done"
    assert {one.channel for one in Suppression.objects.filter(lifted_at=None)} == {
        "email", "phone", "post", "sms"
    }  # fmt: skip
    event = MarketingEvent.objects.filter(channel="email").get()
    assert (event.kind, event.source, event.actor) == ("objection", "staff", MANAGER.key)
