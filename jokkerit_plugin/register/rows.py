"""Set-based writes and reads: many rows, one statement."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from pydantic_core import to_json

Row = Mapping[str, Any]


def upsert(
    model: type[models.Model],
    rows: Sequence[Row],
    *,
    key: tuple[str, ...],
    update: bool = True,
) -> None:
    """Insert `rows` (column's name to value, all alike), or update those whose `key` exists.

    Rows that are equal already are not written again. Keys must not repeat in one call; locks
    are taken in the order given. With `update=False` existing rows are left as they are; with an
    empty `key` nothing is looked for, and all are inserted.
    """
    if rows:
        execute(_upsert(model, tuple(rows[0]), key, update), [to_json(rows).decode()])


@cache
def _upsert(
    model: type[models.Model], names: tuple[str, ...], key: tuple[str, ...], update: bool
) -> str:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = {name: _quote(str(fields[name].column)) for name in names}
    action = "DO NOTHING"
    changed = [column for name, column in columns.items() if name not in key]
    if update and changed:
        assignments = ", ".join(f"{column} = excluded.{column}" for column in changed)
        old = ", ".join(f"{table(model)}.{column}" for column in changed)
        new = ", ".join(f"excluded.{column}" for column in changed)
        action = f"DO UPDATE SET {assignments} WHERE ({old}) IS DISTINCT FROM ({new})"
    conflict = ", ".join(columns[name] for name in key)
    conflicting = f" ON CONFLICT ({conflict}) {action}" if key else ""
    listed = ", ".join(columns.values())
    typed = ", ".join(f"{columns[name]} {_loose_type(fields[name])}" for name in names)
    # The rows are one JSON text: as an array a column they cost psycopg three times as much.
    return (
        f"INSERT INTO {table(model)} ({listed}) SELECT {listed}"
        f" FROM json_to_recordset(%s) AS new({typed}){conflicting}"
    )


Params = Sequence[Any] | Mapping[str, Any]


def execute(sql: str, params: Params) -> int:
    """Run one statement; return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _bound(params))
        return int(cursor.rowcount)


def fetch(sql: str, params: Params, *, jit: bool = True) -> list[tuple[Any, ...]]:
    """Run one statement; return its rows.

    `jit=False`: PostgreSQL is not to compile it, to the transaction's end. A long text that is
    run for a page at a time would be compiled for seconds each time.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql if jit else f"SET LOCAL jit = off; {sql}", _bound(params))
        while cursor.description is None and cursor.nextset():
            pass
        return list(cursor.fetchall())


def stream(name: str, sql: str, params: Params, *, page: int = 2000) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one statement as they stand now, `page` in memory; in a transaction.

    `name` is the cursor's, once in a transaction. The cursor is declared by hand: behind a
    pooler Django may be told to use none of the server's.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE {_quote(name)} NO SCROLL CURSOR FOR {sql}", _bound(params))
        while True:
            cursor.execute(f"FETCH {page} FROM {_quote(name)}")
            rows = cursor.fetchall()
            yield from rows
            if len(rows) < page:
                break
        cursor.execute(f"CLOSE {_quote(name)}")


@contextmanager
def one_moment() -> Iterator[None]:
    """Give the block a transaction that sees one moment (inside another: what that one sees)."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", [])
        yield


@cache
def table(model: type[models.Model]) -> str:
    """Return the model's quoted table name, for a statement of one's own."""
    return _quote(model._meta.db_table)


def _bound(params: Params) -> Params:
    if isinstance(params, Mapping):
        return {name: _array(p) if isinstance(p, list) else p for name, p in params.items()}
    return [_array(p) if isinstance(p, list) else p for p in params]


def _array(values: list[Any]) -> str:
    """An array's text, which psycopg makes of a list too, four times as slowly."""
    kinds = {*map(type, values)}
    if kinds == {int}:
        return "{" + ",".join(map(str, values)) + "}"
    if kinds == {str} and (text := "\0".join(values)).count("\0") == len(values) - 1:
        return '{"' + _escaped(text).replace("\0", '","') + '"}'
    return "{" + ",".join(["NULL" if v is None else f'"{_escaped(str(v))}"' for v in values]) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"")


def _loose_type(field: "models.Field[Any, Any]") -> str:
    # A cast to varchar(3) would cut a longer text in silence; the column itself refuses it.
    kind = (field.db_type(connection) or "text").partition("(")[0]
    return "text" if kind == "varchar" else kind


def _quote(name: str) -> str:
    # By hand: statements are written while the apps load, when there may be no database yet.
    return '"' + name.replace('"', '""') + '"'
