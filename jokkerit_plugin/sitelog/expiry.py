"""Days of the site log that are over go as a whole; what an incident holds is copied first.

A day is detached CONCURRENTLY, which nobody who reads or writes the others waits for, and then
dropped. That cannot be done in a transaction, so each step finds what a killed run left behind: a
day half detached is finished, a table without its parent is dropped.
"""

import re
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from .. import clock
from ..config import Config
from . import incidents

_PARENT = "jokkerit_plugin_siteline"
_DAY = re.compile(rf"{_PARENT}_(\d{{8}})")
#: Rows whose addresses one transaction cuts.
BATCH = 50_000


def expire(config: Config) -> int:
    """Drop the days that are over; return how many. Not inside a transaction."""
    today = clock.now().astimezone(UTC).date()
    first = today - timedelta(days=config.site_log_days)
    dropped = 0
    for name, day, state in _tables():
        if state == "pending":
            _run(f"ALTER TABLE {_PARENT} DETACH PARTITION {name} FINALIZE")
        if day >= first:
            # Never dropped by its name alone: a day that is not over goes back to its place.
            if state != "attached":
                _attach(name, day)
            continue
        if state == "attached":
            incidents.copy_day(day)
            _run(f"ALTER TABLE {_PARENT} DETACH PARTITION {name} CONCURRENTLY")
        _run(f"DROP TABLE {name}")
        dropped += 1
    return dropped


def cut_addresses(config: Config) -> int:
    """Leave of addresses that are old enough their network: /24, /48. Return how many rows."""
    if config.site_log_address_days is None:
        return 0
    before = clock.now() - timedelta(days=config.site_log_address_days)
    cut = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE {_PARENT} AS l
                SET address = network(set_masklen(
                    l.address, CASE family(l.address) WHEN 4 THEN 24 ELSE 48 END))
                FROM (SELECT at, id FROM {_PARENT}
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


def _tables() -> list[tuple[str, date, str]]:
    """Return the tables of days, oldest first, each "attached", "pending" or "loose"."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, CASE WHEN i.inhrelid IS NULL THEN 'loose'
                WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END
            FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
            WHERE c.relkind = 'r' AND c.relname ~ %s
                AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = %s::regclass)
            ORDER BY c.relname
            """,
            [rf"^{_PARENT}_\d{{8}}$", _PARENT],
        )
        return [
            (name, datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date(), state)
            for name, state in cursor.fetchall()
            if (found := _DAY.fullmatch(name))
        ]


def _attach(name: str, day: date) -> None:
    _run(
        f"ALTER TABLE {_PARENT} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ('{day} 00:00Z') TO ('{day + timedelta(days=1)} 00:00Z')"
    )


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
