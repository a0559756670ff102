"""The only place that asks what time it is, so that tests may set it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Financial years, months and retention dates are counted in this zone.
HELSINKI = ZoneInfo("Europe/Helsinki")
#: A clock is not believed (`register/believed.py`) that is so far from the database's, or so much
#: later than it was an hour ago. What goes a week too early harms little: terms are months, years.
APART, LEAP = timedelta(hours=1), timedelta(days=7)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day in Helsinki."""
    return now().astimezone(HELSINKI).date()
