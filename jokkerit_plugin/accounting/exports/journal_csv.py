"""The general journal: one balanced line a row, for spreadsheets and programs without an own form.

RFC 4180 but for the semicolon, which Excel expects where the comma is the decimal sign. UTF-8
with a byte order mark, without which Excel reads it as Windows-1252. Days as 2026-12-31.
"""

from collections.abc import Iterable
from typing import BinaryIO

from ..amounts import comma, percent
from ..journal import Line
from . import cells

HEADINGS = {
    "fi": (
        "Tosite", "Päivä", "Tili", "Debet", "Kredit", "Valuutta", "ALV-koodi", "ALV-%",
        "Tilaus", "Selite",
    ),
    "sv": (
        "Verifikat", "Datum", "Konto", "Debet", "Kredit", "Valuta", "Momskod", "Moms-%",
        "Beställning", "Förklaring",
    ),
    "en": (
        "Voucher", "Date", "Account", "Debit", "Credit", "Currency", "VAT code", "VAT %",
        "Order", "Text",
    ),
}  # fmt: skip


def write(journal: Iterable[Line], out: BinaryIO, *, language: str) -> None:
    """Write the journal as it comes; nothing is held."""
    with cells.rows(out, "utf-8-sig") as writer:
        writer.writerow(HEADINGS[language])
        writer.writerows(
            (
                cells.cell(line.voucher), line.day.isoformat(), line.account, comma(line.debit),
                comma(line.credit), line.currency, line.vat_code, percent(line.vat_rate),
                cells.cell(line.order_number), cells.cell(line.text),
            )
            for line in journal
        )  # fmt: skip
