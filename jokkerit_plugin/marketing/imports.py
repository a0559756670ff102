"""Old opt-outs from files: Robinson lists, a provider's unsubscribes, bounces and complaints.

A file can add an opt-out, and never removes one. What cannot be read is rejected with its line's
number and a reason, never with what stands in it. A batch of lines is one transaction: a killed
import leaves whole batches, and the same file taken in again adds what is missing. Until one has
come to its end, or the controller has said that there are none, nobody is written to.
"""

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from .. import clock, keys
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..errors import RegisterError
from ..models import MarketingEvent, OptOutImport, Suppression
from ..policy.marketing import CLOSING, Channel, Kind, Source
from ..register.rows import table
from . import contact_keys, store
from .contact_keys import BadAddress

#: Lines of one transaction; memory is one batch.
BATCH = 20_000
#: Rejected lines that are told one by one.
TOLD = 1000
_MOST_COLUMNS = 200
KINDS = CLOSING


class BadFile(RegisterError):
    """A file that cannot be taken in as asked."""

    code = "BAD_FILE"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column holds what: by the names of the first line, or, without one, numbers from 1.

    Without a column for the channel or kind, `channel` or `kind` is every line's. `date`: ISO 8601;
    a line without one counts from now. `address`: one column, of post four.
    """

    address: tuple[str, ...]
    channel: Channel | None = None
    channel_column: str = ""
    kind: Kind = Kind.DECLARED
    kind_column: str = ""
    date: str = ""
    heading: bool = True
    delimiter: str = ","
    encoding: str = "utf-8-sig"


#: A line that was read: channel, normalised address, kind, when; or the reason why it was not.
Line = tuple[Channel, str, Kind, datetime] | str


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
    keys.current()
    if len(layout.delimiter) != 1 or not _is_encoding(layout.encoding):
        raise BadFile("Give one character that separates, and an encoding.", field="layout")
    done = OptOutImport.objects.create(
        started_by=actor.key, dry_run=dry_run, sha256=_sha256(path), size=path.stat().st_size,
        started_at=clock.now(),
    )  # fmt: skip
    with path.open(encoding=layout.encoding, newline="", errors="strict") as file:
        try:
            lines = _lines(file, layout, done.started_at)
            while batch := list(islice(lines, BATCH)):
                _take(done, batch)
                report(done, _place(file))
        except (UnicodeError, csv.Error) as error:
            message = f"The file cannot be read after line {done.lines}: {type(error).__name__}."
            raise BadFile(message, field="file") from None
    done.finished_at = clock.now()
    done.save()
    return done


def declare_none(actor: Actor) -> OptOutImport:
    """Record the controller's word that there are no old opt-outs to bring."""
    controller_or_command(actor, "declare no opt-outs")
    now = clock.now()
    return OptOutImport.objects.create(
        started_by=actor.key, started_at=now, finished_at=now, declared=True
    )


def controller_or_command(actor: Actor, act: str) -> None:
    """Let pass the controller's people and whoever has the server; refuse others, logged."""
    if not actor.is_command:
        controller_only(actor, act)


def _lines(file: Any, layout: Layout, now: datetime) -> Iterator[tuple[int, Line]]:
    """Yield number and content of each line that is not empty."""
    rows = csv.reader(file, delimiter=layout.delimiter)
    columns = _columns(next(rows, []) if layout.heading else [], layout)
    for row in rows:
        if any(one.strip() for one in row):
            yield rows.line_num, _read(row, columns, layout, now)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a row each thing stands."""

    address: tuple[int, ...]
    channel: int | None
    kind: int | None
    date: int | None


def _columns(heading: Sequence[str], layout: Layout) -> _Columns:
    names = [name.strip().lower() for name in heading]

    def place(name: str) -> int | None:
        if not name:
            return None
        if layout.heading:
            if name.strip().lower() not in names:
                raise BadFile(f"The first line has no column {name!r}.", field="layout")
            return names.index(name.strip().lower())
        if not name.isdecimal() or not 1 <= int(name) <= _MOST_COLUMNS:
            raise BadFile("Without a first line of names, give columns' numbers.", field="layout")
        return int(name) - 1

    address = tuple(found for name in layout.address if (found := place(name)) is not None)
    if not address or (layout.channel is None and not layout.channel_column):
        raise BadFile("Say in which column the address stands, and the channel.", field="layout")
    return _Columns(
        address, place(layout.channel_column), place(layout.kind_column), place(layout.date)
    )


def _read(row: Sequence[str], columns: _Columns, layout: Layout, now: datetime) -> Line:
    try:
        channel = (
            layout.channel if columns.channel is None else Channel(_cell(row, columns.channel))
        )
    except ValueError:
        return "bad_channel"
    try:
        kind = layout.kind if columns.kind is None else Kind(_cell(row, columns.kind))
    except ValueError:
        return "bad_kind"
    if kind not in KINDS or channel is None:
        return "bad_kind"
    try:
        at = _moment(_cell(row, columns.date, lower=False)) if columns.date is not None else None
    except ValueError:
        return "bad_date"
    if at and at > now:
        return "future_date"
    try:
        text = "|".join(_cell(row, one, lower=False) for one in columns.address)
        return channel, contact_keys.normalise(channel, text), kind, at or now
    except BadAddress:
        return "bad_address"


def _cell(row: Sequence[str], place: int, *, lower: bool = True) -> str:
    text = row[place].strip() if place < len(row) else ""
    return text.lower() if lower else text


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    # A day, or a time without a zone, is Finnish.
    return found if found.tzinfo else found.replace(tzinfo=clock.HELSINKI)


def _take(done: OptOutImport, batch: Sequence[tuple[int, Line]]) -> None:
    """Take in one batch and its figures together."""
    good = [line for _, line in batch if not isinstance(line, str)]
    bad = [[number, line] for number, line in batch if isinstance(line, str)]
    with transaction.atomic():
        added, known, older = _store(good, done.started_by, dry_run=done.dry_run)
        done.lines += len(batch)
        done.added += added
        done.known += known
        done.older += older
        done.rejected += len(bad)
        done.rejections += bad[: TOLD - len(done.rejections)]
        done.save()


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
        # `known`: in force under any key. `older`: lifted since, under any key.
        cursor.execute(_COUNT, {"versions": list(digests)})
        added, known, older = cursor.fetchone() or (0, 0, 0)
        if not dry_run:
            cursor.execute(_ADD, {"version": newest, "actor": actor})
        cursor.execute("DROP TABLE pg_temp.opt_outs")
    return added, len(lines) - added - older, older


_TABLE = (
    "CREATE TEMP TABLE opt_outs (digest bytea, every bytea[], channel text, kind text,"
    " at timestamptz, state text) ON COMMIT DROP"
)
_COPY = "COPY pg_temp.opt_outs (digest, every, channel, kind, at) FROM STDIN"
#: Of one address the latest line counts.
_SORT_OUT = """
    DELETE FROM pg_temp.opt_outs AS one USING (
        SELECT ctid, row_number() OVER (PARTITION BY digest, channel ORDER BY at DESC) AS place
        FROM pg_temp.opt_outs) AS all_of
    WHERE one.ctid = all_of.ctid AND all_of.place > 1"""
_COUNT = f"""
    WITH states AS (
        UPDATE pg_temp.opt_outs AS new SET state = CASE WHEN old.known THEN 'known'
            WHEN old.older THEN 'older' ELSE 'new' END
        FROM (SELECT o.digest, o.channel,
                coalesce(bool_or(s.lifted_at IS NULL AND s.id IS NOT NULL
                    AND (s.reason <> 'bounce' OR o.kind = 'bounce')), false) AS known,
                coalesce(bool_or(s.lifted_at > o.at), false) AS older
            FROM pg_temp.opt_outs AS o LEFT JOIN {table(Suppression)} AS s
                ON s.key_version = ANY(%(versions)s::text[]) AND s.digest = ANY(o.every)
                    AND s.channel = o.channel
            GROUP BY o.digest, o.channel) AS old
        WHERE old.digest = new.digest AND old.channel = new.channel
        RETURNING new.state)
    SELECT count(*) FILTER (WHERE state = 'new'), count(*) FILTER (WHERE state = 'known'),
        count(*) FILTER (WHERE state = 'older') FROM states"""
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


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _place(file: Any) -> int:
    # A text file that is being iterated does not tell; the bytes below it do.
    return int(file.buffer.tell())
