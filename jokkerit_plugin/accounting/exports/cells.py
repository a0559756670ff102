"""Text as a file's cells may hold it.

A spreadsheet runs a text that begins with = + - or @, also in full width, as a formula; order
numbers come from outside. An importer that splits at each semicolon knows no quotes.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, BinaryIO

from text_unidecode import unidecode

#: What Finnish software and Finvoice importers read; it has the euro sign and all of å, ä, ö.
LATIN9 = "iso-8859-15"
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def plain(text: str) -> str:
    """Return text of one line without control characters, spaces joined."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())


def cell(text: str) -> str:
    """Return plain text that no spreadsheet takes for a formula: an apostrophe goes before it."""
    found = plain(text)
    return f"'{found}" if found.startswith(FORMULA) else found


def latin9(text: str) -> str:
    """Return plain text in ISO-8859-15's letters; others are spelt in them (Жуков: Zhukov)."""
    text = unicodedata.normalize("NFC", text)
    return plain(text if _fits(text) else "".join(map(_spelt, text)))


def _spelt(one: str) -> str:
    return one if _fits(one) else str(unidecode(one))


def _fits(text: str) -> bool:
    try:
        text.encode(LATIN9)
    except UnicodeEncodeError:
        return False
    return True


def unquoted(text: str, limit: int) -> str:
    """Return a cell for importers that split at semicolons, of at most `limit` characters."""
    return cell(latin9(text)).replace(";", ",").replace('"', "'")[:limit]


def finnish(day: date) -> str:
    """Write a date as 31.12.2026."""
    return f"{day.day}.{day.month}.{day.year}"


@contextmanager
def rows(out: BinaryIO, encoding: str) -> Iterator[Any]:
    """Give a csv writer (semicolons, CRLF) over a binary file, which stays open."""
    text = io.TextIOWrapper(out, encoding=encoding, newline="")
    try:
        yield csv.writer(text, delimiter=";", lineterminator="\r\n")
    finally:
        text.detach()
