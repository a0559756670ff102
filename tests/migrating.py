"""What a migration does to a shop that stays open: by its operations, and by its locks."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.contrib.postgres import operations as postgres
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

from tests.logs import database_url

#: Who waits for these cannot write, or not even read.
_STOPS = ["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]
#: They change no table that the old code knows, or their catalogue's row alone.
_HARMLESS = (
    migrations.CreateModel, migrations.AlterModelOptions, migrations.AlterModelManagers,
    migrations.RemoveConstraint, postgres.AddIndexConcurrently, postgres.RemoveIndexConcurrently,
    postgres.AddConstraintNotValid, postgres.ValidateConstraint,
)  # fmt: skip
_ALTER = r"ALTER TABLE (?:IF EXISTS |ONLY )*(\w+)\s[^;]*?"
#: By what it is called: SQL that rewrites a table, reads all of it under its lock, or takes away
#: what the old code uses. The table is the first group, where there is one.
_HEAVY = {
    "an index that is not made CONCURRENTLY": (
        r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)[^;]*?\bON (?:ONLY )?(\w+)"
    ),
    "a column that is taken away or renamed": _ALTER + r"\b(?:DROP COLUMN|RENAME)",
    "a column of another type": _ALTER + r"\bALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE",
    "a column that must not be null any more": _ALTER + r"\bSET NOT NULL",
    "a column that is filled in every row": (
        _ALTER + r"\bADD COLUMN (?:(?![^;,]*DEFAULT)[^;,]*NOT NULL|[^;,]*DEFAULT \w+\()"
    ),
    "a constraint that is not NOT VALID": (
        _ALTER + r"\bADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY)(?![^;]*NOT VALID)"
    ),
    "a unique constraint without an index made before": (
        _ALTER + r"\bADD (?:CONSTRAINT \w+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)(?! USING INDEX)"
    ),
    "a table that goes or is emptied": r"(?:DROP TABLE|TRUNCATE)(?: TABLE)?(?: IF EXISTS)? (\w+)",
    "a lock": r"LOCK TABLE (\w+)",
    "a table that is written anew": r"(?:VACUUM FULL|CLUSTER)(?: VERBOSE)? (\w+)",
    "rows that are changed": r"(?:^|;)\s*(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)",
}


def heavy(migration: migrations.Migration) -> list[str]:
    """Return what a migration must not do to tables that a running shop has filled."""
    made = {
        f"{migration.app_label}_{one.name}".lower()
        for one in migration.operations if isinstance(one, migrations.CreateModel)
    }  # fmt: skip
    found = [_heavy(one, made) for one in migration.operations]
    return [f"{migration.name}: {what}" for some in found for what in some]


def _heavy(one: Operation, made: set[str]) -> list[str]:
    if isinstance(one, migrations.RunSQL):
        return _in_sql("\n".join([one.sql] if isinstance(one.sql, str) else one.sql), made)
    if isinstance(one, migrations.SeparateDatabaseAndState):
        return [what for inner in one.database_operations for what in _heavy(inner, made)]
    table = f"jokkerit_plugin_{getattr(one, 'model_name', '')}".lower()
    if isinstance(one, _HARMLESS) or table in made:
        return []
    if isinstance(one, migrations.AddField):
        if one.field.db_index or one.field.unique or one.field.remote_field:
            return [f"{one.name} makes an index under a lock"]
        # Django takes a default out of the column again, and the old code does not know the field.
        kept = one.field.null or one.field.db_default is not NOT_PROVIDED
        return [] if kept else [f"{one.name} is neither null nor has a db_default"]
    return [f"{type(one).__name__}: {one.describe()}"]


def _in_sql(sql: str, made: set[str]) -> list[str]:
    # What stands in the body of a function is done later.
    plain = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", re.sub(r"--.*", "", sql), flags=re.DOTALL)
    plain = re.sub(r"\s+", " ", plain)
    made = made | set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", plain))
    return [
        f"{what}: {table}"
        for what, pattern in _HEAVY.items()
        for table in re.findall(pattern, plain, re.IGNORECASE)
        if table not in made
    ]


@dataclass
class Watch:
    """Looks from another connection at what the migrations of this one lock, rewrite and change."""

    other: "psycopg.Connection[Any]"
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def watching(self, what: str) -> Iterator[None]:
        """Note what is done in the block that the old code would feel."""
        self.known, columns = self._tables(), self._columns()
        with connection.execute_wrapper(self._statement):
            yield
        after = self._tables()
        self.faults += [
            f"{what}: {after[oid][0]} was rewritten"
            for oid, was in self.known.items() if oid in after and after[oid] != was
        ]  # fmt: skip
        self.faults += [f"{what}: {one}" for one in _felt(columns, self._columns())]

    def migrate(self, app: str, name: str) -> None:
        """Run migrations to this one, each of them watched."""
        under = ExitStack()

        def told(what: str, migration: Any = None, fake: bool = False) -> None:
            if what == "apply_start":
                under.enter_context(self.watching(migration.name))
            elif what == "apply_success":
                under.close()

        MigrationExecutor(connection, told).migrate([(app, name)])

    def _statement(
        self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: Any
    ) -> Any:
        """Before each statement of a migration nothing is locked any more by those before it."""
        if "django_migrations" not in sql and (held := self._held()):
            self.faults.append(f"{', '.join(held)}: locked while {sql[:60]!r} runs")
        return execute(sql, params, many, context)

    def _held(self) -> list[str]:
        pid = connection.connection.info.backend_pid
        rows = self.other.execute(
            "SELECT DISTINCT relation FROM pg_locks WHERE pid = %s AND granted"
            " AND locktype = 'relation' AND mode = ANY(%s)",
            [pid, _STOPS],
        )
        return sorted(self.known[oid][0] for (oid,) in rows if oid in self.known)

    def _tables(self) -> dict[int, tuple[str, int]]:
        """Return tables and indexes with the files they lie in: another file is a rewrite."""
        rows = self.other.execute(
            "SELECT oid, relname, relfilenode FROM pg_class"
            " WHERE relkind IN ('r', 'i') AND relname ~ '^jokkerit'"
        )
        return {oid: (name, node) for oid, name, node in rows}

    def _columns(self) -> dict[tuple[str, str], tuple[str, bool]]:
        """Return the columns of tables: type, and whether an INSERT may leave it out."""
        rows = self.other.execute(
            "SELECT table_name, column_name, data_type, is_nullable = 'YES'"
            "  OR column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS'"
            " FROM information_schema.columns WHERE table_name ~ '^jokkerit'"
        )
        return {(table, name): (kind, free) for table, name, kind, free in rows}


def _felt(
    before: dict[tuple[str, str], tuple[str, bool]], after: dict[tuple[str, str], tuple[str, bool]]
) -> list[str]:
    """Return what an INSERT or SELECT of the old code would fail on."""
    tables = {table for table, _ in before}
    gone = [
        f"{table}.{name} is gone or changed"
        for (table, name), (kind, free) in before.items()
        if after.get((table, name), ("", False))[0] != kind
    ]
    must = [
        f"{table}.{name} must be given"
        for (table, name), (_, free) in after.items()
        if table in tables and not free and before.get((table, name), ("", True))[1]
    ]
    return gone + must


@contextmanager
def another_database(name: str) -> Iterator[str]:
    """Let this connection lead to a copy of the test's database; yield the copy's URL."""
    own = str(connection.settings_dict["NAME"])
    admin = database_url().rpartition("/")[0] + "/postgres"
    connection.close()
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {own}")
        connection.settings_dict["NAME"] = name
        try:
            yield database_url()
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
