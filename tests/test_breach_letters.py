"""Who is affected by a breach, and that each of them is told once."""

import json
import os
import random
from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction

from dev.postgres import with_database
from jokkerit_plugin import clock
from jokkerit_plugin.access import guard, restrictions
from jokkerit_plugin.marketing import ledger as marketing
from jokkerit_plugin.models import (
    Affected,
    Breach,
    BreachEvent,
    BreachSearch,
    Customer,
    Disclosure,
    Export,
    FormerCustomer,
    Purchase,
    Suppression,
    Trace,
)
from jokkerit_plugin.policy.breaches import Exemption, Found, Phase, Risk, Told
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.retention import keeps
from jokkerit_plugin.rights.archive.whose import Whose
from jokkerit_plugin.rights.breaches import affected, attending, letters, records
from jokkerit_plugin.rights.breaches import status as of_breaches
from jokkerit_plugin.rights.breaches.store import BreachError
from jokkerit_plugin.shop.port import MailError
from tests.asking import KEYS
from tests.breaching import (
    WORDS,
    assessed,
    everybody,
    guests,
    mails,
    ordered,
    reachable,
    recorded,
)
from tests.erasing import erase, take
from tests.kills import Kills
from tests.people import ACCOUNTANT, CONTROLLER, MANAGER, STAFF, firm, sign
from tests.test_archive import copied, table

pytestmark = pytest.mark.django_db(transaction=True)
C = Category


@pytest.fixture(autouse=True)
def house(shop, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    sign(CONTROLLER, STAFF, MANAGER)
    return shop


def search(breach: Breach, kind: Found, **given) -> BreachSearch:
    return affected.search(breach.pk, kind=kind, actor=CONTROLLER, **given)


def found(breach: Breach) -> dict[int, str]:
    affected.compute()
    return dict(Affected.objects.filter(breach=breach).values_list("customer", "categories"))


def look(actor, customers, *categories: Category) -> None:
    with guard.visit(actor, Purpose.SERVICE, act="customers", asks=categories) as visit:
        visit.saw(customers)


def test_whom_somebody_looked_at_in_a_span_is_affected_by_what_was_opened(monkeypatch):
    guests(9)
    one, two, three, four, five, *_ = Customer.objects.order_by("pk").values_list("pk", flat=True)
    now = clock.now() + timedelta(hours=2)

    def look_at(minutes, actor, customers, *categories):
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=minutes))
        look(actor, customers, *categories)

    look_at(-60, STAFF, [one, two], C.EMAIL)
    look_at(-50, STAFF, [two, three], C.NAME, C.PHONE)
    look_at(-40, MANAGER, [four], C.EMAIL)
    look_at(-30, STAFF, [three], C.EMAIL)
    look_at(-20, STAFF, [five], C.EMAIL)
    monkeypatch.setattr(clock, "now", lambda: now)
    breach = recorded()
    made = search(
        breach, Found.LOOKS, looker="user:2", since=now - timedelta(minutes=60),
        until=now - timedelta(minutes=20),
    )  # fmt: skip
    assert found(breach) == {one: "email", two: "email name phone", three: "email name phone"}
    made.refresh_from_db()
    assert (made.count, made.done_at) == (3, now)
    event = BreachEvent.objects.filter(what="found").get()
    assert event.values == {"search": made.pk, "count": 3}
    # A second search adds, and of somebody found before the kinds.
    search(breach, Found.LOOKS, looker="user:21", since=now - timedelta(days=1), until=now)
    search(breach, Found.HELD, categories=[C.EMAIL, C.PURCHASE])
    assert found(breach)[four] == "email"
    assert found(breach)[two] == "email name phone"
    assert len(found(breach)) == 9


def test_a_refused_look_affects_nobody():
    guests(1)
    restricted = Customer.objects.get().pk
    restrictions.restrict(restricted, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    with pytest.raises(guard.Refused):
        look(STAFF, [restricted], C.NAME)
    breach = recorded()
    search(
        breach, Found.LOOKS, looker="user:2", since=clock.now() - timedelta(days=1),
        until=clock.now() + timedelta(days=1),
    )  # fmt: skip
    assert found(breach) == {}


def test_who_is_in_a_lost_file_or_disclosure_is_affected():
    guests(5)
    one, two, three, *_ = Customer.objects.order_by("pk").values_list("pk", flat=True)
    recipient = firm(ACCOUNTANT)
    export = Export.objects.create(
        format="journal_csv", first=date(2026, 3, 1), last=date(2026, 3, 31), filename="j.csv",
        recipient=recipient, purpose="bookkeeping", categories="name purchase",
        subjects=f"{{[{one},{three})}}", sha256="0" * 64, size=1, created_by="user:3",
    )  # fmt: skip
    given = Disclosure.objects.create(
        seq=1, hash=b"x", at=clock.now(), actor="user:1", recipient=recipient, outcome="done",
        purpose="debt_collection", categories="postal_address", count=1, what="purchase 1",
        subjects=f"{{[{three},{three + 1})}}",
    )  # fmt: skip
    breach = recorded()
    search(breach, Found.EXPORT, key=export.pk)
    search(breach, Found.DISCLOSURE, key=given.pk)
    assert found(breach) == {
        one: "name purchase", two: "name purchase", three: "postal_address",
    }  # fmt: skip
    for kind in (Found.EXPORT, Found.DISCLOSURE):
        with pytest.raises(BreachError, match="There is no such"):
            search(breach, kind, key=999)


@pytest.fixture
def bought(house):
    """Aino with an account and a phone, a guest, and an account that never bought."""
    house.account(5, email="aino@example.com")
    house.order("a", user=5, placed_at="2026-03-01T10:00:00.000000Z")
    house.order("b", email="guest@example.com", placed_at="2025-03-01T10:00:00.000000Z")
    take(house)
    Customer.objects.create(saleor_user=77, last_name="Virtanen")
    aino, guest, other = Customer.objects.order_by("pk").values_list("pk", flat=True)
    return {"aino": aino, "guest": guest, "other": other}


@pytest.mark.parametrize(
    ("categories", "start", "end", "who"),
    [
        ([C.EMAIL], None, None, {"aino": "email", "guest": "email"}),
        ([C.NAME], None, None, {"aino": "name", "guest": "name", "other": "name"}),
        ([C.PHONE, C.POSTAL], None, None,
         {"aino": "phone postal_address", "guest": "phone postal_address"}),
        ([C.PURCHASE], None, None, {"aino": "purchase", "guest": "purchase"}),
        ([C.NAME, C.EMAIL], "2026-01-01", None, {"aino": "email name"}),
        ([C.NAME], None, "2026-01-01", {"guest": "name"}),
        ([C.NAME], "2025-03-01T10:00", "2026-03-01T10:00", {"guest": "name"}),
        ([C.NAME], "2026-03-01T10:00", "2026-03-01T10:01", {"aino": "name"}),
    ],
)  # fmt: skip
def test_everybody_of_whom_such_data_is_held_is_affected(bought, categories, start, end, who):
    from datetime import UTC, datetime

    breach = recorded()
    search(
        breach, Found.HELD, categories=categories,
        since=start and datetime.fromisoformat(start).replace(tzinfo=UTC),
        until=end and datetime.fromisoformat(end).replace(tzinfo=UTC),
    )  # fmt: skip
    assert found(breach) == {bought[name]: kinds for name, kinds in who.items()}


def test_who_never_bought_and_is_in_a_trace_is_counted_beside_and_told_to_the_authority(bought):
    named = {"first_name": "Outi", "changed_at": clock.now(), "digest": ""}
    # A basket of nobody has a language.
    Trace.objects.create(kind="checkout", key="9", language="fi", changed_at=clock.now(), digest="")
    for key, email in (("1", "x@example.com"), ("2", "X@example.com"), ("3", "aino@example.com")):
        Trace.objects.create(kind="checkout", key=key, email=email, **named)
    Trace.objects.create(kind="checkout", key="4", **named)
    breach = recorded(people=None)
    for categories, count in (([C.NAME, C.EMAIL], 2), ([C.EMAIL], 1), ([C.PURCHASE], 0)):
        made = search(breach, Found.HELD, categories=categories)
        affected.compute()
        made.refresh_from_db()
        assert made.strangers == count
    since = search(breach, Found.HELD, categories=[C.NAME], since=clock.now())
    affected.compute()
    since.refresh_from_db()
    assert since.strangers == 0
    assert affected.people(breach) == len(bought) + 2


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (Found.LOOKS, {"looker": "user:2"}, "actor"),
        (Found.HELD, {}, "categories"),
        (Found.HELD, {"categories": [C.LOG]}, "categories"),
        (Found.HELD, {"categories": [C.EMAIL], "since": 1, "until": 1}, "until"),
    ],
)
def test_a_search_that_says_too_little_is_refused(kind, given, field):
    now = clock.now()
    moments = {name: now for name in ("since", "until") if name in given}
    with pytest.raises(BreachError) as refusal:
        search(recorded(), kind, **(given | moments))
    assert refusal.value.field == field
    assert not BreachSearch.objects.exists()


def test_a_search_taken_back_takes_only_its_own_with_it(bought):
    breach = recorded()
    wrong = search(breach, Found.HELD, categories=[C.NAME])
    search(breach, Found.HELD, categories=[C.EMAIL], since=None, until=clock.now())
    assert len(found(breach)) == 3
    affected.discard(wrong.pk, actor=CONTROLLER)
    assert found(breach) == {bought["aino"]: "email", bought["guest"]: "email"}
    with pytest.raises(BreachError, match="no such search"):
        affected.discard(wrong.pk, actor=CONTROLLER)


def test_a_search_that_fails_waits_and_leaves_nobody(bought, monkeypatch):
    breach = recorded()
    search(breach, Found.HELD, categories=[C.EMAIL])

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(affected.store, "note", fails)
        with pytest.raises(KeyboardInterrupt):
            affected.compute()
    assert not Affected.objects.exists()
    assert len(found(breach)) == 2
    assert affected.compute() == 0


def test_nobody_is_told_before_it_is_known_who(house):
    reachable(house)
    guests(2)
    breach = assessed()
    with pytest.raises(BreachError, match="Nobody is known"):
        letters.tell(breach.pk, WORDS, actor=CONTROLLER)
    made = search(breach, Found.HELD, categories=[C.EMAIL])
    with pytest.raises(BreachError, match="not computed yet"):
        letters.tell(breach.pk, WORDS, actor=CONTROLLER)
    affected.compute()
    for language in WORDS:
        for name in letters.WORDS:
            lacking = {**WORDS, language: {**WORDS[language], name: " "}}
            with pytest.raises(BreachError, match=f"{language} is missing"):
                letters.tell(breach.pk, lacking, actor=CONTROLLER)
    attending.attend()
    assert mails(house) == []
    letters.tell(breach.pk, WORDS, actor=CONTROLLER)
    with pytest.raises(BreachError, match="ordered already"):
        letters.tell(breach.pk, WORDS, actor=CONTROLLER)
    with pytest.raises(BreachError, match="were ordered"):
        affected.discard(made.pk, actor=CONTROLLER)
    with pytest.raises(BreachError, match="were ordered"):
        records.exempt(breach.pk, ground=Exemption.AVERTED, reasons="x", actor=CONTROLLER)


def test_without_contacts_no_letter_is_ordered(house):
    guests(1)
    breach = assessed()
    everybody(breach)
    with pytest.raises(BreachError, match="contacts"):
        letters.tell(breach.pk, WORDS, actor=CONTROLLER)


@pytest.mark.parametrize(
    ("stored", "language"), [("fi", "fi"), ("sv-fi", "sv"), ("en", "en"), ("", "fi")]
)
def test_everybody_gets_one_letter_in_their_language(house, stored, language):
    guests(3)
    Customer.objects.update(language=stored)
    breach = ordered(house)
    for _ in range(3):
        attending.attend()
    assert sorted(mails(house)) == [f"guest{n}@example.com" for n in (1, 2, 3)]
    subject, text, _ = house.port.outbox()[0]
    assert subject == letters.texts("breach", language)["letter"]["subject"]
    for part in (*WORDS[language].values(), "Jokkerit Trading Oy", "tietosuoja@jokkerit.example"):
        assert part in text
    assert {"fi": "sähköpostiosoite", "sv": "e-postadress", "en": "e-mail address"}[
        language
    ] in text
    rows = Affected.objects.filter(breach=breach)
    assert {(one.state, one.told_by) for one in rows} == {("mailed", "shop")}


def test_an_opt_out_and_a_restriction_stop_no_such_letter(house):
    guests(2)
    one, two = Customer.objects.order_by("pk")
    marketing.record(Kind.OBJECTION, Channel.EMAIL, one.email, source="link", customer=one.pk)
    assert Suppression.objects.count() == 1
    restrictions.restrict(two.pk, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    ordered(house)
    attending.attend()
    assert sorted(mails(house)) == [one.email, two.email]


def test_a_round_is_bounded_and_the_next_goes_on(house):
    guests(5)
    ordered(house)
    port = house.port
    assert letters.send_waiting(port.settings, port, most=2) == 2
    assert len(mails(house)) == 2
    assert letters.send_waiting(port.settings, port, most=2) == 2
    assert letters.send_waiting(port.settings, port, most=2) == 1
    assert len(set(mails(house))) == 5


def test_who_is_found_later_is_told_too_and_nobody_twice(house):
    guests(2)
    breach = ordered(house)
    attending.attend()
    guests(2, start=3)
    search(breach, Found.HELD, categories=[C.EMAIL, C.NAME])
    for _ in range(3):
        attending.attend()
    assert sorted(mails(house)) == [f"guest{n}@example.com" for n in (1, 2, 3, 4)]


def test_a_mail_that_fails_is_tried_again_later(house, monkeypatch):
    guests(1)
    breach = ordered(house)
    mail = house.port.mail

    def refuse(*_: object) -> None:
        raise MailError("There is no way to send mail.")

    monkeypatch.setattr(house.port, "mail", refuse)
    monkeypatch.setattr(attending, "remind", lambda *_: 0)
    now = clock.now()
    for hours in (0, 0, 24, 48, 72):
        monkeypatch.setattr(clock, "now", lambda hours=hours: now + timedelta(hours=hours))
        attending.attend()
    row = Affected.objects.get()
    assert (row.state, row.attempts, row.error) == ("waiting", 4, "There is no way to send mail.")
    assert "do not reach 1 people" in of_breaches.problems(house.port.settings)[-1]
    monkeypatch.setattr(house.port, "mail", mail)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=96))
    attending.attend()
    assert mails(house) == ["guest1@example.com"]
    assert Affected.objects.get(breach=breach).error == ""


class Killed(BaseException):
    """What no code may catch."""


@pytest.mark.parametrize("sent_first", [False, True])
def test_a_worker_killed_over_a_letter_writes_to_nobody_twice(house, monkeypatch, sent_first):
    guests(3)
    breach = ordered(house)
    mail = house.port.mail

    def dies(*given) -> None:
        if sent_first:
            mail(*given)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(house.port, "mail", dies)
        with pytest.raises(Killed):
            letters.send_waiting(house.port.settings, house.port)
    letters.send_waiting(house.port.settings, house.port)
    assert len(mails(house)) == len(set(mails(house))) == 2 + sent_first
    assert sorted(Affected.objects.values_list("state", flat=True)) == [
        "mailed", "mailed", "sending",
    ]  # fmt: skip
    # A worker may be at it: nothing is said yet, and nothing is tried again.
    assert "do not reach" not in "".join(of_breaches.problems(house.port.settings))
    assert letters.again(breach.pk, actor=CONTROLLER) == 0
    later = clock.now() + letters.SURE
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "do not reach 1 people" in of_breaches.problems(house.port.settings)[-1]
    assert letters.again(breach.pk, actor=CONTROLLER) == 1
    letters.send_waiting(house.port.settings, house.port)
    assert set(Affected.objects.values_list("state", flat=True)) == {"mailed"}


def test_several_workers_write_to_each_once(house):
    guests(40)
    ordered(house)
    port = house.port

    def work() -> None:
        try:
            letters.send_waiting(port.settings, port)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(mails(house)) == sorted(f"guest{n}@example.com" for n in range(1, 41))


def test_killed_workers_leave_nobody_out_and_tell_nobody_twice(house, tmp_path):
    """Celery's own worker, killed with SIGKILL in the midst of the letters."""
    url = with_database(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    kills = Kills(tmp_path, url, random.Random(6), customers=0)
    guests(300)
    breach = ordered(kills.shop)
    told = Affected.objects.filter(breach=breach, state="mailed")
    try:
        for round_ in range(1, 3):
            kills.worker.start()
            before = told.count()
            for _ in range(2):
                kills._send("attend_breaches")
            kills._wait(lambda before=before: told.count() > before + 20 or told.count() > 290)
            kills.worker.kill()
            assert round_
        kills.worker.start()
        waiting = Affected.objects.filter(breach=breach, state="waiting")
        kills._send("attend_breaches")
        kills._wait(lambda: not waiting.exists())
        kills._wait(lambda: Affected.objects.filter(state="sending").count() <= 6)
        kills.worker.stop()
    finally:
        kills.worker.end()
    sent = mails(kills.shop)
    assert len(sent) == len(set(sent))
    unsure = Affected.objects.filter(breach=breach, state="sending").count()
    assert unsure <= 2 * 3 * 2
    assert told.count() + unsure == 300
    assert told.count() <= len(sent) <= 300


def test_who_has_no_address_is_listed_and_told_by_post_or_in_public(house):
    guests(1)
    Customer.objects.create(saleor_user=5, last_name="Mäkelä")
    Customer.objects.create(saleor_user=6, last_name="Virtanen")
    reachable(house)
    breach = assessed()
    search(breach, Found.HELD, categories=[C.NAME, C.EMAIL])
    affected.compute()
    letters.tell(breach.pk, WORDS, actor=CONTROLLER)
    attending.attend()
    assert affected.counts([breach.pk]) == {breach.pk: {Told.MAILED: 1, Told.NO_ADDRESS: 2}}
    assert "do not reach 2 people" in of_breaches.problems(house.port.settings)[-1]
    records.notified(breach.pk, at=clock.now(), phase=Phase.FINAL, actor=CONTROLLER)
    with pytest.raises(BreachError, match="Not all of those"):
        records.close(breach.pk, actor=CONTROLLER)
    five = Customer.objects.get(saleor_user=5).pk
    assert letters.told(breach.pk, how=Told.POSTED, customers=[five], actor=CONTROLLER) == 1
    with pytest.raises(BreachError, match="Nobody of these"):
        letters.told(breach.pk, how=Told.POSTED, customers=[five], actor=CONTROLLER)
    with pytest.raises(BreachError, match="how they were told"):
        letters.told(breach.pk, how=Told.MAILED, actor=CONTROLLER)
    assert letters.told(breach.pk, how=Told.OTHERWISE, actor=CONTROLLER) == 1
    assert records.close(breach.pk, actor=CONTROLLER).state == "closed"


def test_a_public_notice_tells_everybody_where_no_letter_was_ordered(house):
    guests(3)
    breach = assessed()
    everybody(breach)
    records.exempt(breach.pk, ground=Exemption.PUBLIC_NOTICE, reasons="News", actor=CONTROLLER)
    assert letters.told(breach.pk, how=Told.OTHERWISE, actor=CONTROLLER) == 3
    (made,) = BreachSearch.objects.all()
    with pytest.raises(BreachError, match="have been told"):
        affected.discard(made.pk, actor=CONTROLLER)


@pytest.mark.parametrize("act", ["update(state='waiting')", "all().delete()"])
def test_that_somebody_was_told_is_never_changed(house, act):
    guests(1)
    ordered(house)
    attending.attend()
    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        eval(f"Affected.objects.{act}")  # noqa: S307
    assert Affected.objects.get().state == "mailed"


def test_the_guest_who_goes_up_in_an_account_gets_one_letter(house):
    house.order("a", email="guest@example.com")
    house.account(5, email="guest@example.com")
    house.order("b", user=5, email="guest@example.com")
    take(house)
    guest = Customer.objects.get(guest_email="guest@example.com").pk
    breach = ordered(house)
    assert breach.affected.count() == affected.people(breach) == 2
    house.order("a", user=5, email="guest@example.com")
    take(house)
    (heir,) = Customer.objects.values_list("pk", flat=True)
    assert FormerCustomer.objects.get().pk == guest
    assert affected.people(breach) == 1
    attending.attend()
    assert mails(house) == ["guest@example.com"]
    assert affected.counts([breach.pk])[breach.pk] == {Told.MAILED: 1, Told.SAME: 1}
    # A breach that is found later, in a log that has the guest, is the heir's.
    later = recorded()
    search(later, Found.HELD, categories=[C.EMAIL])
    assert list(found(later)) == [heir]
    assert {one.breach_id for one in affected.of_customer(heir)} == {breach.pk, later.pk}


def test_looks_at_a_guest_are_the_heirs(house):
    house.order("a", email="guest@example.com")
    take(house)
    guest = Customer.objects.get().pk
    look(STAFF, [guest], C.EMAIL)
    house.account(5, email="new@example.com")
    house.order("a", user=5, email="new@example.com")
    take(house)
    breach = recorded()
    span = {"since": clock.now() - timedelta(hours=1), "until": clock.now() + timedelta(hours=1)}
    search(breach, Found.LOOKS, looker="user:2", **span)
    assert found(breach) == {Customer.objects.get(saleor_user=5).pk: "email"}


def test_who_is_erased_stays_affected_as_a_key_and_is_nobody(house):
    guests(2)
    one, two = Customer.objects.order_by("pk").values_list("pk", flat=True)
    breach = ordered(house)
    Customer.objects.filter(pk=one).delete()
    attending.attend()
    assert mails(house) == ["guest2@example.com"]
    states = dict(Affected.objects.values_list("customer", "state"))
    assert states == {one: "gone", two: "mailed"}
    assert affected.people(breach) == 2


def test_who_is_to_be_told_of_a_breach_is_not_erased_before(house):
    guests(1)
    key = Customer.objects.get().pk
    Purchase.objects.all().delete()

    def kept() -> bool:
        found_ = keeps.keeps(customers=[key], day=date(2060, 1, 1), config=house.port.settings)
        assert [one.rule for one in found_] in ([], ["breach"], ["telling"], ["breach", "telling"])
        return "breach" in {one.rule for one in found_}

    assert not kept()
    reachable(house)
    breach = recorded()
    everybody(breach)
    assert kept()
    records.assess(breach.pk, risk=Risk.RISK, reasons="x", actor=CONTROLLER)
    assert not kept()
    records.assess(breach.pk, risk=Risk.HIGH, reasons="x", actor=CONTROLLER)
    assert kept()
    letters.tell(breach.pk, WORDS, actor=CONTROLLER)
    assert kept()
    attending.attend()
    assert not kept()


def test_the_persons_copy_says_that_they_were_affected(house):
    house.order("a", email="aino@example.com")
    house.order("b", email="eino@example.com")
    take(house)
    aino, eino = Customer.objects.order_by("pk").values_list("pk", flat=True)
    breach = ordered(house, began_at=clock.now() - timedelta(days=3))
    Affected.objects.filter(customer=eino).delete()
    archive = copied(Whose(aino), house, "sv")
    (row,) = table(archive, "breaches")
    assert row == {
        "at": breach.began_at.isoformat(), "categories": "e-postadress", "happened": "sv happened",
        "told_at": "",
    }  # fmt: skip
    attending.attend()
    archive = copied(Whose(aino), house)
    (row,) = table(archive, "breaches")
    assert row["told_at"] == Affected.objects.get().at.isoformat()
    assert "Data breaches that have affected your data" in archive.read("index.html").decode()
    assert table(copied(Whose(eino), house), "breaches") == []
    assert "breaches" not in json.dumps(copied(Whose(aino, (1,)), house).namelist())


def test_what_is_erased_leaves_the_key_alone(house):
    """The contact part goes when the person was told; that they were affected stays."""
    guests(1)
    key = Customer.objects.get().pk
    breach = ordered(house)
    attending.attend()
    erase(Part.CONTACT, [key])
    assert not Customer.objects.exists()
    assert list(breach.affected.values_list("customer", "state")) == [(key, "mailed")]
