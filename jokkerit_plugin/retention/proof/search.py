"""The search through every table: one pass for a whole sample, which disturbs nobody.

A table is copied out in pieces of 32 MB of its pages, each piece a statement of its own: no lock
or snapshot lives longer than a second or two, no statement_timeout is met, and no more than one
block of rows is in memory. Rows that change while they are read may be missed; the rows of an
erased person do not change.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from django.db import connection

from .columns import Table, quoted
from .needles import Needle, NeedleKind, Sieve, plain

#: Pages of one statement; bytes of one block, and rows of a part of it.
PAGES, BLOCK, FEW = 4096, 1 << 16, 16
#: Keys of one statement, where rows are looked up.
KEYS = 1000

_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hit:
    """An identifier that stands in a row: table, column and key, never the text."""

    needle: Needle
    table: Table
    column: str
    key: str


@dataclass(slots=True)
class Searched:
    """What was looked through."""

    tables: int = 0
    columns: int = 0
    rows: int = 0
    size: int = 0
    hits: list[Hit] = field(default_factory=list)


def through(tables: Sequence[Table], needles: Collection[Needle]) -> Searched:
    """Search whole tables for needles; parts of names are not looked for."""
    sieve = Sieve(one for one in needles if one.kind is not NeedleKind.PART)
    found = Searched()
    for table in tables:
        found.tables += 1
        found.columns += len(table.columns)
        try:
            for piece in _pieces(table):
                _sift(table, _copied(table, piece), sieve, found)
        except psycopg.errors.UndefinedTable:
            # A day of the site log has gone while others were searched, and all that it held.
            continue
    return found


def in_rows(
    tables: Sequence[Table], needles: Collection[Needle], rows: Mapping[str, Collection[str]]
) -> list[Hit]:
    """Search these rows alone (table to keys) for needles of every kind."""
    sieve, found = Sieve(needles), Searched()
    for table in tables:
        keys = sorted(rows.get(table.name, ()))
        for at in range(0, len(keys), KEYS):
            listed = ", ".join(_literal(key) for key in keys[at : at + KEYS])
            where = f"{quoted(table.key[0])} IN ({listed})"
            _sift(table, _copied(table, where), sieve, found)
    return found.hits


def _pieces(table: Table) -> Iterator[str]:
    """Conditions that together are the whole table, also what is appended meanwhile."""
    starts = range(0, max(table.pages, 1), PAGES)
    for start in starts:
        end = f" AND ctid < '({start + PAGES},0)'" if start != starts[-1] else ""
        yield f"ctid >= '({start},0)'{end}"


def _copied(table: Table, where: str) -> Iterator[bytes]:
    """Yield rows as COPY writes them: keys and columns between tabs."""
    keys = [f"{quoted(name)}::text" for name in table.key] or ["ctid::text"]
    columns = ", ".join([*keys, *(column.expression for column in table.columns)])
    sql = f"COPY (SELECT {columns} FROM {table.sql} WHERE {where}) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(sql) as rows:
        for row in rows:
            yield bytes(row)


def _sift(table: Table, rows: Iterator[bytes], sieve: Sieve, found: Searched) -> None:
    block: list[bytes] = []
    size = 0
    for row in rows:
        block.append(row)
        size += len(row)
        if size >= BLOCK:
            _look(table, block, size, sieve, found)
            block, size = [], 0
    _look(table, block, size, sieve, found)


def _look(table: Table, block: Sequence[bytes], size: int, sieve: Sieve, found: Searched) -> None:
    found.rows += len(block)
    found.size += size
    if not (candidates := sieve.candidates(b"".join(block))):
        return
    finer = Sieve(candidates)
    for at in range(0, len(block), FEW):
        some = block[at : at + FEW]
        # The words of a needle are seldom all in a few rows, where they are in a whole block.
        for row in some if finer.candidates(b"".join(some)) else ():
            if likely := finer.candidates(row):
                found.hits += _exactly(table, row, likely)


def _exactly(table: Table, row: bytes, needles: Sequence[Needle]) -> Iterator[Hit]:
    """Yield the columns of a row that hold needles."""
    parts = [_ESCAPE.sub(_escaped, part).decode(errors="replace")
             for part in row.removesuffix(b"\n").split(b"\t")]  # fmt: skip
    width = len(table.key) or 1
    key, texts = ",".join(parts[:width]), parts[width:]
    read = [(column, text) for column, text in zip(table.columns, texts, strict=True)]
    for needle in needles:
        names = [
            column.name
            for column, text in read
            if (needle.stands_in_words(text) if column.is_vector else needle.stands_in(text))
        ]
        if not names and needle.kind is NeedleKind.NAME:
            names = _in_two(needle, [(column.name, text) for column, text in read])
        for name in names:
            yield Hit(needle, table, name, key)


def _in_two(needle: Needle, texts: Sequence[tuple[str, str]]) -> list[str]:
    """Return the columns of a row that are the halves of a name, each by itself."""
    found = [[name for name, text in texts if plain(text) == half] for half in needle.halves]
    return sorted(set().union(*found)) if all(found) else []


def _escaped(found: re.Match[bytes]) -> bytes:
    return _ESCAPES.get(found[1], found[1])


def _literal(key: str) -> str:
    return "'" + key.replace("'", "''") + "'"
