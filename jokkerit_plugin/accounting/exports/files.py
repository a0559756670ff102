"""Frozen files: kept with their digest, and checked against it at each download.

A file comes into being whole or not at all: it is written to a temporary place, and only then
stored, in one transaction with the record of its disclosure and the log's row.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, NoReturn

from django.db.models import QuerySet

from ...access import chain, guard, members, rows
from ...access.actor import Actor
from ...disclosure import ledger
from ...errors import RegisterError
from ...models import Export, ExportChunk, Recipient
from ...policy.categories import Category
from ...policy.purposes import Purpose
from ...policy.recipients import DISCLOSURES, RecipientKind

#: Bytes of one row; what reading and writing hold in memory.
CHUNK = 2**20


class ExportError(RegisterError):
    """A file cannot be made or found as asked."""

    code = "EXPORT"


class NotYours(guard.Refused):
    """A file or recipient of another firm: the log alone says so, see `_refuse`."""

    code = "NOT_YOURS"


class FileDamaged(RegisterError):
    """The stored bytes are no longer those that the digest was taken of."""

    code = "FILE_DAMAGED"


@dataclass(frozen=True, slots=True)
class About:
    """What a file to be stored is: its form, days, name and the version of the accounts."""

    format: str
    first: date
    last: date
    filename: str
    account_map: int


def store(file: BinaryIO, about: About, seen: guard.Visit, *, recipient: Recipient) -> Export:
    """Freeze a written file, and record its disclosure; in the transaction that ends the visit."""
    digest = _digest(_read(file))
    size = file.tell()
    export = Export.objects.create(
        format=about.format, first=about.first, last=about.last, filename=about.filename,
        account_map=about.account_map, recipient=recipient, purpose=seen.purpose.value,
        categories=" ".join(sorted(seen.categories)),
        subjects=chain.as_multirange(list(seen.subjects)),
        sha256=digest, size=size, created_by=seen.actor.key,
    )  # fmt: skip
    for number, data in enumerate(_read(file)):
        ExportChunk.objects.create(export=export, number=number, data=data)
    ledger.record(
        recipient=recipient, purpose=seen.purpose, categories=seen.categories,
        subjects=seen.subjects, sha256=digest, what=about.format, actor=seen.actor,
    )  # fmt: skip
    return export


def listing(*, actor: Actor) -> QuerySet[Export]:
    """Return the files that the actor may fetch, newest first; no bytes are read."""
    with guard.visit(actor, Purpose.BOOKKEEPING, act="exports", asks=[Category.PURCHASE]):
        own = _recipient_of(actor)
        found = Export.objects.order_by("-created_at", "-pk")
    return found.filter(recipient=own) if own else found


def read(export_id: int, *, actor: Actor) -> tuple[Export, Iterator[bytes]]:
    """Return a file and its bytes in pieces, after the digest was checked and the look logged.

    The guard is asked again before each piece: what ends, ends for a download under way.
    """
    export = Export.objects.filter(pk=export_id).first()
    with visit(actor, export, act="export download") as inside:
        found = mine(export, actor, act=inside.act)
        _verify(found)
        inside.saw(chain.as_ids(found.subjects))
    return found, guard.given(inside, _pieces(found))


def visit(actor: Actor, export: Export | None, *, act: str) -> AbstractContextManager[guard.Visit]:
    """Open the guard's door for a file; for one that does not exist too, to tell nobody so."""
    purpose = Purpose(export.purpose) if export else Purpose.BOOKKEEPING
    names = export.categories.split() if export else [Category.PURCHASE]
    return guard.visit(actor, purpose, act=act, asks=[Category(name) for name in names])


def purpose_for(recipient_id: int) -> Purpose:
    """Return for what a recipient gets an invoice: its kind decides."""
    kind = Recipient.objects.filter(pk=recipient_id).values_list("kind", flat=True).first()
    return Purpose.INVOICING if kind == RecipientKind.INVOICING else Purpose.BOOKKEEPING


def for_recipient(recipient_id: int, purpose: Purpose, *, actor: Actor) -> Recipient:
    """Return the recipient, if it may get files for the purpose and the actor may choose it."""
    found = Recipient.objects.filter(pk=recipient_id, ended_at=None).first()
    own = _recipient_of(actor)
    message = "There is no such recipient of yours."
    if own and own != recipient_id:
        _refuse(actor, message, field="recipient", act="export")
    if found is None:
        raise ExportError(message, field="recipient")
    if purpose not in {DISCLOSURES[kind][0] for kind in RecipientKind if kind == found.kind}:
        message = f"This recipient gets nothing for the purpose {purpose.value}."
        raise ExportError(message, field="recipient")
    return found


def mine(export: Export | None, actor: Actor, *, act: str) -> Export:
    """Return the file if there is one and it was made for those whom the actor works for."""
    own = _recipient_of(actor)
    if export is None or (own and own != export.recipient_id):
        _refuse(actor, "There is no such file of yours.", field="id", act=act)
    return export


def _refuse(actor: Actor, message: str, *, field: str, act: str) -> NoReturn:
    """Log it as a refusal, and tell them no more than if there were none."""
    try:
        rows.refuse(actor, act, NotYours(message))
    except NotYours:
        raise ExportError(message, field=field) from None


def _recipient_of(actor: Actor) -> int | None:
    """Return the firm that the actor works for; None: the shop's own people."""
    member = members.acting(actor.key)
    return member.recipient_id if member else None


def _verify(export: Export) -> None:
    if _digest(_pieces(export)) != export.sha256:
        raise FileDamaged("The stored file has changed since it was made; it is not given out.")


def _pieces(export: Export) -> Iterator[bytes]:
    numbers = export.chunks.order_by("number").values_list("pk", flat=True)
    for pk in list(numbers):
        yield bytes(ExportChunk.objects.values_list("data", flat=True).get(pk=pk))


def _read(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(CHUNK), b"")


def _digest(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
