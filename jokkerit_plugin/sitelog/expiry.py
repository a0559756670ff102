"""Days of the site log that are over go as a whole; what an incident holds is copied first.

A day is detached CONCURRENTLY, which nobody who reads or writes the others waits for, and then
dropped. That cannot be done in a transaction, so each step finds what a killed run left behind: a
day half detached is finished, a table without its parent is dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..models import RefusedLines
from ..register.held_lines import LINES
from . import days, incidents
from .days import Day, State

#: Rows whose addresses one transaction cuts.
BATCH = 50_000
#: Of whoever expires (PostgreSQL's advisory lock of one key).
_TURN = 0x6A6F6B6B_65787069


def expire(config: Config) -> int:
    """Drop the days that are over; return how many. Not inside a transaction.

    Of two at once one does it, and the other returns 0.
    """
    with _turn() as mine:
        if not mine:
            return 0
        first = days.first(config)
        RefusedLines.objects.filter(day__lt=first).delete()
        dropped = 0
        # PostgreSQL detaches no day while another is half detached.
        for one in sorted(days.tables(), key=lambda one: (one.state is not State.PENDING, one.day)):
            if one.state is State.PENDING:
                _run(f"ALTER TABLE {LINES} DETACH PARTITION {one.name} FINALIZE")
            if one.day >= first:
                # Never dropped by its name alone: a day that is not over goes back to its place.
                if one.state is not State.ATTACHED:
                    _attach(one)
                continue
            if one.state is State.ATTACHED:
                _run(f"ALTER TABLE {LINES} DETACH PARTITION {one.name} CONCURRENTLY")
            _drop(one)
            dropped += 1
        return dropped


def cut_addresses(config: Config) -> int:
    """Leave of addresses that are old enough their network: /24, /48. Return how many rows."""
    if config.site_log_address_days is None:
        return 0
    before = clock.now() - timedelta(days=config.site_log_address_days)
    # An incident about an address finds none of it that is cut.
    incidents.copy_before(before)
    cut = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE {LINES} AS l
                SET address = network(set_masklen(
                    l.address, CASE family(l.address) WHEN 4 THEN 24 ELSE 48 END))
                FROM (SELECT at, id FROM {LINES}
                      WHERE at < %s AND address IS NOT NULL
                          AND masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END
                      ORDER BY at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED) AS old
                WHERE l.at = old.at AND l.id = old.id
                """,
                [before],
            )
            if not cursor.rowcount:
                return cut
            cut += cursor.rowcount


@contextmanager
def _turn() -> Iterator[bool]:
    """Tell whether nobody else expires, until the block ends.

    The lock is of a transaction of its own: behind a pooler, a session's could outlast its work.
    """
    other = connection.copy()
    try:
        other.set_autocommit(autocommit=False)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN])
            yield cursor.fetchone()[0]
    finally:
        other.close()


@transaction.atomic
def _drop(one: Day) -> None:
    """Drop a table that hangs on nothing any more; no line can come into it."""
    incidents.copy_day(one.day, table=one.name)
    _run(f"DROP TABLE {one.name}")


def _attach(one: Day) -> None:
    _run(
        f"ALTER TABLE {LINES} ATTACH PARTITION {one.name}"
        f" FOR VALUES FROM ('{one.day} 00:00Z') TO ('{one.day + timedelta(days=1)} 00:00Z')"
    )


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
