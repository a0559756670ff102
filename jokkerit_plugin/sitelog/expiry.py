"""Days of the site log that are over go as a whole; what an incident holds is copied first.

A day is detached CONCURRENTLY, which nobody who reads or writes the others waits for, and then
dropped. That cannot be done in a transaction, so each step finds what a killed run left behind: a
day half detached is finished, a table without its parent is dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..models import RefusedLines
from ..register.held_lines import LINES
from ..register.locks import TRY, WHOLE, Lock
from ..register.rows import execute
from . import days, following, incidents
from .days import Day, State

#: Rows whose addresses one transaction cuts.
BATCH = 50_000


def expire(config: Config) -> int:
    """Drop the days that are over; return how many. Not inside a transaction.

    Of two at once one does it, and the other returns 0.
    """
    with _turn() as mine:
        if not mine:
            return 0
        first = days.first(config)
        RefusedLines.objects.filter(day__lt=first).delete()
        following.forget()
        dropped = 0
        # PostgreSQL detaches no day while another is half detached.
        for one in sorted(days.tables(), key=lambda one: (one.state is not State.PENDING, one.day)):
            if one.state is State.PENDING:
                execute(f"ALTER TABLE {LINES} DETACH PARTITION {one.name} FINALIZE", [])
            if one.day >= first:
                # Never dropped by its name alone: a day that is not over goes back to its place.
                if one.state is not State.ATTACHED:
                    days.put_back(one)
                continue
            if one.state is State.ATTACHED:
                execute(f"ALTER TABLE {LINES} DETACH PARTITION {one.name} CONCURRENTLY", [])
            dropped += _drop(one)
        return dropped


def cut_addresses(config: Config) -> int:
    """Leave of addresses that are old enough their network: /24, /48. Return how many rows."""
    if config.site_log_address_days is None:
        return 0
    before = clock.now() - timedelta(days=config.site_log_address_days)
    with _turn() as mine:
        return sum(
            _cut(one, min(before, one.end))
            for one in days.tables()
            if mine and one.state is State.ATTACHED and not one.cut and one.start < before
        )


def _cut(one: Day, before: datetime) -> int:
    """Cut a day's addresses; one that is done is not looked through again, until a line comes."""
    done = _cut_all(one, before)
    if before == one.end:
        with transaction.atomic():
            # Whoever brings lines of this day is waited for, and then seen; who comes after that
            # sees the mark, and takes it away.
            execute(f"LOCK TABLE {one.name} IN SHARE MODE", [])
            done += _cut_all(one, before)
            days.mark(one, cut=True)
    return done


def _cut_all(one: Day, before: datetime) -> int:
    # An incident about an address finds none of it that is cut.
    incidents.copy_day(one, before=before)
    done = 0
    while more := execute(
        f"""
        UPDATE {one.name} AS l
        SET address = network(set_masklen(
            l.address, CASE family(l.address) WHEN 4 THEN 24 ELSE 48 END))
        FROM (SELECT at, id FROM {one.name}
              WHERE at < %s AND address IS NOT NULL
                  AND masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END
              ORDER BY at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED) AS old
        WHERE l.at = old.at AND l.id = old.id
        """,
        [before],
    ):
        done += more
    return done


@contextmanager
def _turn() -> Iterator[bool]:
    """Tell whether nobody else expires or cuts, until the block ends.

    The lock is of a transaction of its own: behind a pooler, a session's could outlast its work.
    """
    other = connection.copy()
    try:
        other.set_autocommit(autocommit=False)
        with other.cursor() as cursor:
            cursor.execute(TRY, [int(Lock.LOG_EXPIRY), WHOLE])
            yield cursor.fetchone()[0]
    finally:
        other.close()


@transaction.atomic
def _drop(one: Day) -> bool:
    """Drop a table that hangs on nothing; False: it was put back meanwhile, by lines that came."""
    execute(f"LOCK TABLE {one.name}", [])
    if one.name not in {other.name for other in days.tables() if other.state is State.LOOSE}:
        return False
    incidents.copy_day(one)
    execute(f"DROP TABLE {one.name}", [])
    return True
