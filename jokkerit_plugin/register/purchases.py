"""Purchases with their lines, deliveries, movements and invoices: equal to the shop's orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import models

from ..config import Config
from ..models import Delivery, Invoice, Movement, Purchase, PurchaseLine
from ..policy.vat import remains
from ..shop.snapshots import OrderSnapshot, Party
from .addresses import Place, fingerprint
from .erased import NOTHING, Marks
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
_ON_VOUCHER = ("tax_country", "vat_id", *_PARTY_COLUMNS)
_copied, _party = attrgetter(*_COPIED), attrgetter(*_PARTY)


@dataclass(frozen=True, slots=True)
class _Child:
    """Rows that belong to a purchase: the snapshot's field, and column to attribute of a part."""

    model: type[models.Model]
    parts: str
    key: str
    columns: Mapping[str, str]


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


_CHILDREN = (
    _Child(
        PurchaseLine,
        "lines",
        "saleor_line",
        {
            "saleor_line": "key",
            **_same("name variant sku product_type quantity net gross tax_rate tax_class"),
            **_same("is_gift_card added_at"),
        },
    ),
    _Child(
        Movement,
        "movements",
        "source",
        {"source": "key", **_same("kind amount currency at gateway reference")},
    ),
    _Child(
        Delivery,
        "deliveries",
        "saleor_fulfillment_line",
        {
            "saleor_fulfillment_line": "key",
            "saleor_line": "line",
            **_same("status quantity at"),
        },
    ),
    _Child(
        Invoice,
        "invoices",
        "saleor_invoice",
        {"saleor_invoice": "key", **_same("number created_at")},
    ),
)


def write(
    orders: Sequence[OrderSnapshot],
    owners: Mapping[UUID, int | None],
    places: Mapping[Place, int],
    config: Config,
    *,
    known: Collection[UUID],
    marks: Mapping[UUID, Marks],
) -> None:
    """Make the purchases of `orders` equal to them. `owners` gives each order's customer.

    `known` are those of the orders that have a purchase already; `marks` says what of them was
    erased, which stays so whatever the shop says.
    """
    if not orders:
        return
    ordered = sorted(orders, key=lambda order: order.key)
    upsert(
        Purchase,
        _kept(
            [
                _purchase(order, owners[order.key], places, config, marks.get(order.key, NOTHING))
                for order in ordered
            ]
        ),
        key=("saleor_order",),
    )
    ids: dict[UUID, int] = dict(
        fetch(
            f"SELECT saleor_order, id FROM {table(Purchase)} WHERE saleor_order = ANY(%s)",
            [[order.key for order in ordered]],
        )
    )
    old = [ids[key] for key in known]
    for child in _CHILDREN:
        _write_children(child, ordered, ids, old)


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
    gateways = {*order.gateways, *(movement.gateway for movement in order.movements)}
    return order.channel in config.test_channels or not gateways.isdisjoint(config.test_gateways)


def _write_children(
    child: _Child, orders: Sequence[OrderSnapshot], ids: Mapping[UUID, int], old: list[int]
) -> None:
    values = attrgetter(*child.columns.values())
    rows = [
        {"purchase_id": ids[order.key], **dict(zip(child.columns, values(one), strict=True))}
        for order in orders
        for one in getattr(order, child.parts)
    ]
    if old:
        execute(
            f"DELETE FROM {table(child.model)} WHERE purchase_id = ANY(%s)"
            f" AND NOT {child.key} = ANY(%s)",
            [old, [row[child.key] for row in rows]],
        )
    # Unsorted: only who holds the order's lock writes its rows, so nobody waits in a circle.
    upsert(child.model, rows, key=(child.key,))


def _purchase(
    order: OrderSnapshot,
    owner: int | None,
    places: Mapping[Place, int],
    config: Config,
    marks: Marks,
) -> dict[str, Any]:
    row: dict[str, Any] = {"saleor_order": order.key, "customer_id": owner}
    row |= zip(_COPIED, _copied(order), strict=True)
    row |= zip(_PARTY_COLUMNS, _party(order.billing or Party()), strict=True)
    row["billing_address_id"] = _place(owner, order.billing, places)
    row["shipping_address_id"] = _place(owner, order.shipping, places)
    row["is_test"] = is_test(order, config)
    row["gateways"] = order.gateways
    row["outside"] = order.outside
    row["absent_since"] = None
    row["unbooked"] = True
    row["unheard"] = bool(order.marketing)
    row["contact_erased_at"] = marks.contact
    row["detail_erased_at"] = marks.detail
    row["identity_erased_at"] = marks.identity
    if marks.detail:
        row |= {"email": "", "billing_address_id": None, "shipping_address_id": None}
    if marks.identity:
        row |= dict.fromkeys(_PARTY_COLUMNS[:-1], "")
        row["vat_id"] = remains(order.vat_id)
    return row


def _kept(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let what is on the voucher stay as it is where something was erased.

    The shop may have erased the same and what hangs on it, and a voucher is not changed years
    after anyway.
    """
    marked = [
        row["saleor_order"] for row in rows if row["detail_erased_at"] or row["identity_erased_at"]
    ]
    if not marked:
        return rows
    found = {
        key: dict(zip(_ON_VOUCHER, values, strict=True))
        for key, *values in fetch(
            f"SELECT saleor_order, {', '.join(_ON_VOUCHER)} FROM {table(Purchase)}"
            " WHERE saleor_order = ANY(%s)",
            [marked],
        )
    }
    return [row | found.get(row["saleor_order"], {}) for row in rows]


def _place(owner: int | None, party: Party | None, places: Mapping[Place, int]) -> int | None:
    if owner is None or party is None:
        return None
    return places.get((owner, fingerprint(party)))
