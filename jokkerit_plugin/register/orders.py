"""The orders of one call: as the shop has them, whose they are, and what the register knew."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from .. import clock
from ..config import Config
from ..models import Customer, Purchase
from ..policy.parts import Part
from ..shop.erasers import ShopPart
from ..shop.port import ShopPort
from ..shop.snapshots import OrderSnapshot
from . import erased, owed, purchases
from .erased import NOTHING, Marks
from .identity import Identity, owner_of
from .overdue import over
from .rows import fetch, table


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has for an order: whose it is, and whether it is up to date."""

    customer: int | None
    identity: Identity | None
    digest: str
    absent_since: datetime | None
    gross: Decimal
    gift_card_amount: Decimal
    detail_erased_at: datetime | None
    identity_erased_at: datetime | None


@dataclass(slots=True)
class Batch:
    """Orders to write, with their owners; `known` names those that have a purchase already.

    `marks` names those of which something was erased, or is over before it comes in.
    """

    orders: list[OrderSnapshot] = field(default_factory=list)
    owners: dict[UUID, Identity | None] = field(default_factory=dict)
    known: dict[UUID, Known] = field(default_factory=dict)
    marks: dict[UUID, Marks] = field(default_factory=dict)
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
    batch.marks = _marks(known) | _refuse_over(
        [order for key, order in found.items() if key not in known], config
    )
    _owe(found, known)
    for key, order in found.items():
        old = known.get(key)
        if old and old.digest == order.digest and not old.absent_since:
            batch.unchanged += 1
            continue
        marks = batch.marks.get(key, NOTHING)
        if marks.figures:
            continue
        batch.orders.append(_reduced(_keep_gift_cards(order, old), marks))
        batch.owners[key] = owner_of(
            user=order.user, email=order.email, deleted_account=deleted.get(key)
        )
        if old:
            batch.known[key] = old
            if marks.detail and not order.user:
                # Its e-mail and account may be erased in the shop too: that says nothing new.
                batch.owners[key] = old.identity
    return batch


def settle_owners(batch: Batch) -> None:
    """Take the customer from purchases that lost theirs for good, under the identities' locks.

    A purchase of an erased account that was placed before is one of them, unless it is somebody
    else's already.
    """
    users = {owner.user for owner in batch.owners.values() if owner and owner.user}
    lost, gone = erased.since(batch.known, users)
    placed = {order.key: order.placed_at for order in batch.orders} if gone else {}
    for key, owner in batch.owners.items():
        at = lost.get(key)
        if not at and owner and owner.user in gone:
            if placed[key] > gone[owner.user] - erased.OVERLAP:
                continue
            old = batch.known.get(key)
            if old and old.identity:
                batch.owners[key] = old.identity
                continue
            at = gone[owner.user]
        if at:
            batch.owners[key] = None
            batch.marks[key] = replace(batch.marks.get(key, NOTHING), contact=at)


def _marks(known: Mapping[UUID, Known]) -> dict[UUID, Marks]:
    return {
        key: Marks(detail=old.detail_erased_at, identity=old.identity_erased_at)
        for key, old in known.items()
        if old.detail_erased_at or old.identity_erased_at
    }


def _refuse_over(orders: Sequence[OrderSnapshot], config: Config) -> dict[UUID, Marks]:
    """Return the marks of new orders of which parts are over; note what the shop still holds."""
    now = clock.now()
    day = now.astimezone(clock.HELSINKI).date()
    parts = {order.key: over(order, day, config) for order in orders}
    parts = {key: found for key, found in parts.items() if found}
    if not parts:
        return {}
    for part, what in _IN_SHOP.items():
        owed.note(what, [str(key) for key, found in parts.items() if part in found], now)
    whole = [order for order in orders if Part.FIGURES in parts.get(order.key, ())]
    erased.refuse(whole, config.terms, now)
    return {
        key: Marks(
            detail=now if Part.DETAIL in found else None,
            identity=now if Part.IDENTITY in found else None,
            figures=Part.FIGURES in found,
        )
        for key, found in parts.items()
    }


def _owe(found: Collection[UUID], known: Mapping[UUID, Known]) -> None:
    """Note what the shop holds of orders that are back: erased here while they were not there."""
    back = {key: old for key, old in known.items() if key in found and old.absent_since}
    for part, what in _IN_SHOP.items():
        keys = [str(key) for key, old in back.items() if _gone_while_absent(old, part)]
        owed.note(what, keys, clock.now())


def _gone_while_absent(old: Known, part: Part) -> bool:
    at = old.detail_erased_at if part is Part.DETAIL else old.identity_erased_at
    return bool(at and old.absent_since and at >= old.absent_since)


_IN_SHOP = {Part.DETAIL: ShopPart.ORDER_DETAIL, Part.IDENTITY: ShopPart.ORDER_IDENTITY}


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
        f"SELECT p.saleor_order, p.customer_id, p.digest, p.absent_since,"
        " p.gross, p.gift_card_amount, p.detail_erased_at, p.identity_erased_at,"
        " coalesce(c.saleor_user, 0), coalesce(c.guest_email, '')"
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


def _reduced(order: OrderSnapshot, marks: Marks) -> OrderSnapshot:
    """Leave out what was erased, but for what finds its customer."""
    if not marks.detail:
        return order
    movements = tuple(replace(one, reference="") for one in order.movements)
    return replace(order, language="", checkout_token="", shipping=None, movements=movements)
