"""The e-mails and phones by which a customer can be found, now or formerly; and former names."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..models import Customer, KnownIdentifier, PostalAddress, Purchase
from ..shop.snapshots import CustomerSnapshot, OrderSnapshot
from .identity import normalise_email, normalise_phone
from .rows import execute, fetch, table

EMAIL, PHONE = KnownIdentifier.Kind.EMAIL.value, KnownIdentifier.Kind.PHONE.value
NAME = KnownIdentifier.Kind.NAME.value


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """An identifier of a customer and when it was used; `last_at` None: in use now."""

    customer: int
    kind: str
    value: str
    first_at: datetime
    last_at: datetime | None


def of_order(customer: int, order: OrderSnapshot) -> Iterable[Seen]:
    """Yield what an order tells: used when it was placed."""
    at = order.placed_at
    if email := normalise_email(order.email):
        yield Seen(customer, EMAIL, email, at, at)
    for party in (order.billing, order.shipping):
        if party and (phone := normalise_phone(party.phone)):
            yield Seen(customer, PHONE, phone, at, at)


def of_account(customer: int, account: CustomerSnapshot) -> Iterable[Seen]:
    """Yield what an account tells: used since it was opened, former e-mails until it changed."""
    since = account.joined_at
    if email := normalise_email(account.email):
        yield Seen(customer, EMAIL, email, since, None)
    for former in account.former_emails:
        if email := normalise_email(former):
            yield Seen(customer, EMAIL, email, since, account.changed_at)
    for entry in account.addresses:
        if phone := normalise_phone(entry.party.phone):
            yield Seen(customer, PHONE, phone, since, None)


def keep_names(accounts: Collection[CustomerSnapshot], at: datetime) -> None:
    """Remember the names of customers whose accounts are called otherwise now.

    Before the accounts are written: afterwards nobody knows the old ones, but where a purchase
    has them.
    """
    if not accounts:
        return
    execute(
        f"INSERT INTO {table(KnownIdentifier)} (customer_id, kind, value, first_at, last_at)"
        f" SELECT c.id, '{NAME}', c.first_name || E'\\n' || c.last_name, c.entered_at, %s"
        f" FROM {table(Customer)} AS c"
        " JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS new(id, first, last)"
        " ON c.saleor_user = new.id"
        " WHERE c.first_name <> '' AND c.last_name <> ''"
        " AND (c.first_name, c.last_name) <> (new.first, new.last)"
        f" AND NOT EXISTS (SELECT FROM {table(Purchase)} AS p WHERE p.customer_id = c.id"
        "  AND (p.party_first_name, p.party_last_name) = (c.first_name, c.last_name))"
        " ORDER BY c.id ON CONFLICT DO NOTHING",
        [
            at,
            [one.key for one in accounts],
            [one.first_name for one in accounts],
            [one.last_name for one in accounts],
        ],
    )


def write(seen: Iterable[Seen], accounts: Sequence[tuple[int, datetime]]) -> None:
    """Remember identifiers. None is ever dropped here: former ones are needed to erase by.

    `accounts` (customer id, time of the account's last change) says whose accounts were read:
    what such an account used before and does not name any more becomes former.
    """
    merged: dict[tuple[int, str, str], Seen] = {}
    for one in seen:
        key = (one.customer, one.kind, one.value)
        merged[key] = _merge(merged[key], one) if key in merged else one
    rows = [merged[key] for key in sorted(merged)]
    current = [row for row in rows if row.last_at is None]
    execute(
        f"UPDATE {table(KnownIdentifier)} AS known SET last_at = GREATEST(first_at, ended.at)"
        " FROM unnest(%s::bigint[], %s::timestamptz[]) AS ended(customer, at)"
        " WHERE known.customer_id = ended.customer AND known.last_at IS NULL"
        " AND NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::text[], %s::text[])"
        " AS used(customer, kind, value) WHERE used.customer = known.customer_id"
        " AND used.kind = known.kind AND used.value = known.value)",
        [
            [customer for customer, _ in accounts],
            [at for _, at in accounts],
            [row.customer for row in current],
            [row.kind for row in current],
            [row.value for row in current],
        ],
    )
    execute(
        f"INSERT INTO {table(KnownIdentifier)} AS known"
        " (customer_id, kind, value, first_at, last_at)"
        " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[],"
        " %s::timestamptz[], %s::timestamptz[]) AS new(customer, kind, value, first_at, last_at)"
        " ON CONFLICT (customer_id, kind, value) DO UPDATE SET"
        " first_at = LEAST(known.first_at, excluded.first_at),"
        " last_at = CASE WHEN known.last_at IS NULL OR excluded.last_at IS NULL THEN NULL"
        " ELSE GREATEST(known.last_at, excluded.last_at) END"
        " WHERE (known.first_at, known.last_at) IS DISTINCT FROM"
        " (LEAST(known.first_at, excluded.first_at), CASE WHEN known.last_at IS NULL"
        " OR excluded.last_at IS NULL THEN NULL ELSE"
        " GREATEST(known.last_at, excluded.last_at) END)",
        [
            [row.customer for row in rows],
            [row.kind for row in rows],
            [row.value for row in rows],
            [row.first_at for row in rows],
            [row.last_at for row in rows],
        ],
    )


def names_of(customers: Sequence[int]) -> set[str]:
    """Return the first and last names together that these customers have had."""
    ids = {"ids": list(customers)}
    rows = fetch(
        f"SELECT first_name, last_name FROM {table(Customer)} WHERE id = ANY(%(ids)s)"
        f" UNION SELECT first_name, last_name FROM {table(PostalAddress)}"
        " WHERE customer_id = ANY(%(ids)s)"
        f" UNION SELECT party_first_name, party_last_name FROM {table(Purchase)}"
        " WHERE customer_id = ANY(%(ids)s)"
        f" UNION SELECT split_part(value, E'\\n', 1), split_part(value, E'\\n', 2)"
        f" FROM {table(KnownIdentifier)} WHERE customer_id = ANY(%(ids)s) AND kind = '{NAME}'",
        ids,
    )
    return {f"{first} {last}" for first, last in rows if first and last}


def emails_of(customers: Sequence[int]) -> set[str]:
    """Return the e-mails that were these customers' alone, as written and normalised."""
    ids = {"ids": list(customers)}
    rows = fetch(
        f"SELECT email FROM {table(Customer)} WHERE id = ANY(%(ids)s)"
        f" UNION SELECT guest_email FROM {table(Customer)} WHERE id = ANY(%(ids)s)"
        f" UNION SELECT value FROM {table(KnownIdentifier)}"
        " WHERE customer_id = ANY(%(ids)s) AND kind = 'email'"
        f" UNION SELECT email FROM {table(Purchase)} WHERE customer_id = ANY(%(ids)s)",
        ids,
    )
    found = {text: normalise_email(text) for (text,) in rows if text}
    others = fetch(
        f"SELECT value FROM {table(KnownIdentifier)} WHERE kind = 'email'"
        " AND value = ANY(%(values)s) AND customer_id <> ALL(%(ids)s)",
        ids | {"values": sorted(set(found.values()))},
    )
    shared = {value for (value,) in others}
    return {one for pair in found.items() if pair[1] not in shared for one in pair}


def _merge(one: Seen, other: Seen) -> Seen:
    ends = (one.last_at, other.last_at)
    last = None if ends[0] is None or ends[1] is None else max(ends[0], ends[1])
    return Seen(one.customer, one.kind, one.value, min(one.first_at, other.first_at), last)
