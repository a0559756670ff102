"""Writes a copy: a zip file that comes into being in pieces, each encrypted as it is stored.

    index.html          for reading
    json/<table>.json   every table as a list of objects
    csv/<table>.csv     the same, for a spreadsheet
    invoices/           invoices as they were sent
    files/              what the shop stores as files

Nothing is held whole: tables are read a page at a time, once for each of the three forms.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from ... import clock, keys
from ...config import Config
from ...models import Archive, ArchiveChunk, Request, RequestEvent, RequestLetter
from ...shop.port import shop
from .. import store
from . import about, held, html, in_shop
from .held import Held, Listed
from .whose import Whose

#: Bytes of a chunk.
CHUNK = 1 << 18
#: Days for which a copy can be fetched.
DAYS = 7
_USE = "archive"


def make(row: Request, config: Config, language: str) -> Archive:
    """Write the copy of a request into the database, and return it.

    In the caller's transaction, whose one snapshot gives the copy one moment. Raises `NoKey`.
    """
    Archive.objects.filter(request=row).delete()
    made = Archive.objects.create(
        request=row, made_at=clock.now(), expires_at=clock.now() + timedelta(days=DAYS),
        sha256="0" * 64, size=0,
    )  # fmt: skip
    sink = _Sink(made)
    write(sink, Whose.of(row), config, language)
    sink.close()
    made.sha256, made.size = sink.digest.hexdigest(), sink.size
    made.save(update_fields=["sha256", "size"])
    return made


def write(out: Any, whose: Whose, config: Config, language: str) -> None:
    """Write the zip to whatever has `write` and `flush`; in a transaction."""
    tables = [*held.of_register(whose), *in_shop.of_shop(whose)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _entry(archive, "index.html", html.pages(whose, tables, config, language))
        for one in about.lists(whose, config, language):
            _entry(archive, f"json/{one.name}.json", _json(one.names, one.rows))
        for one in about.lists(whose, config, language):
            _entry(archive, f"csv/{one.name}.csv", _csv(one))
        for table in tables:
            if _entry(archive, f"json/{table.name}.json", _json(table.columns, table.rows())):
                _entry(archive, f"csv/{table.name}.csv", _csv(table))
        for name, pieces in held.invoices(whose):
            _file(archive, f"invoices/{name}", pieces)
        for name in _stored(tables):
            _file(archive, f"files/{name.lstrip('/').replace('..', '_')}", shop().stored_file(name))


def read(made: Archive) -> Iterator[bytes]:
    """Return the bytes of a copy, a chunk in memory.

    The first is read at once: without its key nothing is said to be fetched. Raises `NoKey`.
    """
    pieces = _pieces(made)
    return chain([next(pieces, b"")], pieces)


def _pieces(made: Archive) -> Iterator[bytes]:
    for number in range(ArchiveChunk.objects.filter(archive=made).count()):
        chunk = ArchiveChunk.objects.get(archive=made, number=number)
        yield keys.unseal(
            _USE, chunk.key_version, bytes(chunk.sealed), about=_about(made.pk, number)
        )


def name_of(made: Archive) -> str:
    """Return what the file of a copy is called."""
    return f"data-{made.made_at.astimezone(clock.HELSINKI):%Y-%m-%d}.zip"


def fetched(made: Archive, by: str) -> None:
    """Note that a copy is fetched, and by whom; in a transaction, before it is sent."""
    rows = Archive.objects.filter(pk=made.pk)
    rows.update(fetched_at=clock.now(), fetches=F("fetches") + 1)
    store.note(made.request, RequestEvent.What.FETCHED, by)


def standing(request_id: int) -> Archive | None:
    """Return the copy of a request while it can be fetched."""
    return Archive.objects.filter(request=request_id, expires_at__gt=clock.now()).first()


def undelivered() -> QuerySet[Archive]:
    """Return the copies that are over while the letter with their link waits."""
    waits = RequestLetter.objects.filter(
        request=OuterRef("request"), what=RequestLetter.What.ARCHIVE, sent_at=None
    )
    return Archive.objects.filter(Exists(waits), expires_at__lte=clock.now())


def forget() -> int:
    """Delete the copies whose time is over, but for undelivered ones; return how many."""
    with transaction.atomic():
        rows = Archive.objects.filter(expires_at__lte=clock.now()).order_by("pk")
        rows = rows.exclude(pk__in=undelivered())
        found = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100])
        ArchiveChunk.objects.filter(archive__in=found).delete()
        Archive.objects.filter(pk__in=found).delete()
    return len(found)


class _Sink:
    """Takes the zip's bytes and stores them in chunks. Cannot be sought: it is sent as it is."""

    def __init__(self, made: Archive) -> None:
        self.made = made
        self.digest = hashlib.sha256()
        self.size = self.number = 0
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= CHUNK:
            self._store(bytes(self._waiting[:CHUNK]))
            del self._waiting[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """Nothing waits for the disk: the transaction does."""

    def close(self) -> None:
        if self._waiting:
            self._store(bytes(self._waiting))
            self._waiting.clear()

    def _store(self, piece: bytes) -> None:
        version, sealed = keys.seal(_USE, piece, about=_about(self.made.pk, self.number))
        ArchiveChunk.objects.create(
            archive=self.made, number=self.number, key_version=version, sealed=sealed
        )
        self.number += 1


def _about(archive: int, number: int) -> str:
    return f"archive {archive} chunk {number}"


def _entry(archive: zipfile.ZipFile, name: str, pieces: Iterable[str]) -> bool:
    """Write an entry; without a piece there is none. Return whether there is."""
    rest = iter(pieces)
    first = next(rest, None)
    if first is None:
        return False
    with archive.open(_dated(name), "w", force_zip64=True) as file:
        file.write(first.encode())
        for piece in rest:
            file.write(piece.encode())
    return True


def _stored(tables: Iterable[Held]) -> Iterator[str]:
    """Yield the names of the shop's files, each once."""
    seen: set[str] = set()
    for table in tables:
        places = [table.columns.index(name) for name in table.files]
        for row in table.rows() if places else ():
            names = {row[at] for at in places if row[at]} - seen
            yield from sorted(names)
            seen |= names


def _file(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    with archive.open(_dated(name), "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)


def _dated(name: str) -> zipfile.ZipInfo:
    moment = clock.now().astimezone(clock.HELSINKI)
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return info


def _json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield a JSON list of objects; nothing at all where there is no row."""
    separator = "[\n"
    for row in rows:
        one = dict(zip(names, row, strict=True))
        yield separator + json.dumps(one, ensure_ascii=False, default=text)
        separator = ",\n"
    if separator != "[\n":
        yield "\n]\n"


def _csv(one: Held | Listed) -> Iterator[str]:
    """Yield a CSV text, marked as UTF-8 for spreadsheets."""
    names, rows = (one.columns, one.rows()) if isinstance(one, Held) else (one.names, one.rows)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > CHUNK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any) -> str:
    found = text(value)
    # A spreadsheet would take these for a formula; the JSON has them as they are.
    risky = found[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _number(found)
    return f"'{found}" if risky else found


def _number(found: str) -> bool:
    return found[1:].replace(".", "", 1).isdecimal()


def text(value: Any) -> str:
    """Return a value as text: times in ISO 8601, amounts as they are stored."""
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
