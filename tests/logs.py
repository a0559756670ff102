"""Tables of days, as a test finds and leaves them, and lines in them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from dev.postgres import with_database
from jokkerit_plugin import clock
from jokkerit_plugin.models import SiteLine
from jokkerit_plugin.sitelog import store


def tables() -> list[str]:
    """Return the names of the tables of days, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            r" AND relname ~ '^jokkerit_plugin_siteline_\d{8}$' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def by_day(transactional_db: None) -> Iterator[None]:
    """Make the usual tables; take away what is made. Flushing leaves unmanaged tables alone."""
    store.make_ahead()
    before = set(tables())
    yield
    with connection.cursor() as cursor:
        for name in set(tables()) - before:
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("TRUNCATE jokkerit_plugin_siteline")


def database_url() -> str:
    """Return the URL of this run's database, for another process."""
    return with_database(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))


def ago(**since: float) -> datetime:
    """Return a moment that was so long ago."""
    return clock.now() - timedelta(**since)


def logged(at: datetime | None = None, **given: Any) -> SiteLine:
    """Store a line as it stands in the table."""
    at = at or ago(hours=1)
    store.make_days({at.astimezone(UTC).date()})
    usual: dict[str, Any] = {
        "address": "203.0.113.9", "agent": "Firefox", "method": "GET", "path": "/", "status": 200,
        "size": 100, "duration": 5, "referer": "",
    }  # fmt: skip
    return SiteLine.objects.create(at=at, **usual | given)
