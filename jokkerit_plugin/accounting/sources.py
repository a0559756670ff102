"""Reads purchases out of the register as `Facts`: four statements a batch, five with businesses."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from ..models import Delivery, Invoice, Movement, Purchase, PurchaseLine
from ..register.rows import fetch, table
from ..shop.snapshots import MovementKind
from .entries import EntryKind
from .facts import Facts, Money, Part, Pieces
from .periods import PeriodError, day_of

_PURCHASES = f"""
    SELECT id, status, channel, is_test, currency, tax_country, vat_id, placed_at, paid_at,
        delivered_at, gift_card_amount, origin, gateways, shipping_net, shipping_gross,
        shipping_tax_rate, identity_erased_at IS NOT NULL
    FROM {table(Purchase)} WHERE id = ANY(%s) ORDER BY id"""
_LINES = f"""
    SELECT purchase_id, saleor_line, quantity, net, gross, tax_rate, is_gift_card, added_at
    FROM {table(PurchaseLine)} WHERE purchase_id = ANY(%s) ORDER BY purchase_id, id"""
_MOVEMENTS = f"""
    SELECT purchase_id, source, kind, amount, at, gateway, currency
    FROM {table(Movement)} WHERE purchase_id = ANY(%s) ORDER BY purchase_id, at, source"""
_DELIVERIES = f"""
    SELECT purchase_id, saleor_line, status, quantity, at
    FROM {table(Delivery)} WHERE purchase_id = ANY(%s)
    ORDER BY purchase_id, at, saleor_fulfillment_line"""
_INVOICES = f"""
    SELECT purchase_id, created_at FROM {table(Invoice)} WHERE purchase_id = ANY(%s)
    ORDER BY purchase_id, created_at"""

_IMPORTED = "bulk_create"


def facts(purchases: Sequence[int]) -> Iterator[Facts]:
    """Yield the facts of purchases, by key."""
    keys = list(purchases)
    lines, movements, deliveries = (
        _grouped(fetch(sql, [keys])) for sql in (_LINES, _MOVEMENTS, _DELIVERIES)
    )
    rows = fetch(_PURCHASES, [keys])
    businesses = [key for key, *_, vat_id in (row[:7] for row in rows) if vat_id]
    invoices = _grouped(fetch(_INVOICES, [businesses])) if businesses else {}
    for row in rows:
        key, status, channel, is_test, currency, country, vat_id, *rest = row
        placed, paid, delivered, cards, origin, gateways, *shipping, erased = rest
        # What remains of a VAT id says that it was one: nobody may type that in.
        vat_id = vat_id if erased else vat_id.replace("*", "")
        moved = movements.get(key, [])
        # An import dates the payments and lines that it brings with its own day.
        imported = origin == _IMPORTED
        came = [at for _, _, kind, _, at, *_ in moved if kind == MovementKind.PAYMENT]
        came += [placed] if cards else []
        first = None if imported else min([*came, *([paid] if paid else [])], default=None)
        parts = [
            Part(EntryKind.GIFT_CARD_SOLD if card else EntryKind.SALE, line, count, net, gross, tax,
                 _added(at, placed, first))
            for _, line, count, net, gross, tax, card, at in lines.get(key, [])
        ]  # fmt: skip
        parts.append(Part(EntryKind.SHIPPING, None, 1, *shipping))
        yield Facts(
            key, status, channel, is_test, currency, country, vat_id, _day(placed), _maybe(paid),
            _maybe(delivered), cards, tuple(parts),
            tuple(
                Money(source, MovementKind(kind), amount,
                      _day(paid if imported and paid and kind == MovementKind.PAYMENT else at),
                      gateway)
                for _, source, kind, amount, at, gateway, own in moved
                if own == currency
            ),
            tuple(
                Pieces(at.isoformat(), line, state, count, _day(at))
                for _, line, state, count, at in deliveries.get(key, [])
            ),
            tuple(_day(at) for _, at in invoices.get(key, [])),
            frozenset([*json.loads(gateways), *(one[5] for one in moved)]),
            any(own != currency for *_, own in moved),
        )  # fmt: skip


def _added(at: datetime | None, placed: datetime, first: datetime | None) -> date | None:
    """The day of a line that was added after its order was placed, and after money had come."""
    if at is None or first is None or at < first or _day(at) <= _day(placed):
        return None
    return _day(at)


def _grouped(rows: list[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    return {key: list(found) for key, found in groupby(rows, key=itemgetter(0))}


def _maybe(moment: datetime | None) -> date | None:
    return _day(moment) if moment else None


def _day(moment: datetime) -> date:
    # Programs write their zero time, year 1 or 9999, where they know none.
    if not 1900 <= moment.year < 2200:
        message = f"A moment lies in the year {moment.year}: set it right in the shop."
        raise PeriodError(message, field="at")
    return day_of(moment)
