"""Breaches: the clock, the steps, and what is written down."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.models import AccessEntry, Breach, BreachEvent, Request, RequestEvent
from jokkerit_plugin.policy import breaches as policy
from jokkerit_plugin.policy.breaches import (
    MOVES,
    BreachState,
    Exemption,
    Phase,
    Risk,
    Step,
    Told,
)
from jokkerit_plugin.policy.languages import Language
from jokkerit_plugin.rights import words
from jokkerit_plugin.rights.breaches import affected, attending, letters, notification, records
from jokkerit_plugin.rights.breaches import status as of_breaches
from jokkerit_plugin.rights.breaches.store import LONGEST, BreachError
from tests.asking import at
from tests.breaching import WORDS, assessed, everybody, guests, mails, reachable, recorded
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, STAFF, sign
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def furnished(shop, monkeypatch):
    sign(CONTROLLER, OTHER_CONTROLLER, MANAGER, STAFF)
    return shop


house = standing(__name__, furnished)


def helsinki(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.HELSINKI)


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        ("2027-02-01 12:00", "2027-02-04 12:00"),
        # A Friday before a weekend, and the eve of holidays: nothing is moved on.
        ("2027-02-05 16:30", "2027-02-08 16:30"),
        ("2027-12-23 09:00", "2027-12-26 09:00"),
        # 72 hours of real time, where a day has 23 hours, or 25.
        ("2027-03-27 12:00", "2027-03-30 13:00"),
        ("2027-10-30 12:00", "2027-11-02 11:00"),
        ("2028-02-28 23:59", "2028-03-02 23:59"),
    ],
)
def test_the_authority_is_to_be_told_within_72_hours_of_real_time(aware, due):
    found = policy.due_at(helsinki(aware))
    assert found == helsinki(due)
    assert found.utcoffset() == timedelta(0)
    assert found - helsinki(aware).astimezone(found.tzinfo) == timedelta(hours=72)


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        ("72:00:00", None), ("48:00:01", None), ("48:00:00", 48), ("24:00:01", 48),
        ("24:00:00", 24), ("6:00:01", 24), ("6:00:00", 6), ("1:00:01", 6), ("1:00:00", 1),
        ("0:00:01", 1), ("0:00:00", 0), ("-0:00:01", 0), ("-23:59:59", 0), ("-24:00:00", -1),
        ("-47:59:59", -1), ("-48:00:00", -2), ("-720:00:00", -30),
    ],
)  # fmt: skip
def test_reminders_come_at_48_24_6_and_1_hours_and_then_daily(left, stage):
    hours, minutes, seconds = map(int, left.removeprefix("-").split(":"))
    found = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert policy.stage(-found if left.startswith("-") else found) == stage


@pytest.mark.parametrize(
    ("state", "risk", "notified", "runs"),
    [
        ("open", "", False, True), ("open", "", True, False), ("assessed", "risk", False, True),
        ("assessed", "high", False, True), ("assessed", "none", False, False),
        ("assessed", "high", True, False), ("closed", "none", False, False),
    ],
)  # fmt: skip
def test_the_clock_runs_until_notified_or_no_risk_is_found(state, risk, notified, runs):
    assert policy.runs(state, risk, clock.now() if notified else None) is runs


def test_every_step_says_from_where_to_where():
    assert set(MOVES) == set(Step)
    closed = {step for step, moves in MOVES.items() if BreachState.CLOSED in moves}
    assert closed == {Step.ASSESS}
    assert {step for step, moves in MOVES.items() if BreachState.CLOSED in moves.values()} == {
        Step.CLOSE
    }
    # Nobody is told, and nothing is closed, before somebody has said how great the risk is.
    unassessed = {step for step, moves in MOVES.items() if BreachState.OPEN in moves}
    assert unassessed == {Step.AMEND, Step.ASSESS, Step.NOTIFY, Step.FIND, Step.DISCARD}


@pytest.mark.parametrize(
    ("risk", "complete", "exempt", "begun", "untold", "unfound", "lacking"),
    [
        ("none", False, False, False, 0, 0, 0),
        ("none", False, False, False, 0, 1, 1),
        ("risk", False, False, False, 0, 0, 1),
        ("risk", True, False, False, 0, 0, 0),
        ("risk", True, False, True, 3, 0, 1),
        ("high", True, False, False, 0, 0, 1),
        ("high", False, False, False, 0, 0, 2),
        ("high", True, True, False, 0, 0, 0),
        ("high", True, False, True, 0, 0, 0),
        ("high", True, False, True, 1, 0, 1),
    ],
)
def test_what_keeps_a_breach_from_being_closed(
    risk, complete, exempt, begun, untold, unfound, lacking
):
    found = policy.lacks(
        risk, complete=complete, exempt=exempt, begun=begun, untold=untold, unfound=unfound
    )
    assert len(found) == lacking


@pytest.mark.parametrize(
    ("notified", "complete", "phases"),
    [(False, False, "initial final"), (True, False, "further final"), (True, True, "further")],
)
def test_information_may_come_in_phases(notified, complete, phases):
    now = clock.now()
    found = policy.next_phases(now if notified else None, now if complete else None)
    assert found == frozenset(map(Phase, phases.split()))


def test_every_language_has_the_same_words():
    found = [words.texts("breach", language) for language in ("fi", "sv", "en")]
    for part in ("letter", "document"):
        assert len({frozenset(one[part]) for one in found}) == 1
    assert {one.value for one in Exemption} <= set(found[0]["document"])
    assert set(policy.RISKS) == set(Risk)
    assert set(policy.PHASES) == set(Phase)


def test_the_clock_runs_from_awareness_and_not_from_the_record(monkeypatch):
    at(monkeypatch, "2027-03-29 10:00")
    made = recorded(aware_at=helsinki("2027-03-27 12:00"), began_at=helsinki("2027-03-01 00:00"))
    assert made.due_at == helsinki("2027-03-30 13:00")
    assert made.recorded_at == helsinki("2027-03-29 10:00")
    assert made.categories == "email"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"happened": " "}, "happened"),
        ({"happened": "x" * (LONGEST + 1)}, "happened"),
        ({"aware_at": None}, "aware_at"),
        ({"aware_at": "later"}, "aware_at"),
        ({"began_at": "later"}, "began_at"),
        ({"ended_at": "later"}, "ended_at"),
        ({"people": -1}, "people"),
        ({"records": -1}, "records"),
    ],
)
def test_what_cannot_be_is_refused(given, field):
    later = clock.now() + timedelta(minutes=5)
    with pytest.raises(BreachError) as refusal:
        recorded(**{name: later if value == "later" else value for name, value in given.items()})
    assert refusal.value.field == field
    assert not Breach.objects.exists()


def test_what_was_written_before_stays_in_the_events():
    made = recorded(people=None)
    records.amend(made.pk, {"happened": "Two laptops were stolen", "people": 40}, actor=CONTROLLER)
    records.amend(made.pk, {"people": 0, "ended_at": None}, actor=OTHER_CONTROLLER)
    found = BreachEvent.objects.order_by("pk").values_list("what", "actor", "values")
    assert [(what, actor) for what, actor, _ in found] == [
        ("recorded", "user:1"), ("amended", "user:1"), ("amended", "user:8"),
    ]  # fmt: skip
    assert [values["people"] for *_, values in found] == [None, 40, 0]
    assert found[0][2]["happened"] == "A laptop was stolen"
    assert found[0][2]["aware_at"] == made.aware_at.isoformat()
    row = Breach.objects.get()
    assert (row.happened, row.people, row.consequences) == (
        "Two laptops were stolen", 0, "Scam mails",
    )  # fmt: skip


def test_the_moment_of_awareness_changes_with_a_reason_and_moves_the_clock():
    made = recorded()
    Breach.objects.update(reminded=48)
    earlier = made.aware_at - timedelta(hours=5)
    with pytest.raises(BreachError, match="Say why"):
        records.amend(made.pk, {"aware_at": earlier}, actor=CONTROLLER)
    found = records.amend(made.pk, {"aware_at": earlier}, reason="Misread", actor=CONTROLLER)
    assert found.due_at == made.due_at - timedelta(hours=5)
    assert found.reminded is None
    told(found.pk)
    with pytest.raises(BreachError, match="stands"):
        records.amend(made.pk, {"aware_at": made.aware_at}, reason="x", actor=CONTROLLER)


def told(key: int, phase: Phase = Phase.INITIAL, **given) -> Breach:
    return records.notified(
        key, at=given.pop("when", None) or clock.now(), phase=phase, actor=CONTROLLER, **given
    )


@pytest.mark.parametrize("risk", Risk)
def test_every_decision_has_its_reason(risk):
    made = recorded()
    with pytest.raises(BreachError, match="Say why"):
        records.assess(made.pk, risk=risk, reasons=" ", actor=CONTROLLER)
    for reasons in ("", " "):
        with pytest.raises(IntegrityError), transaction.atomic():
            Breach.objects.update(
                state="assessed", risk=risk, assessed_at=clock.now(), risk_reasons=reasons
            )
    found = records.assess(made.pk, risk=risk, reasons="Encrypted", actor=CONTROLLER)
    assert (found.state, found.risk, found.risk_reasons, found.assessed_by) == (
        "assessed", risk, "Encrypted", "user:1",
    )  # fmt: skip


def test_a_late_notification_says_why(monkeypatch):
    at(monkeypatch, "2027-02-05 12:00")
    made = recorded(aware_at=helsinki("2027-02-01 12:00"))
    for reasons in ("", " "):
        with pytest.raises(BreachError, match="law's hours"):
            told(made.pk, late_reasons=reasons)
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.update(notified_at=clock.now())
    found = told(made.pk, when=helsinki("2027-02-04 12:00"))
    assert found.late_reasons == ""
    other = recorded(aware_at=helsinki("2027-02-01 12:00"))
    assert told(other.pk, late_reasons="Nobody knew").late_reasons == "Nobody knew"


def test_the_authority_is_told_in_phases_each_of_them_recorded():
    made = assessed(Risk.RISK)
    with pytest.raises(BreachError, match="Begin"):
        told(made.pk, Phase.FURTHER)
    for when in (made.aware_at - timedelta(seconds=1), clock.now() + timedelta(minutes=1)):
        with pytest.raises(BreachError, match="before you became aware"):
            told(made.pk, when=when)
    first = told(made.pk, reference="123/2027").notified_at
    with pytest.raises(BreachError, match="recorded already"):
        told(made.pk)
    told(made.pk, Phase.FURTHER)
    found = told(made.pk, Phase.FINAL)
    assert (found.notified_at, found.reference) == (first, "123/2027")
    assert found.complete_at > first
    with pytest.raises(BreachError, match="recorded already"):
        told(made.pk, Phase.FINAL)
    events = BreachEvent.objects.filter(what="notified").order_by("pk")
    assert [one.values["phase"] for one in events] == ["initial", "further", "final"]


@pytest.mark.parametrize("missing", ["categories", "who", "consequences", "measures"])
def test_everything_is_told_and_closed_only_when_it_is_written(missing):
    made = assessed(Risk.NONE, **{missing: [] if missing == "categories" else ""})
    for act in (
        lambda: told(made.pk, Phase.FINAL),
        lambda: records.close(made.pk, actor=CONTROLLER),
    ):
        with pytest.raises(BreachError, match="first") as refusal:
            act()
        assert refusal.value.field == missing
    assert told(made.pk).notified_at


def test_a_breach_without_risk_is_closed_and_may_be_assessed_anew():
    made = assessed(Risk.NONE)
    found = records.close(made.pk, actor=CONTROLLER)
    assert (found.state, found.closed_by) == ("closed", "user:1")
    for act in (
        lambda: records.amend(made.pk, {"people": 1}, actor=CONTROLLER),
        lambda: records.close(made.pk, actor=CONTROLLER),
        lambda: told(made.pk),
        lambda: everybody(made),
    ):
        with pytest.raises(BreachError, match="closed"):
            act()
    again = records.assess(made.pk, risk=Risk.HIGH, reasons="The key leaked", actor=CONTROLLER)
    assert (again.state, again.closed_at, again.closed_by) == ("assessed", None, "")
    with pytest.raises(BreachError, match=r"article 33.*article 34"):
        records.close(made.pk, actor=CONTROLLER)


@pytest.mark.parametrize("ground", Exemption)
def test_nobody_is_told_one_by_one_on_a_ground_that_is_written(ground):
    made = assessed(Risk.HIGH)
    told(made.pk, Phase.FINAL)
    with pytest.raises(BreachError, match="article 34"):
        records.close(made.pk, actor=CONTROLLER)
    with pytest.raises(BreachError, match="Say why"):
        records.exempt(made.pk, ground=ground, reasons="", actor=CONTROLLER)
    records.exempt(made.pk, ground=ground, reasons="On the front page", actor=CONTROLLER)
    assert records.close(made.pk, actor=CONTROLLER).state == "closed"
    # On new facts the old ground is none.
    records.assess(made.pk, risk=Risk.HIGH, reasons="The key leaked", actor=CONTROLLER)
    with pytest.raises(BreachError, match="article 34"):
        records.close(made.pk, actor=CONTROLLER)


#: Everything that is done with a breach; `key` and who does it.
ACTS = {
    "record": lambda key, who: records.record({"happened": "x"}, actor=who),
    "amend": lambda key, who: records.amend(key, {}, actor=who),
    "assess": lambda key, who: records.assess(key, risk=Risk.NONE, reasons="x", actor=who),
    "notified": lambda key, who: records.notified(
        key, at=clock.now(), phase=Phase.INITIAL, actor=who
    ),
    "exempt": lambda key, who: records.exempt(
        key, ground=Exemption.AVERTED, reasons="x", actor=who
    ),
    "close": lambda key, who: records.close(key, actor=who),
    "search": lambda key, who: affected.search(
        key, kind=policy.Found.HELD, categories=["email"], actor=who
    ),
    "tell": lambda key, who: letters.tell(key, {}, actor=who),
    "told": lambda key, who: letters.told(key, how=Told.POSTED, actor=who),
    "again": lambda key, who: letters.again(key, actor=who),
}


@pytest.mark.parametrize(("act", "who"), list(product(ACTS, (MANAGER, STAFF))))
def test_only_the_controllers_own_people_deal_with_breaches(house, act, who):
    reachable(house)
    made = assessed()
    before = (Breach.objects.values().get(), BreachEvent.objects.count())
    with pytest.raises(ControllersOnly):
        ACTS[act](made.pk, who)
    assert (Breach.objects.values().get(), BreachEvent.objects.count()) == before
    assert AccessEntry.objects.filter(actor=who.key, outcome="refused").count() == 1


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"record"}))
def test_of_no_breach_nothing_is_done(house, act):
    reachable(house)
    with pytest.raises(BreachError, match="no such breach"):
        ACTS[act](99999, CONTROLLER)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["notified", "close", "tell"])
def test_two_at_once_do_it_once(house, act):
    reachable(house)
    guests(2)
    made = assessed(Risk.RISK)
    everybody(made)
    if act == "close":
        told(made.pk, Phase.FINAL)
    both, outcomes = Barrier(2), []

    def do(who) -> None:
        both.wait()
        try:
            if act == "tell":
                letters.tell(made.pk, WORDS, actor=who)
            else:
                ACTS[act](made.pk, who)
            outcomes.append("done")
        except BreachError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=do, args=(who,)) for who in (CONTROLLER, OTHER_CONTROLLER)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["done", "refused"]
    what = {"notified": "notified", "close": "closed", "tell": "letters"}[act]
    assert BreachEvent.objects.filter(what=what).count() == 1


def test_the_controller_is_reminded_as_the_hours_go(house, monkeypatch):
    reachable(house)
    at(monkeypatch, "2027-02-01 12:00")
    made = recorded(aware_at=clock.now())
    seen = []
    for hour in range(72 + 50):
        moment = made.aware_at + timedelta(hours=hour, minutes=30)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        for _ in range(2):
            attending.attend()
        if len(mails(house)) > len(seen):
            seen.append(hour)
            assert len(mails(house)) == len(seen)
    assert seen == [24, 48, 66, 71, 72, 96, 120]
    subject, text, to = house.port.outbox()[0]
    assert to == ["tietosuoja@jokkerit.example"]
    assert "04.02.2027 12:00" in subject
    assert "72" not in text
    stages = BreachEvent.objects.filter(what="reminded").order_by("pk")
    assert [one.values["stage"] for one in stages] == [48, 24, 6, 1, 0, -1, -2]


@pytest.mark.parametrize("stop", ["notified", "no risk"])
def test_a_clock_that_stands_reminds_nobody(house, monkeypatch, stop):
    reachable(house)
    made = recorded()
    later = made.due_at + timedelta(hours=1)
    assert "hours are left" in "".join(of_breaches.problems(house.port.settings))
    if stop == "notified":
        told(made.pk)
    else:
        records.assess(made.pk, risk=Risk.NONE, reasons="Encrypted", actor=CONTROLLER)
    monkeypatch.setattr(clock, "now", lambda: later)
    attending.attend()
    assert mails(house) == []
    assert "hours" not in "".join(of_breaches.problems(house.port.settings))


def test_the_status_names_clocks_and_what_is_not_told(house, monkeypatch):
    made = recorded()
    late = made.due_at + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: late)
    (line,) = of_breaches.problems(house.port.settings)
    assert f"Breach {made.pk} " in line
    assert "3 hours late" in line
    told(made.pk, late_reasons="x")
    records.assess(made.pk, risk=Risk.HIGH, reasons="x", actor=CONTROLLER)
    incomplete, untold = of_breaches.problems(house.port.settings)
    assert "not been told everything" in incomplete
    assert "order the letters" in untold
    told(made.pk, Phase.FINAL)
    records.exempt(made.pk, ground=Exemption.AVERTED, reasons="x", actor=CONTROLLER)
    assert of_breaches.problems(house.port.settings) == []
    house.port.settings = replace(house.port.settings, active=False)
    records.amend(made.pk, {"people": 1}, actor=CONTROLLER)
    assert of_breaches.problems(house.port.settings) == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_document_says_what_article_33_asks(house, monkeypatch, language):
    reachable(house)
    at(monkeypatch, "2027-02-05 12:00")
    aware = helsinki("2027-02-01 12:00")
    made = recorded(
        aware_at=aware, began_at=helsinki("2027-01-20 08:00"), people=40, records=None,
    )  # fmt: skip
    follows = words.texts("breach", language)["document"]["follows"]
    before = notification.document(made, house.port.settings, language).plain()
    # The end, the number of records, the risk.
    assert before.count(follows) == 3
    for part in (
        "Jokkerit Trading Oy", "tietosuoja@jokkerit.example", "A laptop was stolen", "customers",
        "40", "Scam mails", "Tokens were revoked",
    ):  # fmt: skip
        assert part in before
    told(made.pk, late_reasons="Nobody knew", reference="123/2027")
    made = records.assess(made.pk, risk=Risk.HIGH, reasons="Names", actor=CONTROLLER)
    after = notification.document(made, house.port.settings, language).plain()
    assert "Nobody knew" in after
    assert "123/2027" in after
    assert words.texts("breach", language)["document"]["untold"] in after
    assert policy.RISKS[Risk.HIGH][Language.of(language)].capitalize() in after


@pytest.mark.parametrize("act", ["update(actor='x')", "all().delete()"])
def test_what_happened_is_never_changed(act):
    recorded()
    asked = Request.objects.create(
        customer=1, origin="staff", state="asks", opened_at=clock.now(), kind="erasure",
        due_on="2099-01-01",
    )  # fmt: skip
    RequestEvent.objects.create(request=asked, what="received", actor="shop")
    for model in (BreachEvent, RequestEvent):
        with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            eval(f"model.objects.{act}", {"model": model})  # noqa: S307
        assert model.objects.get().actor != "x"


def test_a_breach_is_not_deleted_with_its_events():
    recorded()
    for model in (Breach, BreachEvent):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert BreachEvent.objects.count() == 1


@pytest.mark.parametrize("size", [1, 100])
def test_a_breach_goes_five_years_after_it_was_closed(monkeypatch, size):
    monkeypatch.setattr(attending, "BATCH", size)
    guests(3)
    at(monkeypatch, "2027-02-05 12:00")
    made = assessed(Risk.NONE)
    everybody(made)
    records.close(made.pk, actor=CONTROLLER)
    kept = assessed(Risk.NONE)
    at(monkeypatch, "2032-02-05 11:59")
    assert attending.forget() == 0
    at(monkeypatch, "2032-02-05 12:01")
    attending.attend()
    assert list(Breach.objects.values_list("pk", flat=True)) == [kept.pk]
    assert set(BreachEvent.objects.values_list("breach", flat=True)) == {kept.pk}
    assert not made.affected.exists()


def test_nothing_that_is_noted_names_a_customer(house):
    reachable(house)
    guests(2)
    made = assessed()
    everybody(made)
    text = json.dumps(list(BreachEvent.objects.values_list("values", flat=True)))
    assert "guest" not in text
    assert "guest" not in str(list(AccessEntry.objects.values()))
