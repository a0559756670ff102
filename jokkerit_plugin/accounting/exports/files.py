"""Frozen files: kept with their digest, checked against it at each download, fetched by a link.

A file comes into being whole or not at all: it is written to a temporary place, and only then
stored, in one transaction with the record of its disclosure.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain as joined
from typing import BinaryIO, Protocol

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from ... import clock
from ...access import chain, guard
from ...access.actor import Actor
from ...errors import RegisterError
from ...models import DownloadLink, Export, ExportChunk, Member, Recipient
from ...policy.categories import Category
from ...policy.permissions import Permission
from ...policy.purposes import Purpose

#: Bytes of one row; what reading and writing hold in memory.
CHUNK = 2**20
LINK_LIFETIME = timedelta(seconds=60)
_OURS = frozenset(Permission)
_SIGNER = signing.Signer(salt="jokkerit_plugin.exports")


class ExportError(RegisterError):
    """A file cannot be made or found as asked."""

    code = "EXPORT"


class FileDamaged(RegisterError):
    """The stored bytes are no longer those that the digest was taken of."""

    code = "FILE_DAMAGED"


class LinkRefused(RegisterError):
    """A download link that is forged, of another file, used already or too old."""

    code = "LINK_REFUSED"


class Disclose(Protocol):
    """Records a disclosure, or raises; called inside the transaction that stores the file."""

    def __call__(
        self,
        *,
        recipient: Recipient,
        purpose: Purpose,
        categories: frozenset[Category],
        subjects: Iterable[int],
        sha256: str,
        actor: Actor,
    ) -> object: ...


@dataclass(frozen=True, slots=True)
class About:
    """What a file to be stored is: its form, days, name and the version of the accounts."""

    format: str
    first: date
    last: date
    filename: str
    account_map: int


def store(
    file: BinaryIO, about: About, visit: guard.Visit, *, recipient: Recipient, disclose: Disclose
) -> Export:
    """Freeze a written file, and record its disclosure in the same transaction."""
    digest = _digest(_read(file))
    size = file.tell()
    with transaction.atomic():
        export = Export.objects.create(
            format=about.format, first=about.first, last=about.last, filename=about.filename,
            account_map=about.account_map, recipient=recipient, purpose=visit.purpose.value,
            categories=" ".join(sorted(visit.categories)),
            subjects=chain.as_multirange(list(visit.subjects)),
            sha256=digest, size=size, created_by=visit.actor.key,
        )  # fmt: skip
        for number, data in enumerate(_read(file)):
            ExportChunk.objects.create(export=export, number=number, data=data)
        disclose(
            recipient=recipient, purpose=visit.purpose, categories=visit.categories,
            subjects=visit.subjects, sha256=digest, actor=visit.actor,
        )  # fmt: skip
    return export


def listing(*, actor: Actor) -> QuerySet[Export]:
    """Return the files that the actor may fetch, newest first; no bytes are read."""
    with guard.visit(actor, Purpose.BOOKKEEPING, act="exports", asks=[Category.PURCHASE]):
        mine = _recipient_of(actor)
        found = Export.objects.order_by("-created_at", "-pk")
    return found.filter(recipient=mine) if mine else found


def read(export_id: int, *, actor: Actor) -> tuple[Export, Iterator[bytes]]:
    """Return a file and its bytes in pieces, after the digest was checked and the look logged."""
    export = Export.objects.filter(pk=export_id).first()
    with _visit(actor, export, act="export download") as visit:
        found = _mine(export, actor)
        _verify(found)
        visit.saw(_subjects(found))
    return found, _pieces(found)


def issue(export_id: int, *, actor: Actor) -> str:
    """Return a signed token with which the actor fetches one file, once, within 60 seconds."""
    export = Export.objects.filter(pk=export_id).first()
    with _visit(actor, export, act="export link"):
        link = DownloadLink.objects.create(
            export=_mine(export, actor),
            holder=actor.key,
            permissions=" ".join(sorted(actor.permissions & _OURS)),
            expires_at=clock.now() + LINK_LIFETIME,
        )
    return _SIGNER.sign_object([link.pk, export_id])


def redeem(token: str, *, export_id: int) -> tuple[Export, Iterator[bytes]]:
    """Use a link up, and return the file as `read` does for the person whom it was issued to.

    The guard is asked again: an agreement that was revoked meanwhile ends the link too.
    """
    refused = LinkRefused("This link has been used, is too old or is not for this file.")
    try:
        link_id, signed_for = _SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise refused from None
    if signed_for != export_id:
        raise refused
    claimed = DownloadLink.objects.filter(
        pk=link_id, export=export_id, used_at=None, expires_at__gt=clock.now()
    ).update(used_at=clock.now())
    if not claimed:
        raise refused
    link = DownloadLink.objects.get(pk=link_id)
    return read(export_id, actor=Actor(link.holder, frozenset(link.permissions.split())))


def _visit(actor: Actor, export: Export | None, *, act: str) -> AbstractContextManager[guard.Visit]:
    """Open the guard's door for a file; for one that does not exist too, to tell nobody so."""
    purpose = Purpose(export.purpose) if export else Purpose.BOOKKEEPING
    names = export.categories.split() if export else [Category.PURCHASE]
    return guard.visit(actor, purpose, act=act, asks=[Category(name) for name in names])


def for_recipient(recipient_id: int, *, actor: Actor) -> Recipient:
    """Return the recipient, if it exists, has not ended and is the one the actor works for."""
    found = Recipient.objects.filter(pk=recipient_id, ended_at=None).first()
    mine = _recipient_of(actor)
    if found is None or (mine and mine != found.pk):
        raise ExportError("There is no such recipient of yours.", field="recipient")
    return found


def _mine(export: Export | None, actor: Actor) -> Export:
    mine = _recipient_of(actor)
    if export is None or (mine and mine != export.recipient_id):
        raise ExportError("There is no such file of yours.", field="id")
    return export


def _recipient_of(actor: Actor) -> int | None:
    """Return the firm that the actor works for; None: the shop's own people."""
    return (
        Member.objects.filter(holder=actor.key, ended_at=None)
        .values_list("recipient", flat=True)
        .first()
    )


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


def _subjects(export: Export) -> Iterable[int]:
    pairs = (part.split(",") for part in export.subjects.strip("{}[)").split("),["))
    return joined.from_iterable(range(int(pair[0]), int(pair[1])) for pair in pairs if pair[0])
