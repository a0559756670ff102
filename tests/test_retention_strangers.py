"""Accounts of the shop that never bought: told once, thirty days later gone, unless they came."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.models import (
    AddressMark,
    Customer,
    Erasure,
    Notice,
    Owed,
    Plan,
    SiteLine,
    Trace,
)
from jokkerit_plugin.retention import night, plans, status, strangers
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import ShopPart
from jokkerit_plugin.shop.port import AddressRefused, MailError
from jokkerit_plugin.sitelog import store
from jokkerit_plugin.sitelog.minimised import Line
from tests.forgetting import FakeEraser, approved, buys
from tests.logs import logged

pytestmark = pytest.mark.django_db

#: 3.30 in Helsinki, in winter.
NIGHT = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
#: Seen so, the term of 36 months ends on the day.
LAST_DAY = datetime(2023, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    """Set the clock, in days after the first night."""

    def put(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: NIGHT + timedelta(days=days))

    put(0)
    return put


@pytest.fixture
def saleor(shop, at):
    """The shop's own tables, where erasing is chosen: account 5 was last seen long ago."""
    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    fake = FakeEraser()
    shop.account(5)
    fake.there[ShopPart.ACCOUNT], fake.seen = {"5"}, {"5": LAST_DAY}
    erasers.install(fake)
    yield fake
    erasers.install(None)


def told(user: int = 5, *, term: date = date(2026, 11, 28), days: int = 40) -> Notice:
    """Let somebody have been told some days ago."""
    return Notice.objects.create(
        user=user, term=term, told_at=NIGHT - timedelta(days=days), language="fi"
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [("fi", "Poistamme tilisi"), ("sv-fi", "Vi raderar ditt konto"), ("EN", "We will delete")],
)
def test_who_never_bought_is_told_once_in_their_language(shop, saleor, at, language, said):
    shop.account(5, language=language)
    approved(shop)
    for days in (0, 0, 1, 2):
        at(days)
        tasks.retain()
    [(subject, text, to)] = shop.port.outbox()
    assert subject.startswith(said)
    assert to == ["user5@example.com"]
    assert "30.12.2026" in text or "30 December 2026" in text
    assert "{" not in subject + text
    assert Notice.objects.values_list("user", "term", "customer").get() == (
        5, date(2026, 11, 28), None,
    )  # fmt: skip


def test_who_was_told_goes_after_thirty_days_with_a_receipt_of_the_key(shop, saleor, at):
    approved(shop)
    for days, left in ((0, {"5"}), (29, {"5"}), (30, {"5"}), (31, set())):
        at(days)
        tasks.retain()
        assert saleor.there[ShopPart.ACCOUNT] == left, days
    receipt = Erasure.objects.get()
    assert (receipt.part, receipt.shop_keys, receipt.count, receipt.in_shop) == (
        "account", ["5"], 1, True,
    )  # fmt: skip
    assert json.loads(receipt.rows) == {"shop_account": 1}
    assert not Notice.objects.exists()


def test_lines_of_who_goes_lose_the_key_and_the_basket(shop, saleor):
    told()
    cart = "8c2f4e0a-1b7d-4c55-9a3e-0d6f2b9c1e77"
    Trace.objects.create(kind=Trace.Kind.CHECKOUT, key=cart, saleor_user=5, changed_at=clock.now())
    for given in ({"saleor_user": 5}, {"checkout": cart}, {"saleor_user": 6}):
        logged(**given)
    approved(shop)
    night.by_hand()
    found = SiteLine.objects.order_by("id").values_list("saleor_user", "checkout")
    assert list(found) == [(None, None), (None, None), (6, None)]
    assert json.loads(Erasure.objects.get().rows)["jokkerit_plugin_siteline"] == 2
    # What comes late, of before that, is nobody's either.
    late = Line(clock.now(), "::1", "", "GET", "/late", 200, 1, None, "", 5, cart)
    store.take([late], config=shop.port.config())
    assert SiteLine.objects.values_list("saleor_user", "checkout").get(path="/late") == (None, None)


def test_the_dry_run_counts_who_is_to_be_told_and_who_goes(shop, saleor):
    saleor.seen |= {"6": LAST_DAY + timedelta(days=31), "7": LAST_DAY + timedelta(days=32)}
    told()
    plan = plans.make(shop.port.config())
    assert plan.counts == {"account": {"never_bought": 1}, "notice": {"never_bought": 1}}
    assert plan.batches.values_list("part", "keys").get() == ("account", ["5"])
    shown = plans.preview(clock.today() + timedelta(days=1), shop.port.config())
    assert shown == {"account": {"never_bought": 1}, "notice": {"never_bought": 2}}


def test_the_forecast_names_the_months(shop, saleor):
    saleor.seen |= {
        "6": LAST_DAY + timedelta(days=40), "7": NIGHT - timedelta(days=10),
        "8": datetime(2024, 10, 31, 12, tzinfo=UTC), "9": datetime(2024, 10, 30, 12, tzinfo=UTC),
    }  # fmt: skip
    found = strangers.forecast(clock.today(), shop.port.config())
    assert [(one.month, one.part, one.count) for one in found] == [
        (date(2026, 11, 1), ShopPart.ACCOUNT, 1), (date(2027, 1, 1), ShopPart.ACCOUNT, 1),
        (date(2027, 10, 1), ShopPart.ACCOUNT, 1),
    ]  # fmt: skip
    said = StringIO()
    call_command("register_retention", forecast=True, stdout=said)
    assert "2027-01  account" in said.getvalue()


def test_nobody_is_told_or_goes_while_the_shop_is_not_erased_in(shop, saleor, at):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    told()
    saleor.seen["6"] = LAST_DAY
    shop.account(6)
    approved(shop)
    tasks.retain()
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}
    assert not shop.port.outbox()


def test_nobody_is_told_before_the_approval_or_without_mail(shop, saleor, at, monkeypatch):
    tasks.retain()
    assert not shop.port.outbox()

    def broken(*_args):
        raise MailError("The shop has no way to send mail.")

    monkeypatch.setattr(shop.port, "mail", broken)
    at(1)
    approved(shop)
    tasks.retain()
    assert not Notice.objects.exists()
    assert "could not be told" in Plan.objects.exclude(night=None).get().problem
    at(60)
    tasks.retain()
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}


def test_a_refused_mailbox_holds_up_nobody_and_goes_too(shop, saleor, at, monkeypatch):
    saleor.seen["6"] = LAST_DAY
    saleor.there[ShopPart.ACCOUNT].add("6")
    shop.account(6, email="kuusi@example.com")
    approved(shop)
    mail = shop.port.mail

    def picky(subject, text, to):
        if to == ["user5@example.com"]:
            raise AddressRefused("The mail server refused the address for good.")
        mail(subject, text, to)

    monkeypatch.setattr(shop.port, "mail", picky)
    tasks.retain()
    assert [to for *_, to in shop.port.outbox()] == [["kuusi@example.com"]]
    at(32)
    tasks.retain()
    assert saleor.there[ShopPart.ACCOUNT] == set()


def test_no_more_are_told_in_a_night_than_the_daily_limit(shop, saleor):
    saleor.seen |= {"6": LAST_DAY, "7": LAST_DAY}
    for user in (6, 7):
        shop.account(user)
    shop.port.settings = replace(shop.port.settings, retention_daily_limit=2)
    approved(shop)
    for _ in range(3):
        tasks.retain()
    assert len(shop.port.outbox()) == 2


@pytest.mark.parametrize("days", [30, 29, 0])
def test_who_was_told_too_late_or_of_another_term_stays(shop, saleor, days):
    told(days=days)
    told(term=date(2026, 11, 27))
    assert list(strangers.due(clock.today(), shop.port.config())) == [[]]


def _logged_in(shop, saleor) -> None:
    saleor.seen["5"] = NIGHT - timedelta(hours=2)


def _bought(shop, saleor) -> None:
    buys(shop, "aino", user=5, when="2026-11-28T10:00:00.000000Z")


def _at_work(shop, saleor) -> None:
    saleor.held = {"5"}


@pytest.mark.parametrize("happens", [_logged_in, _bought, _at_work])
def test_who_came_since_the_plan_stays(shop, saleor, happens):
    told()
    plan = approved(shop)
    assert plan.batches.get().keys == ["5"]
    happens(shop, saleor)
    plan = night.by_hand()
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}
    assert plan.batches.values_list("erased", "left_over").get() == (0, 1)
    assert not Erasure.objects.exists()


def test_who_came_between_the_asking_and_the_lock_stays(shop, saleor, monkeypatch):
    told()
    approved(shop)
    take = saleor.take

    def late(part, keys):
        _logged_in(shop, saleor)
        return take(part, keys)

    monkeypatch.setattr(saleor, "take", late)
    night.by_hand()
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}


def test_what_is_owed_anyway_is_not_told_of(shop, saleor):
    Owed.objects.create(what="account", key="5", since=clock.now())
    approved(shop)
    tasks.retain()
    assert not shop.port.outbox()
    assert saleor.there[ShopPart.ACCOUNT] == set()


def test_a_customer_is_told_as_one(shop, saleor):
    buys(shop, "aino", user=5)
    approved(shop)
    tasks.retain()
    assert Notice.objects.get().customer == Customer.objects.get()


def test_while_nothing_is_erased_there_the_status_counts_what_is_over(shop, saleor):
    saleor.seen["6"] = LAST_DAY + timedelta(days=1)
    saleor.there[ShopPart.CHECKOUT] = {"old"}
    saleor.there[ShopPart.PAYLOAD] = {"1", "2"}
    saleor.there[ShopPart.ADDRESS] = {"7", "8", "9"}
    said = " ".join(status.problems(shop.port.config()))
    assert "never bought" not in said
    said = " ".join(status.problems(replace(shop.port.config(), erase_in_shop=False)))
    assert "1 accounts that never bought are over" in said
    assert "1 checkouts that became no order are over" in said
    assert "2 payloads that went to webhooks are over" in said
    assert "3 addresses that nothing refers to are over" in said
    assert not AddressMark.objects.exists()
    saleor.refuses = "This Saleor is not known."
    said = " ".join(status.problems(replace(shop.port.config(), erase_in_shop=False)))
    assert "This Saleor is not known." in said


def test_while_nothing_is_erased_there_the_night_notes_how_far_addresses_go(shop, saleor):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    plans.make(shop.port.config())
    assert AddressMark.objects.count() == 1
