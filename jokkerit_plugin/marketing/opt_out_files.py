"""Files of old opt-outs: where in a line each thing stands, and what a line says."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from .. import clock
from ..errors import RegisterError
from ..policy.marketing import CLOSING, FIRST_YEAR, Channel, Kind
from . import contact_keys
from .contact_keys import BadAddress

_T = TypeVar("_T")
_MOST_COLUMNS = 200
KINDS = CLOSING


class BadFile(RegisterError):
    """A file that cannot be taken in as asked."""

    code = "BAD_FILE"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column holds what: by the names of the first line, or, without one, numbers from 1.

    Without a column for the channel or kind, `channel` or `kind` is every line's. `date`: ISO 8601;
    a line without one counts from now. `address`: one column, of post four.
    """

    address: tuple[str, ...]
    channel: Channel | None = None
    channel_column: str = ""
    kind: Kind = Kind.DECLARED
    kind_column: str = ""
    date: str = ""
    heading: bool = True
    delimiter: str = ","
    encoding: str = "utf-8-sig"


#: A line that was read: channel, normalised address, kind, when; or the reason why it was not.
Line = tuple[Channel, str, Kind, datetime] | str


def lines(file: Any, layout: Layout, now: datetime) -> Iterator[tuple[int, Line]]:
    """Yield number and content of each line that is not empty."""
    rows = csv.reader(file, delimiter=layout.delimiter)
    columns = _columns(next(rows, []) if layout.heading else [], layout)
    for row in rows:
        if any(one.strip() for one in row):
            yield rows.line_num, _read(row, columns, layout, now)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a row each thing stands."""

    address: tuple[int, ...]
    channel: int | None
    kind: int | None
    date: int | None


def _columns(heading: Sequence[str], layout: Layout) -> _Columns:
    names = [name.strip().lower() for name in heading]

    def place(name: str) -> int | None:
        if not name:
            return None
        if layout.heading:
            if name.strip().lower() not in names:
                raise BadFile(f"The first line has no column {name!r}.", field="layout")
            return names.index(name.strip().lower())
        if not name.isdecimal() or not 1 <= int(name) <= _MOST_COLUMNS:
            raise BadFile("Without a first line of names, give columns' numbers.", field="layout")
        return int(name) - 1

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
    return channel, contact_keys.normalise(channel, text), kind, at or now


def _read_as(read: Callable[[str], _T], text: str, reason: str) -> _T:
    try:
        return read(text)
    except ValueError:
        raise _Rejected(reason) from None


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


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
