"""The same rows written in other ways: what the intake is compared with.

`capture` copies what the intake has written, cut into the intake's own batches: each row goes
with the first of its batch's orders that needs it, so tables, rows and transactions are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, models, transaction
from psycopg.types.json import Jsonb

from jokkerit_plugin.models import (
    Customer,
    Delivery,
    FormerCustomer,
    InboxEvent,
    Invoice,
    KnownIdentifier,
    Movement,
    PostalAddress,
    Purchase,
    PurchaseLine,
    Restriction,
    SetAside,
    Sweep,
    Trace,
)  # fmt: skip

#: In the order in which foreign keys allow them.
TABLES: tuple[type[models.Model], ...] = (
    Customer, PostalAddress, KnownIdentifier, Purchase, PurchaseLine, Movement, Delivery, Invoice,
)  # fmt: skip

Rows = list[tuple[Any, ...]]
#: The rows of each of TABLES that one transaction writes.
Batch = list[Rows]


class _Head:
    """The statements that insert into one table."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = model._meta.concrete_fields
        names = _columns(model)
        types = [(field.db_type(connection) or "text").partition("(")[0] for field in fields]
        unnest = ", ".join(f"%s::{name.replace('varchar', 'text')}[]" for name in types)
        self.insert = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) "
        self.row = f"({', '.join(['%s'] * len(names))})"
        self.arrays = f"{self.insert}SELECT * FROM unnest({unnest})"
        self.jsons = {n for n, field in enumerate(fields) if isinstance(field, models.JSONField)}

    def values(self, rows: int) -> str:
        return f"{self.insert}VALUES {', '.join([self.row] * rows)}"

    def plain(self, rows: Rows) -> Rows:
        """The rows as psycopg takes them."""
        if not self.jsons:
            return rows
        return [
            tuple(Jsonb(v) if n in self.jsons else v for n, v in enumerate(row)) for row in rows
        ]

    def flat(self, rows: Rows) -> list[Any]:
        return [value for row in self.plain(rows) for value in row]


Write = Callable[[Any, _Head, Rows], None]


def clear() -> None:
    """Empty the register."""
    every: tuple[type[models.Model], ...] = (
        *TABLES, FormerCustomer, Restriction, InboxEvent, SetAside, Sweep, Trace,
    )  # fmt: skip
    names = ", ".join(model._meta.db_table for model in every)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        cursor.execute("CHECKPOINT")


def capture(batches: Iterable[Sequence[UUID]]) -> list[Batch]:
    """Copy the register's rows, by the batches of order keys that made them."""
    tables = {model: _all(model) for model in TABLES}
    number = {key: n for n, keys in enumerate(batches) for key in keys}
    count = max(number.values()) + 1
    at = {model: {name: n for n, name in enumerate(_columns(model))} for model in TABLES}
    of_purchase: dict[int, int] = {}
    of_customer: dict[int, int] = {}
    of_address: dict[int, int] = {}
    place = at[Purchase]
    for row in tables[Purchase]:
        batch = of_purchase[row[place["id"]]] = number[row[place["saleor_order"]]]
        for mine, column in ((of_customer, "customer_id"), (of_address, "billing_address_id"),
                             (of_address, "shipping_address_id")):  # fmt: skip
            if (key := row[place[column]]) is not None:
                mine[key] = min(mine.get(key, count), batch)
    cut: list[Batch] = [[[] for _ in TABLES] for _ in range(count)]
    for position, model in enumerate(TABLES):
        for row in tables[model]:
            if model is Customer:
                batch = of_customer[row[at[model]["id"]]]
            elif model is PostalAddress:
                customer = of_customer[row[at[model]["customer_id"]]]
                batch = of_address.get(row[at[model]["id"]], customer)
            elif model is KnownIdentifier:
                batch = of_customer[row[at[model]["customer_id"]]]
            else:
                batch = of_purchase[row[at[model]["id" if model is Purchase else "purchase_id"]]]
            cut[batch][position].append(row)
    return cut


def inserts(batches: list[Batch], write: Write) -> None:
    """One multi-row INSERT a table and batch, one transaction a batch."""
    heads = [_Head(model) for model in TABLES]
    connection.ensure_connection()
    for batch in batches:
        with transaction.atomic():
            for head, rows in zip(heads, batch, strict=True):
                if rows:
                    write(connection.connection, head, rows)


def bound_by_server(raw: Any, head: _Head, rows: Rows) -> None:
    """INSERT ... VALUES with a parameter a value."""
    with psycopg.Cursor(raw) as cursor:
        cursor.execute(head.values(len(rows)), head.flat(rows))


def bound_by_client(raw: Any, head: _Head, rows: Rows) -> None:
    """INSERT ... VALUES with the values in the statement's text, as `bulk_create` does it."""
    with psycopg.ClientCursor(raw) as cursor:
        cursor.execute(head.values(len(rows)), head.flat(rows))


def as_arrays(raw: Any, head: _Head, rows: Rows) -> None:
    """INSERT ... SELECT FROM unnest(...) with one array parameter a column."""
    with psycopg.Cursor(raw) as cursor:
        columns = zip(*head.plain(rows), strict=True)
        cursor.execute(head.arrays, [list(column) for column in columns])


WRITES: tuple[Write, ...] = (bound_by_server, bound_by_client, as_arrays)


def saves(batches: list[Batch]) -> None:
    """One object, one `save()`; one transaction a batch."""
    names = [[field.attname for field in model._meta.concrete_fields] for model in TABLES]
    for batch in batches:
        with transaction.atomic():
            for model, fields, rows in zip(TABLES, names, batch, strict=True):
                for row in rows:
                    model(**dict(zip(fields, row, strict=True))).save()


def counted(batches: list[Batch]) -> int:
    """How many rows there are."""
    return sum(len(rows) for batch in batches for rows in batch)


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def _all(model: type[models.Model]) -> Rows:
    names = [field.attname for field in model._meta.concrete_fields]
    return list(model._default_manager.order_by("pk").values_list(*names))
