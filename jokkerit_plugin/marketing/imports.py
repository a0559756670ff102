"""Old opt-outs from files: Robinson lists, a provider's unsubscribes, bounces and complaints.

A file can add an opt-out, and never removes one. What cannot be read is rejected with its line's
number and a reason, never with what stands in it. A batch of lines is one transaction: a killed
import leaves whole batches, and the same file taken in again adds what is missing. Until one has
come to its end, or the controller has said that there are none, nobody is written to.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from django.db import OperationalError, connection, transaction

from .. import clock
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import OptOutImport, RejectedLine
from ..register.rows import table
from . import copied, key_checks, opt_out_files, opt_out_rows, remembered
from .opt_out_files import BadFile, Layout, Line

#: Lines of one transaction; memory is one batch.
BATCH = 20_000
#: Rejected lines that are read at once.
PAGE = 10_000
#: Times that a batch is tried.
ATTEMPTS = 5
_DEADLOCK = "40P01"
_REJECTED = f"COPY {table(RejectedLine)} (report_id, line, reason) FROM STDIN"
#: How long it can be read which lines were rejected.
REPORT_DAYS = 90


class Overtaken(Exception):
    """Another worker has gone on with a file that was held to be left by this one."""


def take_in(
    path: Path,
    layout: Layout,
    *,
    actor: Actor,
    dry_run: bool = False,
    report: Callable[[OptOutImport, int], None] = lambda *_: None,
) -> OptOutImport:
    """Take in a file; return its report. Raises `BadFile`, `NoKey`, `Refused`.

    `report` is called after each batch with the report so far and the bytes that were read.
    """
    controller_or_command(actor, "import opt-outs")
    key_checks.hold()
    ask(layout)
    done = OptOutImport.objects.create(
        started_by=actor.key, dry_run=dry_run, sha256=_sha256(path), size=path.stat().st_size,
        started_at=clock.now(),
    )  # fmt: skip
    with path.open("rb") as file:
        go_through(done, file, layout, report=report)
    return done


def ask(layout: Layout) -> None:
    """Raise `BadFile` for a way of writing that no file has."""
    if len(layout.delimiter) != 1 or not opt_out_files.is_encoding(layout.encoding):
        raise BadFile("Give one character that separates, and an encoding.", field="layout")


def go_through(
    done: OptOutImport,
    file: BinaryIO,
    layout: Layout,
    *,
    report: Callable[[OptOutImport, int], None],
) -> None:
    """Take in a file from where its report stands. Raises and reports as `take_in`.

    Raises `Overtaken` when another worker has gone on with it meanwhile: each line counts once.
    """
    with TextIOWrapper(file, encoding=layout.encoding, newline="", errors="strict") as text:
        lines = opt_out_files.lines(text, layout, done.started_at, after=done.lines)
        for batch in _batches(lines):
            _take(done, batch)
            report(done, opt_out_files.place(text))
    with transaction.atomic():
        _hold(done, done.lines)
        done.finished_at = clock.now()
        done.save()


def _batches(lines: Iterator[tuple[int, Line]]) -> Iterator[list[tuple[int, Line]]]:
    """Yield the lines some thousand at a time; those before what cannot be read, too."""
    broken, batch = None, []
    try:
        for one in lines:
            batch.append(one)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except BadFile as error:
        broken = error
    if batch:
        yield batch
    if broken:
        raise broken


def declare_none(actor: Actor) -> OptOutImport:
    """Record the controller's word that there are no old opt-outs to bring."""
    controller_or_command(actor, "declare no opt-outs")
    now = clock.now()
    remembered.forget()
    return OptOutImport.objects.create(
        started_by=actor.key, started_at=now, finished_at=now, declared=True
    )


def rejected(report: int) -> Iterator[bytes]:
    """Yield which lines of a file were rejected and why, as CSV, some thousand at a time."""
    yield b"line,reason\r\n"
    after = -1
    while True:
        rows = RejectedLine.objects.filter(report=report, line__gt=after).order_by("line")
        if not (found := list(rows.values_list("line", "reason")[:PAGE])):
            return
        yield "".join(f"{line},{reason}\r\n" for line, reason in found).encode()
        after = found[-1][0]


def forget() -> int:
    """Remove which lines were rejected once nobody mends that file any more; return how many."""
    before = clock.now() - timedelta(days=REPORT_DAYS)
    return RejectedLine.objects.filter(report__started_at__lt=before).delete()[0]


def controller_or_command(actor: Actor, act: str) -> None:
    """Let pass the controller's people and whoever has the server; refuse others, logged."""
    if not actor.is_command:
        controller_only(actor, act)


def _take(done: OptOutImport, batch: Sequence[tuple[int, Line]]) -> None:
    """Take in one batch and its figures together."""
    before = done.lines
    for left in range(ATTEMPTS)[::-1]:
        try:
            _take_once(done, batch, before)
        except OperationalError as error:
            # Somebody says no to several contacts of the batch at this moment: they go first.
            if not left or getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
                raise
        else:
            return


def _take_once(done: OptOutImport, batch: Sequence[tuple[int, Line]], before: int) -> None:
    good = [line for _, line in batch if not isinstance(line, str)]
    bad = [(number, line) for number, line in batch if isinstance(line, str)]
    with transaction.atomic():
        _hold(done, before)
        key_checks.hold()
        added, known, older = opt_out_rows.add(good, actor=done.started_by, dry_run=done.dry_run)
        done.lines += len(batch)
        done.added += added
        done.known += known
        done.older += older
        done.rejected += len(bad)
        if bad:
            with connection.cursor() as cursor, cursor.copy(_REJECTED) as copy:
                for number, reason in bad:
                    copy.write_row((done.pk, number, reason))
        done.save()
        copied.soon()


def _hold(done: OptOutImport, before: int) -> None:
    """Lock the report and read it anew; nobody else has gone on with the file since it was read."""
    done.refresh_from_db(from_queryset=OptOutImport.objects.select_for_update(no_key=True))
    if done.lines != before or done.finished_at:
        raise Overtaken


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
