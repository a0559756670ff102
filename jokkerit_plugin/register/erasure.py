"""Erases parts of customers and purchases: sets, in a constant number of statements.

In one transaction: `lock_subjects`, then ask again whether they are still due, then `erase`.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models

from ..models import (
    Closing,
    Customer,
    DownloadLink,
    Export,
    ExportChunk,
    Hold,
    MarketingEvent,
    Movement,
    Posting,
    Purchase,
    Trace,
    TransferRequest,
    Voucher,
    VoucherNote,
)
from ..policy.parts import Part
from ..policy.vat import remains
from ..shop.snapshots import Kind
from . import erased, lines, requests
from .rows import execute, fetch, table
from .subjects import Subject, emails, lock_subjects

__all__ = ["Subject", "emails", "erase", "lock_subjects"]

#: Rows by table, the shop's names for ours.
Rows = dict[str, int]


def erase(part: Part, ids: Sequence[int], at: datetime) -> Rows:
    """Erase a part of subjects that `lock_subjects` returned; return the rows touched by table."""
    found = sorted(set(ids))
    return {name: n for name, n in _ERASERS[part](found, at).items() if n} if found else {}


def _contact(ids: list[int], at: datetime) -> Rows:
    found = fetch(
        f"SELECT saleor_user FROM {table(Customer)} WHERE id = ANY(%s) AND saleor_user IS NOT NULL",
        [ids],
    )
    users = sorted(user for (user,) in found)
    done = lines.let_go(ids, users)
    done |= _all(
        {
            Purchase: f"UPDATE {table(Purchase)} SET customer_id = NULL, billing_address_id = NULL,"
            " shipping_address_id = NULL, contact_erased_at = %(at)s WHERE customer_id = {ids}",
            **_deletions(
                _belonging(Customer, {Hold: "customer_id", TransferRequest: "customer_id"})
            ),
            # What they said of marketing is kept as proof, of nobody who is named any more.
            MarketingEvent: f"UPDATE {table(MarketingEvent)} SET customer = NULL"
            " WHERE customer = {ids}",
            Trace: f"DELETE FROM {table(Trace)} WHERE saleor_user = ANY(%(users)s)",
            **_deletions({Customer: "id"}),
        },
        {"ids": ids, "at": at, "users": users},
    )
    requests.done(ids, at)
    erased.remember((Kind.CUSTOMER, str(user), at) for user in users)
    return done


def _detail(ids: list[int], at: datetime) -> Rows:
    return _all(
        {
            Movement: f"UPDATE {table(Movement)} SET reference = ''"
            " WHERE purchase_id = {ids} AND reference <> ''",
            Purchase: f"UPDATE {table(Purchase)} SET email = '', language = '',"
            " checkout_token = '', billing_address_id = NULL, shipping_address_id = NULL,"
            " detail_erased_at = %(at)s WHERE id = {ids} AND detail_erased_at IS NULL",
        },
        {"ids": ids, "at": at},
    )


def _identity(ids: list[int], at: datetime) -> Rows:
    numbers = fetch(
        f"SELECT id, vat_id FROM {table(Purchase)}"
        " WHERE id = ANY(%s) AND vat_id <> '' AND identity_erased_at IS NULL",
        [ids],
    )
    names = ", ".join(f"party_{name} = ''" for name in _NAMING)
    done = {
        _name(Purchase): execute(
            f"UPDATE {table(Purchase)} AS p SET {names}, vat_id = coalesce(new.vat_id, ''),"
            " identity_erased_at = %s FROM unnest(%s::bigint[]) AS due(id)"
            " LEFT JOIN unnest(%s::bigint[], %s::text[]) AS new(id, vat_id) USING (id)"
            " WHERE p.id = due.id AND identity_erased_at IS NULL",
            [at, ids, [pk for pk, _ in numbers], [remains(text) for _, text in numbers]],
        )
    }
    done[_name(VoucherNote)] = _delete(VoucherNote, "purchase_id", ids)
    # An invoice's file names the buyer; a journal's does not.
    files = fetch(
        f"SELECT id FROM {table(Export)} WHERE format = 'finvoice' AND filename IN"
        " (SELECT 'finvoice-' || code || unnest('{.xml,-corrected.xml}'::text[])"
        f" FROM {table(Voucher)}"
        " WHERE purchase_id = ANY(%s)) ORDER BY id FOR UPDATE",
        [ids],
    )
    return done | _drop_exports([pk for (pk,) in files])


def _figures(ids: list[int], at: datetime) -> Rows:
    orders = fetch(f"SELECT saleor_order FROM {table(Purchase)} WHERE id = ANY(%s)", [ids])
    days = fetch(
        f"SELECT min(day), max(day) FROM {table(Posting)} WHERE purchase_id = ANY(%s)", [ids]
    )
    # The database keeps closed days and vouchers: for these statements, and no longer.
    execute("SET LOCAL jokkerit.retention = 'on'", [])
    done = {
        _name(MarketingEvent): execute(
            f"UPDATE {table(MarketingEvent)} SET saleor_order = NULL WHERE saleor_order = ANY(%s)",
            [[order for (order,) in orders]],
        ),
    }
    rows = _belonging(
        Purchase, {Hold: "purchase_id", Posting: "purchase_id", Voucher: "purchase_id"}
    )
    done |= _all(_deletions(rows), {"ids": ids})
    execute("SET LOCAL jokkerit.retention = 'off'", [])
    erased.remember((Kind.ORDER, str(order), at) for (order,) in orders)
    done[_name(Purchase)] = _delete(Purchase, "id", ids)
    first, last = days[0]
    return done | _days_without_purchase(first, last, at) if first else done


def _days_without_purchase(first: date, last: date, at: datetime) -> Rows:
    """Remove closings and files of days that no purchase is left of; the last closing stays."""
    empty = (
        f" WHERE first <= %s AND last >= %s AND NOT EXISTS (SELECT FROM {table(Posting)} AS p"
        " WHERE p.day BETWEEN x.first AND x.last)"
    )
    closings = execute(
        f"DELETE FROM {table(Closing)} AS x{empty}"
        f" AND last < (SELECT max(last) FROM {table(Closing)})",
        [last, first],
    )
    execute(
        f"UPDATE {table(Closing)} SET reduced_at = %s"
        " WHERE first <= %s AND last >= %s AND reduced_at IS NULL",
        [at, last, first],
    )
    files = fetch(
        f"SELECT id FROM {table(Export)} AS x{empty} ORDER BY id FOR UPDATE", [last, first]
    )
    return {_name(Closing): closings} | _drop_exports([pk for (pk,) in files])


def _drop_exports(ids: list[int]) -> Rows:
    if not ids:
        return {}
    return {
        _name(model): _delete(model, column, ids)
        for model, column in (
            (DownloadLink, "export_id"), (ExportChunk, "export_id"), (Export, "id"),
        )
    }  # fmt: skip


def _belonging(
    model: type[models.Model], also: dict[type[models.Model], str]
) -> dict[type[models.Model], str]:
    """Return tables that go with a row of `model`, and their column: what cascades, and `also`.

    Whatever else refers to it is dealt with by name; a test finds what nobody thought of.
    """
    cascading = {
        relation.related_model: str(relation.field.column)
        for relation in model._meta.related_objects
        if relation.on_delete is models.CASCADE
    }
    return cascading | also


def _deletions(rows: dict[type[models.Model], str]) -> dict[type[models.Model], str]:
    return {
        model: f"DELETE FROM {table(model)} WHERE {column} = {{ids}}"
        for model, column in rows.items()
    }


def _all(statements: dict[type[models.Model], str], given: dict[str, Any]) -> Rows:
    """Run a statement a table as one, with one reading of the ids; return the rows by table.

    They do not see each other's work; foreign keys are asked afterwards. A table once.
    """
    ids = "ANY((SELECT ids FROM given)::bigint[])"
    parts = ", ".join(
        f"in_{model._meta.model_name} AS ({sql.format(ids=ids)} RETURNING 1)"
        for model, sql in statements.items()
    )
    counts = ", ".join(
        f"(SELECT count(*) FROM in_{model._meta.model_name})" for model in statements
    )
    [found] = fetch(f"WITH given AS (SELECT %(ids)s::bigint[] AS ids), {parts} SELECT {counts}",
                    given)  # fmt: skip
    return dict(zip(map(_name, statements), found, strict=True))


def _delete(model: type[models.Model], column: str, ids: list[int]) -> int:
    return execute(f"DELETE FROM {table(model)} WHERE {column} = ANY(%s)", [ids])


def _name(model: type[models.Model]) -> str:
    return model._meta.db_table


_NAMING = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code", "city",
    "city_area", "country_area",
)  # fmt: skip
_ERASERS: dict[Part, Callable[[list[int], datetime], Rows]] = {
    Part.CONTACT: _contact,
    Part.DETAIL: _detail,
    Part.IDENTITY: _identity,
    Part.FIGURES: _figures,
}
