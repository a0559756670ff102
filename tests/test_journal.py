"""Journal lines: balanced whatever the entries, exact in every currency, without names."""

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jokkerit_plugin.accounting.accounts import NoAccount
from jokkerit_plugin.accounting.amounts import AmountError
from jokkerit_plugin.accounting.chart import DEFAULTS, TAXED
from jokkerit_plugin.accounting.journal import TITLES, Line, Unbalanced, checked, lines
from tests.ledgers import MONTH, D, K, T, also_in, entries, entry


def journal(*given_entries, rules=DEFAULTS, language="en"):
    return list(checked(lines(given_entries, rules, language=language)))


def brief(line):
    return (line.account, str(line.debit), str(line.credit), line.vat_code)


def test_a_sale_puts_gross_on_one_side_and_net_and_vat_on_the_other():
    assert [brief(line) for line in journal(entry())] == [
        ("1701", "125.50", "0.00", ""),
        ("3001", "0.00", "100.00", "KOMY"),
        ("2939", "0.00", "25.50", "KOMY"),
    ]


def test_a_refund_changes_sides_and_names_the_voucher_it_credits():
    found = journal(MONTH[3])
    assert [brief(line) for line in found] == [
        ("1701", "0.00", "62.75", ""),
        ("3001", "50.00", "0.00", "KOMY"),
        ("2939", "12.75", "0.00", "KOMY"),
    ]
    assert {line.text for line in found} == {"Credit, order 1001 (MYY-2026-000001)"}


def test_money_has_two_lines_and_nothing_has_none():
    assert [brief(line)[:3] for line in journal(MONTH[2])] == [
        ("1729", "130.52", "0.00"),
        ("1701", "0.00", "130.52"),
    ]
    assert journal(entry(net="0", gross="0", rate=D("0.255"), treatment=T.DOMESTIC)) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [("fi", "Myynti, tilaus 1001"), ("sv", "Försäljning, beställning 1001"),
     ("en", "Sale, order 1001")],
)  # fmt: skip
def test_texts_are_in_the_language_asked_for(language, text):
    assert journal(entry(), language=language)[0].text == text
    assert set(TITLES[language]) == set(K)


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3)], ids=["EUR", "JPY", "KWD"]
)
@settings(deadline=None)
@given(data=st.data())
def test_debit_equals_credit_for_any_entries(currency, places, data):
    made = data.draw(st.lists(entries(currency, places), max_size=8))
    found = journal(*made, rules=also_in(currency) if currency != "EUR" else DEFAULTS)
    saldo, vat = defaultdict(D), D(0)
    for line in found:
        assert (line.debit > 0) != (line.credit > 0)
        assert min(line.debit, line.credit) == 0
        assert line.debit.as_tuple().exponent == line.credit.as_tuple().exponent == -places
        assert "-" not in f"{line.debit}{line.credit}"
        saldo[line.voucher] += line.debit - line.credit
        saldo["file"] += line.debit - line.credit
        vat += (line.credit - line.debit) if line.account in {"2939", "2938"} else 0
    assert not any(saldo.values())
    assert vat == sum((one.vat for one in made if one.kind in TAXED), D(0))


@pytest.mark.parametrize(
    ("currency", "amount"), [("EUR", "10.005"), ("JPY", "10.5"), ("KWD", "0.0001")]
)
def test_an_amount_that_the_currency_cannot_hold_is_not_rounded(currency, amount):
    with pytest.raises(AmountError, match=f"Order 1001: {amount}") as refused:
        journal(entry(K.PAYMENT, amount, amount, currency=currency), rules=also_in(currency))
    assert refused.value.field == "amount"


def test_an_amount_that_is_too_fine_is_rounded_if_asked_for_and_the_entry_balances():
    sold = entry(net="10.004", gross="12.555")
    found = list(lines([sold], DEFAULTS, language="en", rounded=True))
    assert [(one.account, one.debit, one.credit) for one in found] == [
        ("1701", D("12.56"), D("0.00")), ("3001", D("0.00"), D("10.00")),
        ("2939", D("0.00"), D("2.56")),
    ]  # fmt: skip
    assert list(checked(found)) == found


def test_all_that_keeps_a_journal_from_being_written_is_told_at_once():
    wrong = [
        *(entry(rate=D("0.22"), order_number=f"{n}") for n in range(1001, 1031)),
        entry(rate=None, order_number="2001"),
        entry(net="1.001", gross="1.255", order_number="3001"),
        entry(net="1.001", gross="1.255", order_number="3002"),
        entry(treatment=T.EXPORT, order_number="4001"),
    ]
    with pytest.raises(NoAccount) as refused:
        journal(entry(), *wrong)
    said = refused.value.message
    assert refused.value.field == "rules"
    for words in (
        "22 %, on 2026-02-03 (order 1001). So it is with orders 1002, 1003,", "1010 and more.",
        "no rate", "(order 2001)", "Order 3001: 1.255 EUR", "orders 3002.",
        "The VAT of order 4001", "Add rules", "rounded",
    ):  # fmt: skip
        assert words in said
    assert "1011" not in said
    assert len(said) < 1200


def test_vat_where_the_mapping_has_no_account_for_it_is_refused():
    sold = entry(treatment=T.EXPORT, order_number="77")
    with pytest.raises(Unbalanced, match="77") as refused:
        journal(sold)
    assert refused.value.field == "vat"


def line(account, debit, credit, **given_fields):
    values = {
        "voucher": "MYY-2026-000001", "day": date(2026, 2, 3), "text": "", "currency": "EUR",
        "vat_code": "", "vat_rate": None, "order_number": "1001",
    }  # fmt: skip
    return Line(account=account, debit=D(debit), credit=D(credit), **values | given_fields)


@pytest.mark.parametrize(
    "made",
    [
        [line("1701", "10", "0"), line("3000", "0", "9.99")],
        [line("1701", "10", "0"), line("3000", "0", "10", voucher="MYY-2026-000002")],
        [line("1701", "10", "0"), line("3000", "0", "10", currency="SEK")],
        [line("1701", "10", "0", voucher="")],
    ],
    ids=["a cent", "two vouchers", "two currencies", "one side"],
)
def test_a_journal_that_does_not_balance_is_refused(made):
    with pytest.raises(Unbalanced, match="differ by"):
        list(checked(made))
