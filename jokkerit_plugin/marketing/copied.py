"""Copies of every no outside the database: a restored backup must not forget who said it.

Objects with a running number (`objects.py`), each with the states of some contacts in the list, and
with what was said of profiling, which is no part of it: contact keys, no address. The database
knows the number of the last one. A storage that has the next one is ahead of it: the database was
restored, and until the missing ones are taken in nobody is written to. Taking one in twice changes
nothing, and the later word counts, so the job does it by itself. Who says no is copied as soon as
that is committed; a process killed in between leaves it to the job. Without a storage the shop's
cache remembers the newest opt-out (`remembered.py`), and the status says so.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from ..access import copies
from ..access.copies import NotReplayed
from ..errors import RegisterError
from ..models import ChainHead, MarketingEvent, Suppression
from ..policy.marketing import PROFILING
from ..policy.problems import Problem
from ..register.locks import Lock, lock
from ..register.rows import execute, fetch, table
from ..shop.port import shop
from . import key_checks, objects, remembered, store

#: States of one object.
ROWS = 5000


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
            found = {
                model: fetch(
                    f"SELECT id, {columns} FROM {table(model)} WHERE {_DUE[model]}"
                    " ORDER BY id LIMIT %s FOR UPDATE",
                    [ROWS],
                )
                for model, columns in _COLUMNS.items()
            }
            rows = [row[1:] for some in found.values() for row in some]
            if not rows or not objects.save(_head() + 1, rows):
                return written
            for model, some in found.items():
                execute(
                    f"UPDATE {table(model)} SET copied = true WHERE id = ANY(%s::bigint[])",
                    [[row[0] for row in some]],
                )
            _set_head(_head() + 1)
        written += len(rows)
    return written


def soon() -> None:
    """Copy what this transaction says, once, when it is committed; what fails, the job does."""
    if not any(waiting[1] is _now for waiting in connection.run_on_commit):
        transaction.on_commit(_now, robust=True)


def _now() -> None:
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
    while copies.storage() is not None and objects.there(_head() + 1):
        with transaction.atomic():
            _lock()
            number = _head() + 1
            if objects.there(number):
                _merge(objects.read(number))
                _set_head(number)
                found += 1
    return found


def anew() -> int:
    """Copy everything once more, after the copies were lost; return how many states.

    What the storage still has is taken in first; the numbers go on after its highest one.
    """
    with transaction.atomic():
        _lock()
        head, highest = _head(), objects.highest()
        for number in range(head + 1, highest + 1):
            if objects.there(number):
                _merge(objects.read(number))
        for model in _COLUMNS:
            execute(f"UPDATE {table(model)} SET copied = false WHERE copied", [])
        _set_head(max(head, highest))
    return write()


def check() -> None:
    """Raise `NotReplayed` while the storage is ahead of the database.

    The next number is asked for each time; all that there are once a minute (a gap hides them).
    """
    if copies.storage() is None:
        remembered.check()
        return
    if not objects.there(_head() + 1) and objects.listed() <= _head():
        return
    with transaction.atomic():
        # It may just be being written, by a transaction that has not committed.
        _lock()
        head = _head()
        if objects.there(head + 1):
            raise NotReplayed(
                "The database is older than the copies of its opt-outs: it was restored from a"
                " backup. They are taken in within a minute, by a worker with beat, or at once by"
                " register_replay."
            )
        if (highest := objects.highest()) > head:
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
        if objects.highest() < _head():
            problem = (
                f"The database wrote {_head()} copies of opt-outs, and the storage ends before: it"
                " lost some, or is another one. Put it back, or run register_replay --copy-anew."
            )
            return [Problem("COPIES_LOST", problem)]
    except NotReplayed as away:
        return [Problem(away.code, away.message)]
    return []


#: What of each table is copied, and which rows are due; the fifth column tells whose a row is.
_COLUMNS: dict[type[Model], str] = {
    Suppression: "key_version, digest, channel, since, reason, lifted_at",
    MarketingEvent: "key_version, digest, channel, at, kind, source",
}
_DUE: dict[type[Model], str] = {
    Suppression: "NOT copied",
    MarketingEvent: "NOT copied AND kind IN ('profile', 'no_profile')",
}


def _merge(rows: Sequence[Sequence[Any]]) -> None:
    choices = [row for row in rows if row[4] in PROFILING]
    _insert(
        Suppression, [row for row in rows if row[4] not in PROFILING],
        "SELECT *, true FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::timestamptz[],"
        " %s::text[], %s::timestamptz[]) AS new ORDER BY 1, 2, 3"
        " ON CONFLICT (key_version, digest, channel) DO UPDATE SET since = excluded.since,"
        " reason = excluded.reason, lifted_at = excluded.lifted_at, carried_at = NULL"
        f" WHERE {store.LATER}",
    )  # fmt: skip
    _insert(
        MarketingEvent, choices,
        "SELECT *, true FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::timestamptz[],"
        f" %s::text[], %s::text[]) AS new({_COLUMNS[MarketingEvent]}) WHERE NOT EXISTS (SELECT"
        f" FROM {table(MarketingEvent)} AS e WHERE e.key_version = new.key_version"
        "  AND e.digest = new.digest AND e.channel = new.channel AND e.kind = new.kind"
        "  AND e.at = new.at) ORDER BY at",
    )  # fmt: skip


def _insert(model: type[Model], rows: Sequence[Sequence[Any]], select: str) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        into = f"INSERT INTO {table(model)} AS old ({_COLUMNS[model]}, copied)"
        execute(f"{into} {select}", columns)


def _lock() -> None:
    lock(Lock.OPT_OUT_COPIES)


def _head() -> int:
    found = ChainHead.objects.filter(name=objects.NAME).values_list("seq", flat=True).first()
    return found or 0


def _set_head(number: int) -> None:
    ChainHead.objects.update_or_create(
        name=objects.NAME, defaults={"seq": number, "hash": bytes(32)}
    )
