"""Erases in Saleor's own tables: one noun a module, `claims` for what they claim together.

SQL and no ORM: 500 orders are two dozen statements, which fire no webhooks and no signals.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache

from saleor import __version__
from saleor.core.db.connection import allow_writer

from ...register.rows import execute, fetch
from ...shop.erasers import Done, Draft, Hindrance, ShopPart
from ...shop.port import shop
from . import (
    addresses,
    checkouts,
    claims,
    columns,
    invoices,
    mentions,
    overdue,
    payloads,
    references,
    sheet,
    taking,
    users,
    whose,
)
from .files import doom, remove
from .orders import SCRAMBLED

#: Below PostgreSQL's `deadlock_timeout` of a second: of two that wait for each other it is always
#: the erasing that gives way, and never a checkout.
LOCK_TIMEOUT = "300ms"

_MADE = {
    ShopPart.ACCOUNT: ("account_user", "id", "int", "date_joined"),
    ShopPart.ORDER_DETAIL: ("order_order", "id", "uuid", "created_at"),
    ShopPart.ORDER_IDENTITY: ("order_order", "id", "uuid", "created_at"),
    ShopPart.CHECKOUT: ("checkout_checkout", "token", "uuid", "created_at"),
    ShopPart.PAYLOAD: ("core_eventpayload", "id", "int", "created_at"),
}


class SaleorEraser:
    """See `ShopEraser`."""

    def refusal(self) -> str:
        """See `ShopEraser`."""
        _layout.cache_clear()
        with allow_writer():
            return claims.refusal(__version__)

    def overdue(
        self, part: ShopPart, before: datetime, *, after: str = "", limit: int
    ) -> list[str]:
        """See `ShopEraser`."""
        with allow_writer():
            return overdue.find(part, before, after, limit)

    def idle(
        self,
        before: datetime,
        *,
        after: str = "",
        limit: int,
        among: Collection[str] | None = None,
    ) -> dict[str, datetime]:
        """See `ShopEraser`."""
        with allow_writer():
            return overdue.idle(before, after, limit, among)

    def take(self, part: ShopPart, keys: Sequence[str]) -> list[str]:
        """See `ShopEraser`."""
        with allow_writer(), _short_waits():
            return taking.take(part, keys)

    def erase(
        self,
        part: ShopPart,
        keys: Sequence[str],
        *,
        emails: Collection[str] = (),
        names: Collection[str] = (),
    ) -> Done:
        """See `ShopEraser`."""
        with allow_writer(), _short_waits():
            rows, doomed = _erase(part, list(keys), emails, names)
            kept = {table: count for table, count in rows.items() if count}
            return Done(tuple(keys), kept, doom(doomed))

    def mentions(
        self, keys: Sequence[str], *, emails: Collection[str], names: Collection[str]
    ) -> list[str]:
        """See `ShopEraser`."""
        with allow_writer():
            found = whose.said(keys, emails, names)
            return mentions.find(replace(found, users=[]), _layout()[0])

    def remove_files(self, files: Sequence[str]) -> Collection[str]:
        """See `ShopEraser`."""
        with allow_writer():
            return remove(files)

    def existed(self, part: ShopPart, keys: Sequence[str], before: datetime) -> list[str]:
        """See `ShopEraser`."""
        if part not in _MADE:
            return []
        table, key, kind, made = _MADE[part]
        sql = (
            f"SELECT {key}::text FROM {table} WHERE {key} = ANY(%s::{kind}[]) AND {made} < %s"
            f" ORDER BY {key}"
        )
        with allow_writer():
            found = fetch(sql, [[one for one in keys if ":" not in one], before])
        return [one for (one,) in found]

    def part_of(self, table: str, column: str) -> ShopPart | None:
        """See `ShopEraser`."""
        return claims.claimed().get((table, column))

    def scrambled(self, *, after: str = "", limit: int) -> list[str]:
        """See `ShopEraser`."""
        sql = """SELECT id::text FROM order_order WHERE metadata @> %(mark)s::jsonb
            AND (%(after)s = '' OR id > nullif(%(after)s, '')::uuid) ORDER BY id LIMIT %(limit)s"""
        given = {"mark": f'{{"{SCRAMBLED}": "true"}}', "after": after, "limit": limit}
        with allow_writer():
            return [key for (key,) in fetch(sql, given)]

    def unfinished(self, orders: Sequence[str]) -> list[str]:
        """See `ShopEraser`."""
        with allow_writer():
            return taking.unfinished(orders)

    def hindrances(self, accounts: Sequence[str]) -> dict[str, Hindrance]:
        """See `ShopEraser`."""
        with allow_writer():
            return taking.hindrances(accounts)

    def drafts(self, before: datetime, *, limit: int) -> list[Draft]:
        """See `ShopEraser`."""
        with allow_writer():
            return overdue.drafts(before, limit)

    def count_drafts(self, before: datetime) -> int:
        """See `ShopEraser`."""
        with allow_writer():
            return overdue.count_drafts(before)


Erased = tuple[Counter[str], list[tuple[str, str]]]


def _erase(
    part: ShopPart, keys: list[str], emails: Collection[str], names: Collection[str]
) -> Erased:
    known, refer = _layout()
    if part is ShopPart.ACCOUNT:
        return users.erase(keys, whose.said(keys, emails, names), refer, known)
    if part is ShopPart.CHECKOUT:
        return checkouts.erase(keys, refer[addresses.TABLE], known), []
    if part is ShopPart.ADDRESS:
        return addresses.delete(keys, refer[addresses.TABLE]), []
    if part is ShopPart.MENTION:
        return mentions.erase(keys, known), []
    if part is ShopPart.PAYLOAD:
        return payloads.erase(keys)
    doomed = invoices.files(keys) if part is ShopPart.ORDER_IDENTITY else []
    sheets = [one for one in claims.SHEETS if one.part is part]
    done = addresses.empty(part, keys, refer[addresses.TABLE], known)
    parameters = {"keys": keys}
    if part is ShopPart.ORDER_DETAIL:
        parameters["kept"] = [*shop().config().vat_id_keys, SCRAMBLED]
    return done + sheet.empty(sheets, known, parameters), doomed


@cache
def _layout() -> tuple[Mapping[str, set[str]], Mapping[str, Sequence[tuple[str, str, bool]]]]:
    """Columns and references as they are when a run begins: `refusal` forgets them.

    What a migration adds meanwhile nobody erases; what it drops makes the batch fail.
    """
    tables = {table for table, _ in claims.claimed()} | references.DELETED
    return columns.present(tables), columns.references(references.DELETED)


@contextmanager
def _short_waits() -> Iterator[None]:
    """Wait for locks 0.3 s at most in the block; afterwards as before."""
    sql = "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)"
    [(before, _)] = fetch(sql, [LOCK_TIMEOUT])
    yield
    # After an error the transaction is aborted, and its rollback sets it back.
    execute("SELECT set_config('lock_timeout', %s, true)", [before])
