"""Files of old opt-outs that a browser sends: kept encrypted for a day, taken in by a worker.

A dry run and the import itself read the same stored file. A worker takes it in batch by batch and
says after each how far it is; what a killed worker leaves, the next goes on with after `STALE`,
where the last whole batch ended. Who was only slow finds that, and leaves it. Taken in, the file is
deleted.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile

from django.db import OperationalError, transaction
from django.db.models import Q
from pydantic import TypeAdapter

from .. import clock, keys
from ..access.actor import Actor
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import OptOutChunk, OptOutFile, OptOutImport
from . import imports, key_checks, opt_out_files
from .opt_out_files import BadFile, Layout

logger = logger_of(__name__)

#: Bytes of a chunk, and of the largest file (some five million lines).
CHUNK, MOST = 1 << 20, 200_000_000
KEPT = timedelta(days=1)
STALE = timedelta(minutes=5)
_USE = "opt-outs"
_BROKEN = "The file could not be taken in. What it added before stays; send it again."
_LAYOUT = TypeAdapter(Layout)


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looks like: the cells of its first line, and how it seems to be written."""

    columns: list[str]
    delimiter: str
    encoding: str


def store(pieces: Iterable[bytes], *, actor: Actor) -> OptOutFile:
    """Keep a file for a day. Raises `BadFile`, `NoKey`, `ControllersOnly`."""
    imports.controller_or_command(actor, "upload opt-outs")
    key_checks.check()
    digest = hashlib.sha256()
    with transaction.atomic():
        file = OptOutFile.objects.create(uploaded_at=clock.now(), uploaded_by=actor.key)
        for number, piece in enumerate(pieces):
            digest.update(piece)
            file.size += len(piece)
            if file.size > MOST:
                message = f"The file is larger than {MOST:,} bytes: bring it in parts."
                raise BadFile(message, field="file")
            version, sealed = keys.seal(_USE, piece, about=_about(file, number))
            OptOutChunk.objects.create(file=file, number=number, key_version=version, sealed=sealed)
        if not file.size:
            raise BadFile("The file is empty.", field="file")
        file.sha256 = digest.hexdigest()
        file.save()
    return file


def look(file: OptOutFile) -> Look:
    """Return what a stored file looks like. Raises `NoKey`, `BadFile`."""
    start = next(_pieces(file), b"")
    encoding = "cp1252"
    try:
        # A letter that the chunk's end cuts is none that is wrong.
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        pass
    text = start.decode(encoding, errors="replace").lstrip("\r\n")
    line = next(iter(text.splitlines()), "")
    delimiter = max(",;\t|", key=line.count)
    try:
        cells = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    except csv.Error:
        raise BadFile("This is no file of lines and columns (CSV).", field="file") from None
    return Look([one.strip() for one in cells], delimiter, encoding)


def order(file_id: int, layout: Layout, *, actor: Actor, dry_run: bool) -> OptOutImport:
    """Have a stored file taken in, or tried. Raises `BadFile`, `NoKey`, `ControllersOnly`."""
    imports.controller_or_command(actor, "import opt-outs")
    key_checks.check()
    with transaction.atomic():
        file = OptOutFile.objects.select_for_update(no_key=True).filter(pk=file_id).first()
        if file is None:
            message = "The file is here no more: it is kept for a day. Send it again."
            raise BadFile(message, field="file")
        if OptOutImport.objects.filter(file=file, finished_at=None, problem="").exists():
            raise BadFile("This file is being read already.", field="file")
        imports.ask(layout)
        text = next(_pieces(file)).decode(layout.encoding, errors="replace")
        next(opt_out_files.lines(io.StringIO(text, newline=""), layout, clock.now()), None)
        return OptOutImport.objects.create(
            started_by=actor.key, started_at=clock.now(), dry_run=dry_run, file=file,
            layout=_LAYOUT.dump_python(layout, mode="json"), sha256=file.sha256, size=file.size,
        )  # fmt: skip


def repeat(tried: OptOutImport, *, actor: Actor) -> OptOutImport:
    """Have taken in what a dry run has tried, as it was read then. Raises as `order` does."""
    if not tried.dry_run or not tried.finished_at or tried.layout is None:
        raise BadFile("Only a dry run that came to its end can be taken in.", field="id")
    layout = _LAYOUT.validate_python(tried.layout)
    return order(tried.file_id or 0, layout, actor=actor, dry_run=False)


def work() -> int:
    """Take in what waits, one file after another; return how many came to their end."""
    forget()
    done = 0
    while (one := _claim()) is not None:
        try:
            _take_in(one)
        except imports.Overtaken:
            continue
        except OperationalError:
            # The database was away: the next call goes on.
            raise
        except Exception as error:  # noqa: BLE001 - one bad file stops no other
            problem = error.message if isinstance(error, RegisterError) else _BROKEN
            logger.error("a file of opt-outs was not taken in: %s", describe(error))  # noqa: TRY400
            mine = OptOutImport.objects.filter(pk=one.pk, claimed_at=one.claimed_at)
            mine.filter(finished_at=None).update(problem=problem[:200])
        done += 1
    return done


def forget() -> int:
    """Delete the files whose day is over and that nobody reads; return how many."""
    old = OptOutFile.objects.filter(uploaded_at__lt=clock.now() - KEPT)
    at_work = OptOutImport.objects.filter(finished_at=None, problem="", file__isnull=False)
    return old.exclude(pk__in=at_work.values("file")).delete()[0]


def _claim() -> OptOutImport | None:
    """Take the oldest file that nobody is at."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=clock.now() - STALE)
    waiting = OptOutImport.objects.filter(
        free, finished_at=None, layout__isnull=False, problem=""
    ).order_by("pk")
    with transaction.atomic():
        one = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if one is not None:
            one.claimed_at = clock.now()
            one.save(update_fields=["claimed_at"])
    return one


def _take_in(one: OptOutImport) -> None:
    if one.file is None:
        raise BadFile("The file is here no more. Send it again.", field="file")
    layout = _LAYOUT.validate_python(one.layout)
    # Without a name: a killed worker leaves nobody's address on the disk.
    with TemporaryFile() as copy:
        for piece in _pieces(one.file):
            copy.write(piece)
        copy.seek(0)
        imports.go_through(one, copy, layout, report=_tell)
    if not one.dry_run:
        one.file.delete()


def _tell(one: OptOutImport, read: int) -> None:
    one.read, one.claimed_at = read, clock.now()
    OptOutImport.objects.filter(pk=one.pk).update(read=read, claimed_at=one.claimed_at)


def _pieces(file: OptOutFile) -> Iterator[bytes]:
    for number in range(OptOutChunk.objects.filter(file=file).count()):
        chunk = OptOutChunk.objects.get(file=file, number=number)
        yield keys.unseal(_USE, chunk.key_version, bytes(chunk.sealed), about=_about(file, number))


def _about(file: OptOutFile, number: int) -> str:
    return f"{file.pk}:{number}"
