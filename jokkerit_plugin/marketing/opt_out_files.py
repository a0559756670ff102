"""Files of old opt-outs: where in a line each thing stands, and what a line says."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from phonenumbers import is_possible_number, parse

from .. import clock
from ..errors import RegisterError
from ..policy.marketing import CLOSING, FIRST_YEAR, GROUPS, Channel, Kind
from . import contact_keys
from .contact_keys import BadAddress

_T = TypeVar("_T")
_IN_QUOTES = "in_quotes"
KINDS = CLOSING


class BadFile(RegisterError):
    """A file that cannot be taken in as asked."""

    code = "BAD_FILE"


#: A column: its number from 1, or its name in the first line; empty: none.
Column = int | str


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column holds what. `heading`: the first line has names; without one there are numbers.

    Without a column for the channel or kind, `channel` or `kind` is every line's. `date`: ISO 8601;
    a line without one counts from now. `address`: one column, of post four.
    """

    address: tuple[Column, ...]
    channel: Channel | None = None
    channel_column: Column = ""
    kind: Kind = Kind.DECLARED
    kind_column: Column = ""
    date: Column = ""
    heading: bool = True
    delimiter: str = ","
    encoding: str = "utf-8-sig"


#: A line that was read: channel, normalised address, kind, when; or the reason why it was not.
Line = tuple[Channel, str, Kind, datetime] | str


def lines(
    file: Iterable[str], layout: Layout, now: datetime, *, after: int = 0
) -> Iterator[tuple[int, Line]]:
    """Yield number and content of each line that is not empty, but for the first `after` of them.

    What stands within a quote that opened on an earlier line is rejected: it may be somebody.
    Raises `BadFile`.
    """
    columns, place, number = None, 0, 0
    try:
        rows = csv.reader(_unmarked(file), delimiter=layout.delimiter)
        for row in rows:
            first, number = number + 1, rows.line_num
            if not any(one.strip() for one in row):
                continue
            there = [first, *(_swallowed(row, first) if number > first else ())]
            if columns is None:
                columns = _columns(row, layout)
                if layout.heading:
                    del there[0]
            for one in there:
                place += 1
                # What a killed worker has read before need not be understood again.
                if place > after:
                    yield one, _read(row, columns, layout, now) if one == first else _IN_QUOTES
    except UnicodeError:
        raise _broken(number, f"it is not written in {layout.encoding}.") from None
    except csv.Error:
        raise _broken(number, "does a quote there have no end?") from None
    if columns is None:
        _columns([], layout)


def _unmarked(file: Iterable[str]) -> Iterator[str]:
    """Leave out the mark with which some programs begin a text."""
    lines = iter(file)
    return chain([next(lines, "").removeprefix("\ufeff")], lines)


def _swallowed(row: Sequence[str], first: int) -> list[int]:
    """Return the lines after a record's first one on which something stands."""
    parts = re.split("\r\n|\r|\n", " ".join(row))
    return [first + place for place, part in enumerate(parts) if place and part.strip()]


def _broken(number: int, why: str) -> BadFile:
    return BadFile(f"The file cannot be read from line {number + 1} on: {why}", field="file")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a row each thing stands."""

    address: tuple[int, ...]
    channel: int | None
    kind: int | None
    date: int | None


def _columns(first: Sequence[str], layout: Layout) -> _Columns:
    """Find the columns by the first line that is not empty."""
    names = [name.strip().lower() for name in first]

    def place(column: Column) -> int | None:
        if isinstance(column, str) and layout.heading and column:
            name = column.strip().lower()
            if names.count(name) != 1:
                number = "several columns" if name in names else "no column"
                raise BadFile(f"The first line has {number} {column!r}.", field="layout")
            return names.index(name)
        if column == "":
            return None
        if not str(column).isdecimal():
            raise BadFile("Without a first line of names, give columns' numbers.", field="layout")
        if not 1 <= int(column) <= len(names):
            raise BadFile("The file has no such column.", field="layout")
        return int(column) - 1

    address = tuple(found for name in layout.address if (found := place(name)) is not None)
    if not address or (layout.channel is None and not layout.channel_column):
        raise BadFile("Say in which column the address stands, and the channel.", field="layout")
    return _Columns(
        address, place(layout.channel_column), place(layout.kind_column), place(layout.date)
    )


class _Rejected(Exception):
    """A line that is not taken in; its only argument is the reason."""


def _read(row: Sequence[str], columns: _Columns, layout: Layout, now: datetime) -> Line:
    try:
        return _parsed(row, columns, layout, now)
    except _Rejected as rejected:
        return str(rejected)
    except BadAddress:
        return "bad_address"


def _parsed(row: Sequence[str], columns: _Columns, layout: Layout, now: datetime) -> Line:
    channel, kind, at = layout.channel, layout.kind, None
    if columns.channel is not None:
        channel = _read_as(Channel, _cell(row, columns.channel).lower(), "bad_channel")
    if columns.kind is not None:
        kind = _read_as(Kind, _cell(row, columns.kind).lower(), "bad_kind")
    if columns.date is not None:
        at = _read_as(_moment, _cell(row, columns.date), "bad_date")
    if channel is None or kind not in KINDS:
        raise _Rejected("bad_kind")
    if at and at > now:
        raise _Rejected("future_date")
    text = "|".join(_cell(row, one) for one in columns.address)
    found = contact_keys.normalise(channel, text)
    if GROUPS[channel] == "number" and not is_possible_number(parse(found)):
        # A customer's number, a year: nobody has it, and the shop takes none that is not possible.
        raise _Rejected("bad_address")
    return channel, found, kind, at or now


def _read_as(read: Callable[[str], _T], text: str, reason: str) -> _T:
    try:
        return read(text)
    except ValueError:
        raise _Rejected(reason) from None


def _cell(row: Sequence[str], place: int) -> str:
    found = row[place].strip() if place < len(row) else ""
    if "\n" in found or "\r" in found:
        # Others' lines may stand in it.
        raise _Rejected(_IN_QUOTES)
    return found


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    if found.year < FIRST_YEAR:
        raise ValueError("an empty date of another program")
    # A day, or a time without a zone, is Finnish.
    return found if found.tzinfo else found.replace(tzinfo=clock.HELSINKI)


def is_encoding(name: str) -> bool:
    """Tell whether Python knows an encoding of text of this name."""
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        return False
    return True


def place(file: Any) -> int:
    """Return how many bytes of a file have been read."""
    # A text file that is being iterated does not tell; the bytes below it do.
    return int(file.buffer.tell())
