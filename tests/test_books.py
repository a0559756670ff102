"""The books follow the register, keep their vouchers, and leave closed days alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from jokkerit_plugin.accounting import booking, books, periods
from jokkerit_plugin.accounting.entries import EntryKind, entries
from jokkerit_plugin.models import Closing, Posting, Purchase, Voucher, VoucherSeries
from jokkerit_plugin.register.status import summary
from tests.bookkeeping import booked, follow, movement, sell, told
from tests.paper_shop import key_of, line

pytestmark = pytest.mark.django_db


def settings(shop, **changes):
    shop.port.settings = replace(shop.port.settings, **changes)


def close_to(last: date) -> None:
    """Close without asking, as `close.close` does after it has asked."""
    Closing.objects.create(
        first=last.replace(day=1), last=last, closed_by="user:1", figures={}, entries=0, digest=""
    )


@pytest.mark.promise("P-DATA-PURCHASE")
def test_a_sale_gets_entries_and_a_voucher(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-03-01", tax_country="FI")
    follow(shop)
    assert told(booked()) == [
        "1.3.2026 MYY-2026-000001 payment 12.55",
        "1.3.2026 MYY-2026-000001 sale 12.55",
    ]
    sale = booked()[1]
    assert (sale.vat, sale.rate, sale.country) == (Decimal("2.55"), Decimal("0.255"), "FI")
    assert sale.order_number == "1"


def test_entries_are_in_the_order_of_days_and_vouchers_and_a_period_may_be_split(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    for name, day in (("a", "2026-03-05"), ("b", "2026-03-01"), ("c", "2026-03-31"),
                      ("d", "2026-02-28"), ("e", "2026-03-05")):  # fmt: skip
        sell(shop, name, day)
    follow(shop)
    found = booked("2026-03-01", "2026-03-31")
    assert [(one.day.day, one.voucher) for one in found] == sorted(
        (one.day.day, one.voucher) for one in found
    )
    assert {one.day.day for one in found} == {1, 5, 31}
    split = booked("2026-03-01", "2026-03-05") + booked("2026-03-06", "2026-03-31")
    assert split == found


def test_reading_entries_takes_pages_and_closes_its_cursor(shop):
    for number in range(5):
        sell(shop, f"n{number}", "2026-03-01")
    follow(shop)
    from jokkerit_plugin.register.rows import stream

    with transaction.atomic():
        rows = list(
            stream("pages", "SELECT id FROM jokkerit_plugin_posting ORDER BY id", [], page=3)
        )
        assert len(rows) == Posting.objects.count() == 10
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors WHERE name = 'pages'")
            assert cursor.fetchone() == (0,)
    reading = entries(periods.month("2026-03"))
    next(reading)
    reading.close()
    assert len(booked()) == 10


def test_nothing_is_numbered_before_vouchers_begin(shop):
    settings(shop, voucher_start=date(2026, 3, 1))
    sell(shop, "old", "2026-02-28")
    sell(shop, "new", "2026-03-01")
    follow(shop)
    assert {(one.day.month, one.voucher) for one in booked()} == {(2, ""), (3, "MYY-2026-000001")}


def test_without_a_first_day_nothing_is_numbered(shop):
    sell(shop, "a", "2026-03-01")
    follow(shop)
    assert {one.voucher for one in booked()} == {""}
    assert not Voucher.objects.exists()
    settings(shop, voucher_start=date(2026, 1, 1))
    books.keep()
    assert {one.voucher for one in booked()} == {"MYY-2026-000001"}


def test_a_refund_is_a_voucher_of_its_own_which_names_the_sale(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-03-01")
    follow(shop)
    paid = movement("a", "12.550", "2026-03-01")
    back = movement("b", "12.550", "2026-04-02", "refund")
    sell(shop, "a", "2026-03-01", movements=[paid, back])
    follow(shop)
    assert told(booked("2026-04-01")) == [
        "2.4.2026 MYY-2026-000002 <MYY-2026-000001> payback -12.55",
        "2.4.2026 MYY-2026-000002 <MYY-2026-000001> refund -12.55",
    ]


def test_each_financial_year_counts_from_one_and_a_purchase_in_two_years_has_two_vouchers(shop):
    settings(shop, voucher_start=date(2025, 1, 1), financial_year_end="06-30")
    sell(
        shop, "a", "2026-06-30", movements=[movement("x", "12.550", "2026-07-02")],
        delivered_at="2026-06-30T10:00:00.000000Z",
    )  # fmt: skip
    sell(shop, "b", "2026-07-03")
    follow(shop)
    assert told(booked()) == [
        "30.6.2026 MYY-2026-000001 sale 12.55",
        "2.7.2026 MYY-2027-000001 <MYY-2026-000001> payment 12.55",
        "3.7.2026 MYY-2027-000002 payment 12.55",
        "3.7.2026 MYY-2027-000002 sale 12.55",
    ]


def test_a_voucher_whose_sale_is_cancelled_is_voided_and_its_number_stays(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    key = sell(shop, "a", "2026-03-01", movements=[], delivered_at="2026-03-01T10:00:00.000000Z")
    follow(shop)
    sell(shop, "a", "2026-03-01", movements=[], status="canceled")
    sell(shop, "b", "2026-03-02")
    follow(shop)
    old, new = Voucher.objects.order_by("number")
    assert (old.code, old.purchase.saleor_order) == ("MYY-2026-000001", key)
    assert old.voided_at
    assert (new.code, new.voided_at) == ("MYY-2026-000002", None)
    assert {one.voucher for one in booked()} == {"MYY-2026-000002"}


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
@pytest.mark.parametrize(
    "act",
    [
        lambda: Voucher.objects.all()._raw_delete("default"),
        lambda: Voucher.objects.update(number=7),
        lambda: Voucher.objects.update(code="MYY-2026-000009"),
        lambda: Posting.objects.update(net=0),
    ],
)
def test_the_database_refuses_to_change_a_number_or_an_entry(shop, act):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-03-01")
    follow(shop)
    before = list(Posting.objects.values())
    with pytest.raises(DatabaseError, match=r"never changed|not updated"), transaction.atomic():
        act()
    assert list(Posting.objects.values()) == before
    assert Voucher.objects.get().number == 1


def test_what_changes_after_a_closing_is_corrected_on_the_first_open_day(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-03-01")
    follow(shop)
    before = booked("2026-03-01", "2026-03-31")
    close_to(date(2026, 3, 31))
    # The country turns out to be Åland, and the tax is taken off.
    sell(shop, "a", "2026-03-01", lines=[line("a", net="12.55", tax_rate="0.0000")],
         tax_country="AX")  # fmt: skip
    follow(shop)
    assert booked("2026-03-01", "2026-03-31") == before
    assert told(booked("2026-04-01")) == [
        "1.4.2026 MYY-2026-000002 <MYY-2026-000001> sale 12.55 correction",
        "1.4.2026 MYY-2026-000002 <MYY-2026-000001> sale -12.55 correction",
    ]
    books.keep()
    Purchase.objects.update(unbooked=True)
    books.keep()
    assert len(booked("2026-04-01")) == 2
    assert Voucher.objects.count() == 2


def test_a_correction_that_was_closed_too_is_not_made_again(shop):
    sell(shop, "a", "2026-03-01")
    follow(shop)
    close_to(date(2026, 3, 31))
    sell(shop, "a", "2026-03-01", status="canceled")
    follow(shop)
    assert told(booked("2026-04-01")) == [
        "1.4.2026 advance 12.55 correction",
        "1.4.2026 sale -12.55 correction",
    ]
    close_to(date(2026, 4, 30))
    Purchase.objects.update(unbooked=True)
    books.keep()
    assert booked("2026-05-01") == []


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
@pytest.mark.parametrize("day", ["2026-03-31", "2026-03-01", "2020-01-01"])
def test_the_database_refuses_entries_on_closed_days(shop, day):
    sell(shop, "a", "2026-03-01")
    follow(shop)
    close_to(date(2026, 3, 31))
    one = Posting.objects.first()
    one.pk, one.day = None, day
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        one.save(force_insert=True)
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        Posting.objects.filter(day="2026-03-01").delete()
    assert Posting.objects.count() == 2


def test_a_purchase_with_closed_entries_keeps_the_rules_it_was_booked_by(shop):
    sell(shop, "a", "2026-03-01", movements=[], delivered_at="2026-03-01T10:00:00.000000Z")
    sell(shop, "b", "2026-04-01", movements=[], delivered_at="2026-04-01T10:00:00.000000Z")
    follow(shop)
    close_to(date(2026, 3, 31))
    settings(shop, vat_basis="cash")
    books.keep()
    assert told(booked()) == ["1.3.2026 sale 12.55", "1.4.2027 sale 12.55"]


@pytest.mark.parametrize(
    "change",
    [
        {"excluded_channels": ("finland",)},
        {"excluded_gateways": ("paytrail",)},
        {"test_channels": ("finland",)},
    ],
)
def test_other_companies_and_test_orders_are_not_in_the_books(shop, change):
    settings(shop, **change)
    sell(shop, "a", "2026-03-01")
    follow(shop)
    assert booked() == []
    assert not books.unbooked()


@pytest.mark.parametrize(
    "change",
    [
        {"excluded_channels": ("finland",)},
        {"excluded_gateways": ("paytrail",)},
        {"excluded_gateways": ("only asked",)},
    ],
)
def test_what_is_left_out_later_leaves_the_books(shop, change):
    sell(shop, "a", "2026-03-01", gateways=["only asked", "paytrail"])
    follow(shop)
    assert booked()
    settings(shop, **change)
    books.keep()
    assert booked() == []


def test_a_gateway_of_money_that_the_register_knew_before_gateways_is_left_out_too(shop):
    sell(shop, "a", "2026-03-01")
    follow(shop)
    Purchase.objects.update(gateways=[])
    settings(shop, excluded_gateways=("paytrail",))
    books.keep()
    assert booked() == []


@pytest.mark.parametrize(
    ("added", "own"),
    [
        ("2026-03-04T10:00:00.000000Z", True),
        # With the order, or as far as a recording says: one sale, paid in two parts.
        ("2026-03-01T09:30:00.000000Z", False),
        (None, False),
    ],
)
def test_a_line_that_was_added_to_a_paid_order_is_taxed_when_its_own_money_comes(shop, added, own):
    more = line("b", gross="25.100", net="20.000", tax_rate="0.1350", added_at=added)
    moved = [movement("x", "12.550", "2026-03-01"), movement("y", "25.100", "2026-03-09")]
    sell(shop, "a", "2026-03-01", lines=[line("a"), more], movements=moved)
    follow(shop)
    rates = {(one.day.day, one.rate) for one in booked() if one.kind is EntryKind.SALE}
    each = {(1, Decimal("0.255")), (9, Decimal("0.135"))}
    assert rates == each if own else rates > each


@pytest.mark.parametrize("change", [{"origin": "bulk_create"}, {"movements": []}])
def test_lines_of_an_import_or_of_an_order_that_nobody_had_paid_were_always_there(shop, change):
    lines = [line("a"), line("b", added_at="2026-03-04T10:00:00.000000Z")]
    paid = {"delivered_at": "2026-03-09T10:00:00.000000Z", "paid_at": "2026-03-09T10:00:00.000000Z"}
    sell(shop, "a", "2026-03-01", lines=lines, **paid | change)
    follow(shop)
    days = [one.day.day for one in booked() if one.kind is EntryKind.SALE]
    assert days == [9]


def test_a_supply_to_a_business_in_another_member_state_is_dated_by_its_invoice(shop):
    sell(
        shop, "a", "2026-03-01", tax_country="EE", vat_id="EE100931558",
        lines=[line("a", net="12.550", tax_rate="0.0000")],
        delivered_at="2026-03-10T10:00:00.000000Z",
        invoices=[{"key": 1, "number": "7", "created_at": "2026-04-02T10:00:00.000000Z"}],
    )  # fmt: skip
    follow(shop)
    assert told(booked()) == [
        "1.3.2026 payment 12.55",
        "1.3.2026 advance 12.55",
        "2.4.2026 sale 12.55",
        "2.4.2026 advance_used 12.55",
    ]


def test_an_order_that_the_shop_deletes_stays_in_the_books(shop):
    key = sell(shop, "a", "2026-03-01")
    follow(shop)
    from jokkerit_plugin.shop.snapshots import Kind

    shop.remove(Kind.ORDER, key)
    follow(shop)
    assert Purchase.objects.get().absent_since
    assert len(booked()) == 2


def test_one_purchase_that_cannot_be_booked_stops_no_other(shop, monkeypatch, caplog):
    sell(shop, "bad", "2026-03-01")
    sell(shop, "good", "2026-03-01")
    real = booking.book

    def book(facts, rules):
        if facts.purchase == Purchase.objects.get(saleor_order=key_of("order bad")).pk:
            raise ZeroDivisionError("Aino Mäkelä")
        return real(facts, rules)

    monkeypatch.setattr(books, "book", book)
    follow(shop)
    assert {one.order_number for one in booked()} == {"2"}
    assert books.unbooked() == 1
    assert "order 1: ZeroDivisionError" in " ".join(summary().problems)
    assert "ZeroDivisionError" in caplog.text
    assert "Aino" not in caplog.text
    monkeypatch.setattr(books, "book", real)
    books.keep()
    assert len(booked()) == 4
    assert "order 1" not in " ".join(summary().problems)


@pytest.mark.parametrize(
    "at",
    ["9999-12-31T23:00:00.000000Z", "9999-11-30T10:00:00.000000Z", "0001-01-01T00:00:00.000000Z",
     "0002-01-01T10:00:00.000000Z"],
)  # fmt: skip
@pytest.mark.parametrize("year_end", ["12-31", "06-30"])
def test_one_payment_with_an_odd_day_does_not_stop_the_books(shop, at, year_end):
    settings(shop, financial_year_end=year_end)
    sell(shop, "odd", "2026-03-01", movements=[movement("odd", "12.550", at)])
    sell(shop, "good", "2026-03-02")
    follow(shop)
    assert {one.order_number for one in booked()} == {"2"}
    assert f"order 1: A moment lies in the year {int(at[:4])}" in " ".join(summary().problems)
    sell(shop, "odd", "2026-03-01")
    follow(shop)
    assert not books.unbooked()


def test_what_the_database_refuses_of_one_purchase_stops_no_other(shop, monkeypatch):
    sell(shop, "bad", "2026-03-01")
    sell(shop, "good", "2026-03-01")
    real = booking.book

    def book(facts, rules):
        found = real(facts, rules)
        bad = facts.purchase == Purchase.objects.get(saleor_order=key_of("order bad")).pk
        return [replace(one, cause=81 * "x") for one in found] if bad else found

    monkeypatch.setattr(books, "book", book)
    follow(shop)
    assert {one.order_number for one in booked()} == {"2"}
    assert "order 1: DataError 22001" in " ".join(summary().problems)


def test_a_change_that_is_none_for_the_books_writes_nothing(shop):
    sell(shop, "a", "2026-03-01")
    follow(shop)
    before = list(Posting.objects.values_list("pk", flat=True))
    sell(shop, "a", "2026-03-01", email="toinen@example.com")
    follow(shop)
    assert list(Posting.objects.values_list("pk", flat=True)) == before


def test_while_the_plugin_rests_nothing_is_booked(shop):
    sell(shop, "a", "2026-03-01")
    follow(shop)
    Purchase.objects.update(unbooked=True)
    settings(shop, active=False)
    assert books.keep() == 0


@pytest.mark.parametrize("currency", ["JPY", "KWD", "XXQ"])
def test_currencies_of_other_decimals_and_unknown_ones(shop, currency):
    amounts = {"JPY": ("1001", "910"), "KWD": ("1.001", "0.953"), "XXQ": ("1.005", "1.000")}
    gross, net = amounts[currency]
    moved = [movement("a", gross, "2026-03-01", currency=currency)]
    sell(shop, "a", "2026-03-01", lines=[line("a", net=net, gross=gross, tax_rate="0.1000")],
         movements=moved, currency=currency, tax_country="JP")  # fmt: skip
    follow(shop)
    [sale] = [one for one in booked() if one.kind is EntryKind.SALE]
    assert (sale.currency, sale.gross, sale.net) == (currency, Decimal(gross), Decimal(net))


def test_the_last_second_of_a_month_in_helsinki(shop):
    moved = [movement("a", "12.400", "2024-08-31T20:59:59.000000Z")]
    tax = [line("a", net="10.000", gross="12.400", tax_rate="0.2400")]
    sell(shop, "a", "2024-08-31", lines=tax, movements=moved,
         delivered_at="2024-09-02T08:00:00.000000Z")  # fmt: skip
    moved = [movement("b", "12.550", "2024-08-31T21:00:00.000000Z")]
    sell(shop, "b", "2024-08-31", movements=moved)
    follow(shop)
    assert told(booked()) == [
        "31.8.2024 payment 12.4",
        "31.8.2024 sale 12.4",
        "1.9.2024 payment 12.55",
        "1.9.2024 sale 12.55",
    ]


def test_a_series_that_is_renamed_goes_on_and_old_numbers_stay(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-03-01")
    follow(shop)
    settings(shop, voucher_prefix="VK")
    sell(shop, "b", "2026-03-02")
    sell(shop, "a", "2026-03-01", email="toinen@example.com")
    follow(shop)
    assert {one.voucher for one in booked()} == {"MYY-2026-000001", "VK-2026-000001"}
    assert VoucherSeries.objects.count() == 2


def test_new_settings_are_followed_in_ranges_and_go_on_where_they_stopped(shop, monkeypatch):
    for name in "abcde":
        sell(shop, name, "2026-03-01", movements=[], delivered_at="2026-03-01T10:00:00.000000Z")
    follow(shop)
    monkeypatch.setattr(books, "MARKED", 2)
    settings(shop, vat_basis="cash")
    real, calls = books._mark, []

    def killed(after):
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(after)
        return real(after)

    monkeypatch.setattr(books, "_mark", killed)
    with pytest.raises(KeyboardInterrupt):
        books.keep()
    assert books.unbooked() == 2
    monkeypatch.setattr(books, "_mark", real)
    assert books.keep() == 5
    assert {one.day for one in booked()} == {date(2027, 3, 1)}
    assert books.keep() == 0


def test_a_worker_with_old_settings_books_nothing_more(shop):
    sell(shop, "a", "2026-03-01", movements=[], delivered_at="2026-03-01T10:00:00.000000Z")
    follow(shop)
    old = books._follow_settings(shop.port.settings)
    settings(shop, vat_basis="cash")
    books._follow_settings(shop.port.settings)
    assert books._batch(replace(shop.port.settings, vat_basis="invoice"), old, []) == 0
    assert books.unbooked() == 1


def test_a_changed_financial_year_keeps_the_numbers_that_were_given(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    sell(shop, "a", "2026-03-01")
    follow(shop)
    settings(shop, financial_year_end="06-30", financial_year_changes=(date(2025, 12, 31),))
    sell(shop, "a", "2026-03-01", email="toinen@example.com")
    sell(shop, "b", "2026-03-02")
    sell(shop, "c", "2026-07-02")
    follow(shop)
    assert {one.voucher for one in booked()} == {
        "MYY-2026-000001", "MYY-2026-0630-000001", "MYY-2027-000001",
    }  # fmt: skip
    assert not Voucher.objects.exclude(voided_at=None).exists()


def test_what_comes_before_vouchers_begin_gets_none_though_its_purchase_has_one(shop):
    settings(shop, voucher_start=date(2026, 3, 1))
    halves = [movement("a", "6.000", "2026-02-27"), movement("b", "6.550", "2026-03-02")]
    sell(shop, "a", "2026-02-27", movements=halves)
    follow(shop)
    assert {(one.day.month, one.voucher) for one in booked()} == {(2, ""), (3, "MYY-2026-000001")}
    settings(shop, voucher_start=date(2026, 4, 1))
    books.keep()
    assert {(one.day.month, one.voucher) for one in booked()} == {(2, ""), (3, "MYY-2026-000001")}


def test_a_year_that_is_cut_in_two_keeps_the_vouchers_that_were_numbered_in_it(shop):
    settings(shop, voucher_start=date(2026, 1, 1))
    halves = [movement("p", "6.000", "2026-03-01"), movement("q", "6.550", "2026-08-01")]
    sell(shop, "a", "2026-03-01", movements=halves[:1])
    follow(shop)
    settings(shop, financial_year_changes=(date(2026, 6, 30), date(2026, 12, 31)))
    sell(shop, "a", "2026-03-01", movements=halves)
    sell(shop, "b", "2026-08-02")
    follow(shop)
    assert not books.unbooked()
    assert {(one.day.month, one.voucher) for one in booked()} == {
        (3, "MYY-2026-000001"), (8, "MYY-2026-000001"), (8, "MYY-2026-000002"),
    }  # fmt: skip
    assert not Voucher.objects.exclude(voided_at=None).exists()


def test_a_channel_that_is_left_out_later_does_not_turn_closed_sales_back(shop):
    sell(shop, "closed", "2026-03-01")
    sell(shop, "open", "2026-04-01")
    follow(shop)
    close_to(date(2026, 3, 31))
    settings(shop, excluded_channels=("finland",))
    books.keep()
    assert told(booked()) == ["1.3.2026 payment 12.55", "1.3.2026 sale 12.55"]


def test_a_refund_of_an_imported_order_stays_on_its_own_day(shop):
    sell(
        shop, "a", "2026-01-05", origin="bulk_create", paid_at="2026-01-05T09:00:00.000000Z",
        movements=[movement("p", "12.550", "2026-01-20"),
                   movement("r", "12.550", "2026-04-02", "refund")],
    )  # fmt: skip
    follow(shop)
    assert told(booked()) == [
        "5.1.2026 payment 12.55",
        "5.1.2026 sale 12.55",
        "2.4.2026 payback -12.55",
        "2.4.2026 refund -12.55",
    ]


def test_money_in_another_currency_is_left_out_and_listed(shop):
    moved = [movement("p", "12.550", "2026-03-01", currency="USD")]
    sell(shop, "a", "2026-03-01", movements=moved, delivered_at="2026-03-02T10:00:00.000000Z")
    follow(shop)
    assert told(booked()) == ["2.3.2026 sale 12.55 currency"]
