"""The VAT report, the month's report, open purchases, and who may read them."""

from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from jokkerit_plugin.access import guard
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting import close, periods, receivables, tieout, vat
from jokkerit_plugin.models import AccessEntry, Closing, Customer
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.vat import Cause
from jokkerit_plugin.shop.accounts import CannotTell
from tests.bookkeeping import ACCOUNTANT, admit, booked, follow, movement, sell
from tests.paper_shop import key_of, line
from tests.standing import standing

pytestmark = pytest.mark.django_db
D = Decimal
_number = count()

MAINTAINER = Actor("user:4", frozenset({Permission.VIEW_SITE_LOG}))
MARCH = periods.month("2026-03")


@pytest.fixture(autouse=True)
def signed(db):
    admit(MAINTAINER)


def at(gross: str, net: str, rate: str | None, **changes):
    return line(f"line {next(_number)}", gross=gross, net=net, tax_rate=rate, **changes)


def furnished(shop, monkeypatch):
    """A month of sales to every kind of country, with a credit and a gift card."""
    sell(shop, "fi", "2026-03-01", lines=[
        at("125.50", "100.00", "0.2550"), at("113.50", "100.00", "0.1350"),
        at("11.00", "10.00", "0.1000"),
    ])  # fmt: skip
    sell(shop, "old rate", "2026-03-02", lines=[at("124.00", "100.00", "0.2400")])
    sell(shop, "odd", "2026-03-02", lines=[at("12.00", "10.00", "0.2000")])
    sell(shop, "ax", "2026-03-03", tax_country="AX", lines=[at("50.00", "50.00", "0.0000")])
    sell(shop, "no", "2026-03-03", tax_country="NO", lines=[at("70.00", "70.00", "0.0000")])
    sell(shop, "de", "2026-03-04", tax_country="DE", lines=[at("119.00", "100.00", "0.1900")])
    sell(shop, "ee", "2026-03-04", tax_country="EE", vat_id="EE100931558", tax_exempt=True,
         delivered_at="2026-03-05T10:00:00.000000Z",
         invoices=[{"key": 1, "number": "1", "created_at": "2026-03-06T10:00:00.000000Z"}],
         lines=[at("30.00", "30.00", "0.0000")])  # fmt: skip
    sell(shop, "se", "2026-03-05", currency="SEK", tax_country="SE", lines=[
        at("125.00", "100.00", "0.2500")], movements=[
        movement("se", "125.000", "2026-03-05", currency="SEK")])  # fmt: skip
    sell(shop, "card", "2026-03-06",
         lines=[at("50.00", "50.00", "0.0000", is_gift_card=True)])  # fmt: skip
    back = [movement("a", "12.550", "2026-02-27"), movement("b", "12.550", "2026-03-07", "refund")]
    sell(shop, "back", "2026-02-27", movements=back)
    follow(shop)
    return shop


trade = standing(__name__, furnished)


@pytest.mark.promise("P-KEEP-BOOKKEEPING", "P-ACCESS-ACCOUNTING")
def test_boxes_and_lines_of_a_month(trade):
    found = vat.report(MARCH, actor=ACCOUNTANT)
    assert found.boxes == {
        "301": D("46.95"), "302": D("13.50"), "303": D("1.00"), "309": D("120.00"),
        "311": D("30.00"),
    }  # fmt: skip
    assert [(one.country, one.rate, one.vat) for one in found.oss] == [
        ("DE", D("0.1900"), D("19.00"))
    ]
    assert [(one.currency, one.country, one.vat) for one in found.apart] == [
        ("SEK", "SE", D("25.00"))
    ]
    assert [(one.rate, one.vat) for one in found.unboxed] == [(D("0.2000"), D("2.00"))]
    assert found.findings == {Cause.RATE: 2}
    assert (found.gift_cards_unset, found.gift_card_debt) == (True, {"EUR": D("50.00")})
    assert found.unbooked == 0


def test_months_add_up_to_their_quarter(trade):
    months = [vat.report(periods.month(f"2026-0{n}"), actor=ACCOUNTANT) for n in (1, 2, 3)]
    quarter = vat.report(periods.quarter("2026-Q1"), actor=ACCOUNTANT)
    for box in vat.BOXES:
        assert quarter.boxes[box] == sum(month.boxes[box] for month in months)
    assert months[1].boxes["301"] == D("2.55")


def test_what_a_person_should_look_at_names_the_order(trade):
    found = vat.findings(MARCH, actor=ACCOUNTANT)
    assert [(one.cause, one.order_number, one.rate) for one in found] == [
        (Cause.RATE, "2", D("0.2400")),
        (Cause.RATE, "3", D("0.2000")),
    ]


def test_what_a_business_abroad_paid_and_never_got_is_in_the_month_s_report(shop):
    def order(**changes):
        sell(shop, "ee", "2026-03-04", tax_country="EE", vat_id="EE100931558", tax_exempt=True,
             lines=[line("ee", gross="30.000", net="30.000", tax_rate="0.0000")],
             movements=[movement("ee", "30.000", "2026-03-04")], **changes)  # fmt: skip
        follow(shop)

    order()
    report = close.report("2026-03", actor=ACCOUNTANT)
    assert report.vat.findings == {Cause.ADVANCE: 1}
    [one] = vat.findings(MARCH, actor=ACCOUNTANT)
    assert (one.cause, one.order_number, one.gross) == (Cause.ADVANCE, "1", D("30.00"))
    Closing.objects.create(
        first="2026-03-01", last="2026-03-31", closed_by="user:1", figures={}, entries=0, digest="",
    )  # fmt: skip
    order(delivered_at="2026-04-05T10:00:00.000000Z")
    told = [(one.day.month, one.kind.value, one.cause) for one in booked()]
    assert sorted(told) == [
        (3, "advance", "advance"), (3, "payment", ""), (5, "advance_used", ""), (5, "sale", ""),
    ]  # fmt: skip


def test_a_chosen_gift_card_setting_is_not_reported_as_unset(trade):
    trade.port.settings = replace(trade.port.settings, gift_cards="multi")
    assert not vat.report(MARCH, actor=ACCOUNTANT).gift_cards_unset


def test_receipts_by_gateway_and_day(trade):
    found = close.report("2026-03", actor=ACCOUNTANT).receipts
    assert [
        (one.day.day, one.gateway, one.currency, one.payments, one.paybacks) for one in found
    ] == [
        (1, "paytrail", "EUR", D("250.00"), D(0)),
        (2, "paytrail", "EUR", D("136.00"), D(0)),
        (3, "paytrail", "EUR", D("120.00"), D(0)),
        (4, "paytrail", "EUR", D("149.00"), D(0)),
        (5, "paytrail", "SEK", D("125.00"), D(0)),
        (6, "paytrail", "EUR", D("50.00"), D(0)),
        (7, "paytrail", "EUR", D(0), D("-12.55")),
    ]


def test_open_purchases_at_the_end_of_a_day(shop):
    sell(shop, "even", "2026-03-01")
    sell(shop, "sent", "2026-03-02", movements=[], delivered_at="2026-03-03T10:00:00.000000Z")
    sell(shop, "cancelled", "2026-03-04", status="canceled")
    follow(shop)
    found = receivables.open_items(MARCH.last, actor=ACCOUNTANT)
    assert [(one.order_number, one.receivable, one.advance, one.since.day) for one in found] == [
        ("2", D("12.55"), D(0), 3),
        ("3", D(0), D("12.55"), 4),
    ]
    [total] = close.report("2026-03", actor=ACCOUNTANT).open
    assert (total.receivable, total.advance, total.purchases) == (D("12.55"), D("12.55"), 2)
    assert receivables.open_items(periods.month("2026-02").last, actor=ACCOUNTANT) == []


READS = {
    "VAT report": lambda actor: vat.report(MARCH, actor=actor),
    "VAT findings": lambda actor: vat.findings(MARCH, actor=actor),
    "month report": lambda actor: close.report("2026-03", actor=actor),
    "close month": lambda actor: close.close("2026-03", actor=actor),
    "tie-out": lambda actor: tieout.run(MARCH, actor=actor),
    "open purchases": lambda actor: receivables.open_items(MARCH.last, actor=actor),
}


@pytest.mark.promise("P-PURPOSE-BOUND", "P-AGREEMENT", breaks=True)
@pytest.mark.parametrize("act", READS)
@pytest.mark.parametrize("key", ["user:4", "user:8", "user:9"])
def test_every_reading_goes_through_the_guard(trade, act, key):
    accounting = frozenset({Permission.VIEW_ACCOUNTING})
    actors = {
        "user:4": MAINTAINER,
        "user:8": Actor("user:8", accounting),
        "user:9": Actor("user:9", frozenset()),
    }
    with pytest.raises(guard.Refused):
        READS[act](actors[key])
    refused = AccessEntry.objects.get()
    assert (refused.actor, refused.act, refused.outcome) == (key, act, "refused")


def test_a_reading_is_logged_with_exactly_whose_purchases_it_showed(trade):
    sell(trade, "other", "2026-04-01", email="eino@example.com")
    follow(trade)
    vat.report(MARCH, actor=ACCOUNTANT)
    entry = AccessEntry.objects.get()
    aino = Customer.objects.get(guest_email="aino@example.com").pk
    assert (entry.purpose, entry.categories, entry.count) == ("bookkeeping", "purchase", 1)
    assert entry.subjects == f"{{[{aino},{aino + 1})}}"


def test_a_recorded_shop_says_that_it_cannot_be_compared_with(trade):
    with pytest.raises(CannotTell):
        tieout.run(MARCH, actor=ACCOUNTANT)


def test_the_sum_of_the_entries_is_the_sum_of_the_purchases(trade):
    kinds = {"sale", "shipping", "gift_card_sold"}
    sold = sum(one.gross for one in booked() if one.kind in kinds and one.currency == "EUR")
    assert sold == D("250.00") + 124 + 12 + 50 + 70 + 119 + 30 + 50 + D("12.55")


def test_oss_credits_of_an_earlier_quarter_are_told_by_quarter_country_and_rate(shop):
    def german(name, day, *more):
        paid = movement(name, "119.000", day)
        sell(shop, name, day, tax_country="DE", movements=[paid, *more],
             lines=[at("119.00", "100.00", "0.1900")])  # fmt: skip

    german("before", "2025-12-30", movement("x", "11.900", "2026-03-07", "refund"))
    german("now", "2026-01-10", movement("y", "23.800", "2026-03-08", "refund"))
    follow(shop)
    found = vat.read(periods.quarter("2026-Q1"))
    assert [(one.country, one.vat) for one in found.oss] == [("DE", D("15.20"))]
    [one] = found.oss_corrections
    assert (one.quarter, one.country, one.rate) == ("2025-Q4", "DE", D("0.19"))
    assert (one.net, one.vat) == (D("-10.00"), D("-1.90"))
    assert sum(one.vat for one in found.lines) == D("13.30")
    assert vat.read(periods.quarter("2025-Q4")).oss_corrections == ()


def test_a_credit_of_a_sale_in_two_quarters_corrects_each(shop):
    parts = [movement("a", "59.500", "2025-11-03"), movement("b", "59.500", "2026-01-03"),
             movement("c", "119.000", "2026-04-03", "refund")]  # fmt: skip
    sell(shop, "de", "2025-11-03", tax_country="DE", movements=parts,
         lines=[at("119.00", "100.00", "0.1900")])  # fmt: skip
    follow(shop)
    found = vat.read(periods.month("2026-04"))
    assert found.oss == ()
    assert [(one.quarter, one.net, one.gross) for one in found.oss_corrections] == [
        ("2025-Q4", D("-50.00"), D("-59.50")), ("2026-Q1", D("-50.00"), D("-59.50")),
    ]  # fmt: skip


def test_a_correction_of_a_closed_quarter_is_one_of_its_oss_return(shop):
    sell(shop, "de", "2026-03-03", tax_country="DE", lines=[at("119.00", "100.00", "0.1900")])
    follow(shop)
    Closing.objects.create(
        first=MARCH.first, last=MARCH.last, closed_by="user:1", figures={}, entries=0, digest=""
    )
    sell(shop, "de", "2026-03-03", status="canceled")
    follow(shop)
    found = vat.read(periods.month("2026-04"))
    assert found.oss == ()
    assert [(one.quarter, one.vat) for one in found.oss_corrections] == [("2026-Q1", D("-19.00"))]


def test_money_in_another_currency_is_a_finding_though_nothing_is_booked(shop):
    strange = [movement("a", "140.000", "2026-03-05", currency="SEK")]
    sell(shop, "a", "2026-03-05", movements=strange)
    sell(
        shop,
        "other",
        "2026-02-05",
        movements=[movement("b", "1.000", "2026-02-05", currency="SEK")],
    )
    follow(shop)
    assert booked() == []
    found = vat.findings(MARCH, actor=ACCOUNTANT)
    assert [(one.cause, one.order_number, one.currency, one.gross) for one in found] == [
        (Cause.CURRENCY, "1", "SEK", D("140.000"))
    ]
    assert vat.read(MARCH).findings == {Cause.CURRENCY: 1}
    shop.port.settings = replace(shop.port.settings, excluded_gateways=("paytrail",))
    assert vat.findings(MARCH, actor=ACCOUNTANT) == []


def test_money_in_another_currency_that_an_entry_tells_of_is_told_once(shop):
    paid = [
        movement("a", "12.550", "2026-03-05"),
        movement("b", "9.000", "2026-03-06", currency="SEK"),
    ]
    sell(shop, "a", "2026-03-05", movements=paid)
    follow(shop)
    assert vat.read(MARCH).findings == {Cause.CURRENCY: 1}


def piece(name: str, at: str, status: str = "fulfilled", quantity: int = 1) -> dict:
    return {
        "key": next(_number), "line": str(key_of(f"line {name}")), "status": status,
        "quantity": quantity, "at": f"{at}T10:00:00.000000Z",
    }  # fmt: skip


TWO_AND_FREIGHT = {
    "lines": [line("u", gross="25.10", net="20.00", quantity=2), line("v", gross="12.55")],
    "shipping_net": "3.000", "shipping_gross": "3.765", "shipping_tax_rate": "0.2550",
    "movements": [movement("u", "41.415", "2026-03-05")],
}  # fmt: skip


PAID_BACK = [
    *TWO_AND_FREIGHT["movements"], movement("r", "12.550", "2026-03-07", "refund"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("33.00", "41.42", 1)),
        ({"movements": []}, None),
        ({"delivered_at": "2026-03-31T20:59:59.000000Z"}, None),
        ({"delivered_at": "2026-03-31T21:00:00.000000Z"}, ("33.00", "41.42", 1)),
        ({"deliveries": [piece("u", "2026-03-06")]}, ("22.00", "27.61", 1)),
        ({"deliveries": [piece("u", "2026-04-01")]}, ("33.00", "41.42", 1)),
        # Refunded and never sent; sent and come back, refunded or not.
        (
            {"deliveries": [piece("v", "2026-03-07", "refunded")], "movements": PAID_BACK},
            ("23.00", "28.87", 1),
        ),
        (
            {"deliveries": [piece("v", "2026-03-07", "returned")], "movements": PAID_BACK},
            ("23.00", "28.87", 1),
        ),
        ({"deliveries": [piece("v", "2026-03-07", "returned")]}, ("23.00", "28.87", 1)),
    ],
)  # fmt: skip
def test_what_is_paid_and_not_delivered_at_the_end_of_the_month(shop, changes, expected):
    sell(shop, "a", "2026-03-05", **TWO_AND_FREIGHT | changes)
    sell(shop, "sent", "2026-03-05", delivered_at="2026-03-06T10:00:00.000000Z")
    follow(shop)
    found = close.report("2026-03", actor=ACCOUNTANT).undelivered
    told = [(str(one.net), str(one.gross), one.purchases) for one in found]
    assert told == ([expected] if expected else [])
    assert {one.currency for one in found} <= {"EUR"}
