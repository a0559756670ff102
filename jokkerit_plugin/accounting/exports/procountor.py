"""Procountor's accounting data import file (Aineiston sisäänluku: Kirjanpitoaineisto).

Columns: date, text, account, debit, credit, VAT code, VAT %. Fields are separated by semicolons,
which no text may contain; the first row is data and its first cell is filled. A file becomes one
journal; a difference between debit and credit would be booked to account 8450 without a word,
which is why the journal is checked before the file comes into being. Euros; ISO-8859-15. Source:
support.procountor.fi, article 360000242238; the order of the columns was not to be had there, so
compare it with Procountor's template before the first import.
"""

from collections.abc import Iterable
from typing import BinaryIO

from ..amounts import comma, percent
from ..journal import Line
from . import cells


def write(journal: Iterable[Line], out: BinaryIO, *, language: str) -> None:  # noqa: ARG001
    """Write the journal as it comes; the language is in the lines' texts."""
    with cells.rows(out, cells.LATIN9) as writer:
        for line in journal:
            text = f"{line.voucher} {line.text}" if line.voucher else line.text
            writer.writerow(
                (
                    cells.finnish(line.day), cells.unquoted(text, 255), line.account,
                    comma(line.debit) if line.debit else "",
                    comma(line.credit) if line.credit else "",
                    line.vat_code, percent(line.vat_rate),
                )
            )  # fmt: skip
