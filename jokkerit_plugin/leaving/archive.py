"""Writes the archive: what the law makes a shop keep after it has closed, readable without it.

All in one snapshot, a table at a time, memory flat. Who may read the register's books is not
enough: it is made by whoever has the server, or by a controller, and stands in the log, with
everybody who is in it, before the folder has its name. A killed run leaves `<folder>.unfinished`,
which the next one begins anew.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from .. import clock
from ..access import chain, rows
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..accounting.exports.files import FileDamaged
from ..description import notice
from ..models import BooksArchive, ChainHead, Export, ExportChunk, Purchase
from ..policy.archive import FILES, File
from ..policy.categories import Category
from ..policy.languages import Language
from ..policy.purposes import Purpose
from ..register.locks import Lock, try_lock
from ..register.rows import fetch, one_moment, table
from ..shop.port import shop
from . import contents, order, readme
from .folder import ArchiveError, Folder, ask_free

ACT = "register archive"


class NotInOrder(ArchiveError):
    """Something waits, is missing or is broken: the archive would not be whole."""

    code = "NOT_IN_ORDER"


def write(place: Path, *, actor: Actor, by: str, despite: bool = False) -> BooksArchive:
    """Write an archive to a folder that is not there yet; `by`: as it names who made it.

    Raises `NotInOrder` with what is wrong; `despite`: that is written into the archive instead.
    Raises `ArchiveError`, `FileDamaged`, and `OSError` as the disk does.
    """
    if not actor.is_command:
        controller_only(actor, ACT)
    ask_free(place)
    folder = Folder(place)
    with shop().writer():
        behind = order.behind()
        with one_moment():
            # The first statement: from here on one moment is seen.
            if not try_lock(Lock.ARCHIVE):
                raise ArchiveError("Another process is writing an archive: wait for it.")
            as_of, problems = clock.now(), [*behind, *order.problems()]
            if problems and not despite:
                raise NotInOrder(" ".join(problems))
            folder.begin()
            for file in FILES:
                _rows(folder, file)
            _exports(folder, problems, despite=despite)
            sealed = _seal(folder, as_of=as_of, by=f"{by} ({actor.key})", problems=problems)
            books, (subjects, count) = contents.prints(), _subjects()
        logged = rows.row(actor, ACT, purpose=Purpose.BOOKKEEPING, categories={Category.PURCHASE})
        rows.commit({**logged, "subjects": subjects, "count": count})
        folder.finish()
        return BooksArchive.objects.create(
            made_at=as_of, made_by=actor.key, sha256=sealed, books=books
        )


def _rows(folder: Folder, file: File) -> None:
    with folder.file(file.path) as out:
        if file.path.endswith(".csv"):
            copy = f"COPY ({contents.ordered(file)}) TO STDOUT (FORMAT csv, HEADER)"
            with connection.cursor() as cursor:
                with cursor.copy(copy) as pieces:
                    for piece in pieces:
                        out.write(bytes(piece))
                out.about.rows = cursor.rowcount
            return
        out.about.rows = 0
        for line in contents.lines(file):
            text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
            out.write(f"{text}\n".encode())
            out.about.rows += 1


def _exports(folder: Folder, problems: list[str], *, despite: bool) -> None:
    """Write the files that were made for accounting software, as they were made."""
    for pk, name, sha256 in Export.objects.order_by("pk").values_list("pk", "filename", "sha256"):
        if not ExportChunk.objects.filter(export=pk).exists():
            # An invoice whose buyer was erased: the row tells that there was one.
            continue
        with folder.file(f"books/files/{pk:08}-{re.sub(r'[^A-Za-z0-9._-]', '_', name)}") as out:
            for piece in _pieces(pk):
                out.write(piece)
        if out.about.sha256 != sha256:
            damaged = f"The file of export {pk} has changed since it was made."
            if not despite:
                raise FileDamaged(damaged)
            problems.append(damaged)


def _pieces(export: int) -> Iterator[bytes]:
    chunks = ExportChunk.objects.filter(export=export).order_by("number")
    for pk in list(chunks.values_list("pk", flat=True)):
        yield bytes(ExportChunk.objects.values_list("data", flat=True).get(pk=pk))


def _seal(folder: Folder, *, as_of: datetime, by: str, problems: Sequence[str]) -> str:
    config = shop().config()
    kept = readme.terms(config)
    listed = list(folder.files)
    for language in Language:
        text = readme.write(
            language, config, as_of=as_of, by=by, files=listed, kept=kept, problems=problems
        )
        folder.text(f"README.{language.code}.txt", text)
    folder.text("verify.py", readme.program())
    return folder.seal({
        "format": "jokkerit-register-archive 1",
        "register": notice.name(config, Language.FI),
        "controller": {
            "name": config.controller_name, "business_id": config.business_id,
            "address": config.controller_address,
        },
        "as_of": as_of.isoformat(), "made_by": by, "version": readme.version(),
        "not_in_order": list(problems), "kept": kept, "chains": list(_chains()),
    })  # fmt: skip


def _chains() -> Iterator[dict[str, Any]]:
    """Yield where each chain begins and ends, in the snapshot."""
    for file in (one for one in FILES if one.chain):
        model = contents.model_of(file)
        start = chain.pruned_to(model)
        head = ChainHead.objects.filter(name=chain.chain_name(model)).first()
        yield {
            "file": file.path,
            "after": start.seq if start else 0,
            "hash": bytes(start.hash if start else chain.GENESIS).hex(),
            "last": head.seq if head else 0,
            "last_hash": bytes(head.hash if head else chain.GENESIS).hex(),
        }


def _subjects() -> tuple[str, int]:
    """Return the customers of all purchases, as the log has them, and how many they are."""
    ((subjects, count),) = fetch(
        "SELECT coalesce(range_agg(int8range(id, id + 1)), '{}')::text, count(*) FROM"
        f" (SELECT DISTINCT customer_id AS id FROM {table(Purchase)} WHERE customer_id IS NOT NULL)"
        " AS theirs",
        [],
    )
    return subjects, count
