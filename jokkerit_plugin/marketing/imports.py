"""Old opt-outs from files: Robinson lists, a provider's unsubscribes, bounces and complaints.

A file can add an opt-out, and never removes one. What cannot be read is rejected with its line's
number and a reason, never with what stands in it. A batch of lines is one transaction: a killed
import leaves whole batches, and the same file taken in again adds what is missing. Until one has
come to its end, or the controller has said that there are none, nobody is written to.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from django.db import OperationalError, connection, transaction

from .. import clock
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import MarketingEvent, OptOutImport, RejectedLine, Suppression
from ..policy.marketing import CONFIRM_WITHIN, OPT_OUTS, Channel, Kind, Source
from ..register.rows import table
from ..shop.port import shop
from . import contact_keys, copied, key_checks, opt_out_files, remembered, store
from .opt_out_files import BadFile, Layout, Line

#: Lines of one transaction; memory is one batch.
BATCH = 20_000
#: Rejected lines that are read at once.
PAGE = 10_000
#: Times that a batch is tried.
ATTEMPTS = 5
_DEADLOCK = "40P01"
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
        added, known, older = _store(good, done.started_by, dry_run=done.dry_run)
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


def _store(
    lines: Sequence[tuple[Channel, str, Kind, datetime]], actor: str, *, dry_run: bool
) -> tuple[int, int, int]:
    """Return how many opt-outs are new, known, and older than the person's own consent."""
    if not lines:
        return 0, 0, 0
    digests = contact_keys.many([(channel, text) for channel, text, _, _ in lines])
    newest = next(iter(digests))
    every = list(zip(*digests.values(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy(_COPY) as copy:
            for (channel, _, kind, at), mine in zip(lines, every, strict=True):
                copy.write_row((mine[0], list(mine), channel.value, kind.value, at))
        cursor.execute(_SORT_OUT)
        # Under any key. `known`: in force, and no consent waits that this ends. `older`: lifted, or
        # consented to, since.
        cursor.execute(_COUNT, {
            "versions": list(digests), "gives": [Kind.CONFIRMED.value, Kind.RECONSENT.value],
            "theirs": [Source.LINK.value, Source.MAIL.value, Source.STAFF.value],
            "confirmed": shop().config().marketing_double_opt_in,
            "waits": clock.now() - CONFIRM_WITHIN, "closes": [one.value for one in OPT_OUTS],
        })  # fmt: skip
        added, older = cursor.fetchone() or (0, 0)
        if not dry_run:
            cursor.execute(_ADD, {"version": newest, "actor": actor})
        cursor.execute("DROP TABLE pg_temp.opt_outs")
    return added, len(lines) - added - older, older


_TABLE = (
    "CREATE TEMP TABLE opt_outs (digest bytea, every bytea[], channel text, kind text,"
    " at timestamptz, state text) ON COMMIT DROP"
)
_REJECTED = f"COPY {table(RejectedLine)} (report_id, line, reason) FROM STDIN"
_COPY = "COPY pg_temp.opt_outs (digest, every, channel, kind, at) FROM STDIN"
#: Of one address the latest line counts.
_SORT_OUT = """
    DELETE FROM pg_temp.opt_outs AS one USING (
        SELECT ctid, row_number() OVER (PARTITION BY digest, channel
            ORDER BY kind = 'bounce', at DESC) AS place
        FROM pg_temp.opt_outs) AS all_of
    WHERE one.ctid = all_of.ctid AND all_of.place > 1"""
# A row for each key: joined by `= ANY`, a plan of before the first ANALYZE took minutes.
_COUNT = f"""
    WITH keys AS (
        SELECT o.digest AS line, o.channel, o.kind, o.at, k.version, k.digest
        FROM pg_temp.opt_outs AS o, unnest(%(versions)s::text[], o.every) AS k(version, digest)),
    states AS (
        UPDATE pg_temp.opt_outs AS new SET state = CASE WHEN old.known THEN 'known'
            WHEN old.older THEN 'older' ELSE 'new' END
        FROM (SELECT k.line AS digest, k.channel,
                coalesce(bool_or(s.lifted_at IS NULL AND s.id IS NOT NULL
                    AND (s.reason <> 'bounce' OR k.kind = 'bounce')
                    AND (k.kind = 'bounce' OR NOT (
                        SELECT coalesce(max(e.at) FILTER (WHERE e.kind = 'consent')
                            > coalesce(max(e.at) FILTER (WHERE e.kind = ANY(%(closes)s::text[])),
                                s.since), false)
                        FROM {table(MarketingEvent)} AS e WHERE e.key_version = k.version
                            AND e.digest = k.digest AND e.channel = k.channel AND e.at <= k.at
                            AND e.at > %(waits)s))), false) AS known,
                coalesce(bool_or(s.lifted_at > k.at), false) OR bool_or(EXISTS (
                    SELECT FROM {table(MarketingEvent)} AS e
                    WHERE e.key_version = k.version AND e.digest = k.digest
                        AND e.channel = k.channel AND e.at > k.at
                        AND (e.kind = ANY(%(gives)s::text[]) OR e.kind = 'consent'
                            AND split_part(e.source, ':', 1) = ANY(%(theirs)s::text[])
                            AND (k.channel <> 'email' OR NOT %(confirmed)s)))) AS older
            FROM keys AS k LEFT JOIN {table(Suppression)} AS s
                ON s.key_version = k.version AND s.digest = k.digest AND s.channel = k.channel
            GROUP BY k.line, k.channel) AS old
        WHERE old.digest = new.digest AND old.channel = new.channel
        RETURNING new.state)
    SELECT count(*) FILTER (WHERE state = 'new'), count(*) FILTER (WHERE state = 'older')
    FROM states"""
_ADD = f"""
    WITH listed AS (
        INSERT INTO {table(Suppression)} AS old (key_version, digest, channel, since, reason)
        SELECT %(version)s, digest, channel, at, kind FROM pg_temp.opt_outs WHERE state = 'new'
        ORDER BY digest, channel {store.AGAIN})
    INSERT INTO {table(MarketingEvent)} (key_version, digest, channel, kind, at, source, actor)
    SELECT %(version)s, digest, channel, kind, at, '{Source.IMPORT.value}', %(actor)s
    FROM pg_temp.opt_outs WHERE state = 'new'"""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
