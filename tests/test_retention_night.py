"""The night: when it begins, what it does without a person, and what the status says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from jokkerit_plugin import clock, keys, tasks
from jokkerit_plugin.access import copies
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    Certificate,
    CorrectionTask,
    Customer,
    Erasure,
    Notice,
    Owed,
    Plan,
    ProofTicket,
)
from jokkerit_plugin.retention import batches, night, notices, plans, status
from jokkerit_plugin.rights import signs
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import ShopPart
from jokkerit_plugin.shop.port import AddressDeferred, AddressRefused, MailError
from tests.forgetting import LATELY, FakeEraser, approved, buys, erase, told

pytestmark = pytest.mark.django_db

#: 3.30 in Helsinki, in winter.
NIGHT = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    """Set the clock."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(NIGHT)
    return put


@pytest.fixture
def saleor(shop):
    """The shop's own tables, where erasing is chosen."""
    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    fake = FakeEraser()
    erasers.install(fake)
    yield fake
    erasers.install(None)


@pytest.mark.parametrize(
    ("hour", "local", "expected"),
    [
        (3, "02:59", None), (3, "03:00", 29), (3, "07:59", 29), (3, "08:00", None),
        (22, "21:59", None), (22, "22:00", 29), (22, "02:59", 28), (22, "03:00", None),
    ],
)  # fmt: skip
def test_a_night_lasts_five_hours_from_the_settings_hour(shop, hour, local, expected):
    moment = datetime.fromisoformat(f"2026-11-29T{local}").replace(tzinfo=clock.HELSINKI)
    found = night.tonight(replace(shop.port.config(), retention_hour=hour), moment)
    assert (found.day if found else None) == expected


def test_the_first_night_makes_a_dry_run_and_erases_nothing(shop, at):
    buys(shop, "aino")
    told()
    for _ in range(3):
        tasks.retain()
    assert Plan.objects.get().state == Plan.State.WAITING
    assert Customer.objects.count() == 1


def test_the_night_after_the_approval_runs_what_was_approved_and_later_nights_by_it(shop, at):
    buys(shop, "aino")
    told()
    plan = approved(shop)
    tasks.retain()
    plan.refresh_from_db()
    assert (plan.state, Customer.objects.count()) == (Plan.State.DONE, 0)

    buys(shop, "eino")
    told()
    tasks.retain()
    assert Customer.objects.count() == 1, "this night has had its run"
    at(NIGHT + timedelta(days=1))
    tasks.retain()
    assert Customer.objects.count() == 0
    assert Plan.objects.order_by("-pk")[0].approved_by == "schedule"


def test_by_day_nothing_runs(shop, at):
    buys(shop, "aino")
    told()
    approved(shop)
    at(NIGHT + timedelta(hours=9))
    tasks.retain()
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("off", [{"active": False}, {"retention": False}])
def test_switched_off_nothing_runs(shop, at, off):
    buys(shop, "aino")
    told()
    approved(shop)
    shop.port.settings = replace(shop.port.settings, **off)
    tasks.retain()
    tasks.retain_too()
    assert Customer.objects.count() == 1


def test_a_night_that_a_killed_worker_left_is_gone_on_with(shop, at):
    buys(shop, "aino")
    told()
    approved(shop)
    night.begin(NIGHT.date(), shop.port.config())
    tasks.retain()
    assert Customer.objects.count() == 0


def test_what_one_night_left_the_next_one_closes(shop, at):
    buys(shop, "aino")
    told()
    approved(shop)
    plan = night.begin(NIGHT.date(), shop.port.config())
    at(NIGHT + timedelta(days=1))
    tasks.retain()
    plan.refresh_from_db()
    assert plan.state == Plan.State.LEFT
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    "off", [{}, {"retention": False}, {"unusable": (("bookkeeping_years", "too short"),)}]
)
def test_what_time_or_a_setting_stopped_midway_is_proved_all_the_same(shop, at, off, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'ab' * 32}")
    monkeypatch.setattr(plans, "SIZE", 1)
    for name in ("aino", "eino"):
        buys(shop, name)
    told()
    approved(shop)
    plan = night.begin(NIGHT.date(), shop.port.config())
    assert batches._one(plan, shop.port.config())
    assert Customer.objects.count() == 1
    shop.port.settings = replace(shop.port.settings, **off)

    if off:
        at(NIGHT + night.IDLE)
        tasks.retain()
        plan.refresh_from_db()
        assert plan.state == Plan.State.RUNNING, "somebody may be at work"
    at(NIGHT + night.IDLE + timedelta(seconds=1, hours=0 if off else night.HOURS))
    tasks.retain()
    plan.refresh_from_db()
    assert (plan.state, bool(plan.problem)) == (Plan.State.LEFT, bool(off))
    tasks.certify()
    assert Certificate.objects.exclude(verdict=Certificate.Verdict.MISSED).count() == 1
    assert not ProofTicket.objects.exists()


def test_a_run_by_hand_is_not_ended_by_day(shop, at):
    buys(shop, "aino")
    told()
    approved(shop)
    at(NIGHT + timedelta(hours=9))
    plan = night.begin(clock.today(), shop.port.config())
    tasks.retain()
    plan.refresh_from_db()
    assert plan.state == Plan.State.RUNNING


def test_files_that_cannot_be_removed_stop_no_night_and_are_said(shop, at, saleor):
    orders = {name: str(buys(shop, name).saleor_order) for name in ("aino", "eino")}
    saleor.there[ShopPart.ORDER_DETAIL] = set(orders.values())
    saleor.files = {order: f"{name}.png" for name, order in orders.items()}
    saleor.stuck = {"aino.png", "left.png"}
    Owed.objects.create(what="file", key="left.png", since=clock.now())
    told()
    approved(shop)
    tasks.retain()
    assert Plan.objects.get().state == Plan.State.DONE
    assert saleor.removed == ["eino.png"]
    assert set(Owed.objects.values_list("key", flat=True)) == saleor.stuck
    assert not any("files" in one for one in status.problems(shop.port.config()))

    at(NIGHT + timedelta(days=1, seconds=1))
    assert any(one.startswith("2 files ") for one in status.problems(shop.port.config()))
    saleor.stuck = set()
    tasks.retain()
    assert not Owed.objects.exists()


def test_nobody_is_told_while_a_restored_backup_is_not_replayed(shop, at, monkeypatch):
    buys(shop, "lempi")
    approved(shop)
    ends = night.work

    def restored(*given, **how):
        left = ends(*given, **how)
        monkeypatch.setattr(copies, "check", refuse)
        return left

    def refuse():
        raise copies.NotReplayed("A backup was restored.")

    monkeypatch.setattr(night, "work", restored)
    tasks.retain()
    assert Plan.objects.get().state == Plan.State.DONE
    assert not shop.port.outbox()


def test_nobody_is_told_before_the_controller_has_approved(shop, at):
    buys(shop, "aino")
    tasks.retain()
    assert not shop.port.outbox()
    assert Plan.objects.get().counts["notice"] == {"inactive": 1}


@pytest.mark.parametrize(
    ("language", "said"),
    [("fi", "Poistamme tietosi"), ("sv-fi", "Vi raderar"), ("EN_US", "We will erase"),
     ("de", "We will erase"), ("", "Poistamme tietosi")],
)  # fmt: skip
def test_an_inactive_customer_is_told_once_in_their_language(shop, at, language, said):
    shop.port.settings = replace(shop.port.settings, controller_name="Jokkerit Trading Oy")
    buys(shop, "aino", language=language)
    buys(shop, "lempi", when=LATELY)
    approved(shop)
    for _ in range(3):
        tasks.retain()
    [(subject, text, to)] = shop.port.outbox()
    assert subject.startswith(said)
    assert to == ["aino@example.com"]
    assert "Jokkerit Trading Oy" in text
    assert "{" not in subject + text
    assert "30.12.2026" in text or "30 December 2026" in text
    assert Notice.objects.count() == 1


def test_who_comes_while_others_are_told_is_not_told(shop, at, monkeypatch):
    for name in ("aino", "eino"):
        buys(shop, name)
    approved(shop)
    mail = shop.port.mail

    def slow(subject, text, to):
        buys(shop, "again", email="eino@example.com", when=LATELY)
        mail(subject, text, to)

    monkeypatch.setattr(shop.port, "mail", slow)
    tasks.retain()
    assert [to for *_, to in shop.port.outbox()] == [["aino@example.com"]]


def test_who_was_told_goes_after_thirty_days_and_not_before(shop, at):
    buys(shop, "aino")
    approved(shop)
    tasks.retain()
    for days, left in ((29, 1), (32, 0)):
        at(NIGHT + timedelta(days=days))
        tasks.retain()
        assert Customer.objects.count() == left, days


def test_an_unsent_mail_tells_nobody_and_the_status_says_so(shop, at, monkeypatch):
    buys(shop, "aino")
    approved(shop)

    def broken(*_args):
        raise MailError("The shop has no way to send mail: set EMAIL_URL or USER_EMAIL_URL.")

    monkeypatch.setattr(shop.port, "mail", broken)
    tasks.retain()
    assert not Notice.objects.exists()
    assert any("could not be told" in one for one in status.problems(shop.port.config()))
    at(NIGHT + timedelta(days=60))
    tasks.retain()
    assert Customer.objects.count() == 1


def refusing(shop, monkeypatch, error, *addresses):
    """Let the shop's mail server take none for these addresses."""
    mail = shop.port.mail

    def picky(subject, text, to):
        if set(to) & set(addresses):
            raise error
        mail(subject, text, to)

    monkeypatch.setattr(shop.port, "mail", picky)


GONE = AddressRefused("The mail server refused the address for good.")
FULL = AddressDeferred("The mail server took none for the address now.")


def test_a_refused_mailbox_holds_up_nobody_and_is_as_none(shop, at, monkeypatch):
    for name in ("aino", "eino"):
        buys(shop, name)
    approved(shop)
    refusing(shop, monkeypatch, GONE, "aino@example.com")
    for _ in range(2):
        tasks.retain()
    assert [to for *_, to in shop.port.outbox()] == [["eino@example.com"]]
    told = Notice.objects.order_by("customer__email").values_list("refused", flat=True)
    assert list(told) == [True, False]
    assert not any("could not be told" in one for one in status.problems(shop.port.config()))
    for days, left in ((29, 2), (32, 0)):
        at(NIGHT + timedelta(days=days))
        tasks.retain()
        assert Customer.objects.count() == left, days


@pytest.mark.promise("P-RECTIFY-NOTICED")
def test_a_refused_mailbox_is_seen_to_and_the_right_one_is_told(shop, at, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'ab' * 32}")
    for name in ("aino", "eino"):
        buys(shop, name)
    approved(shop)
    with monkeypatch.context() as away:
        refusing(shop, away, GONE, "aino@example.com")
        tasks.retain()
    customer = Customer.objects.get(email="aino@example.com")
    for _ in range(2):
        signs.look([customer])
    task = CorrectionTask.objects.get()
    assert (task.customer_id, task.field, task.sign) == (customer.pk, "email", "letter")
    at(NIGHT + timedelta(days=20))
    Customer.objects.filter(pk=customer.pk).update(email="oikea@example.com")
    at(NIGHT + timedelta(days=40))
    tasks.retain()
    assert [to for *_, to in shop.port.outbox()] == [["eino@example.com"], ["oikea@example.com"]]
    assert Notice.objects.get(customer=customer).refused is False


def test_a_mailbox_that_takes_none_now_holds_up_nobody_and_is_told_another_night(
    shop, at, monkeypatch
):
    for name in ("aino", "eino"):
        buys(shop, name)
    approved(shop)
    with monkeypatch.context() as full:
        refusing(shop, full, FULL, "aino@example.com")
        tasks.retain()
    assert [to for *_, to in shop.port.outbox()] == [["eino@example.com"]]
    at(NIGHT + timedelta(days=1))
    tasks.retain()
    assert [to for *_, to in shop.port.outbox()] == [["eino@example.com"], ["aino@example.com"]]


@pytest.mark.parametrize("error", [FULL, GONE])
def test_a_server_that_takes_none_for_anybody_is_named_and_starts_no_clock(
    shop, at, monkeypatch, error
):
    names = ("aino", "eino")
    for name in names:
        buys(shop, name)
    approved(shop)
    addresses = [f"{name}@example.com" for name in names]
    with monkeypatch.context() as away:
        refusing(shop, away, error, *addresses)
        for _ in range(2):
            tasks.retain()
        assert not Notice.objects.exists()
        assert any("could not be told" in one for one in status.problems(shop.port.config()))
        at(NIGHT + timedelta(days=60))
        tasks.retain()
        assert Customer.objects.count() == 2
    at(NIGHT + timedelta(days=61))
    tasks.retain()
    assert sorted(to for *_, [to] in shop.port.outbox()) == addresses


def test_what_a_server_took_tonight_lets_a_later_turn_believe_it(shop, at, monkeypatch):
    for name in ("aino", "eino"):
        buys(shop, name)
    refusing(shop, monkeypatch, GONE, "eino@example.com")
    config, until = shop.port.config(), NIGHT + timedelta(minutes=1)
    tell = partial(notices.tell, clock.today(), config, shop.port, until=until)
    assert not tell(most=1)
    assert tell(most=9, proven=bool(notices.told_since(NIGHT, taken=True)))
    assert Notice.objects.get(refused=True).customer.email == "eino@example.com"


def test_no_more_are_told_in_a_night_than_the_daily_limit(shop, at):
    for name in ("aino", "eino", "veikko"):
        buys(shop, name)
    shop.port.settings = replace(shop.port.settings, retention_daily_limit=2)
    approved(shop)
    for _ in range(3):
        tasks.retain()
    assert len(shop.port.outbox()) == 2


def test_the_status_names_what_is_missing(shop, at, monkeypatch, tmp_path):
    config = shop.port.config()
    said = " ".join(status.problems(config))
    assert "before the controller has approved" in said
    assert copies.VARIABLE in said
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path))
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'ab' * 32}")
    approved(shop)
    assert status.problems(config) == []
    assert "is off" in " ".join(status.problems(replace(config, retention=False)))
    at(NIGHT + timedelta(days=4))
    assert "does a Celery worker" in " ".join(status.problems(config))


def test_what_the_shop_still_holds_is_counted(shop, at):
    Owed.objects.create(what="account", key="5", since=clock.now())
    Owed.objects.create(what="file", key="x", since=clock.now())
    config = shop.port.config()
    assert any('"Also erase in Saleor" is off' in one for one in status.problems(config))
    assert any(
        one.startswith("1 accounts, orders and other rows") for one in status.problems(config)
    )


def test_a_refusal_of_the_shops_eraser_is_named(shop, at):
    fake = FakeEraser()
    fake.refuses = "account_user.nickname is unknown."
    erasers.install(fake)
    try:
        said = status.problems(replace(shop.port.config(), erase_in_shop=True))
    finally:
        erasers.install(None)
    assert any("account_user.nickname" in one for one in said)


def test_receipts_hold_no_personal_data(shop, at):
    buys(shop, "aino")
    told()
    erase(shop)
    for row in Erasure.objects.values():
        # Any letter may stand in a hash.
        row.pop("hash")
        assert not any(word in str(row) for word in ("aino", "Aino", "Mäkelä", "Kaskitie", "@"))


def test_the_mail_names_the_day_after_the_term():
    _, text = notices.write(Config(active=True), "fi", NIGHT)
    assert "30.12.2026" in text
