"""Copies of the suppressions outside the database: a restored backup must not forget who said no.

They lie beside those of the ledger of erasures (`register.copies.storage`), in `opt-outs/`: objects
with a running number, each with the states of some contacts, signed; contact keys, no address. The
database knows the number of the last one. A storage that has the next one is ahead of it: the
database was restored, and until the missing ones are taken in nobody is written to. Taking one in
twice changes nothing, and the later word counts, so the job does it by itself. Who says no is
copied as soon as that is committed; a process killed in between leaves it to the job. Without a
storage the shop's cache remembers the newest one (`remembered.py`), and the status says so.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction

from .. import keys
from ..errors import RegisterError
from ..models import ChainHead, Suppression
from ..policy.problems import Problem
from ..register import copies
from ..register.copies import NotReplayed
from ..register.rows import execute, fetch, table
from ..shop.port import shop
from . import key_checks, remembered, store

#: States of one object.
ROWS = 5000
_NAME = "opt-outs"
_USE = "opt-out-copies"
#: Of the transaction that writes or takes in (PostgreSQL's advisory lock of one key).
_WRITER = 0x4A52_0005_0000_0001


def write() -> int:
    """Take in what the database lacks, then copy what no object holds; return how many states.

    Raises `NoKey`, and `NotReplayed` when the storage fails. Killed anywhere, the next goes on.
    """
    written = 0
    key_checks.check()
    while copies.storage() is not None:
        take_in()
        with transaction.atomic():
            _lock()
            rows = fetch(
                f"SELECT id, {_COLUMNS} FROM {table(Suppression)} WHERE NOT copied"
                " ORDER BY id LIMIT %s FOR UPDATE",
                [ROWS],
            )
            if not rows or not _save(_head() + 1, [row[1:] for row in rows]):
                return written
            execute(
                f"UPDATE {table(Suppression)} SET copied = true WHERE id = ANY(%s::bigint[])",
                [[row[0] for row in rows]],
            )
            _set_head(_head() + 1)
        written += len(rows)
    return written


def soon() -> None:
    """Copy what a transaction has just committed; what fails here, the job does."""
    try:
        with shop().writer():
            if copies.storage() is None:
                remembered.note()
            else:
                write()
    except RegisterError:
        return


def take_in() -> int:
    """Take in the objects that the database does not know; return how many."""
    found = 0
    while copies.storage() is not None and _there(_head() + 1):
        with transaction.atomic():
            _lock()
            number = _head() + 1
            if _there(number):
                _merge(_read(number))
                _set_head(number)
                found += 1
    return found


def anew() -> int:
    """Copy everything once more, after the copies were lost; return how many states.

    What the storage still has is taken in first; the numbers go on after its highest one.
    """
    with transaction.atomic():
        _lock()
        head, highest = _head(), _highest()
        for number in range(head + 1, highest + 1):
            if _there(number):
                _merge(_read(number))
        execute(f"UPDATE {table(Suppression)} SET copied = false WHERE copied", [])
        _set_head(max(head, highest))
    return write()


def check() -> None:
    """Raise `NotReplayed` while the storage is ahead of the database.

    The next number is asked for each time; all that there are once a minute (a gap hides them).
    """
    if copies.storage() is None:
        remembered.check()
        return
    if not _there(_head() + 1) and _listed() <= _head():
        return
    with transaction.atomic():
        # It may just be being written, by a transaction that has not committed.
        _lock()
        head = _head()
        if _there(head + 1):
            raise NotReplayed(
                "The database is older than the copies of its opt-outs: it was restored from a"
                " backup. They are taken in within a minute, by a worker with beat, or at once by"
                " register_replay."
            )
        if (highest := _highest()) > head:
            raise NotReplayed(
                f"The database is older than the copies of its opt-outs, and of those {head + 1} to"
                f" {highest} some are gone: put them back. If there is no way, register_replay"
                " --copy-anew takes in the rest and copies everything once more."
            )


def status() -> list[Problem]:
    """Return what is wrong with the copies, beside what `check` refuses for: a sentence each."""
    if copies.storage() is None:
        problem = (
            "Opt-outs are copied nowhere: a restored backup has forgotten who said no since it was"
            f" made. Name a folder outside the database in {copies.VARIABLE}, or the storage"
            f" {copies.ALIAS}."
        )
        return [Problem("COPIES_UNSET", problem)]
    try:
        if _highest() < _head():
            problem = (
                f"The database wrote {_head()} copies of opt-outs, and the storage ends before: it"
                " lost some, or is another one. Put it back, or run register_replay --copy-anew."
            )
            return [Problem("COPIES_LOST", problem)]
    except NotReplayed as away:
        return [Problem(away.code, away.message)]
    return []


_COLUMNS = "key_version, digest, channel, since, reason, lifted_at"


def _merge(rows: Sequence[Sequence[Any]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 6
    execute(
        f"INSERT INTO {table(Suppression)} AS old ({_COLUMNS}, copied) SELECT *, true FROM"
        " unnest(%s::text[], %s::bytea[], %s::text[], %s::timestamptz[], %s::text[],"
        " %s::timestamptz[]) AS new ORDER BY 1, 2, 3"
        " ON CONFLICT (key_version, digest, channel) DO UPDATE SET since = excluded.since,"
        " reason = excluded.reason, lifted_at = excluded.lifted_at, carried_at = NULL"
        f" WHERE {store.LATER}",
        columns,
    )


def _save(number: int, rows: Sequence[Sequence[Any]]) -> bool:
    plain = [
        [version, store.as_bytea(bytes(digest)), channel, _text(since), reason, _text(lifted)]
        for version, digest, channel, since, reason, lifted in rows
    ]
    version, signature = keys.sign(_USE, _message(number, plain))
    signed = {"rows": plain, "key_version": version, "signature": signature.hex()}
    place = copies.storage()
    if place is None:
        return False
    with copies.reaching():
        name = _path(number)
        # A storage that had the name gives another one: somebody else's copies, or ours lost.
        if place.save(name, ContentFile(json.dumps(signed))) != name:
            raise NotReplayed(f"The copy {name} was there already.")
    return True


def _read(number: int) -> list[list[Any]]:
    foreign = NotReplayed(f"The copy {_path(number)} is not signed by this register, or damaged.")
    text = b""
    with copies.reaching():
        if place := copies.storage():
            with place.open(_path(number)) as stored:
                text = stored.read()
    try:
        found = json.loads(text)
        rows: list[list[Any]] = found["rows"]
        version, signature = found["key_version"], bytes.fromhex(found["signature"])
        if not keys.verify(_USE, version, _message(number, rows), signature):
            raise foreign
    except (ValueError, TypeError, KeyError):
        raise foreign from None
    return rows


def _there(number: int) -> bool:
    with copies.reaching():
        place = copies.storage()
        return place is not None and bool(place.exists(_path(number)))


def _highest() -> int:
    """Return the highest number that the storage has; 0: none."""
    with copies.reaching():
        place = copies.storage()
        if place is None:
            return 0
        try:
            folders, _ = place.listdir(_NAME)
        except FileNotFoundError:
            return 0
        for folder in sorted(folders, reverse=True):
            _, names = place.listdir(f"{_NAME}/{folder}")
            found = [int(name[:12]) for name in names if re.fullmatch(r"\d{12}\.json", name)]
            if found:
                return max(found)
    return 0


def _listed() -> int:
    try:
        return int(cache.get_or_set(f"jokkerit.{_NAME}.highest", _highest, 60) or 0)
    except RegisterError:
        raise
    except Exception:  # noqa: BLE001 - every cache has errors of its own
        return _highest()


def _path(number: int) -> str:
    return f"{_NAME}/{number // 10_000:06}/{number:012}.json"


def _message(number: int, rows: list[list[Any]]) -> bytes:
    return hashlib.sha256(f"{number} {json.dumps(rows)}".encode()).digest()


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _lock() -> None:
    fetch("SELECT pg_advisory_xact_lock(%s)", [_WRITER])


def _head() -> int:
    found = ChainHead.objects.filter(name=_NAME).values_list("seq", flat=True).first()
    return found or 0


def _set_head(number: int) -> None:
    ChainHead.objects.update_or_create(name=_NAME, defaults={"seq": number, "hash": bytes(32)})
