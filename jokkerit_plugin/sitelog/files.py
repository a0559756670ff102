"""Files of a log, plain or compressed, read forwards as far as they go."""

import bz2
import gzip
import hashlib
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..policy.site_log import LONGEST_LINE

PACKED: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip
#: How a rotated file's name ends that is neither plain nor packed so: what it holds is no text.
_UNREAD = re.compile(r"\.(?!old$)(?:[A-Za-z]\w*|7z)")
#: Bytes before a place by which a file is known.
TAIL = 4096
#: What a compressed file is read with when it is damaged, or still being written.
_ENDS = (EOFError, OSError, lzma.LZMAError, zlib.error)


class UnfinishedError(Exception):
    """A compressed file does not end, yet or for good."""


class Stream:
    """A file, its bytes taken one after the other.

    In a compressed file each step back begins at its beginning, so there is none that is not
    needed. One that is damaged ends, if it `salvages`, where it cannot be read any further.
    """

    def __init__(self, file: Any, *, packed: bool, salvages: bool = False) -> None:
        self._file, self._packed, self._salvages = file, packed, salvages
        self.damaged = False
        #: The place of the next bytes, those before it, and those that were read beyond it.
        self.position, self._before, self._beyond = -1, b"", b""

    @property
    def inode(self) -> str:
        """The file's device and inode."""
        return inode_of(os.fstat(self._file.fileno()))

    @property
    def tail(self) -> str:
        """What the bytes before the place are known by."""
        return hashlib.sha256(self._before).hexdigest()

    def head(self) -> str:
        """Return what the first line is known by; empty while it is not whole."""
        first = self.look(0, LONGEST_LINE)
        end = first.find(b"\n") + 1
        if not end and len(first) < LONGEST_LINE:
            return ""
        return hashlib.sha256(first[:end] if end else first).hexdigest()

    def holds(self, position: int, tail: str) -> bool:
        """Tell whether the bytes before a place are those; beyond a damage nothing denies it."""
        self._go(position)
        if len(self._before) < min(position, TAIL):
            return self.damaged
        return self.tail == tail

    def look(self, position: int, most: int) -> bytes:
        """Return the bytes that follow a place; they stay until they are passed."""
        if position != self.position:
            self._go(position)
        self._beyond += self._read(most - len(self._beyond))
        return self._beyond[:most]

    def pass_by(self, size: int) -> None:
        """Go on by bytes that were looked at."""
        self._before = (self._before + self._beyond[:size])[-TAIL:]
        self._beyond = self._beyond[size:]
        self.position += size

    def _go(self, position: int) -> None:
        self.position, self._before, self._beyond = position, b"", b""
        start = max(0, position - TAIL)
        try:
            if self.damaged:
                # What comes after an error is nothing; from its beginning it is read anew.
                self._file.seek(0)
            self._file.seek(start)
        except _ENDS as error:
            self._end(error)
        else:
            self._before = self._read(position - start)

    def _read(self, size: int) -> bytes:
        found = []
        try:
            while size > 0 and (part := self._file.read1(size)):
                found.append(part)
                size -= len(part)
        except _ENDS as error:
            self._end(error)
        return b"".join(found)

    def _end(self, error: Exception) -> None:
        if not self._packed:
            raise error
        if not self._salvages:
            raise UnfinishedError from error
        self.damaged = True


def is_read(path: Path) -> bool:
    """Tell by a rotated file's name whether it is of a kind that is read."""
    return path.suffix in PACKED or not _UNREAD.fullmatch(path.suffix)


@contextmanager
def opened(path: Path, *, salvages: bool = False) -> Iterator[Stream]:
    """Open a file by what its name says; raises FileNotFoundError, `UnfinishedError` when read."""
    packed = path.suffix in PACKED
    with PACKED[path.suffix](path) if packed else path.open("rb") as file:
        yield Stream(file, packed=packed, salvages=salvages)


def inode_of(stat: os.stat_result) -> str:
    """Return the device and inode that a stat names."""
    return f"{stat.st_dev}:{stat.st_ino}"
