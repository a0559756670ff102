"""Files of a web server, followed: each line once, whatever is killed, renamed or compressed.

The place in a file moves in the transaction that stores its lines. A file is known by what has
been read of it (its first line, and the bytes before the place), not by its name: renamed,
compressed or copied it is the same file, and another one in its place is another. Two that begin
alike, as when one client asks for the same a thousand times a second, are told apart by the inode.
"""

import bz2
import gzip
import hashlib
import lzma
import os
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..models import LogFile
from ..policy.site_log import LONGEST_LINE, Refusal
from . import store

#: Bytes that one transaction takes, and those before the place by which a file is known.
CHUNK = 4 * 2**20
TAIL = 4096

_OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip
#: A compressed file that is still being written ends in one of these.
_UNFINISHED = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)


#: A file's stat when it was read to its end: until that changes there is nothing new in it.
Seen = dict[Path, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Round:
    """What one look found: the path that is followed, and all files of it by inode."""

    live: Path
    files: dict[str, Path]
    config: Config


def follow(path: Path, *, config: Config, seen: Seen | None = None) -> Counter[str]:
    """Take all that is new in a file and in those it was rotated to, oldest first.

    `seen` spares whoever looks every second the files that are as they were: compressed ones are
    read from their beginning.
    """
    seen = {} if seen is None else seen
    counts: Counter[str] = Counter()
    found = _files(path)
    look = _Round(path, {_inode(stat): one for one, stat in found}, config)
    for one, stat in found:
        same = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if seen.get(one) == same:
            continue
        # Rotated away between listing and opening: the next round finds it under its new name.
        with suppress(FileNotFoundError, *_UNFINISHED), _opened(one) as file:
            if _inode(os.fstat(file.fileno())) != _inode(stat):
                continue
            if head := _head(file):
                while taken := _chunk(look, one, _inode(stat), head, file):
                    counts += taken
        seen[one] = same
    return counts


def _files(path: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for one in path.parent.iterdir():
        if one.name == path.name or one.name.startswith((f"{path.name}.", f"{path.name}-")):
            with suppress(FileNotFoundError):
                if one.is_file():
                    found.append((one, one.stat()))
    return sorted(found, key=lambda row: (row[1].st_mtime_ns, row[0] == path, row[0].name))


def _inode(stat: os.stat_result) -> str:
    return f"{stat.st_dev}:{stat.st_ino}"


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


def _chunk(look: _Round, path: Path, inode: str, head: str, file: IO[bytes]) -> Counter[str] | None:
    """Take the next lines in one transaction; None: there is none that is whole."""
    with transaction.atomic():
        # Of two that follow one path each line is one's only.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(look.live)]
            )
        place = _place(look, path, inode, head, file)
        place = place or LogFile(name=str(look.live), head=head, inode=inode, position=0)
        file.seek(place.position)
        raw = file.read(CHUNK)
        # A line that a compressed file ends in will not grow.
        whole = len(raw) if len(raw) < CHUNK and path.suffix in _OPENERS else raw.rfind(b"\n") + 1
        endless = not whole and len(raw) == CHUNK
        taken = raw if endless else raw[:whole]
        if not taken:
            if place.pk and place.inode != (now_of := _owner(look, place, inode)):
                place.inode = now_of
                place.save(update_fields=["inode"])
            return None
        counts = _take(taken, place, look.config, endless=endless)
        place.position += len(taken)
        place.tail = _tail(file, place.position)
        place.inode = _owner(look, place, inode)
        place.inside, place.seen_at = endless, clock.now()
        place.save()
    return counts


def _take(taken: bytes, place: LogFile, config: Config, *, endless: bool) -> Counter[str]:
    if endless:
        return store.take([] if place.inside else [Refusal.ENORMOUS], config=config)
    lines = taken.removesuffix(b"\n").split(b"\n")
    return store.take_raw(lines[1:] if place.inside else lines, config=config)


def _owner(look: _Round, place: LogFile, inode: str) -> str:
    """Return which file a place is of now: a copy's only once the one that it was of is gone."""
    if place.inode == inode or not (other := look.files.get(place.inode)):
        return inode
    return place.inode if _holds(other, place) else inode


def _place(look: _Round, path: Path, inode: str, head: str, file: IO[bytes]) -> LogFile | None:
    """Return how far this very file was taken: the furthest place whose bytes are its own."""
    known = LogFile.objects.filter(name=str(look.live), head=head).order_by("-position")
    alike = [one for one in known if _tail(file, one.position) == one.tail]
    own = (one for one in alike if one.inode == inode)
    return next(own, None) or next((one for one in alike if _is_free(look, path, one)), None)


def _is_free(look: _Round, path: Path, place: LogFile) -> bool:
    """Tell whether a place may be this file's, though it was another's: not if that one is there.

    Except that it is being copied: to be cut off then (copytruncate), or compressed and removed.
    """
    other = look.files.get(place.inode)
    if other is None or other in {look.live, path.with_suffix("")}:
        return True
    return not _holds(other, place)


def _holds(path: Path, place: LogFile) -> bool:
    with suppress(FileNotFoundError, *_UNFINISHED), _opened(path) as file:
        return _head(file) == place.head and _tail(file, place.position) == place.tail
    return False


def _tail(file: IO[bytes], position: int) -> str:
    start = max(0, position - TAIL)
    file.seek(start)
    found = file.read(position - start)
    return hashlib.sha256(found).hexdigest() if len(found) == position - start else ""
