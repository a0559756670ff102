"""Emptying a test's database after it committed.

Django truncates every table, which makes some 500 files anew, and then writes content types and
permissions again: 0.55 s a test. Here what was written is deleted, in 0.01 s, and what migrations
wrote stays. Deleting past the triggers that keep rows takes a superuser: another role truncates.

The connection stays open: the server of a new one learns of every table anew what it is, in 0.03 s.
What a test has set in its session is taken back.
"""

from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

from jokkerit_plugin.models import ChainHead

_EMPTY = """
DO $$
DECLARE name text; filled boolean;
BEGIN
  FOREACH name IN ARRAY ARRAY[{tables}] LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP;
END $$
"""
#: What DISCARD ALL does, but for plans and prepared statements.
_AS_NEW = """
CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *;
SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES
"""
_truncate = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def install() -> None:
    """Let each test that commits be followed by this instead of Django's `flush`."""
    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
    TransactionTestCase._should_reload_connections = _reloads  # type: ignore[method-assign]


def empty(self: Any) -> None:
    """Delete what was written, once nobody is in the midst of writing a link of a chain."""
    if not _superuser():
        _truncate(self)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # As a replica, no trigger that keeps rows runs, as none does at a TRUNCATE.
        cursor.execute("SET LOCAL session_replication_role = replica")
        # A browser's last request may still be adding a link: without its head, it would stand in
        # the way of another test's.
        cursor.execute(f"LOCK TABLE {ChainHead._meta.db_table} IN EXCLUSIVE MODE")
        cursor.execute(_statement())
    with connection.cursor() as cursor:
        cursor.execute(_AS_NEW)


def _reloads(_: Any) -> bool:
    return not _superuser()


@cache
def _superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return bool(cursor.fetchone() == ("on",))


@cache
def _statement() -> str:
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    kept = ("django_content_type", "auth_permission")
    names = (f"'{name}'" for name in sorted(found) if name not in kept)
    return _EMPTY.format(tables=", ".join(names))
