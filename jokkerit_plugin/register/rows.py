"""Set-based writes: many rows, one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

Row = Mapping[str, Any]


def upsert(
    model: type[models.Model],
    rows: Sequence[Row],
    *,
    key: tuple[str, ...],
    update: bool = True,
) -> None:
    """Insert `rows` (attribute name to value, all alike), or update those whose `key` exists.

    Rows that are equal already are not written again. Keys must not repeat in one call; locks
    are taken in the order given. With `update=False` existing rows are left as they are.
    """
    if not rows:
        return
    names = list(rows[0])
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = [_quote(fields[name].column) for name in names]
    arrays = ", ".join(f"%s::{_loose_type(fields[name])}[]" for name in names)
    table = _quote(model._meta.db_table)
    conflict = ", ".join(_quote(fields[name].column) for name in key)
    action = "DO NOTHING"
    changed = [_quote(fields[name].column) for name in names if name not in key]
    if update and changed:
        assignments = ", ".join(f"{column} = excluded.{column}" for column in changed)
        old = ", ".join(f"{table}.{column}" for column in changed)
        new = ", ".join(f"excluded.{column}" for column in changed)
        action = f"DO UPDATE SET {assignments} WHERE ({old}) IS DISTINCT FROM ({new})"
    execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"
        f" ON CONFLICT ({conflict}) {action}",
        [[row[name] for row in rows] for name in names],
    )


def execute(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> int:
    """Run one statement; return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def fetch(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement; return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def table(model: type[models.Model]) -> str:
    """Return the model's quoted table name, for a statement of one's own."""
    return _quote(model._meta.db_table)


def _loose_type(field: "models.Field[Any, Any]") -> str:
    # A cast to varchar(3) would cut a longer text in silence; the column itself refuses it.
    kind = (field.db_type(connection) or "text").partition("(")[0]
    return "text" if kind == "varchar" else kind


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
