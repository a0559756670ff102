"""Writes a recording of a shop (see `recorded.py`, which plays it)."""

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

from ..config import Config
from .port import Key, ShopPort
from .snapshots import Kind


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
