"""Tables of days, as a test finds and leaves them."""

from collections.abc import Iterator

import pytest
from django.db import connection

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
