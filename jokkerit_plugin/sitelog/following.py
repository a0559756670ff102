"""Files of a web server, followed: each line once, whatever is killed, renamed or compressed.

The place in a file moves in the transaction that stores its lines. A file is known by what has
been read of it (its first line, and the bytes before the place), never by name or inode: renamed,
compressed or copied it is the same file, and another one in its place is another.
"""

import bz2
import gzip
import hashlib
import lzma
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..models import LogFile
from ..policy.site_log import LONGEST_LINE, Refusal
from . import store
from .parsing import read

#: Bytes that one transaction takes, and those before the place by which a file is known.
CHUNK = 4 * 2**20
TAIL = 4096

_OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip
#: A compressed file that is still being written ends in one of these.
_UNFINISHED = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)


def follow(path: Path, *, config: Config) -> Counter[str]:
    """Take all that is new in a file and in those it was rotated to, oldest first."""
    counts: Counter[str] = Counter()
    for one in _files(path):
        # Rotated away between listing and opening: the next round finds it under its new name.
        with suppress(FileNotFoundError, *_UNFINISHED), _opened(one) as file:
            if head := _head(file):
                while found := _chunk(str(path), head, file, one, config):
                    counts += found
    return counts


def _files(path: Path) -> Iterator[Path]:
    found = []
    for one in path.parent.iterdir():
        if one.name == path.name or one.name.startswith((f"{path.name}.", f"{path.name}-")):
            with suppress(FileNotFoundError):
                if one.is_file():
                    found.append((one.stat().st_mtime_ns, one.name != path.name, one.name, one))
    return (one for *_, one in sorted(found, key=lambda row: (row[0], not row[1], row[2])))


def _opened(path: Path) -> IO[bytes]:
    opener = _OPENERS.get(path.suffix)
    file: IO[bytes] = opener(path) if opener else path.open("rb")
    return file


def _head(file: IO[bytes]) -> str:
    """Return what the first line is known by; empty while it is not whole."""
    first = file.readline(LONGEST_LINE)
    if not first.endswith(b"\n") and len(first) < LONGEST_LINE:
        return ""
    return hashlib.sha256(first).hexdigest()


def _chunk(
    name: str, head: str, file: IO[bytes], path: Path, config: Config
) -> Counter[str] | None:
    """Take the next lines in one transaction; None: there is none that is whole."""
    with transaction.atomic():
        # Of two that follow one path each line is one's only.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [name])
        place = _place(name, head, file)
        position, inside = (place.position, place.inside) if place else (0, False)
        file.seek(position)
        raw = file.read(CHUNK)
        # A line that a compressed file ends in will not grow.
        whole = len(raw) if len(raw) < CHUNK and path.suffix in _OPENERS else raw.rfind(b"\n") + 1
        endless = not whole and len(raw) == CHUNK
        taken = raw if endless else raw[:whole]
        if not taken:
            return None
        now = clock.now()
        lines = taken.split(b"\n")
        if taken.endswith(b"\n"):
            lines.pop()
        if inside:
            lines = lines[1:]
        found = [read(one, now=now) for one in lines] if not endless else (
            [] if inside else [Refusal.ENORMOUS]
        )  # fmt: skip
        counts = store.take(found, config=config)
        place = place or LogFile(name=name, head=head)
        place.position = position + len(taken)
        place.tail = _tail(file, place.position)
        place.inside, place.seen_at = endless, now
        place.save()
    return counts


def _place(name: str, head: str, file: IO[bytes]) -> LogFile | None:
    """Return how far this very file was taken: the furthest place whose bytes are its own."""
    known = LogFile.objects.filter(name=name, head=head).order_by("-position")
    return next((one for one in known if _tail(file, one.position) == one.tail), None)


def _tail(file: IO[bytes], position: int) -> str:
    start = max(0, position - TAIL)
    file.seek(start)
    found = file.read(position - start)
    return hashlib.sha256(found).hexdigest() if len(found) == position - start else ""
