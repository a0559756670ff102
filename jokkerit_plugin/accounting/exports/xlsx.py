"""The general journal as an Excel workbook.

XlsxWriter and not openpyxl, which Saleor has: measured over 100,000 rows 6.4 s against 10.9 s,
both with flat memory (21 and 29 MB); and its temporary files lie in a folder of ours, which goes
also when the journal turns out wrong half-way.
"""

from collections.abc import Iterable
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import xlsxwriter

from ..amounts import unit
from ..journal import Line
from . import cells
from .journal_csv import HEADINGS

#: Lines of one sheet: Excel has 1,048,576 rows.
SHEET = 1_000_000
WIDTHS = (18, 11, 8, 13, 13, 8, 10, 8, 12, 50)
_SHEETS = {"fi": "Päiväkirja", "sv": "Dagbok", "en": "Journal"}


def write(journal: Iterable[Line], out: BinaryIO, *, language: str) -> None:
    """Write the journal in sheets of `SHEET` lines: days and amounts as such, the rest as text."""
    options = {"constant_memory": True, "in_memory": False}
    with TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(out, {**options, "tmpdir": folder})
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        amounts: dict[str, Any] = {}
        for number, line in enumerate(journal):
            row = number % SHEET + 1
            if row == 1:
                sheet = _sheet(book, number // SHEET + 1, language, bold)
            if line.currency not in amounts:
                amounts[line.currency] = book.add_format({"num_format": _pattern(line.currency)})
            money = amounts[line.currency]
            sheet.write_string(row, 0, cells.plain(line.voucher))
            sheet.write_datetime(row, 1, line.day, day)
            sheet.write_string(row, 2, line.account)
            sheet.write_number(row, 3, line.debit, money)
            sheet.write_number(row, 4, line.credit, money)
            sheet.write_string(row, 5, line.currency)
            sheet.write_string(row, 6, line.vat_code)
            if line.vat_rate is not None:
                sheet.write_number(row, 7, line.vat_rate * 100)
            sheet.write_string(row, 8, cells.plain(line.order_number))
            sheet.write_string(row, 9, cells.plain(line.text))
        book.close()


def _sheet(book: Any, number: int, language: str, bold: Any) -> Any:
    sheet = book.add_worksheet(f"{_SHEETS[language]} {number}")
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    for column, heading in enumerate(HEADINGS[language]):
        sheet.write_string(0, column, heading, bold)
    return sheet


def _pattern(currency: str) -> str:
    """Return Excel's number format with the currency's decimals."""
    return f"#,##{unit(currency) * 0:f}"
