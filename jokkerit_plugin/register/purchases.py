"""Purchases with their lines, handovers, movements and invoices: equal to the shop's orders."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import models

from ..config import Config
from ..models import Handover, Invoice, Movement, Purchase, PurchaseLine
from ..shop.snapshots import OrderSnapshot, Party
from .addresses import Place, fingerprint
from .rows import execute, fetch, table, upsert

_COPIED = (
    "number", "status", "origin", "channel", "currency", "language", "email", "placed_at",
    "paid_at", "delivered_at", "cancelled_at", "net", "gross", "shipping_net",
    "shipping_gross", "shipping_tax_rate", "shipping_tax_class", "gift_card_amount",
    "tax_country", "tax_exempt", "vat_id", "checkout_token", "digest",
)  # fmt: skip
_PARTY = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code",
    "city", "city_area", "country_area", "country",
)  # fmt: skip
_PARTY_COLUMNS = tuple(f"party_{name}" for name in _PARTY)
_copied, _party = attrgetter(*_COPIED), attrgetter(*_PARTY)


def write(
    orders: Sequence[OrderSnapshot],
    owners: Mapping[UUID, int | None],
    places: Mapping[Place, int],
    config: Config,
    *,
    known: Collection[UUID],
) -> None:
    """Make the purchases of `orders` equal to them. `owners` gives each order's customer.

    `known` are those of the orders that have a purchase already.
    """
    if not orders:
        return
    ordered = sorted(orders, key=lambda order: order.key)
    upsert(
        Purchase,
        [_purchase(order, owners[order.key], places, config) for order in ordered],
        key=("saleor_order",),
    )
    ids: dict[UUID, int] = dict(
        fetch(
            f"SELECT saleor_order, id FROM {table(Purchase)} WHERE saleor_order = ANY(%s)",
            [[order.key for order in ordered]],
        )
    )
    old = [ids[key] for key in known]
    _children(PurchaseLine, "saleor_line", _lines(ordered, ids), old)
    _children(Movement, "source", _movements(ordered, ids), old)
    _children(Handover, "saleor_fulfillment_line", _handovers(ordered, ids), old)
    _children(Invoice, "saleor_invoice", _invoices(ordered, ids), old)


def mark_absent(keys: Sequence[UUID], at: datetime) -> int:
    """Mark purchases that the shop no longer has; return how many were not marked before."""
    if not keys:
        return 0
    return execute(
        f"UPDATE {table(Purchase)} SET absent_since = %s"
        " WHERE saleor_order = ANY(%s) AND absent_since IS NULL",
        [at, sorted(keys)],
    )


def is_test(order: OrderSnapshot, config: Config) -> bool:
    """Tell whether the order was made to try the shop out."""
    gateways = {movement.gateway for movement in order.movements}
    return order.channel in config.test_channels or not gateways.isdisjoint(config.test_gateways)


def _children(
    model: type[models.Model], key: str, rows: list[dict[str, Any]], old: list[int]
) -> None:
    if old:
        kept = [row[key] for row in rows]
        execute(
            f"DELETE FROM {table(model)} WHERE purchase_id = ANY(%s) AND NOT {key} = ANY(%s)",
            [old, kept],
        )
    # Unsorted: only who holds the order's lock writes its rows, so nobody waits in a circle.
    upsert(model, rows, key=(key,))


def _purchase(
    order: OrderSnapshot, owner: int | None, places: Mapping[Place, int], config: Config
) -> dict[str, Any]:
    row: dict[str, Any] = {"saleor_order": order.key, "customer_id": owner}
    row |= zip(_COPIED, _copied(order), strict=True)
    row |= zip(_PARTY_COLUMNS, _party(order.billing or Party()), strict=True)
    row["billing_address_id"] = _place(owner, order.billing, places)
    row["shipping_address_id"] = _place(owner, order.shipping, places)
    row["is_test"] = is_test(order, config)
    row["outside"] = order.outside
    row["absent_since"] = None
    return row


def _place(owner: int | None, party: Party | None, places: Mapping[Place, int]) -> int | None:
    if owner is None or party is None:
        return None
    return places.get((owner, fingerprint(party)))


def _lines(orders: Sequence[OrderSnapshot], ids: Mapping[UUID, int]) -> list[dict[str, Any]]:
    return [
        {
            "saleor_line": line.key,
            "purchase_id": ids[order.key],
            "name": line.name,
            "variant": line.variant,
            "sku": line.sku,
            "quantity": line.quantity,
            "net": line.net,
            "gross": line.gross,
            "tax_rate": line.tax_rate,
            "tax_class": line.tax_class,
            "is_gift_card": line.is_gift_card,
        }
        for order in orders
        for line in order.lines
    ]


def _movements(orders: Sequence[OrderSnapshot], ids: Mapping[UUID, int]) -> list[dict[str, Any]]:
    return [
        {
            "source": movement.key,
            "purchase_id": ids[order.key],
            "kind": movement.kind,
            "amount": movement.amount,
            "currency": movement.currency,
            "at": movement.at,
            "gateway": movement.gateway,
            "reference": movement.reference,
        }
        for order in orders
        for movement in order.movements
    ]


def _handovers(orders: Sequence[OrderSnapshot], ids: Mapping[UUID, int]) -> list[dict[str, Any]]:
    return [
        {
            "saleor_fulfillment_line": handover.key,
            "purchase_id": ids[order.key],
            "saleor_line": handover.line,
            "status": handover.status,
            "quantity": handover.quantity,
            "at": handover.at,
        }
        for order in orders
        for handover in order.handovers
    ]


def _invoices(orders: Sequence[OrderSnapshot], ids: Mapping[UUID, int]) -> list[dict[str, Any]]:
    return [
        {
            "saleor_invoice": invoice.key,
            "purchase_id": ids[order.key],
            "number": invoice.number,
            "created_at": invoice.created_at,
        }
        for order in orders
        for invoice in order.invoices
    ]
