"""Reads purchases out of the register as `Facts`: four statements a batch."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from ..models import Handover, Movement, Purchase, PurchaseLine
from ..register.rows import fetch, table
from ..shop.snapshots import MovementKind
from .entries import EntryKind
from .facts import Facts, Handed, Money, Part
from .periods import PeriodError, day_of

_PURCHASES = f"""
    SELECT id, status, channel, is_test, currency, tax_country, vat_id, placed_at, paid_at,
        delivered_at, gift_card_amount, origin, shipping_net, shipping_gross,
        shipping_tax_rate, identity_erased_at IS NOT NULL
    FROM {table(Purchase)} WHERE id = ANY(%s) ORDER BY id"""
_LINES = f"""
    SELECT purchase_id, saleor_line, quantity, net, gross, tax_rate, is_gift_card
    FROM {table(PurchaseLine)} WHERE purchase_id = ANY(%s) ORDER BY purchase_id, id"""
_MOVEMENTS = f"""
    SELECT purchase_id, source, kind, amount, at, gateway, currency
    FROM {table(Movement)} WHERE purchase_id = ANY(%s) ORDER BY purchase_id, at, source"""
_HANDOVERS = f"""
    SELECT purchase_id, saleor_line, status, quantity, at
    FROM {table(Handover)} WHERE purchase_id = ANY(%s)
    ORDER BY purchase_id, at, saleor_fulfillment_line"""

_IMPORTED = "bulk_create"


def facts(purchases: Sequence[int]) -> Iterator[Facts]:
    """Yield the facts of purchases, by key."""
    keys = list(purchases)
    lines, movements, handovers = (
        _grouped(fetch(sql, [keys])) for sql in (_LINES, _MOVEMENTS, _HANDOVERS)
    )
    for row in fetch(_PURCHASES, [keys]):
        key, status, channel, is_test, currency, country, vat_id, *rest = row
        placed, paid, delivered, cards, origin, *shipping, erased = rest
        # What remains of a VAT id says that it was one: nobody may type that in.
        vat_id = vat_id if erased else vat_id.replace("*", "")
        parts = [
            Part(EntryKind.GIFT_CARD_SOLD if card else EntryKind.SALE, line, count, net, gross, tax)
            for _, line, count, net, gross, tax, card in lines.get(key, [])
        ]
        parts.append(Part(EntryKind.SHIPPING, None, 1, *shipping))
        moved = movements.get(key, [])
        # An import dates the payments that it brings with its own day.
        imported = origin == _IMPORTED
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
                Handed(at.isoformat(), line, state, count, _day(at))
                for _, line, state, count, at in handovers.get(key, [])
            ),
            any(own != currency for *_, own in moved),
        )  # fmt: skip


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
