"""The orders of one call: as the shop has them, whose they are, and what the register knew."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from .. import clock
from ..config import Config
from ..models import Customer, Purchase
from ..shop.port import ShopPort
from ..shop.snapshots import OrderSnapshot
from . import purchases
from .identity import Identity, owner_of
from .rows import fetch, table


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has for an order: whose it is, and whether it is up to date."""

    customer: int | None
    identity: Identity | None
    digest: str
    absent: bool
    gross: Decimal
    gift_card_amount: Decimal


@dataclass(slots=True)
class Batch:
    """Orders to write, with their owners; `known` names those that have a purchase already."""

    orders: list[OrderSnapshot] = field(default_factory=list)
    owners: dict[UUID, Identity | None] = field(default_factory=dict)
    known: dict[UUID, Known] = field(default_factory=dict)
    unchanged: int = 0
    absent: int = 0


def read(keys: set[str], port: ShopPort, config: Config) -> Batch:
    """Read orders from the shop, whose key locks the caller holds; mark those it lost."""
    batch = Batch()
    if not keys:
        return batch
    wanted = [UUID(key) for key in sorted(keys)]
    found = {order.key: order for order in port.orders(wanted, config)}
    known = _known(wanted)
    gone = [key for key in wanted if key not in found]
    batch.absent = purchases.mark_absent(gone, clock.now())
    deleted = _deleted_accounts(found, known, port, config)
    for key, order in found.items():
        old = known.get(key)
        if old and old.digest == order.digest and not old.absent:
            batch.unchanged += 1
            continue
        batch.orders.append(_keep_gift_cards(order, old))
        batch.owners[key] = owner_of(
            user=order.user, email=order.email, deleted_account=deleted.get(key)
        )
        if old:
            batch.known[key] = old
    return batch


def _deleted_accounts(
    found: Mapping[UUID, OrderSnapshot],
    known: Mapping[UUID, Known],
    port: ShopPort,
    config: Config,
) -> dict[UUID, int]:
    """Return the account of each order that lost its account with the account's deletion."""
    had = {
        key: old.identity.user
        for key, old in known.items()
        if key in found and not found[key].user and old.identity and old.identity.user
    }
    there = {account.key for account in port.customers(sorted(set(had.values())), config)}
    return {key: account for key, account in had.items() if account not in there}


def _known(keys: list[UUID]) -> dict[UUID, Known]:
    rows = fetch(
        f"SELECT p.saleor_order, p.customer_id, p.digest, p.absent_since IS NOT NULL,"
        f" p.gross, p.gift_card_amount, coalesce(c.saleor_user, 0), coalesce(c.guest_email, '')"
        f" FROM {table(Purchase)} AS p LEFT JOIN {table(Customer)} AS c ON c.id = p.customer_id"
        " WHERE p.saleor_order = ANY(%s)",
        [keys],
    )
    return {
        key: Known(customer, Identity(user, guest) if customer else None, *rest)
        for key, customer, *rest, user, guest in rows
    }


def _keep_gift_cards(order: OrderSnapshot, old: Known | None) -> OrderSnapshot:
    """A gift card that is deleted takes its events along, but the voucher stays what it was."""
    if old and order.gift_card_amount < old.gift_card_amount and order.gross == old.gross:
        return replace(order, gift_card_amount=old.gift_card_amount)
    return order
