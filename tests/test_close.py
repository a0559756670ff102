"""Closing a month, and telling that it can be closed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import guard
from jokkerit_plugin.accounting import books, close, periods, reminders
from jokkerit_plugin.accounting.close import NotReady
from jokkerit_plugin.models import (
    AccessEntry,
    Closing,
    InboxEvent,
    Ledger,
    Posting,
    Purchase,
    Reminder,
    SetAside,
    Sweep,
)
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop.port import MailError
from jokkerit_plugin.shop.snapshots import Kind
from jokkerit_plugin.tasks import remind_of_closing
from tests.bookkeeping import ACCOUNTANT, admit, booked, follow, movement, sell
from tests.paper_shop import key_of, line
from tests.people import STAFF, sign
from tests.standing import standing

pytestmark = pytest.mark.django_db

APRIL = datetime(2026, 4, 5, 9, tzinfo=UTC)


@pytest.fixture
def now(monkeypatch):
    """The clock, which stands at 5 April 2026 until it is put on."""
    moment = [APRIL]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


def furnished(shop, monkeypatch):
    """March is over, and the register was compared with the shop since."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: datetime(2026, 3, 1, tzinfo=UTC))
        admit()
        patch.setattr(clock, "now", lambda: APRIL)
        _trade(shop)
    return shop


over = standing(__name__, furnished)


@pytest.fixture
def month(over, now):
    return over


def _trade(shop):
    shop.port.settings = replace(
        shop.port.settings, voucher_start=date(2026, 1, 1), accounting_emails=("tili@example.com",)
    )
    sell(shop, "a", "2026-03-01")
    sell(shop, "b", "2026-03-31")
    follow(shop)
    sweep.run(sweep.start(Sweep.Name.RECONCILE))


def codes(text: str) -> list[str]:
    return [one.code for one in close.obstacles(periods.month(text))]


@pytest.mark.promise("P-KEEP-BOOKKEEPING", "P-ACCESS-ACCOUNTING")
def test_a_month_is_closed_with_its_figures_and_stands(month, now):
    before = booked()
    closing = close.close("2026-03", actor=ACCOUNTANT)
    assert (closing.first, closing.last) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (closing.closed_by, closing.entries) == ("user:3", 4)
    assert closing.figures["vat"]["boxes"]["301"] == "5.100"
    assert close.unchanged(Closing.objects.get())
    assert AccessEntry.objects.get().act == "close month"
    sell(month, "a", "2026-03-01", status="canceled")
    sell(month, "late", "2026-03-30")
    follow(month)
    assert booked("2026-03-01", "2026-03-31") == before
    assert close.unchanged(Closing.objects.get())
    assert {one.day for one in booked("2026-04-01")} == {date(2026, 4, 1)}


def test_a_month_that_is_not_closed_after_all_is_not_logged_as_closed(month, monkeypatch):
    lock = books.lock

    def and_somebody_sells(**how):
        Purchase.objects.update(unbooked=True)
        lock(**how)

    monkeypatch.setattr(books, "lock", and_somebody_sells)
    with pytest.raises(NotReady, match="wait to be booked"):
        close.close("2026-03", actor=ACCOUNTANT)
    assert not Closing.objects.exists()
    assert not AccessEntry.objects.exists()


def test_entries_that_were_tampered_with_show(month):
    closing = close.close("2026-03", actor=ACCOUNTANT)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE jokkerit_plugin_posting SET net = net + 1 WHERE kind = 'sale'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert not close.unchanged(closing)


def refused(text: str = "2026-03") -> str:
    before = Closing.objects.count()
    with pytest.raises(NotReady) as told:
        close.close(text, actor=ACCOUNTANT)
    assert Closing.objects.count() == before
    return told.value.message


def test_a_month_that_is_not_over_in_helsinki_stays_open(month, now):
    now[0] = datetime(2026, 3, 31, 20, 59, 59, tzinfo=UTC)
    assert codes("2026-03") == ["NOT_OVER"]
    assert "2026-03-31" in refused()
    now[0] = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)
    assert codes("2026-03") != ["NOT_OVER"]


def test_a_month_must_be_compared_with_the_shop_after_it_ended(month):
    Sweep.objects.update(started_at=periods.month("2026-03").end - timedelta(seconds=1))
    assert codes("2026-03") == ["NOT_COMPARED"]
    assert "register_reconcile" in refused()


def test_events_of_the_month_must_be_worked_on(month):
    inbox.note(Kind.ORDER, [key_of("order a")])
    InboxEvent.objects.update(noted_at=periods.month("2026-03").end - timedelta(seconds=1))
    assert codes("2026-03") == ["NOT_FOLLOWED"]
    InboxEvent.objects.update(noted_at=APRIL)
    assert codes("2026-03") == []


def test_a_row_set_aside_keeps_a_month_open(month):
    SetAside.objects.create(
        kind=Kind.ORDER, key="x", reason="ValueError", first_at=APRIL, last_at=APRIL
    )
    assert codes("2026-03") == ["SET_ASIDE"]


def test_a_purchase_that_is_not_booked_keeps_a_month_open(month):
    Purchase.objects.filter(number="1").update(unbooked=True)
    assert codes("2026-03") == ["UNBOOKED"]
    refused()
    books.keep()
    assert codes("2026-03") == []


@pytest.mark.parametrize(("placed", "left"), [("2026-03-05", ["UNBOOKABLE"]), ("2026-04-02", [])])
def test_a_purchase_that_cannot_be_booked_keeps_its_month_open_and_says_why(month, placed, left):
    odd = movement("odd", "12.550", "9999-12-31T23:00:00.000000Z")
    sell(month, "odd", placed, movements=[odd])
    follow(month)
    assert codes("2026-03") == left
    if left:
        assert "order 3: A moment lies in the year 9999" in refused()


@pytest.mark.parametrize(
    "change",
    [{"voucher_start": None}, {"vat_basis": "cash"}, {"gift_cards": "single"}],
)  # fmt: skip
def test_settings_that_the_books_do_not_follow_yet_keep_a_month_open(month, change):
    month.port.settings = replace(month.port.settings, **change)
    assert codes("2026-03") == ["SETTINGS"]
    assert "settings" in refused()
    books.keep()
    assert codes("2026-03") == []


def test_a_month_stays_open_until_all_is_marked_that_new_settings_change(month):
    Ledger.objects.update(marked_to=0)
    assert codes("2026-03") == ["SETTINGS"]


def test_months_follow_one_another_and_none_is_closed_twice(month, now):
    close.close("2026-03", actor=ACCOUNTANT)
    assert codes("2026-03") == codes("2026-02") == ["CLOSED"]
    now[0] = datetime(2026, 6, 5, 9, tzinfo=UTC)
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert codes("2026-05") == ["NOT_NEXT"]
    assert "2026-04" in refused("2026-05")
    close.close("2026-04", actor=ACCOUNTANT)
    close.close("2026-05", actor=ACCOUNTANT)
    assert Closing.objects.count() == 3


def test_the_first_closing_closes_what_was_before(month):
    sell(month, "old", "2025-11-11")
    follow(month)
    close.close("2026-03", actor=ACCOUNTANT)
    sell(month, "old", "2025-11-11", lines=[line("old", gross="11.350", tax_rate="0.1350")])
    follow(month)
    assert {one.day for one in booked() if one.cause} == {date(2026, 4, 1)}


def test_who_closes_is_told_once_and_in_three_languages(month):
    remind_of_closing()
    remind_of_closing()
    [(subject, text, to)] = month.port.outbox()
    assert to == ["tili@example.com"]
    assert "2026-03" in subject
    for words in ("valmis suljettavaksi", "kan stängas", "can be closed"):
        assert words in text
    assert "Aino" not in text
    assert Reminder.objects.get().month == date(2026, 3, 1)


@pytest.mark.parametrize(
    "change",
    [{"accounting_emails": ()}, {"active": False}],
)
def test_nobody_is_told_where_nobody_is_named_or_the_plugin_rests(month, change):
    month.port.settings = replace(month.port.settings, **change)
    assert reminders.remind() is None
    assert month.port.outbox() == []


def test_nobody_is_told_of_a_month_that_cannot_be_closed(month):
    Purchase.objects.update(unbooked=True)
    assert reminders.remind() is None
    books.keep()
    assert reminders.remind() == periods.month("2026-03")


def test_the_next_month_to_tell_of_follows_the_last_closed_one(month, now):
    close.close("2026-03", actor=ACCOUNTANT)
    assert reminders.remind() is None
    now[0] = datetime(2026, 6, 5, 9, tzinfo=UTC)
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert reminders.remind() == periods.month("2026-04")


def test_a_mail_that_was_not_sent_counts_as_not_told(month, monkeypatch):
    def fail(subject, text, to):
        raise MailError("The mail could not be sent.")

    monkeypatch.setattr(month.port, "mail", fail)
    with pytest.raises(MailError):
        reminders.remind()
    assert not Reminder.objects.exists()


def test_a_closing_never_lets_an_entry_slip_in_between(month):
    """The one who closes counts again once nobody books any more."""
    real = books.lock

    def lock(*, alone):
        real(alone=alone)
        if alone:
            Purchase.objects.filter(number="1").update(unbooked=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "lock", lock)
        refused()
    assert Posting.objects.count() == 4


def test_who_only_reads_the_register_closes_no_month(month, now):
    now[0] = datetime(2026, 3, 1, tzinfo=UTC)
    sign(STAFF)
    now[0] = APRIL
    with pytest.raises(guard.Refused):
        close.close("2026-03", actor=STAFF)
    assert not Closing.objects.exists()
