"""The only place that asks what time it is, so that tests may set it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: Financial years, months and retention dates are counted in this zone.
HELSINKI = ZoneInfo("Europe/Helsinki")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day in Helsinki."""
    return now().astimezone(HELSINKI).date()
