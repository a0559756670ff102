"""Recordings of a shop, written and read: JSON lines, gzipped. `recorded.py` plays them.

The first line says what was recorded; each other line is an event with the state in which the shop
was then: `{"kind", "key", "document"}`, where a null document means that the row is gone and a
missing one that it is as it was. A line with `"told": false` is a state that no event told of: the
shop as it stood at the beginning, and what changed silently.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

from ..config import Config
from .port import Key, ShopPort
from .snapshots import Kind


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a recording. `changed` is false where the row was as at its last event;
    `told` is false where there was no event, so nothing is to be noted in the inbox.
    """

    kind: Kind
    key: str
    document: str | None
    changed: bool
    told: bool = True


def read(path: Path) -> tuple[dict[str, Any], Iterator[Record]]:
    """Return the recording's first line and its events."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return json.loads(next(lines)), _records(path)


def _records(path: Path) -> Iterator[Record]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            yield _record(line)


def _record(line: str) -> Record:
    raw = json.loads(line)
    document = raw.get("document")
    text = None if document is None else json.dumps(document, separators=(",", ":"))
    return Record(Kind(raw["kind"]), raw["key"], text, "document" in raw, raw.get("told", True))


@runtime_checkable
class Recordable(ShopPort, Protocol):
    """A shop that can also be recorded."""

    def documents(self, kind: Kind, keys: Sequence[Key], config: Config) -> dict[str, str]:
        """Return the document of each row that exists, by key."""
        ...

    def figures(self) -> dict[str, Any]:
        """Return the recording's first line: what the shop is, and what it says in total.

        The totals are summed up by statements of their own, not from documents.
        """
        ...


class Writer:
    """Collects a recording's lines in a file beside `path`, and puts them together at the end."""

    def __init__(self, path: Path) -> None:
        self.path, self.lines, self.told = path, 0, 0
        self._lines_path = path.with_name(f"{path.name}.lines")
        self._lines: IO[str] = self._lines_path.open("w", encoding="utf-8")
        self._last: dict[tuple[Kind, str], str | None] = {}

    def write(self, kind: Kind, key: str, document: str | None, *, told: bool = True) -> None:
        """Add what the shop said about a row (None: gone); untold and as it was adds nothing."""
        known = (kind, key) in self._last
        line: dict[str, Any] = {"kind": kind.value, "key": key}
        if kind is Kind.ADDRESS:
            changed = False
        elif changed := self._last.get((kind, key), "") != document:
            line["document"] = None if document is None else json.loads(document)
            self._last[kind, key] = document
        if not told:
            if not changed or (document is None and not known):
                return
            line["told"] = False
        self._lines.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        self.lines += 1
        self.told += told

    def present(self, kind: Kind) -> set[str]:
        """Return the keys of the rows that the recording holds as existing."""
        return {key for (of, key), text in self._last.items() if of is kind and text is not None}

    def finish(self, first_line: dict[str, Any]) -> None:
        """Write the recording: compressed, without name and time, so equal ones are equal."""
        self._lines.close()
        half = self.path.with_name(f"{self.path.name}.half")
        with half.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
            packed.write((json.dumps(first_line, ensure_ascii=False) + "\n").encode())
            packed.writelines(line.encode() for line in self._read())
        half.replace(self.path)
        self._lines_path.unlink()

    def _read(self) -> Iterator[str]:
        with closing(self._lines_path.open(encoding="utf-8")) as lines:
            yield from lines
