"""The tables of days: which there are, and how each stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..register.held_lines import DAYS, LINES, day_of, forget_erased
from ..register.rows import execute

#: The comment of a table of which no address is whole any more.
_CUT = "addresses cut"


class State(StrEnum):
    """How a day's table hangs on the table of all."""

    #: Half detached: whoever did it was killed, or waits.
    PENDING = "pending"
    ATTACHED = "attached"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC and its table."""

    name: str
    day: date
    state: State
    #: Of all of its lines, addresses are networks.
    cut: bool

    @property
    def start(self) -> datetime:
        """When it begins."""
        return datetime.combine(self.day, time(), UTC)

    @property
    def end(self) -> datetime:
        """When the next begins."""
        return self.start + timedelta(days=1)


def first(config: Config) -> date:
    """Return the oldest day whose lines are kept; today is the last of them."""
    return today() - timedelta(days=config.site_log_days - 1)


def today() -> date:
    """Return the day in UTC."""
    return clock.now().astimezone(UTC).date()


def tables() -> list[Day]:
    """Return the days that have a table, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, CASE WHEN i.inhrelid IS NULL THEN 'loose'
                WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END,
                coalesce(obj_description(c.oid, 'pg_class') = %s, false)
            FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
            WHERE c.relkind = 'r' AND c.relname ~ %s
                AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = %s::regclass)
            ORDER BY c.relname
            """,
            [_CUT, DAYS, LINES],
        )
        return [
            Day(name, day, State(state), cut)
            for name, state, cut in cursor.fetchall()
            if (day := day_of(name))
        ]


@transaction.atomic
def put_back(one: Day) -> None:
    """Attach a day that was detached, and not dropped; who was erased meanwhile is not in it."""
    forget_erased(one.name)
    execute(
        f"ALTER TABLE {LINES} ATTACH PARTITION {one.name}"
        f" FOR VALUES FROM ('{one.start}') TO ('{one.end}')",
        [],
    )


def mark(one: Day, *, cut: bool) -> None:
    """Note whether all addresses of a day are cut; the caller has locked it for that."""
    execute(f"COMMENT ON TABLE {one.name} IS {'NULL' if not cut else repr(_CUT)}", [])


def receive(wanted: Collection[date]) -> None:
    """Put those of these days back that a killed run left detached: lines of theirs come."""
    for one in tables():
        if one.day in wanted and one.state is State.LOOSE:
            put_back(one)


def received(wanted: Collection[date]) -> None:
    """Note that whole addresses may have come into these days, in the lines' transaction."""
    for one in tables():
        if one.day in wanted and one.cut:
            mark(one, cut=False)
