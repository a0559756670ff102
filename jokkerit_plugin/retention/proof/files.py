"""The search through stored files: the shop's, and those that were made for accounting.

A file is read in pieces and never as a whole. One that holds no text (a picture, what is packed)
cannot be searched: it is counted as opaque, and read no further than its first piece.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from django.db import transaction

from ...models import ExportChunk
from ...register.rows import stream, table
from .needles import Needle, NeedleKind, Sieve

#: What of a piece is read again with the next one: longer than any identifier.
OVERLAP = 1024
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class FileHit:
    """An identifier that stands in a file, or in its name."""

    needle: Needle
    name: str


@dataclass(slots=True)
class Read:
    """What was looked through."""

    files: int = 0
    opaque: int = 0
    size: int = 0
    hits: list[FileHit] = field(default_factory=list)


def through(files: Iterable[tuple[str, Iterable[bytes]]], needles: Collection[Needle]) -> Read:
    """Search files (name and pieces) for needles; parts of names only in a file's own name."""
    whole = Sieve(one for one in needles if one.kind is not NeedleKind.PART)
    found = Read()
    for name, pieces in files:
        found.files += 1
        named = f"{name} {name.rpartition('.')[0]}".replace("_", " ")
        met = {one for one in whole.candidates(named.encode()) if one.stands_in(named)}
        before, opaque = b"", False
        for piece in pieces:
            found.size += len(piece)
            block = before + piece
            met |= _in_block(block, whole)
            before = block[-OVERLAP:]
            if opaque := bool(_CONTROLS.search(piece)):
                break
        found.opaque += opaque
        found.hits += [FileHit(one, name) for one in sorted(met, key=repr)]
    return found


def _in_block(block: bytes, sieve: Sieve) -> set[Needle]:
    candidates = sieve.candidates(block)
    if not candidates:
        return set()
    text = block.decode(errors="replace")
    return {one for one in candidates if one.stands_in(text)}


def exports() -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the files that were made for accounting, whole, as they stand in the database."""
    sql = f"SELECT export_id, data FROM {table(ExportChunk)} ORDER BY export_id, number"
    with transaction.atomic():
        rows = stream("jokkerit_proof", sql, [], page=4)
        for key, chunks in groupby(rows, key=lambda row: row[0]):
            yield f"{EXPORT}{key}", (bytes(data) for _, data in chunks)


#: How the name of such a file begins.
EXPORT = "export "
