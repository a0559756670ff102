"""What each format writes, by hand; and that what is read back has the same sums."""

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from jokkerit_plugin.accounting.chart import DEFAULTS
from jokkerit_plugin.accounting.exports import cells, journal_csv, netvisor, procountor, xlsx
from jokkerit_plugin.accounting.journal import Unbalanced, checked, lines
from tests.chance import tries
from tests.ledgers import MONTH, D, K, also_in, entries, entry

WRITERS = [journal_csv, xlsx, netvisor, procountor]


def written(writer, made, language="fi", rules=DEFAULTS) -> bytes:
    out = io.BytesIO()
    writer.write(checked(lines(made, rules, language=language)), out, language=language)
    return out.getvalue()


def test_journal_csv():
    expected = """\
Tosite;Päivä;Tili;Debet;Kredit;Valuutta;ALV-koodi;ALV-%;Tilaus;Selite
MYY-2026-000001;2026-02-03;1701;125,50;0,00;EUR;;;1001;Myynti, tilaus 1001
MYY-2026-000001;2026-02-03;3001;0,00;100,00;EUR;KOMY;25,5;1001;Myynti, tilaus 1001
MYY-2026-000001;2026-02-03;2939;0,00;25,50;EUR;KOMY;25,5;1001;Myynti, tilaus 1001
MYY-2026-000001;2026-02-03;1701;5,02;0,00;EUR;;;1001;Toimituskulut, tilaus 1001
MYY-2026-000001;2026-02-03;3101;0,00;4,00;EUR;KOMY;25,5;1001;Toimituskulut, tilaus 1001
MYY-2026-000001;2026-02-03;2939;0,00;1,02;EUR;KOMY;25,5;1001;Toimituskulut, tilaus 1001
MYY-2026-000001;2026-02-03;1729;130,52;0,00;EUR;;;1001;Maksu, tilaus 1001
MYY-2026-000001;2026-02-03;1701;0,00;130,52;EUR;;;1001;Maksu, tilaus 1001
HYV-2026-000001;2026-02-10;1701;0,00;62,75;EUR;;;1001;Hyvitys, tilaus 1001 (MYY-2026-000001)
HYV-2026-000001;2026-02-10;3001;50,00;0,00;EUR;KOMY;25,5;1001;Hyvitys, tilaus 1001 (MYY-2026-000001)
HYV-2026-000001;2026-02-10;2939;12,75;0,00;EUR;KOMY;25,5;1001;Hyvitys, tilaus 1001 (MYY-2026-000001)
HYV-2026-000001;2026-02-10;1729;0,00;62,75;EUR;;;1001;Maksun palautus, tilaus 1001
HYV-2026-000001;2026-02-10;1701;62,75;0,00;EUR;;;1001;Maksun palautus, tilaus 1001
"""
    found = written(journal_csv, MONTH)
    assert found.startswith(b"\xef\xbb\xbf")
    assert found.decode("utf-8-sig") == expected.replace("\n", "\r\n")


def test_netvisor():
    expected = """\
MYY;1;3.2.2026;Försäljning, beställning 1001, MYY-2026-000001;1701;125,50;;
MYY;1;3.2.2026;Försäljning, beställning 1001, MYY-2026-000001;3001;-100,00;KOMY;25,5
MYY;1;3.2.2026;Försäljning, beställning 1001, MYY-2026-000001;2939;-25,50;KOMY;25,5
HYV;1;10.2.2026;Återbetalning, beställning 1001, HYV-2026-000001;1729;-62,75;;
HYV;1;10.2.2026;Återbetalning, beställning 1001, HYV-2026-000001;1701;62,75;;
"""
    found = written(netvisor, (MONTH[0], MONTH[4]), "sv")
    assert found == expected.replace("\n", "\r\n").encode("iso-8859-15")


def test_netvisor_groups_by_the_order_where_there_is_no_voucher():
    found = written(netvisor, [entry(K.PAYMENT, "5", "5", voucher="", order_number="77")], "en")
    assert found.splitlines() == [
        b";77;3.2.2026;Payment, order 77;1729;5,00;;",
        b";77;3.2.2026;Payment, order 77;1701;-5,00;;",
    ]


@pytest.mark.parametrize(
    ("voucher", "series", "number"),
    [
        ("MYY-2026-2-000012", "MYY", "12"),
        ("MYY-2026-0630-000123", "MYY", "123"),
        ("V2-2026-000007", "V2", "7"),
        ("MYY-2025-2026-1234567", "MYY", "1234567"),
    ],
)
def test_netvisor_takes_every_voucher_apart(voucher, series, number):
    found = written(netvisor, [entry(K.PAYMENT, "5", "5", voucher=voucher)], "en").decode()
    assert [row.split(";")[:2] for row in found.splitlines()] == [[series, number]] * 2


def test_procountor():
    expected = """\
3.2.2026;MYY-2026-000001 Myynti, tilaus 1001;1701;125,50;;;
3.2.2026;MYY-2026-000001 Myynti, tilaus 1001;3001;;100,00;KOMY;25,5
3.2.2026;MYY-2026-000001 Myynti, tilaus 1001;2939;;25,50;KOMY;25,5
"""
    assert written(procountor, MONTH[:1]) == expected.replace("\n", "\r\n").encode("iso-8859-15")


def test_xlsx_has_days_amounts_and_text_as_such():
    book = load_workbook(io.BytesIO(written(xlsx, MONTH[:1], "en")))
    assert book.sheetnames == ["Journal 1"]
    heading, *found = book["Journal 1"].values
    assert heading == journal_csv.HEADINGS["en"]
    day = datetime(2026, 2, 3)  # noqa: DTZ001 - as openpyxl gives it
    assert found == [
        ("MYY-2026-000001", day, "1701", 125.5, 0, "EUR", "", None, "1001", "Sale, order 1001"),
        ("MYY-2026-000001", day, "3001", 0, 100, "EUR", "KOMY", 25.5, "1001", "Sale, order 1001"),
        ("MYY-2026-000001", day, "2939", 0, 25.5, "EUR", "KOMY", 25.5, "1001", "Sale, order 1001"),
    ]
    assert book["Journal 1"]["D2"].number_format == "#,##0.00"


def test_xlsx_goes_on_in_a_new_sheet(monkeypatch):
    monkeypatch.setattr(xlsx, "SHEET", 5)
    book = load_workbook(io.BytesIO(written(xlsx, MONTH, "sv")))
    assert book.sheetnames == ["Dagbok 1", "Dagbok 2", "Dagbok 3"]
    rows = [row for sheet in book for row in list(sheet.values)[1:]]
    assert [len(list(sheet.values)) for sheet in book] == [6, 6, 4]
    assert sum(row[3] for row in rows) == sum(row[4] for row in rows)


def test_xlsx_leaves_no_temporary_file_when_the_journal_turns_out_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def torn():
        yield from lines(MONTH, DEFAULTS, language="en")
        raise Unbalanced("torn")

    with pytest.raises(Unbalanced, match="torn"):
        xlsx.write(torn(), io.BytesIO(), language="en")
    assert list(tmp_path.iterdir()) == []


def test_csv_and_xlsx_keep_the_decimals_of_each_currency():
    made = [
        entry(K.PAYMENT, "1000", "1000", currency="JPY"),
        entry(K.PAYMENT, "12.345", "12.345", currency="KWD"),
    ]
    rules = (*also_in("JPY"), *also_in("KWD")[len(DEFAULTS) :])
    rows = list(
        csv.reader(io.StringIO(written(journal_csv, made, rules=rules).decode()), delimiter=";")
    )
    assert [row[3] for row in rows[1:]] == ["1000", "0", "12,345", "0,000"]
    sheet = load_workbook(io.BytesIO(written(xlsx, made, rules=rules))).active
    assert [sheet[f"D{at}"].number_format for at in (2, 4)] == ["#,##0", "#,##0.000"]
    assert [sheet[f"D{at}"].value for at in (2, 4)] == [1000, 12.345]


HOSTILE = "=cmd|'/c calc'!A1"


@pytest.mark.parametrize(
    "number", [HOSTILE, "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", ' "=1"', "＝1"]
)
def test_no_cell_is_a_formula(number):
    made = [entry(order_number=number, voucher="")]
    for writer in (journal_csv, netvisor, procountor):
        found = written(writer, made).decode("utf-8-sig" if writer is journal_csv else "latin9")
        rows = list(csv.reader(io.StringIO(found, newline=""), delimiter=";"))
        money = {5} if writer is netvisor else set()
        for row in rows:
            texts = [cell for at, cell in enumerate(row) if at not in money]
            assert not [
                cell for cell in texts if cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r"))
            ]
    sheet = load_workbook(io.BytesIO(written(xlsx, made))).active
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}


@pytest.mark.parametrize(("writer", "fields"), [(netvisor, 8), (procountor, 7)])
def test_importers_get_no_semicolon_quote_or_line_end_in_a_text(writer, fields):
    number = 'a;b"c\r\nd\u2028e'
    found = written(writer, [entry(order_number=number)], "en").decode("latin9")
    rows = found.split("\r\n")
    assert rows.pop() == ""
    assert [len(row.split(";")) for row in rows] == [fields] * 3
    assert '"' not in found
    assert "order a,b'c d e" in rows[0]


def test_letters_that_latin_9_lacks_are_spelt_out():
    assert (
        cells.latin9("Ääkkönen Łódź Žižek Жуков 東京 €") == "Ääkkönen Lódz Žižek Zhukov Dong Jing €"
    )


@pytest.mark.parametrize("writer", WRITERS, ids=lambda one: one.__name__.rpartition(".")[2])
@settings(deadline=None, max_examples=tries(10))
@given(made=st.lists(entries(), min_size=1, max_size=6))
def test_what_is_read_back_has_the_same_sums(writer, made):
    found = written(writer, made)
    expected: dict[str, D] = {}
    for line in lines(made, DEFAULTS, language="fi"):
        expected[line.account] = expected.get(line.account, D(0)) + line.debit - line.credit
    read: dict[str, D] = {}
    for account, amount in parsed(writer, found):
        read[account] = read.get(account, D(0)) + amount
    assert read == expected


def parsed(writer, found):
    if writer is xlsx:
        sheets = load_workbook(io.BytesIO(found), read_only=True)
        rows = [row for sheet in sheets for row in list(sheet.values)[1:]]
        return [(row[2], D(str(row[3])) - D(str(row[4]))) for row in rows]
    text = found.decode("utf-8-sig" if writer is journal_csv else "iso-8859-15")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    if writer is journal_csv:
        return [(row[2], number(row[3]) - number(row[4])) for row in rows[1:]]
    if writer is netvisor:
        return [(row[4], number(row[5])) for row in rows]
    return [(row[2], number(row[3]) - number(row[4])) for row in rows]


def number(text: str) -> D:
    return D(text.replace(",", ".") or "0")
