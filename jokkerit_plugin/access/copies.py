"""Copies of the ledger of erasures outside the database: a restored backup has forgotten it.

They lie in the storage `jokkerit_ledger` of Django's STORAGES, else in the folder of
JOKKERIT_LEDGER_DIR (made for its owner alone). An object holds the links of one run, signed:
`2026/000000000041-000000000057-<first digits of the last hash>.json`. Whoever restores a backup
has a database that is behind its copies; until `register_replay` nothing leaves the register and
nothing is erased.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from .. import keys
from ..errors import RegisterError, describe
from ..models import ChainHead, Erasure
from ..register.locks import Lock, try_lock
from . import chain
from .copy_folder import CopyFolder

ALIAS, VARIABLE = "jokkerit_ledger", "JOKKERIT_LEDGER_DIR"
#: Links of one object, each of up to a thousand keys, all in memory while it is written: at 200
#: a worker that had erased 100,000 customers held 60 MiB more than at 10,000.
LINKS = 20
_USE = "erasures"
_NAME = re.compile(r"(\d{12})-(\d{12})-([0-9a-f]{16})\.json")


class NotReplayed(RegisterError):
    """The database is behind the copies of its ledger, or they cannot be read."""

    code = "NOT_REPLAYED"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One object: the links `first` to `last`; `hash` begins that of the last one."""

    first: int
    last: int
    hash: str
    path: str


def storage() -> Storage | None:
    """Return where the copies lie; None: nowhere."""
    if ALIAS in storages.backends:
        return storages[ALIAS]
    if folder := os.environ.get(VARIABLE, "").strip():
        return CopyFolder(
            location=folder, file_permissions_mode=0o600, directory_permissions_mode=0o700
        )
    return None


def write() -> int:
    """Copy the links that no object holds yet; return how many.

    Raises `NoKey`, and `NotReplayed` when the storage fails or is ahead. Killed anywhere, the next
    call goes on. Two processes do not write at once.
    """
    place = storage()
    if place is None:
        return 0
    written = 0
    with transaction.atomic():
        if not try_lock(Lock.ERASURE_COPIES):
            return 0
        check()
        last = newest()
        after = last.last if last else 0
        while links := _links(after):
            with reaching():
                place.save(*_object(links))
            after = links[-1]["seq"]
            written += len(links)
    return written


def newest() -> Span | None:
    """Return the newest object."""
    for year in reversed(_years()):
        if found := _spans(year):
            return found[-1]
    return None


def after(seq: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the links above `seq`, object by object; each as the fields of an `Erasure`.

    Raises `NotReplayed` on an object whose signature or hashes are not ours, or when some are
    missing; `NoKey`.
    """
    for year in _years():
        for span in _spans(year):
            if span.last <= seq:
                continue
            if span.first > seq + 1:
                raise NotReplayed(f"The copies of erasures {seq + 1} to {span.first - 1} are gone.")
            yield [link for link in _read(span) if link["seq"] > seq]
            seq = span.last


def check() -> None:
    """Raise `NotReplayed` unless the database has every erasure that was copied."""
    if storage() is None or (last := newest()) is None:
        return
    head = ChainHead.objects.filter(name=chain.chain_name(Erasure)).first()
    if head is None or head.seq < last.last:
        missing = last.last - (head.seq if head else 0)
        raise NotReplayed(
            f"The database is older than its ledger of erasures: {missing} receipts are missing."
            " It was restored from a backup, and holds data that had been erased: run"
            " register_replay."
        )
    link = Erasure.objects.filter(seq=last.last).values_list("hash", flat=True).first()
    if link is None or not bytes(link).hex().startswith(last.hash):
        raise NotReplayed(
            f"Erasure {last.last} is not the one that was copied: the ledger went another way"
            " after a backup was restored, or the copies are of another shop."
        )


def _years() -> list[str]:
    place = storage()
    if place is None:
        return []
    with reaching():
        try:
            folders, _ = place.listdir("")
        except FileNotFoundError:
            return []
    return sorted(one for one in folders if re.fullmatch(r"\d{4}", one))


def _spans(year: str) -> list[Span]:
    place = storage()
    with reaching():
        _, names = place.listdir(year) if place else ([], [])
    found = ((name, _NAME.fullmatch(name)) for name in names)
    return sorted(
        Span(int(match[1]), int(match[2]), match[3], f"{year}/{name}")
        for name, match in found
        if match
    )


def _links(after: int) -> list[dict[str, Any]]:
    rows = Erasure.objects.filter(seq__gt=after).order_by("seq").values()
    return [dict(row) for row in rows[:LINKS]]


def _object(links: list[dict[str, Any]]) -> "tuple[str, ContentFile[str]]":
    plain = [
        {**link, "at": link["at"].isoformat(), "hash": bytes(link["hash"]).hex()} for link in links
    ]
    version, signature = keys.sign(_USE, _message(plain))
    first, last = links[0], links[-1]
    name = f"{first['seq']:012}-{last['seq']:012}-{bytes(last['hash']).hex()[:16]}.json"
    signed = {"links": plain, "key_version": version, "signature": signature.hex()}
    return f"{last['at']:%Y}/{name}", ContentFile(json.dumps(signed))


def _read(span: Span) -> list[dict[str, Any]]:
    foreign = NotReplayed(f"The copy {span.path} is not signed by this register, or damaged.")
    text = b""
    with reaching():
        if place := storage():
            with place.open(span.path) as stored:
                text = stored.read()
    try:
        found = json.loads(text)
        links: list[dict[str, Any]] = found["links"]
        version, signature = found["key_version"], bytes.fromhex(found["signature"])
        genuine = keys.verify(_USE, version, _message(links), signature)
        seqs = [link["seq"] for link in links]
        if not genuine or seqs != list(range(span.first, span.last + 1)):
            raise foreign
        return [
            {**link, "at": datetime.fromisoformat(link["at"]), "hash": bytes.fromhex(link["hash"])}
            for link in links
        ]
    except (ValueError, TypeError, KeyError):
        raise foreign from None


def _message(links: list[dict[str, Any]]) -> bytes:
    return hashlib.sha256(json.dumps(links, sort_keys=True).encode()).digest()


@contextmanager
def reaching() -> Iterator[None]:
    """Turn whatever a storage raises into one refusal: each has exceptions of its own."""
    try:
        yield
    except RegisterError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        message = f"The copies of the ledger cannot be reached: {describe(error)}."
        raise NotReplayed(message) from None
