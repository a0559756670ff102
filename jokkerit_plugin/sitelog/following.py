"""Files of a web server, followed: each line once, whatever is killed, renamed or compressed.

The place in a file moves in the transaction that stores its lines. A file is known by what has
been read of it (its first line, and the bytes before the place), not by its name: renamed,
compressed or copied it is the same file, and another one in its place is another. Two that begin
alike, as when one client asks for the same a thousand times a second, are told apart by the inode.
"""

import os
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from .. import clock
from ..config import Config
from ..logs import logger_of
from ..models import LogFile
from ..policy.site_log import MOST_DAYS, Refusal
from ..register.locks import Lock, lock
from . import days, store
from .files import PACKED, Stream, UnfinishedError, inode_of, is_read, opened
from .minimised import harmless

logger = logger_of(__name__)

#: Bytes that one transaction takes: what a killed reader does again, a second or two.
CHUNK = 2**20
#: A compressed file that nobody has written for so long, and that does not end, is damaged.
SETTLED = timedelta(hours=1)

#: A file's stat, and the day, when it was read to its end: until that changes there is nothing new
#: in it. Each day it is opened anew, so that the register knows that it is still there.
Seen = dict[Path, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class _Round:
    """What one look found: the path that is followed, and all files of it by inode."""

    live: Path
    files: dict[str, Path]
    config: Config


@dataclass(frozen=True, slots=True)
class _File:
    """One of them, opened. A line that says no time is of `written` at the latest."""

    path: Path
    stream: Stream
    written: datetime


def follow(path: Path, *, config: Config, seen: Seen | None = None) -> Counter[str]:
    """Take all that is new in a file and in those it was rotated to, oldest first.

    `seen` spares whoever looks every second the files that are as they were: compressed ones are
    read from their beginning.
    """
    seen = {} if seen is None else seen
    counts: Counter[str] = Counter()
    found = _files(path)
    unread = {one for one, _ in found if one != path and not is_read(one)}
    files = {inode_of(stat): one for one, stat in found if one not in unread}
    look = _Round(path, files, config)
    for one, stat in found:
        written = min(clock.now(), datetime.fromtimestamp(stat.st_mtime, UTC))
        settled = one.suffix in PACKED and clock.now() - written > SETTLED
        # ctime: a file that was closed to the reader is opened to it.
        same = (stat.st_ino, stat.st_size, stat.st_ctime_ns, days.today(), settled)
        if seen.get(one) == same:
            continue
        if one in unread:
            counts += _tell_of(one, Refusal.UNREADABLE, config)
            seen[one] = same
            continue
        try:
            with opened(one, salvages=settled) as stream:
                if stream.inode != inode_of(stat):
                    continue
                # One that is still being compressed is read when it has ended.
                with suppress(UnfinishedError):
                    _take_all(look, _File(one, stream, written), counts)
                if stream.damaged:
                    counts += _tell_of(one, Refusal.DAMAGED, config)
        except FileNotFoundError:
            # Rotated away meanwhile: the next round finds it under its new name.
            pass
        except OSError:
            # It may grow every second: told once a day, and tried each time.
            told = (stat.st_ino, days.today())
            if seen.get(one) != told:
                counts += _tell_of(one, Refusal.UNREADABLE, config)
            seen[one] = told
            continue
        seen[one] = same
    return counts


def forget() -> int:
    """Forget files that are gone so long that their lines are out of time, if they come back.

    Return how many places that is.
    """
    return LogFile.objects.filter(seen_at__lt=clock.now() - timedelta(days=MOST_DAYS)).delete()[0]


def _files(path: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for one in path.parent.iterdir():
        # access.log.1, access.log-20261128; access.log-ssl is another log.
        if re.match(rf"{re.escape(path.name)}(\.|-\d|$)", one.name):
            with suppress(FileNotFoundError):
                if one.is_file():
                    found.append((one, one.stat()))
    return sorted(found, key=lambda row: (row[1].st_mtime_ns, row[0] == path, row[0].name))


_TOLD = {
    Refusal.DAMAGED: "damaged: it was read as far as it goes",
    Refusal.UNREADABLE: "closed to the reader, or of a kind that is not read",
}


def _tell_of(path: Path, why: Refusal, config: Config) -> Counter[str]:
    """Count a file; its name is no secret, and what is in it is shown nowhere."""
    name = harmless(path.name)
    logger.warning("%s is %s", name, _TOLD[why])
    return store.take([why], config=config, examples={why: name})


def _take_all(look: _Round, file: _File, counts: Counter[str]) -> None:
    place = None
    if head := file.stream.head():
        while place := _take_next(look, file, head, place, counts):
            pass


def _take_next(
    look: _Round, file: _File, head: str, last: LogFile | None, counts: Counter[str]
) -> LogFile | None:
    """Take the next lines in one transaction; return the place after them.

    None: there is none that is whole.
    """
    stream = file.stream
    with transaction.atomic():
        # Of two that follow one path each line is one's only.
        lock(Lock.LOG_FILE, [str(look.live)])
        place = _same(file, last) or _place(look, file, head)
        inode = stream.inode
        place = place or LogFile(name=str(look.live), head=head, inode=inode, position=0)
        raw = stream.look(place.position, CHUNK)
        # A line that a compressed file ends in will not grow.
        ends = len(raw) < CHUNK and file.path.suffix in PACKED and not stream.damaged
        whole = len(raw) if ends else raw.rfind(b"\n") + 1
        endless = not whole and len(raw) == CHUNK
        taken = raw if endless else raw[:whole]
        if not taken:
            _saw(look, place, inode)
            return None
        told = _take(taken, file, place, look.config, endless=endless)
        stream.pass_by(len(taken))
        place.position, place.tail = stream.position, stream.tail
        place.inode = _owner(look, place, inode)
        place.inside, place.seen_at = endless, clock.now()
        place.save()
    counts += told
    return place


def _saw(look: _Round, place: LogFile, inode: str) -> None:
    """Note whose a place is now, and once a day that the file is still there."""
    owner, yesterday = _owner(look, place, inode), clock.now() - timedelta(days=1)
    if place.pk and (place.inode != owner or place.seen_at < yesterday):
        place.inode, place.seen_at = owner, clock.now()
        place.save(update_fields=["inode", "seen_at"])


def _take(
    taken: bytes, file: _File, place: LogFile, config: Config, *, endless: bool
) -> Counter[str]:
    if endless:
        return store.take([] if place.inside else [Refusal.ENORMOUS], config=config)
    lines = taken.removesuffix(b"\n").split(b"\n")
    lines = lines[1:] if place.inside else lines
    return store.take_raw(lines, config=config, written=file.written)


def _owner(look: _Round, place: LogFile, inode: str) -> str:
    """Return which file a place is of now: a copy's only once the one that it was of is gone."""
    if place.inode == inode or not (other := look.files.get(place.inode)):
        return inode
    return place.inode if _holds(other, place) else inode


def _same(file: _File, last: LogFile | None) -> LogFile | None:
    """Return the place of the step before, if it is still this one's.

    A compressed file does not change; another may have been cut off meanwhile.
    """
    if last is None or file.path.suffix not in PACKED:
        return None
    return LogFile.objects.filter(pk=last.pk, position=last.position, tail=last.tail).first()


def _place(look: _Round, file: _File, head: str) -> LogFile | None:
    """Return how far this very file was taken: the furthest place whose bytes are its own."""
    known = LogFile.objects.filter(name=str(look.live), head=head).order_by("-position")
    alike = [one for one in known if file.stream.holds(one.position, one.tail)]
    own = (one for one in alike if one.inode == file.stream.inode)
    return next(own, None) or next((one for one in alike if _is_free(look, file.path, one)), None)


def _is_free(look: _Round, path: Path, place: LogFile) -> bool:
    """Tell whether a place may be this file's, though it was another's: not if that one is there.

    Except that it is being copied: to be cut off then (copytruncate), or compressed and removed.
    """
    other = look.files.get(place.inode)
    if other is None or other in {look.live, path.with_suffix("")}:
        return True
    return not _holds(other, place)


def _holds(path: Path, place: LogFile) -> bool:
    with suppress(OSError, UnfinishedError), opened(path) as stream:
        return stream.head() == place.head and stream.holds(place.position, place.tail)
    return False
