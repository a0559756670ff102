"""Lines that belong to an incident are copied to it, so that they outlast their day."""

from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

#: The table of all days.
LINES = "jokkerit_plugin_siteline"

_COLUMNS = (
    "at, address, agent, method, path, status, size, duration, referer, saleor_user, checkout,"
    " customer"
)


def copy_day(day: date, *, table: str = LINES) -> int:
    """Copy a day's lines to the open incidents whose terms they meet; return how many were new.

    `table`: a day that is detached already.
    """
    start = datetime.combine(day, time(), UTC)
    return copy(start, start + timedelta(days=1), table=table)


def copy(start: datetime, end: datetime, *, table: str = LINES) -> int:
    """Copy lines from `start` to before `end`. Doing it twice changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO jokkerit_plugin_incidentline (incident_id, line, {_COLUMNS})
            SELECT i.id, l.id, {", ".join(f"l.{name.strip()}" for name in _COLUMNS.split(","))}
            FROM jokkerit_plugin_incident AS i JOIN {table} AS l
                ON l.at >= i.since AND l.at < i.until
                AND (i.address IS NULL OR l.address = i.address)
                AND (i.customer IS NULL OR l.customer = i.customer)
                AND (i.path = '' OR starts_with(l.path, i.path))
            WHERE i.closed_at IS NULL AND l.at >= %s AND l.at < %s
            ON CONFLICT (incident_id, line) DO NOTHING
            """,
            [start, end],
        )
        return int(cursor.rowcount)
