"""Reads single rows through the bridge, and changes rows without Saleor's noticing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import snapshots

if TYPE_CHECKING:
    from jokkerit_plugin.shop.snapshots import CustomerSnapshot, Kind, OrderSnapshot

CONFIG = Config()


def read(order: Any, config: Config = CONFIG) -> OrderSnapshot:
    """The snapshot of one order."""
    (found,) = snapshots.orders([order.pk], config)
    return found


def customer(user: Any, config: Config = CONFIG) -> CustomerSnapshot:
    """The snapshot of one account."""
    (found,) = snapshots.customers([user.pk], config)
    return found


def keys(kind: Kind, config: Config = CONFIG) -> list[Any]:
    """Every key that a reconciliation walks over."""
    return [key for key, _ in snapshots.digests(kind, None, 10_000, config)]


def change(row: Any, **fields: object) -> None:
    """Change columns behind Saleor's back: `updated_at` stays."""
    type(row).objects.filter(pk=row.pk).update(**fields)
