"""What the books say of a purchase: tax points, refunds, gift cards, advances, as tables."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin.accounting.booked import OWED, Booked, merged
from jokkerit_plugin.accounting.booking import book
from jokkerit_plugin.accounting.entries import EntryKind
from jokkerit_plugin.accounting.facts import Facts, Rules
from jokkerit_plugin.policy.vat import Treatment
from jokkerit_plugin.shop.snapshots import GIFT_CARD_GATEWAY
from tests.purchases import day, facts, money, part, pieces, shipping

K = EntryKind
D = Decimal
INVOICE, CASH = Rules(), Rules(basis="cash")


def told(found: list[Booked], *kinds: EntryKind) -> list[str]:
    """Entries as text: day, kind, gross, VAT and cause."""
    return [
        f"{one.day:%-d.%-m.%Y} {one.kind} {one.gross} {one.gross - one.net} {one.cause}".strip()
        for one in found
        if not kinds or one.kind in kinds
    ]


def sales(of: Facts, rules: Rules = INVOICE) -> list[str]:
    return told(book(of, rules), K.SALE, K.SHIPPING)


TAX_POINTS = {
    "paid, then delivered": (
        {"money": (money("31.8.2024", "124.00"),), "delivered": day("2.9.2024")},
        ["31.8.2024 sale 124.00 24.00"],
    ),
    "delivered, then paid": (
        {"money": (money("3.9.2024", "124.00"),), "delivered": day("31.8.2024")},
        ["31.8.2024 sale 124.00 24.00"],
    ),
    "marked as paid": ({"paid": day("30.8.2024")}, ["30.8.2024 sale 124.00 24.00"]),
    "neither": ({}, []),
    "half is paid, the rest on delivery": (
        {"money": (money("30.8.2024", "62.00"),), "delivered": day("31.8.2024")},
        ["30.8.2024 sale 62.00 12.00", "31.8.2024 sale 62.00 12.00"],
    ),
    "a third is paid": (
        {"money": (money("30.8.2024", "41.33"),)},
        ["30.8.2024 sale 41.33 8.00"],
    ),
    "paid twice": (
        {"money": (money("30.8.2024", "124.00"), money("31.8.2024", "124.00"))},
        ["30.8.2024 sale 124.00 24.00"],
    ),
    "the new rate before its day": (
        {"parts": (part(gross="125.50"),), "money": (money("31.8.2024", "125.50"),)},
        ["31.8.2024 sale 125.50 25.50 rate"],
    ),
    "the old rate after its last day": (
        {"money": (money("1.9.2024", "124.00"),)},
        ["1.9.2024 sale 124.00 24.00 rate"],
    ),
    "no tax at a rate that has one": (
        {"parts": (part(gross="124", net="124", rate="0.255"),), "paid": day("1.10.2024")},
        ["1.10.2024 sale 124 0 zero"],
    ),
    "no rate stored": (
        {"parts": (part(gross="124", net="100", rate=None),), "paid": day("1.8.2024")},
        ["1.8.2024 sale 124 24 rate"],
    ),
}


@pytest.mark.parametrize("case", TAX_POINTS)
def test_tax_is_due_on_delivery_or_on_money_that_comes_before_it(case):
    changes, expected = TAX_POINTS[case]
    parts = changes.get("parts", (part(gross="124.00", rate="0.24"),))
    assert sales(facts(*parts, **{k: v for k, v in changes.items() if k != "parts"})) == expected


LATER = day("5.9.2024")
ADDED = {
    "neither paid nor delivered": ({}, []),
    "paid when it was added": (
        {"money": (money("30.8.2024", "124.00"), money("5.9.2024", "125.50", source="b"))},
        ["5.9.2024 sale 125.50 25.50"],
    ),
    "paid later, in part": (
        {"money": (money("30.8.2024", "124.00"), money("9.9.2024", "62.75", source="b"))},
        ["9.9.2024 sale 62.75 12.75"],
    ),
    "paid before with too much": (
        {"money": (money("30.8.2024", "249.50"),)},
        ["5.9.2024 sale 125.50 25.50"],
    ),
    "delivered": (
        {"pieces": (pieces("7.9.2024", "b"),)},
        ["7.9.2024 sale 125.50 25.50"],
    ),
    "paid outside the shop's records, then inside": (
        {"money": (money("9.9.2024", "125.50", source="b"),)},
        ["9.9.2024 sale 125.50 25.50"],
    ),
}


@pytest.mark.parametrize("case", ADDED)
def test_a_line_that_is_added_to_a_paid_order_has_a_tax_point_of_its_own(case):
    changes, expected = ADDED[case]
    old = part("a", "124.00", "0.24")
    new = replace(part("b", "125.50"), added=LATER)
    base = {"paid": day("30.8.2024"), "money": (money("30.8.2024", "124.00"),)}
    if case.startswith("paid outside"):
        base["money"] = ()
    found = sales(facts(old, new, placed=day("30.8.2024"), **base | changes))
    assert found == ["30.8.2024 sale 124.00 24.00", *expected]


COMMUNITY = {
    "paid in advance, not delivered": ({"money": (money("1.3.2026", "100.00"),)}, []),
    "no invoice": ({"delivered": day("10.3.2026")}, ["15.4.2026 sale 100.00 0.00"]),
    "delivered in December": ({"delivered": day("31.12.2026")}, ["15.1.2027 sale 100.00 0.00"]),
    "invoiced earlier": (
        {"delivered": day("10.3.2026"), "invoiced": (day("20.3.2026"), day("25.3.2026"))},
        ["20.3.2026 sale 100.00 0.00"],
    ),
    "invoiced after the fifteenth": (
        {"delivered": day("10.3.2026"), "invoiced": (day("20.4.2026"),)},
        ["15.4.2026 sale 100.00 0.00"],
    ),
    "invoiced in advance": (
        {"delivered": day("10.3.2026"), "invoiced": (day("1.3.2026"), day("20.3.2026"))},
        ["10.3.2026 sale 100.00 0.00"],
    ),
    "delivered in parts": (
        {"pieces": (pieces("31.3.2026", "a", 1), pieces("1.4.2026", "a", 1))},
        ["15.4.2026 sale 50.00 0.00", "15.5.2026 sale 50.00 0.00"],
    ),
}


@pytest.mark.parametrize("rules", [INVOICE, CASH])
@pytest.mark.parametrize("case", COMMUNITY)
def test_goods_sold_to_a_business_in_another_member_state_wait_for_delivery_and_invoice(
    case, rules
):
    changes, expected = COMMUNITY[case]
    goods = part("a", "100.00", "0", quantity=2)
    of = facts(goods, country="EE", vat_id="EE100931558", **changes)
    found = book(of, rules)
    assert told(found, K.SALE) == expected
    assert {one.treatment for one in found if one.kind is K.SALE} <= {Treatment.REVERSE_CHARGE}
    advances = [one.gross for one in found if one.kind is K.ADVANCE]
    assert advances == ([D("100.00")] if of.money else [])


STANDING = {
    "never delivered": ({}, ["advance"]),
    "delivered in part": ({"pieces": (pieces("2.4.2026", "a", 1),)}, ["advance"]),
    "delivered": ({"delivered": day("2.4.2026")}, [""]),
    "paid back": (
        {"money": (money("1.3.2026", "100.00"), money("2.4.2026", "100.00", "refund"))},
        [""],
    ),
    "to a consumer in part": (
        {"vat_id": "", "money": (money("1.3.2026", "40.00"), money("2.3.2026", "80.00"))},
        [""],
    ),
}


@pytest.mark.parametrize("case", STANDING)
def test_an_advance_for_what_is_never_delivered_to_a_business_abroad_is_told(case):
    """A service would be taxed when it is paid (s. 15); the shop does not say what is one."""
    changes, expected = STANDING[case]
    base = {"country": "EE", "vat_id": "EE100931558", "money": (money("1.3.2026", "100.00"),)}
    found = book(facts(part("a", "100.00", "0", quantity=2), **base | changes), INVOICE)
    assert [one.cause for one in found if one.kind is K.ADVANCE] == expected
    assert {one.cause for one in found if one.kind in {K.PAYMENT, K.ADVANCE_USED}} <= {""}


def test_what_is_delivered_in_parts_is_taxed_in_parts():
    two = (part("a", "24.80", "0.24", quantity=2), part("b", "11.40", "0.14"))
    of = facts(
        *two, shipping("6.20", "0.24"), status="partially fulfilled",
        pieces=(pieces("1.8.2024", "a"), pieces("3.8.2024", "b")),
    )  # fmt: skip
    assert sales(of) == [
        "1.8.2024 sale 12.40 2.40",
        "1.8.2024 shipping 2.12 0.41",
        "3.8.2024 sale 11.40 1.40",
        "3.8.2024 shipping 1.96 0.38",
    ]


def test_what_came_back_was_delivered_when_the_order_says():
    of = facts(
        part(gross="124.00", rate="0.24"), status="returned", delivered=day("5.8.2024"),
        pieces=(pieces("1.9.2024", status="returned"),),
    )  # fmt: skip
    assert sales(of) == ["5.8.2024 sale 124.00 24.00"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"delivered": day("1.3.2026")}, ["1.3.2027 sale 12.55 2.55"]),
        (
            {"delivered": day("1.3.2026"), "money": (money("5.5.2026", "12.55"),)},
            ["5.5.2026 sale 12.55 2.55"],
        ),
        (
            {"delivered": day("29.2.2028"), "money": (money("1.3.2028", "6.00"),)},
            ["1.3.2028 sale 6.00 1.22", "28.2.2029 sale 6.55 1.33"],
        ),
    ],
)
def test_on_the_cash_basis_tax_follows_the_money_for_a_year(changes, expected):
    assert sales(facts(**changes), CASH) == expected


def test_on_the_cash_basis_the_rate_is_that_of_the_delivery():
    of = facts(
        part(gross="124.00", rate="0.24"), delivered=day("20.8.2024"),
        money=(money("20.9.2024", "124.00"),),
    )  # fmt: skip
    assert sales(of, CASH) == ["20.9.2024 sale 124.00 24.00"]


def test_the_cash_basis_is_for_domestic_sales_only():
    of = facts(
        part(rate="0.19", gross="119.00"), country="DE", delivered=day("1.3.2026"),
        money=(money("5.5.2026", "119.00"),),
    )  # fmt: skip
    assert sales(of, CASH) == ["1.3.2026 sale 119.00 19.00"]


@pytest.mark.parametrize("status", ["canceled", "expired", "unconfirmed", "draft"])
def test_what_is_no_sale_leaves_its_money_as_an_advance(status):
    of = facts(status=status, money=(money("1.3.2026", "12.55"),))
    assert told(book(of, INVOICE)) == ["1.3.2026 payment 12.55 0.00", "1.3.2026 advance 12.55 0.00"]


def test_a_cancelled_order_that_was_paid_back_leaves_nothing_open():
    of = facts(
        status="canceled",
        money=(money("1.3.2026", "12.55"), money("4.3.2026", "12.55", "refund")),
    )
    assert told(book(of, INVOICE)) == [
        "1.3.2026 payment 12.55 0.00",
        "4.3.2026 payback -12.55 0.00",
        "1.3.2026 advance 12.55 0.00",
        "4.3.2026 advance_used 12.55 0.00",
    ]


def test_a_test_order_is_nowhere():
    assert book(facts(is_test=True, money=(money("1.3.2026", "12.55"),)), INVOICE) == []


TWO = (part("a", "25.10", quantity=2), part("b", "11.35", "0.135"), shipping("6.00"))
PAID = money("1.3.2026", "42.45")
REFUNDS = {
    "one of two pieces": (
        [money("2.4.2026", "12.55", "refund")],
        [pieces("1.4.2026", "a", status="returned")],
        ["2.4.2026 refund -12.55 -2.55"],
    ),
    "lines of two rates": (
        [money("2.4.2026", "23.90", "refund")],
        [pieces("1.4.2026", "a", status="returned"), pieces("1.4.2026", "b", status="returned")],
        ["2.4.2026 refund -12.55 -2.55", "2.4.2026 refund -11.35 -1.35"],
    ),
    "lines and the shipping": (
        [money("2.4.2026", "17.35", "refund")],
        [pieces("1.4.2026", "b", status="refunded")],
        ["2.4.2026 refund -11.35 -1.35", "2.4.2026 refund -6.00 -1.22"],
    ),
    "less than came back, of both rates alike": (
        [money("2.4.2026", "11.95", "refund")],
        [pieces("1.4.2026", "a", status="returned"), pieces("1.4.2026", "b", status="returned")],
        ["2.4.2026 refund -6.28 -1.28", "2.4.2026 refund -5.67 -0.67"],
    ),
    "everything": (
        [money("2.4.2026", "42.45", "refund")],
        [],
        ["2.4.2026 refund -31.10 -6.32", "2.4.2026 refund -11.35 -1.35"],
    ),
    "no line says why": (
        [money("2.4.2026", "10.00", "refund")],
        [],
        [
            "2.4.2026 refund -7.32 -1.49 proportional",
            "2.4.2026 refund -2.68 -0.32 proportional",
        ],
    ),
    "in two parts, the same lines": (
        [money("2.4.2026", "6.00", "refund", source="x"), money("3.4.2026", "6.55", "refund")],
        [pieces("1.4.2026", "a", status="returned")],
        ["2.4.2026 refund -6.00 -1.22", "3.4.2026 refund -6.55 -1.33"],
    ),
    "taken back": (
        [money("2.4.2026", "12.55", "refund"), money("5.4.2026", "12.55", "refund_reversed")],
        [pieces("1.4.2026", "a", status="returned")],
        ["2.4.2026 refund -12.55 -2.55", "5.4.2026 refund 12.55 2.55"],
    ),
}


@pytest.mark.parametrize("case", REFUNDS)
def test_a_refund_credits_what_came_back_at_its_own_rate(case):
    moved, back, expected = REFUNDS[case]
    of = facts(*TWO, money=(PAID, *moved), pieces=tuple(back))
    assert told(book(of, INVOICE), K.REFUND) == expected


HALF = (part("a", "50.00"), part("b", "50.00", "0.135"))
UNTAXED = {
    "more than was taxed": (
        {"money": (money("1.3.2026", "50.00"), money("2.4.2026", "60.00", "refund"))},
        ["2.4.2026 refund -25.00 -5.08", "2.4.2026 refund -25.00 -2.97"],
    ),
    "a line that came back was taxed in part": (
        {
            "money": (money("1.3.2026", "50.00"), money("2.4.2026", "30.00", "refund")),
            "pieces": (pieces("1.4.2026", "a", status="refunded"),),
        },
        ["2.4.2026 refund -25.00 -5.08 proportional", "2.4.2026 refund -5.00 -0.59 proportional"],
    ),
    "before anything is taxed, and delivered later": (
        {"money": (money("2.4.2026", "60.00", "refund"),), "delivered": day("5.4.2026")},
        ["5.4.2026 refund -30.00 -6.10 proportional", "5.4.2026 refund -30.00 -3.57 proportional"],
    ),
    "what is left of it when the rest is paid": (
        {
            "money": (
                money("1.3.2026", "50.00"), money("2.4.2026", "60.00", "refund"),
                money("3.4.2026", "20.00", source="more"),
            )
        },
        [
            "2.4.2026 refund -25.00 -5.08", "2.4.2026 refund -25.00 -2.97",
            "3.4.2026 refund -5.00 -1.01 proportional", "3.4.2026 refund -5.00 -0.60 proportional",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNTAXED)
def test_of_each_part_no_more_is_credited_than_was_taxed(case):
    changes, expected = UNTAXED[case]
    assert told(book(facts(*HALF, **changes), INVOICE), K.REFUND) == expected


def test_a_second_refund_leaves_the_shipping_that_the_first_gave_back():
    of = facts(
        *TWO, pieces=(pieces("1.4.2026", "b", status="returned"),),
        money=(
            PAID, money("2.4.2026", "17.35", "refund", source="x"),
            money("9.4.2026", "10.00", "refund", source="y"),
        ),
    )  # fmt: skip
    assert told(book(of, INVOICE), K.REFUND) == [
        "2.4.2026 refund -11.35 -1.35",
        "2.4.2026 refund -6.00 -1.22",
        "9.4.2026 refund -10.00 -2.03 proportional",
    ]


def test_money_back_that_was_paid_too_much_is_no_credit():
    too_much = (money("1.3.2026", "20.00"), money("2.3.2026", "7.45", "refund"))
    found = book(facts(money=too_much), INVOICE)
    assert told(found, K.REFUND) == []
    assert told(found, K.ADVANCE, K.ADVANCE_USED) == [
        "1.3.2026 advance 7.45 0.00",
        "2.3.2026 advance_used 7.45 0.00",
    ]


RETURNS = {
    "nothing was paid": (
        {"pieces": (pieces("4.3.2026", "a", 2, "returned"),)},
        ["4.3.2026 refund -25.10 -5.10"],
        "17.35",
    ),
    "paid after the return": (
        {
            "pieces": (pieces("4.3.2026", "a", 2, "returned"),),
            "money": (money("9.3.2026", "42.45"),),
        },
        ["4.3.2026 refund -25.10 -5.10"],
        "0.00",
    ),
    "paid in part by card, all came back": (
        {
            "gift_cards": D("20.00"),
            "money": (money("1.3.2026", "22.45"), money("5.3.2026", "22.45", "refund")),
            "pieces": (
                pieces("4.3.2026", "a", 2, "returned"), pieces("4.3.2026", "b", 1, "returned"),
            ),
        },
        [
            "4.3.2026 refund -9.64 -1.96",
            "4.3.2026 refund -4.36 -0.52",
            "5.3.2026 refund -15.46 -3.14",
            "5.3.2026 refund -6.99 -0.83",
        ],
        "0.00",
    ),
    "what the seller keeps of paid goods is no credit": (
        {
            "money": (money("1.3.2026", "42.45"),),
            "pieces": (pieces("4.3.2026", "a", 2, "returned"),),
        },
        [],
        "0.00",
    ),
    "refunded pieces that never went out": (
        {"pieces": (pieces("4.3.2026", "a", 2, "refunded"),)},
        [],
        "42.45",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RETURNS)
def test_what_came_back_unpaid_is_credited_on_its_day(case):
    changes, expected, open_debt = RETURNS[case]
    found = book(facts(*TWO, delivered=day("2.3.2026"), **changes), INVOICE)
    assert told(found, K.REFUND) == expected
    assert owed(found) == D(open_debt)


def test_on_the_cash_basis_what_came_back_unpaid_is_taxed_and_credited_at_once():
    of = facts(delivered=day("2.3.2026"), pieces=(pieces("4.3.2026", status="returned"),))
    assert told(book(of, CASH)) == [
        "2.3.2027 sale 12.55 2.55",
        "2.3.2027 refund -12.55 -2.55",
    ]


def test_what_is_paid_again_after_a_refund_is_a_sale_again():
    moved = (
        money("1.3.2026", "12.55"), money("2.3.2026", "12.55", "refund"),
        money("4.3.2026", "12.55", source="again"),
    )  # fmt: skip
    found = book(facts(money=moved, delivered=day("5.3.2026")), INVOICE)
    assert told(found) == [
        "1.3.2026 payment 12.55 0.00",
        "1.3.2026 sale 12.55 2.55",
        "2.3.2026 payback -12.55 0.00",
        "2.3.2026 refund -12.55 -2.55",
        "4.3.2026 payment 12.55 0.00",
        "4.3.2026 refund 12.55 2.55",
    ]


def test_paying_the_rest_takes_no_credit_back():
    moved = (
        money("1.3.2026", "10.00"), money("2.3.2026", "5.00", "refund"),
        money("4.3.2026", "2.55", source="rest"),
    )  # fmt: skip
    found = book(facts(money=moved, delivered=day("1.3.2026")), INVOICE)
    assert [one.gross for one in found if one.kind is K.REFUND] == [D("-5.00")]


def test_a_chargeback_opens_the_debt_again_and_credits_nothing():
    of = facts(money=(money("1.3.2026", "12.55"), money("9.3.2026", "12.55", "chargeback")))
    found = book(of, INVOICE)
    assert told(found, K.REFUND) == []
    assert owed(found) == D("12.55")


CARDS = {
    "": ["1.3.2026 sale 12.55 2.55", "1.3.2026 gift_card_used 5.00 0.00"],
    "multi": ["1.3.2026 sale 12.55 2.55", "1.3.2026 gift_card_used 5.00 0.00"],
    "single": ["1.3.2026 sale 12.55 2.55", "1.3.2026 gift_card_taxed -5.00 -1.02"],
}


@pytest.mark.parametrize("setting", CARDS)
@pytest.mark.parametrize("way", ["off the total", "by the gateway"])
def test_a_gift_card_pays_or_takes_back_the_tax_of_its_sale(setting, way):
    paid = money("1.3.2026", "7.55")
    if way == "off the total":
        of = facts(money=(paid,), gift_cards=D("5.00"))
    else:
        of = facts(money=(money("1.3.2026", "5.00", gateway=GIFT_CARD_GATEWAY), paid))
    found = book(of, Rules(gift_cards=setting))
    assert sorted(told(found)) == sorted([*CARDS[setting], "1.3.2026 payment 7.55 0.00"])
    assert owed(found) == 0


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("single", []),
        ("multi", ["1.3.2026 gift_card_used 12.55 0.00", "1.3.2026 advance 12.55 0.00"]),
    ],
)
def test_a_card_that_was_charged_for_a_cancelled_order_takes_no_tax_back(setting, expected):
    charged = money("1.3.2026", "12.55", gateway=GIFT_CARD_GATEWAY)
    of = facts(status="canceled", money=(charged,))
    assert told(book(of, Rules(gift_cards=setting))) == expected


@pytest.mark.parametrize(
    ("setting", "rate", "expected"),
    [
        ("", "0", "gift_card_sold 50.00 0.00"),
        ("multi", "0", "gift_card_sold 50.00 0.00"),
        ("single", "0.255", "gift_card_taxed 50.00 10.16"),
        ("single", "0", "gift_card_taxed 50.00 0.00 gift_card"),
        ("multi", "0.255", "gift_card_taxed 50.00 10.16 gift_card"),
        ("", "0.255", "gift_card_taxed 50.00 10.16 gift_card"),
    ],
)
def test_a_gift_card_is_sold_as_the_setting_says_and_a_contradiction_is_told(
    setting, rate, expected
):
    card = part("card", "50.00", rate, kind=K.GIFT_CARD_SOLD)
    of = facts(card, money=(money("1.3.2026", "50.00"),))
    assert told(book(of, Rules(gift_cards=setting)))[1:] == [f"1.3.2026 {expected}"]


@pytest.mark.parametrize(
    ("currency", "gross", "net", "half", "expected"),
    [
        ("JPY", "1001", "910", "500", ["500 45", "501 46"]),
        ("KWD", "1.001", "0.953", "0.500", ["0.500 0.024", "0.501 0.024"]),
    ],
)
def test_a_share_keeps_the_decimals_of_its_currency(currency, gross, net, half, expected):
    rest = str(D(gross) - D(half))
    of = facts(
        part(gross=gross, net=net, rate="0.1"), currency=currency, country="JP",
        money=(money("1.3.2026", half), money("2.3.2026", rest)),
    )  # fmt: skip
    assert [
        f"{one.gross} {one.gross - one.net}" for one in book(of, INVOICE) if one.kind is K.SALE
    ] == expected


def owed(found: list[Booked]) -> Decimal:
    return sum((OWED[one.kind] * one.gross for one in found), D(0))


amounts = st.integers(1, 50_000).map(lambda cents: D(cents) / 100)
days = st.integers(1, 28).map(lambda number: f"{number}.3.2026")


@st.composite
def purchases(draw) -> Facts:
    parts = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        rate = draw(st.sampled_from(["0.255", "0.135", "0.1", "0"]))
        made = part(name, str(draw(amounts)), rate, quantity=draw(st.integers(1, 4)))
        parts.append(replace(made, added=draw(st.none() | days.map(day))))
    parts.append(shipping(str(draw(amounts))))
    total = sum(one.gross for one in parts)
    kinds = st.sampled_from(["payment", "payment", "refund", "refund_reversed", "chargeback"])
    moved = [
        money(when, str(amount), kind, source=f"m{n}")
        for n, (when, amount, kind) in enumerate(
            draw(st.lists(st.tuples(days, amounts, kinds), max_size=5))
        )
    ]
    statuses = st.sampled_from(["fulfilled", "returned", "refunded", "canceled"])
    went = [
        pieces(when, name, quantity, status)
        for when, name, quantity, status in draw(
            st.lists(
                st.tuples(days, st.sampled_from("abc"), st.integers(1, 4), statuses), max_size=5
            )
        )
    ]
    return facts(
        *parts,
        money=tuple(sorted(moved, key=lambda one: one.day)),
        pieces=tuple(sorted(went, key=lambda one: one.day)),
        delivered=draw(st.none() | days.map(day)),
        paid=draw(st.none() | days.map(day)),
        gift_cards=draw(st.sampled_from([D(0), min(D("5.00"), total)])),
    )


@given(purchases(), st.sampled_from(["invoice", "cash"]), st.sampled_from(["", "single"]))
def test_whatever_happened_the_books_add_up(of, basis, cards):
    found = book(of, Rules(basis=basis, gift_cards=cards))
    sold = [one for one in found if one.kind in {K.SALE, K.SHIPPING}]
    late = [one for one in of.parts if of.paid and one.added and one.added >= of.paid]
    if of.delivered or (of.paid and not late):
        assert sum(one.gross for one in sold) == sum(one.gross for one in of.parts)
        assert sum(one.net for one in sold) == sum(one.net for one in of.parts)
    signs = {"payment": 1, "refund_reversed": 1, "refund": -1, "chargeback": -1}
    moved = sum((signs[one.kind.value] * one.amount for one in of.money), D(0))
    assert moved == sum(one.gross for one in found if one.kind in {K.PAYMENT, K.PAYBACK})
    # To the end of every day nobody owes the buyer what is not named as an advance.
    for upto in {one.day for one in found}:
        past = [one for one in found if one.day <= upto]
        advance = sum(
            one.gross if one.kind is K.ADVANCE else -one.gross
            for one in past
            if one.kind in {K.ADVANCE, K.ADVANCE_USED}
        )
        assert advance >= 0
        assert owed(past) >= 0
        assert not (advance and owed(past))


@given(purchases(), st.sampled_from(["invoice", "cash"]))
def test_by_no_day_is_more_of_a_rate_credited_than_was_taxed(of, basis):
    found = book(of, Rules(basis=basis))
    taxed = [one for one in found if one.kind in {K.SALE, K.SHIPPING, K.REFUND}]
    for upto in {one.day for one in found}:
        for rate in {one.rate for one in taxed}:
            past = [one for one in taxed if one.day <= upto and one.rate == rate]
            left = sum((one.gross for one in past), D(0)), sum((one.net for one in past), D(0))
            assert left[0] >= 0
            assert left[0] or not left[1]


def test_what_is_booked_twice_on_a_day_is_one_entry():
    one = Booked(day("1.3.2026"), K.SALE, Treatment.DOMESTIC, D("0.255"), D(1), D(2))
    assert merged([one, one]) == [Booked(one.day, one.kind, one.treatment, one.rate, D(2), D(4))]
