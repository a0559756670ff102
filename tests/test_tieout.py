"""The comparison with a shop's own tables: alike to the cent, or each difference with its cause."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from jokkerit_plugin.accounting import periods, tieout
from jokkerit_plugin.accounting.differences import Reason
from jokkerit_plugin.models import AccessEntry, Closing, Posting, Purchase
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import inbox
from jokkerit_plugin.shop.accounts import ShopAccounts, ShopCredit, ShopMoney, ShopSale
from jokkerit_plugin.shop.snapshots import GIFT_CARD_GATEWAY, Kind
from tests.bookkeeping import ACCOUNTANT, admit, follow, movement, sell
from tests.erasing import erase
from tests.paper_shop import key_of, line

pytestmark = pytest.mark.django_db
D = Decimal
MARCH = periods.month("2026-03")


@pytest.fixture
def compare(shop, monkeypatch):
    """Compare March with these sales and this money: name, amounts and what differs from usual."""

    def accounts(*names: str, sales=None, money=None, refunds=()):
        usual = [sale(name) for name in names]
        moved = [paid(name) for name in names]
        sold = sorted(usual if sales is None else sales, key=lambda one: one.order)
        came = sorted(moved if money is None else money, key=lambda one: one.order)
        back = sorted(refunds, key=lambda one: one.order)
        told = ShopAccounts(iter(sold), iter(came), iter(back))
        monkeypatch.setattr(shop.port, "accounts", lambda start, end, config: told, raising=True)
        return tieout.compare(MARCH)

    return accounts


def sale(name: str, **changes) -> ShopSale:
    number = Purchase.objects.filter(saleor_order=key_of(f"order {name}")).values_list("number")
    base = ShopSale(
        key_of(f"order {name}"), number[0][0] if number else "99", "EUR", "FI", D("0.2550"),
        D("10.000"), D("12.550"),
    )  # fmt: skip
    return replace(base, **changes)


def paid(name: str, **changes) -> ShopMoney:
    one = sale(name)
    return replace(ShopMoney(one.order, one.number, "EUR", "paytrail", D("12.550")), **changes)


def causes(found) -> list[tuple[str, str, Reason]]:
    return sorted((one.order_number, one.what, one.reason) for one in found.differences)


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_books_and_shop_that_are_alike_tie_out(shop, compare):
    for name in "abc":
        sell(shop, name, "2026-03-05")
    sell(shop, "other month", "2026-04-01")
    follow(shop)
    found = compare("a", "b", "c")
    assert found.exact
    assert found.explained
    assert found.orders == 3
    assert [(one.what, one.books_gross, one.shop_gross) for one in found.totals] == [
        ("money", D("37.65"), D("37.65")),
        ("sales", D("37.65"), D("37.65")),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"gross": D("12.560")},
        {"net": D("10.010")},
        {"rate": D("0.2400")},
        {"rate": None},
        {"country": "SE"},
        {"currency": "SEK"},
    ],
)
def test_one_cent_rate_or_country_is_a_difference(shop, compare, change):
    sell(shop, "a", "2026-03-05")
    sell(shop, "b", "2026-03-05")
    follow(shop)
    found = compare("a", "b", sales=[sale("a", **change), sale("b")])
    assert causes(found) == [("1", "sales", Reason.UNKNOWN)]
    assert not found.explained


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount": D("12.540")}, [Reason.UNKNOWN]),
        ({"gateway": "stripe"}, [Reason.UNKNOWN]),
        ({"gateway": GIFT_CARD_GATEWAY}, [Reason.UNKNOWN]),
    ],
)
def test_money_is_compared_by_gateway(shop, compare, change, expected):
    sell(shop, "a", "2026-03-05")
    follow(shop)
    found = compare("a", money=[paid("a", **change)])
    assert [one.reason for one in found.differences] == expected


def test_the_shop_s_own_gift_cards_move_no_money(shop, compare):
    moved = [movement("a", "12.550", "2026-03-05", gateway=GIFT_CARD_GATEWAY)]
    sell(shop, "a", "2026-03-05", movements=moved)
    follow(shop)
    assert compare("a", money=[paid("a", gateway=GIFT_CARD_GATEWAY)]).exact


def test_an_order_that_the_register_lacks_is_missing(shop, compare):
    sell(shop, "a", "2026-03-05")
    follow(shop)
    strange = replace(sale("a"), order=uuid4(), number="77")
    found = compare("a", sales=[sale("a"), strange])
    assert causes(found) == [("77", "sales", Reason.MISSING)]


def test_an_order_that_is_paid_in_two_months_is_explained_if_its_whole_fits(shop, compare):
    halves = [movement("a", "6.000", "2026-03-30"), movement("b", "6.550", "2026-04-02")]
    sell(shop, "a", "2026-03-30", movements=halves)
    follow(shop)
    found = compare("a", money=[paid("a", amount=D("6.000"))])
    assert causes(found) == [("1", "sales", Reason.PARTS)]
    assert found.explained
    assert not found.exact
    [difference] = found.differences
    assert (difference.books_gross, difference.shop_gross) == (D("6.00"), D("12.55"))
    wrong = compare(sales=[sale("a", gross=D("12.560"))], money=[paid("a", amount=D("6.000"))])
    assert causes(wrong) == [("1", "sales", Reason.UNKNOWN)]


def test_what_waits_is_named_before_any_other_cause(shop, compare):
    sell(shop, "a", "2026-03-05")
    follow(shop)
    inbox.note(Kind.ORDER, [key_of("order a")])
    found = compare(sales=[sale("a", gross=D("1.000"))], money=[paid("a")])
    assert causes(found) == [("1", "sales", Reason.WAITING)]


def test_whose_orders_differ_is_logged_though_they_have_no_entry_in_the_period(
    shop, compare, monkeypatch
):
    admit()
    sell(shop, "a", "2026-03-05")
    sell(shop, "b", "2026-04-02", email="eino@example.com")
    follow(shop)
    found = compare(sales=[sale("a"), sale("b")], money=[paid("a")])
    monkeypatch.setattr(tieout, "compare", lambda period: found)
    tieout.run(MARCH, actor=ACCOUNTANT)
    assert AccessEntry.objects.get(act="tie-out").count == 2


def test_an_order_that_the_shop_deleted_stays_in_the_books(shop, compare):
    key = sell(shop, "a", "2026-03-05")
    follow(shop)
    shop.remove(Kind.ORDER, key)
    follow(shop)
    found = compare(sales=[], money=[])
    assert causes(found) == [("1", "money", Reason.DELETED), ("1", "sales", Reason.DELETED)]
    assert found.explained


def test_a_correction_of_a_closed_month_is_explained_by_it(shop, compare):
    sell(shop, "a", "2026-02-27")
    follow(shop)
    Closing.objects.create(
        first=date(2026, 2, 1), last=date(2026, 2, 28), closed_by="user:1", figures={}, entries=0,
        digest="",
    )  # fmt: skip
    sell(shop, "a", "2026-02-27", status="canceled")
    follow(shop)
    assert Posting.objects.filter(cause="correction").exists()
    found = compare(sales=[], money=[])
    assert causes(found) == [("1", "sales", Reason.CORRECTED)]


def test_a_correction_of_sales_or_of_an_earlier_period_explains_no_money(shop, compare):
    sell(shop, "a", "2026-02-27")
    follow(shop)
    Closing.objects.create(
        first=date(2026, 2, 1), last=date(2026, 2, 28), closed_by="user:1", figures={}, entries=0,
        digest="",
    )  # fmt: skip
    more = [movement("a", "12.550", "2026-02-27"), movement("b", "2.000", "2026-03-05")]
    sell(shop, "a", "2026-02-27", movements=more, lines=[line("line a", gross="14.55")])
    follow(shop)
    assert Posting.objects.filter(cause="correction", kind="sale").exists()
    found = compare(sales=[], money=[paid("a", amount=D("3.000"))])
    assert ("1", "money", Reason.UNKNOWN) in causes(found)


def test_what_is_neither_paid_nor_delivered_is_not_due_yet(shop, compare):
    sell(shop, "a", "2026-03-30", movements=[movement("a", "6.000", "2026-03-30")])
    follow(shop)
    found = compare("a", money=[paid("a", amount=D("6.000"))])
    assert causes(found) == [("1", "sales", Reason.NOT_YET)]
    assert found.explained


def test_a_sale_on_a_day_that_the_shop_does_not_know_is_never_explained_away(shop, compare):
    sell(shop, "a", "2026-04-02")
    sell(shop, "b", "2026-03-05")
    follow(shop)
    found = compare(sales=[sale("a")], money=[paid("b")])
    assert causes(found) == [("1", "sales", Reason.UNKNOWN), ("2", "sales", Reason.UNKNOWN)]


def test_a_sale_of_a_closed_month_that_was_found_late_is_explained(shop, compare):
    Closing.objects.create(
        first=date(2026, 3, 1), last=date(2026, 3, 31), closed_by="user:1", figures={}, entries=0,
        digest="",
    )  # fmt: skip
    sell(shop, "a", "2026-03-05")
    follow(shop)
    found = compare("a")
    assert causes(found) == [("1", "money", Reason.CORRECTED), ("1", "sales", Reason.CORRECTED)]


def back(name: str, **changes) -> ShopCredit:
    one = sale(name)
    base = ShopCredit(
        one.order, one.number, "EUR", "FI", D("0.2550"), D("-10.000"), D("-12.550")
    )  # fmt: skip
    return replace(base, **changes)


def refunded(shop, *more, **changes) -> None:
    """Sell in February and refund in March."""
    moved = [movement("a", "12.550", "2026-02-05"), *more]
    sell(shop, "a", "2026-02-05", movements=moved, **changes)
    follow(shop)


REFUND = movement("b", "12.550", "2026-03-05", "refund")
GIVEN_BACK = {"amount": D("-12.550")}


def test_refunds_tie_out_by_country_and_rate(shop, compare):
    refunded(shop, REFUND)
    found = compare(sales=[], money=[paid("a", **GIVEN_BACK)], refunds=[back("a")])
    assert found.exact
    assert ("refunds", "EUR", D("-12.55"), D("-12.55")) in [
        (one.what, one.currency, one.books_gross, one.shop_gross) for one in found.totals
    ]


@pytest.mark.parametrize(
    "change", [{"rate": D("0.1350")}, {"net": D("-11.06")}, {"country": "SE"}, {"gross": D("-1")}]
)
def test_a_refund_at_another_rate_or_net_is_a_difference(shop, compare, change):
    refunded(shop, REFUND)
    found = compare(sales=[], money=[paid("a", **GIVEN_BACK)], refunds=[back("a", **change)])
    [one] = [one for one in found.differences if one.what == "refunds"]
    assert one.reason is Reason.UNKNOWN


def test_of_a_refund_that_no_pieces_explain_only_the_sum_is_compared(shop, compare):
    refunded(shop, movement("b", "5.000", "2026-03-05", "refund"))
    money = [paid("a", amount=D("-5.000"))]
    untold = back("a", rate=None, net=None, gross=D("-5.000"))
    found = compare(sales=[], money=money, refunds=[untold])
    assert causes(found) == [("1", "refunds", Reason.NO_PIECES)]
    assert found.explained
    assert found.differences[0].shop_net is None
    wrong = compare(sales=[], money=money, refunds=[replace(untold, gross=D("-5.010"))])
    assert causes(wrong) == [("1", "refunds", Reason.UNKNOWN)]


def test_what_was_paid_too_much_and_given_back_is_no_credit_and_so_explained(shop, compare):
    again = movement("again", "12.550", "2026-02-06")
    refunded(shop, again, REFUND)
    found = compare(sales=[], money=[paid("a", **GIVEN_BACK)], refunds=[back("a")])
    assert causes(found) == [("1", "refunds", Reason.NO_CREDIT)]
    assert found.explained


def test_goods_that_came_back_unpaid_are_a_credit_without_a_refund(shop, compare):
    parcel = {"key": 1, "line": str(key_of("line a")), "status": "returned", "quantity": 1}
    sell(
        shop, "a", "2026-02-05", movements=[], delivered_at="2026-02-06T10:00:00.000000Z",
        deliveries=[parcel | {"at": "2026-03-05T10:00:00.000000Z"}],
    )  # fmt: skip
    follow(shop)
    assert causes(compare(sales=[], money=[])) == [("1", "refunds", Reason.NO_CREDIT)]


def test_a_credit_that_does_not_follow_from_the_money_is_unknown(shop, compare):
    refunded(shop, REFUND)
    Posting.objects.filter(kind="refund")._raw_delete("default")
    found = compare(sales=[], money=[paid("a", **GIVEN_BACK)], refunds=[back("a")])
    assert causes(found) == [("1", "refunds", Reason.UNKNOWN)]
    assert not found.explained


def test_an_order_whose_time_in_the_books_is_over_is_explained(shop, compare):
    sell(shop, "a", "2026-03-05")
    sell(shop, "b", "2026-03-05")
    follow(shop)
    gone = [sale("a"), sale("b")], [paid("a"), paid("b")]
    key = Purchase.objects.get(saleor_order=key_of("order a")).pk
    for part in (Part.DETAIL, Part.IDENTITY, Part.FIGURES):
        erase(part, [key])
    found = compare(sales=gone[0], money=gone[1])
    assert causes(found) == [("1", "money", Reason.ERASED), ("1", "sales", Reason.ERASED)]
    assert found.explained


def card(name: str = "card") -> dict:
    return line(name, is_gift_card=True, net="40.000", gross="50.200", tax_rate="0.2550")


def test_a_single_purpose_card_that_is_given_back_is_a_credit_at_its_rate(shop, compare):
    shop.port.settings = replace(shop.port.settings, gift_cards="single")
    moved = [movement("a", "50.200", "2026-02-05"), movement("b", "50.200", "2026-03-05", "refund")]
    sell(shop, "a", "2026-02-05", lines=[card()], movements=moved)
    follow(shop)
    money, told = [paid("a", amount=D("-50.200"))], {"net": D("-40.000"), "gross": D("-50.200")}
    assert compare(sales=[], money=money, refunds=[back("a", **told)]).exact
    wrong = compare(sales=[], money=money, refunds=[back("a", **told, rate=D("0.1350"))])
    assert causes(wrong) == [("1", "refunds", Reason.UNKNOWN)]


@pytest.mark.parametrize("kept", [GIFT_CARD_GATEWAY, "paytrail"])
def test_money_back_to_a_single_purpose_card_sells_none(shop, compare, kept):
    """Its use took tax off, and what goes back to it puts that on again: no card was sold."""
    shop.port.settings = replace(shop.port.settings, gift_cards="single")
    moved = [
        movement("a", "12.550", "2026-03-05", gateway=GIFT_CARD_GATEWAY),
        movement("b", "12.550", "2026-03-06", "refund", gateway=kept),
    ]
    sell(shop, "a", "2026-03-05", movements=moved)
    follow(shop)
    gave = [paid("a", gateway=kept, amount=D("-12.550"))]
    found = compare("a", money=[paid("a", gateway=GIFT_CARD_GATEWAY), *gave], refunds=[back("a")])
    assert found.exact


def test_of_a_mixed_sale_abroad_on_the_cash_basis_each_part_has_a_tax_point(shop, compare):
    """VAT that was charged to Norway is Finland's, on the cash basis; the rest is an export.

    Delivered in February, paid by halves in March and April: the export is February's, and the
    shop has the other part whole in March.
    """
    shop.port.settings = replace(shop.port.settings, vat_basis="cash")
    taxed = line("taxed")
    free = line("free", net="10.000", gross="10.000", tax_rate="0.0000")
    halves = [movement("a", "11.275", "2026-03-05"), movement("b", "11.275", "2026-04-02")]
    sell(
        shop, "a", "2026-02-01", lines=[taxed, free], movements=halves, tax_country="NO",
        delivered_at="2026-02-10T10:00:00.000000Z", paid_at=None,
    )  # fmt: skip
    follow(shop)
    at_home, money = sale("a", country="NO"), [paid("a", amount=D("11.275"))]
    found = compare(sales=[at_home], money=money)
    assert causes(found) == [("1", "sales", Reason.PARTS)]
    assert found.differences[0].books_gross == D("6.28")
    for change in ({"gross": D("12.560")}, {"rate": D("0.2400")}):
        wrong = compare(sales=[replace(at_home, **change)], money=money)
        assert causes(wrong) == [("1", "sales", Reason.UNKNOWN)]
    # On the invoice basis no part of it may be left out.
    shop.port.settings = replace(shop.port.settings, vat_basis="invoice")
    follow(shop)
    assert ("1", "sales", Reason.UNKNOWN) in causes(compare(sales=[at_home], money=money))
