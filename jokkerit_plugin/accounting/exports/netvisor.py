"""Netvisor's import of accounting data (Tietojen tuonti: Kirjanpitotiedot).

Columns, to be chosen in this order when importing: voucher type, voucher number, date, text
(255 characters at most), account, sum (+ debit, - credit, no thousands separator), VAT code,
VAT %. Lists separated by semicolons, as Finnish Excel saves them; no heading; one financial year
a file; euros. Source: support.netvisor.fi, article 77000498453. Netvisor's interfaces expect
ISO-8859-15 (article 77000466681); it agrees with Windows-1252 in all that is written here.
"""

import re
from collections.abc import Iterable
from typing import BinaryIO

from ..amounts import comma, percent
from ..journal import Line
from . import cells


def write(journal: Iterable[Line], out: BinaryIO, *, language: str) -> None:  # noqa: ARG001
    """Write the journal as it comes; the language is in the lines' texts."""
    with cells.rows(out, cells.LATIN9) as writer:
        for line in journal:
            series, number = _number(line)
            text = f"{line.text}, {line.voucher}" if line.voucher else line.text
            writer.writerow(
                (
                    series, number, cells.finnish(line.day), cells.unquoted(text, 255),
                    line.account, comma(line.debit - line.credit), line.vat_code,
                    percent(line.vat_rate),
                )
            )  # fmt: skip


def _number(line: Line) -> tuple[str, str]:
    """Split MYY-2026-000123 into MYY and 123; without a voucher the order's number groups."""
    if match := re.fullmatch(r"([^-]+)-.+-0*(\d+)", line.voucher):
        return cells.unquoted(match[1], 20), match[2]
    return "", cells.unquoted(line.voucher or line.order_number, 40)
