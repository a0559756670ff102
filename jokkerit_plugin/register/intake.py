"""Makes the register equal to the shop for a set of keys. The only writer of its customers.

Order matters here: lock the keys, then read the shop, then lock the identities that the rows
belong to, then read the accounts, then write. Reading before the key's lock is held left stale
rows in 9 of 12 measured rounds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from .. import clock
from ..config import Config
from ..models import InboxEvent, Purchase, Trace
from ..shop.port import ShopPort
from ..shop.snapshots import CustomerSnapshot, Kind
from . import (
    addresses,
    customers,
    erased,
    identifiers,
    lines,
    orders,
    owed,
    purchases,
    requests,
    search,
    traces,
)
from .corrections import Corrections
from .erased import NOTHING
from .identity import Identity
from .locks import Lock, lock
from .orders import Batch
from .rows import execute, fetch, table

#: A kind and a key of the shop as text.
Event = tuple[Kind, str]


@dataclass(slots=True)
class Counts:
    """What one call changed in the register."""

    written: int = 0
    unchanged: int = 0
    absent: int = 0

    def add(self, other: "Counts") -> None:
        """Add the figures of another call."""
        self.written += other.written
        self.unchanged += other.unchanged
        self.absent += other.absent


def apply(events: Iterable[Event], *, port: ShopPort, config: Config) -> Counts:
    """Read the shop for these keys and write what it says; must run in a transaction.

    Repeating a call, or calling for keys in any order, gives the same rows, but for the names that
    an account had between two calls: nobody knows these. Keys that were
    erased on purpose are passed over; rows that the shop no longer has are marked.
    """
    keys, left = _sort_out(events, port, config)
    lock(Lock.KEY, (f"{kind}:{key}" for kind, found in keys.items() for key in found))
    _drop_erased(keys)
    batch = orders.read(keys.get(Kind.ORDER, set()), port, config)
    counts = Counts(len(batch.orders), batch.unchanged, batch.absent)
    users = {int(key) for key in keys.get(Kind.CUSTOMER, set())}
    identities = {owner for owner in batch.owners.values() if owner}
    former = {known.identity for known in batch.known.values() if known.identity}
    # A checkout's trace belongs to it and to the order that it becomes.
    tokens = keys.get(Kind.CHECKOUT, set()) | {order.checkout_token for order in batch.orders}
    names = {*map(str, identities | former | {Identity(user=user) for user in users})}
    lock(Lock.IDENTITY, names | {f"checkout:{token}" for token in tokens if token})
    orders.settle_owners(batch)
    _write(batch, users, left, port, config, counts)
    _write_checkouts(keys.get(Kind.CHECKOUT, set()), port, config, counts)
    return counts


def append(events: Iterable[Event]) -> None:
    """Put events into the inbox, inside the caller's transaction."""
    rows = sorted(set(events))
    if rows:
        execute(
            f"INSERT INTO {table(InboxEvent)} (kind, key) SELECT * FROM unnest(%s::text[],"
            " %s::text[])",
            [[kind.value for kind, _ in rows], [key for _, key in rows]],
        )


def _sort_out(
    events: Iterable[Event], port: ShopPort, config: Config
) -> tuple[dict[Kind, set[str]], set[int]]:
    """Return the keys by kind, and the accounts that were deleted by whom they are of."""
    keys: dict[Kind, set[str]] = {}
    for kind, key in events:
        keys.setdefault(kind, set()).add(key)
    if found := keys.pop(Kind.ADDRESS, None):
        owners = port.customers_of_addresses([int(key) for key in found])
        keys.setdefault(Kind.CUSTOMER, set()).update(map(str, owners))
    left = keys.pop(Kind.LEFT, set())
    if not config.fill_orders:
        keys.pop(Kind.ORDER, None)
        keys.pop(Kind.CUSTOMER, None)
    if left:
        # Whatever is filled: it asks for an erasure.
        keys.setdefault(Kind.CUSTOMER, set()).update(left)
    if not config.fill_checkouts:
        keys.pop(Kind.CHECKOUT, None)
    return keys, {int(key) for key in left}


def _drop_erased(keys: dict[Kind, set[str]]) -> None:
    for kind, key in erased.among((kind, key) for kind, found in keys.items() for key in found):
        keys[kind].discard(key)


def _write(
    batch: Batch,
    users: set[int],
    left: set[int],
    port: ShopPort,
    config: Config,
    counts: Counts,
) -> None:
    identities = {owner for owner in batch.owners.values() if owner}
    # An account that an order was taken from is written anew: the order gave it name and phone.
    left_by = {one.identity.user for one in batch.known.values() if one.identity} - {0}
    wanted = sorted(users | left_by | {one.user for one in identities if one.user})
    accounts = {account.key: account for account in port.customers(wanted, config)}
    _write_accounts_without_purchase(
        users - {identity.user for identity in identities}, accounts, config, counts
    )
    known = customers.find(Identity(user=user) for user in users | left_by)
    identifiers.keep_names(accounts.values(), clock.now())
    ids = customers.write(identities | set(known), accounts)
    gone = [user for user in wanted if user not in accounts]
    closed = [pk for who, pk in ids.items() if who.user in gone]
    marked = customers.mark_gone(gone, clock.now())
    requests.open_for(marked, [user for user in gone if user in left], clock.now())
    _forget_strangers(sorted(set(gone) - {who.user for who in ids}))
    counts.absent += len(marked) + traces.drop(Trace.Kind.ACCOUNT, gone)
    owners = {key: ids[who] if who else None for key, who in batch.owners.items()}
    heirs = _heirs(batch, owners)
    right = Corrections(ids.values(), heirs)
    books = [
        (pk, right.book(pk, accounts[who.user])) for who, pk in ids.items() if who.user in accounts
    ]
    dropped = addresses.write_books(sorted(books, key=lambda book: book[0]), closed=closed)
    dropped += _addresses_before(batch)
    written = addresses.write_used(_uses(batch, owners, right))
    places = right.places(batch.orders, owners, written)
    purchases.write(batch.orders, owners, places, config, known=batch.known, marks=batch.marks)
    _remember(batch, owners, books, closed, right)
    addresses.refresh(places.values(), left=set(dropped))
    lines.move(_moved(batch, owners))
    customers.absorb(heirs)
    former = {old.customer for old in batch.known.values() if old.customer}
    touched = sorted(set(ids.values()) | former)
    requests.end_bought(dict(zip(touched, touched, strict=True)), clock.now())
    customers.refresh(touched)
    right.hold(dict(books))
    search.write(touched)
    _drop_traces(batch, ids)
    _follow_attached(users, ids, port, config)


def _forget_strangers(gone: list[int]) -> None:
    """Let lines of accounts that never bought, and are gone from the shop, be nobody's."""
    if gone:
        owed.note_mentions(gone)
        lines.let_go([], gone)
        # A line that comes late is nobody's either; an order of theirs that comes late has its
        # customer, so they do not count as erased.
        erased.remember((Kind.LEFT, str(user), clock.now()) for user in gone)


def _write_accounts_without_purchase(
    users: set[int], accounts: Mapping[int, CustomerSnapshot], config: Config, counts: Counts
) -> None:
    unknown = customers.users_without(users & set(accounts))
    found = [accounts[user] for user in sorted(unknown) if not accounts[user].is_staff]
    traces.drop(Trace.Kind.ACCOUNT, (user for user in unknown if accounts[user].is_staff))
    counts.written += traces.write(found, config, clock.now())
    counts.written += len(users & set(accounts)) - len(unknown)


def _write_checkouts(keys: set[str], port: ShopPort, config: Config, counts: Counts) -> None:
    if not keys:
        return
    found = port.checkouts([UUID(key) for key in sorted(keys)], config)
    counts.written += traces.write(found, config, clock.now())
    gone = keys - {str(checkout.key) for checkout in found}
    counts.absent += traces.drop(Trace.Kind.CHECKOUT, gone)


def _uses(
    batch: Batch, owners: Mapping[UUID, int | None], right: Corrections
) -> Iterable[addresses.Use]:
    for order in batch.orders:
        owner = owners[order.key]
        # What an order named whose detail is erased stays in contact, or goes with it.
        if owner is not None and not batch.marks.get(order.key, NOTHING).detail:
            for party in (order.billing, order.shipping):
                if party:
                    said = right.party(owner, party, order.placed_at)
                    yield addresses.Use(owner, said, order.placed_at)


def _addresses_before(batch: Batch) -> list[int]:
    if not batch.known:
        return []
    rows = fetch(
        f"SELECT unnest(ARRAY[billing_address_id, shipping_address_id]) FROM {table(Purchase)}"
        " WHERE saleor_order = ANY(%s)",
        [list(batch.known)],
    )
    return [pk for (pk,) in rows if pk]


def _remember(
    batch: Batch,
    owners: Mapping[UUID, int | None],
    books: list[tuple[int, CustomerSnapshot]],
    closed: list[int],
    right: Corrections,
) -> None:
    seen: list[identifiers.Seen] = []
    for order in batch.orders:
        if (owner := owners[order.key]) is not None:
            seen += identifiers.of_order(owner, order)
    for customer, account in books:
        seen += identifiers.of_account(customer, account)
    read = [(customer, account.changed_at) for customer, account in books]
    identifiers.write(seen, [*read, *((customer, clock.now()) for customer in closed)])
    right.used_again(seen, batch.orders)


def _heirs(batch: Batch, owners: Mapping[UUID, int | None]) -> dict[int, int]:
    heirs: dict[int, int] = {}
    for key, old in sorted(batch.known.items()):
        owner = owners[key]
        if old.customer and owner and owner != old.customer:
            heirs.setdefault(old.customer, owner)
    return heirs


def _moved(batch: Batch, owners: Mapping[UUID, int | None]) -> list[tuple[str, int, int]]:
    return [
        (order.checkout_token, old.customer, owner)
        for order in batch.orders
        if order.checkout_token
        and (old := batch.known.get(order.key))
        and old.customer
        and (owner := owners[order.key])
        and owner != old.customer
    ]


def _drop_traces(batch: Batch, ids: Mapping[Identity, int]) -> None:
    traces.drop(Trace.Kind.ACCOUNT, (who.user for who in ids if who.user))
    traces.drop(Trace.Kind.CHECKOUT, (order.checkout_token for order in batch.orders))


def _follow_attached(
    users: set[int], ids: Mapping[Identity, int], port: ShopPort, config: Config
) -> None:
    """Note orders that the shop attached to an account: no hook fires for them."""
    if not users:
        return
    attached = port.order_keys_of_customers(sorted(users), config)
    settled = fetch(
        f"SELECT saleor_order FROM {table(Purchase)} WHERE saleor_order = ANY(%s)"
        " AND (customer_id = ANY(%s) OR contact_erased_at IS NOT NULL)",
        [attached, [pk for who, pk in ids.items() if who.user in users]],
    )
    missing = {(Kind.ORDER, str(key)) for key in set(attached) - {key for (key,) in settled}}
    append(missing - erased.among(missing))
