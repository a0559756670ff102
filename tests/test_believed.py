"""Under a clock that may be wrong nothing goes for being old, and a clock set right goes on."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.access import believing
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.marketing import contacts, ledger
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    Plan,
    SetAside,
    Sweep,
    Trace,
)
from jokkerit_plugin.overview import overview
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.register import believed, rounds, sweep
from jokkerit_plugin.register.status import summary
from jokkerit_plugin.retention import night, plans
from jokkerit_plugin.rights import answering
from jokkerit_plugin.rights.breaches import attending
from jokkerit_plugin.sitelog import expiry
from tests.forgetting import LATELY, approved, buys, told
from tests.opting import AINO, KEY, ask, declared_empty, key
from tests.test_chain import write

pytestmark = pytest.mark.django_db
#: 3.30 in Helsinki, in winter.
NIGHT = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
HAND = Actor("command:test", frozenset())
EMAIL = Channel.EMAIL


@pytest.fixture(autouse=True)
def at(monkeypatch):
    """Set the clock, which was looked at last when the test began."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(NIGHT)
    assert believed.look()
    return put


def codes() -> set[str]:
    return {one.code for one in overview().problems}


def leapt(at, days=400):
    at(NIGHT + timedelta(days=days))
    assert believed.doubt()


def test_after_a_leap_no_night_erases_before_somebody_has_looked(shop, at):
    buys(shop, "aino", when=LATELY)
    told()
    approved(shop)
    leapt(at, 4000)
    tasks.retain()
    with pytest.raises(plans.PlanError, match="clock-is-right"):
        night.by_hand()
    assert Customer.objects.exists()
    assert Plan.objects.get().state == Plan.State.APPROVED
    believing.believe(actor=HAND)
    told(days=400)
    approved(shop)
    tasks.retain()
    assert not Customer.objects.exists()


def test_traces_stay_after_a_leap(shop, at):
    Trace.objects.create(kind="account", key="5", changed_at=NIGHT, outside=[], said=[])
    leapt(at)
    tasks.expire_traces()
    assert Trace.objects.exists()
    believing.believe(actor=HAND)
    tasks.expire_traces()
    assert not Trace.objects.exists()


def test_the_log_of_who_looked_stays_after_a_leap(shop, at, keyed):
    write(2)
    leapt(at, 4000)
    with pytest.raises(believed.ClockDoubted):
        tasks.expire_access_log()
    with pytest.raises(CommandError, match="clock-is-right"):
        call_command("register_prune_log")
    assert AccessEntry.objects.count() == 2
    believing.believe(actor=HAND)
    tasks.expire_access_log()
    assert [one.act for one in AccessEntry.objects.all()] == [believing.ACT]


def test_days_of_the_site_log_and_what_was_asked_stay_after_a_leap(shop, at, monkeypatch):
    went = []
    monkeypatch.setattr(expiry, "expire", lambda config: went.append("days"))
    monkeypatch.setattr(expiry, "cut_addresses", lambda config: went.append("addresses"))
    monkeypatch.setattr(answering, "_FORGET", [lambda: went.append("requests")])
    monkeypatch.setattr(attending, "forget", lambda: went.append("breaches"))
    leapt(at)
    jobs = (tasks.keep_site_log, tasks.attend_requests, tasks.attend_breaches)
    for job in jobs:
        job()
    assert went == []
    believing.believe(actor=HAND)
    for job in jobs:
        job()
    assert went == ["days", "addresses", "requests", "breaches"]


def test_consents_do_not_end_by_a_leap(shop, at, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()
    buys(shop, "aino", when=LATELY)
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link", customer=Customer.objects.get().pk)
    leapt(at, 4000)
    tasks.keep_marketing()
    at(NIGHT)
    assert ask().allowed


def test_the_status_wakes_somebody_who_says_that_the_clock_is_right(shop, at):
    leapt(at)
    assert "CLOCK_DOUBTED" in codes()
    out = StringIO()
    call_command("register_retention", "--clock-is-right", stdout=out)
    assert "believed" in out.getvalue()
    assert "CLOCK_DOUBTED" not in codes()
    assert AccessEntry.objects.get().actor == "command:register_retention"


def test_a_shop_that_is_looked_after_every_day_is_never_doubted(at):
    for days in range(0, 40, 6):
        at(NIGHT + timedelta(days=days))
        assert believed.look()


def test_a_machine_whose_clock_differs_from_the_databases_erases_nothing(shop, at, monkeypatch):
    monkeypatch.setattr(clock, "APART", timedelta(hours=1))
    there, _ = believed._theirs()
    for hours, doubted in ((-2, True), (-0.9, False), (0.9, False), (2, True)):
        at(there + timedelta(hours=hours))
        with monkeypatch.context() as patch:
            patch.setattr(believed, "BACK", timedelta(days=-40_000))
            patch.setattr(clock, "LEAP", timedelta(days=40_000))
            assert bool(believed.doubt()) is doubted
    # Nobody's word makes two clocks one.
    with pytest.raises(believed.ClockDoubted):
        believing.believe(actor=HAND)


def test_a_clock_set_back_is_doubted_until_it_is_that_time_again(at):
    for minutes, doubted in ((-50, False), (-70, True), (-40_000, True), (5, False)):
        at(NIGHT + timedelta(minutes=minutes))
        assert bool(believed.doubt()) is doubted


def test_what_a_clock_ahead_has_put_off_does_not_wait_for_that_day(shop, at):
    ahead = NIGHT + timedelta(days=400)
    for name, next_at in (("a", ahead), ("b", NIGHT + timedelta(hours=12)), ("c", None)):
        SetAside.objects.create(
            kind="order", key=name, reason="x", first_at=ahead, last_at=ahead, next_at=next_at
        )
    at(NIGHT + timedelta(hours=1))
    believed.look()
    assert dict(SetAside.objects.values_list("key", "next_at")) == {
        "a": NIGHT + timedelta(hours=1), "b": NIGHT + timedelta(hours=12), "c": None,
    }  # fmt: skip


# Rows from a time when the clock was ahead.


def walked(name: Sweep.Name, shop, started: datetime) -> None:
    Sweep.objects.create(
        name=name, reach=shop.port.config().reach, started_at=started, finished_at=started,
        kind="order",
    )  # fmt: skip


def test_a_comparison_of_a_clock_ahead_proves_nothing_and_holds_up_none(shop, at):
    walked(Sweep.Name.RECONCILE, shop, NIGHT + timedelta(days=400))
    assert summary().complete_to is None
    assert sweep.nightly(seconds=5)
    assert summary().complete_to == NIGHT


def test_after_a_walk_of_a_clock_ahead_there_is_one_a_day_again(shop, at):
    walked(Sweep.Name.CHECKS, shop, NIGHT + timedelta(days=400))
    first = rounds.today(Sweep.Name.CHECKS)
    Sweep.objects.filter(pk=first.pk).update(finished_at=NIGHT)
    assert rounds.today(Sweep.Name.CHECKS).pk == first.pk
    at(NIGHT + timedelta(days=1))
    assert rounds.today(Sweep.Name.CHECKS).pk != first.pk


def test_after_a_night_of_a_clock_ahead_a_missed_one_is_told(shop, at):
    Plan.objects.create(
        day=NIGHT.date(), settings=shop.port.config().retention_digest, state=Plan.State.DONE,
        night=NIGHT.date() + timedelta(days=400), approved_at=NIGHT, approved_by="user:1",
    )  # fmt: skip
    buys(shop, "aino")
    approved(shop)
    night.by_hand()
    assert plans.last_night().night == NIGHT.date()
    at(NIGHT + timedelta(days=4))
    believed.look()
    assert "NIGHT_MISSED" in codes()


def test_who_said_no_under_a_clock_ahead_is_out_when_it_is_set_right(shop, at, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    at(NIGHT + timedelta(days=400))
    ledger.record(Kind.OBJECTION, EMAIL, AINO, source="link")
    at(NIGHT + timedelta(hours=1))
    assert ask().reason == "opted_out"
    assert not contacts.permissions([(EMAIL, AINO)])[0].allowed
