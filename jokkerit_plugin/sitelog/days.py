"""The tables of days: which there are, and how each stands."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import StrEnum

from django.db import connection

from .. import clock
from ..config import Config
from ..register.held_lines import DAYS, LINES, day_of


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
                WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END
            FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
            WHERE c.relkind = 'r' AND c.relname ~ %s
                AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = %s::regclass)
            ORDER BY c.relname
            """,
            [DAYS, LINES],
        )
        return [
            Day(name, day, State(state))
            for name, state in cursor.fetchall()
            if (day := day_of(name))
        ]
