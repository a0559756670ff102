"""Whose addresses are: what decides beside what was said of the address itself.

A no covers the person, not the address: what somebody said of another address by which the
register knows them holds for each, also for one that came later. Of an address that several have,
all of them decide: it is a company's only if all are, and closed if one is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import phonenumbers

from ..access import restrictions
from ..access.chain import as_multirange
from ..models import (
    Customer,
    InboxEvent,
    KnownIdentifier,
    PostalAddress,
    Purchase,
    SetAside,
)
from ..policy.marketing import GROUPS, Channel, Event, Person
from ..policy.vat import SELLER, is_company
from ..register.rows import fetch, table
from ..shop.snapshots import Kind
from . import contact_keys, controller, reach, store, unread
from .contact_keys import Account, BadAddress, ContactKey

#: A channel, and an address that `contact_keys.normalise` returned.
Pair = tuple[Channel, str]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an address is, as far as the register knows. `users`: their accounts.

    `unheard`: what an account or order, perhaps theirs, says is not taken in yet. `said`: of all
    their addresses, by digest.
    """

    person: Person
    restricted: bool = False
    unheard: bool = False
    users: tuple[int, ...] = ()
    said: Sequence[tuple[bytes, Event]] = field(default=())

    def elsewhere(self, own: Collection[bytes]) -> list[Event]:
        """Return what they said of other addresses than the one with these digests."""
        return [event for digest, event in self.said if digest not in own]


def of(pairs: Sequence[Pair], customers: Sequence[int] | None = None) -> list[Owner]:
    """Return whose these addresses are; `customers`: the one that each was read from."""
    theirs = _customers(pairs)
    for pair, customer in zip(pairs, customers or (), strict=bool(customers)):
        theirs[pair].add(customer)
    waiting = unread.orders()
    named = {pk for some in _customers(list(waiting.pairs)).values() for pk in some}
    known = {
        pk: replace(one, unheard=True) if pk in named or one.user in waiting.users else one
        for pk, one in _facts({pk for some in theirs.values() for pk in some}).items()
    }
    # Of a number or place that came later, the no was said when the e-mail alone was known.
    said = elsewhere(known, {GROUPS[channel] for channel, _ in pairs} | {"email"})
    stranger = controller.person()
    found = [_owner([known[pk] for pk in sorted(theirs[one]) if pk in known], said, stranger)
             for one in pairs]  # fmt: skip
    return [
        replace(owner, unheard=True) if pair in waiting.pairs else owner
        for pair, owner in zip(pairs, found, strict=True)
    ]


def elsewhere(
    customers: Collection[int], groups: Collection[str]
) -> Mapping[int, list[tuple[bytes, Event]]]:
    """Return by customer what was said of the addresses that the register knows of them.

    `groups`: of which kind (`policy.marketing.GROUPS`). Of addresses that it no longer knows, what
    names the customer.
    """
    if not customers:
        return {}
    known = addresses(customers, groups)
    return store.said_of(customers, [(pk, key) for pk, _, keys in known for key in keys])


def addresses(
    customers: Collection[int], groups: Collection[str]
) -> list[tuple[int, Pair, list[ContactKey]]]:
    """Return the addresses that the register knows of customers, with their keys, newest first.

    A channel stands for its group. Raises `NoKey`.
    """
    owned = list(_addresses(sorted(customers), groups))
    digests = contact_keys.many([pair for _, pair in owned])
    return [
        (pk, pair, [ContactKey(version, some[place]) for version, some in digests.items()])
        for place, (pk, pair) in enumerate(owned)
    ]


@dataclass(frozen=True, slots=True)
class _Facts:
    """A customer, as far as it matters here."""

    pk: int
    user: int | None
    vat_id: str
    orders: tuple[datetime, ...]
    unheard: bool
    restricted: bool


def _owner(
    theirs: Sequence[_Facts], said: Mapping[int, list[tuple[bytes, Event]]], stranger: Person
) -> Owner:
    if not theirs:
        return Owner(stranger)
    # A company's name alone: anybody types one, also beside somebody else's address.
    legal = all(is_company(one.vat_id) for one in theirs)
    orders = tuple(at for one in theirs for at in one.orders)
    return Owner(
        replace(stranger, legal=legal, orders=orders),
        restricted=any(one.restricted for one in theirs),
        unheard=any(one.unheard for one in theirs),
        users=tuple(one.user for one in theirs if one.user),
        said=[pair for one in theirs for pair in said.get(one.pk, ())],
    )


def _facts(customers: Collection[int]) -> dict[int, _Facts]:
    if not customers:
        return {}
    closed_to = restrictions.among(as_multirange(set(customers)))
    # The inbox is short: each of its lists is read once, not once a customer.
    rows = fetch(
        f"WITH waiting AS MATERIALIZED (SELECT kind, key FROM {table(InboxEvent)}"
        f"  UNION ALL SELECT kind, key FROM {table(SetAside)})"
        " SELECT c.id, c.saleor_user, c.vat_id, p.placed,"
        " c.said <> c.heard OR coalesce(p.unheard, false) OR c.saleor_user IS NOT NULL"
        "  AND c.saleor_user::text IN (SELECT key FROM waiting WHERE kind = %(account)s)"
        f" FROM {table(Customer)} AS c LEFT JOIN LATERAL ("
        "  SELECT array_agg(placed_at) AS placed, bool_or(unheard OR saleor_order::text IN"
        "   (SELECT key FROM waiting WHERE kind = %(order)s)) AS unheard"
        f" FROM {table(Purchase)} WHERE customer_id = c.id) AS p ON true"
        " WHERE c.id = ANY(%(ids)s::bigint[])",
        {
            "ids": sorted(customers), "account": Kind.CUSTOMER.value, "order": Kind.ORDER.value,
        },
    )  # fmt: skip
    return {
        pk: _Facts(pk, user, vat_id, tuple(orders or ()), unheard, pk in closed_to)
        for pk, user, vat_id, orders, unheard in rows
    }


def _customers(pairs: Sequence[Pair]) -> dict[Pair, set[int]]:
    """Return who has these addresses."""
    found: dict[Pair, set[int]] = defaultdict(set)
    if not pairs:
        return found
    channels: dict[tuple[str, str], set[Channel]] = defaultdict(set)
    for channel, text in pairs:
        channels[GROUPS[channel], text].add(channel)
    emails = [text for group, text in channels if group == "email"]
    numbers = {way: text for group, text in channels if group == "number" for way in _ways(text)}
    places = {text for group, text in channels if group == "post"}
    rows = fetch(
        f"SELECT kind, value, customer_id FROM {table(KnownIdentifier)}"
        " WHERE kind = 'email' AND value = ANY(%s::text[])"
        f" UNION ALL SELECT kind, value, customer_id FROM {table(KnownIdentifier)}"
        " WHERE kind = 'phone' AND value = ANY(%s::text[])",
        [emails, list(numbers)],
    )
    owned = [
        ("email", value, pk) if kind == "email" else ("number", numbers[value], pk)
        for kind, value, pk in rows
    ]
    owned += [("post", text, pk) for pk, text in _places(places) if text in places]
    for group, text, pk in owned:
        for channel in channels[group, text]:
            found[channel, text].add(pk)
    return found


def _ways(number: str) -> list[str]:
    """Return the ways in which a number may stand in the register: as it was typed, its digits."""
    try:
        parsed = phonenumbers.parse(number, SELLER)
    except phonenumbers.NumberParseException:
        return [number]
    national = phonenumbers.national_significant_number(parsed)
    code = parsed.country_code or 0
    ways = [number, f"+{code}0{national}", f"00{code}{national}", f"{code}{national}"]
    if phonenumbers.region_code_for_country_code(code) == SELLER:
        ways += [f"0{national}", national]
    return ways


def _places(places: Collection[str]) -> Iterable[tuple[int, str]]:
    """Yield who has a place at the codes and streets of these, and each of their names there."""
    parts = [text.split("|") for text in places]
    at = sorted({f"{code}{street}" for _, street, code, _ in parts})
    rows = PostalAddress.objects.filter(pk__in=[pk for (pk,) in fetch(_AT, [at])] if at else ())
    for row in rows:
        for place in reach.posts(row):
            yield row.customer_id, place


def _addresses(customers: Sequence[int], groups: Collection[str]) -> Iterable[tuple[int, Pair]]:
    """Yield the addresses that the register knows of customers; a channel stands for its group."""
    texts = fetch(
        f"SELECT customer_id, kind, value FROM {table(KnownIdentifier)}"
        " WHERE customer_id = ANY(%(ids)s::bigint[])"
        f" UNION SELECT id, 'email', coalesce(guest_email, email) FROM {table(Customer)}"
        " WHERE id = ANY(%(ids)s::bigint[])"
        f" UNION SELECT id, 'account', saleor_user::text FROM {table(Customer)}"
        " WHERE id = ANY(%(ids)s::bigint[]) AND saleor_user IS NOT NULL"
        f" UNION SELECT id, 'email', email FROM {table(Customer)} WHERE id = ANY(%(ids)s::bigint[])"
        f" UNION SELECT id, 'phone', phone FROM {table(Customer)} WHERE id = ANY(%(ids)s::bigint[])"
        f" UNION SELECT customer_id, 'phone', phone FROM {table(PostalAddress)}"
        " WHERE customer_id = ANY(%(ids)s::bigint[])",
        {"ids": list(customers)},
    )
    for pk, kind, text in texts:
        channel = Channel.PHONE if kind == "phone" else Channel.EMAIL
        if GROUPS[channel] not in groups:
            continue
        try:
            one = Account(int(text)) if kind == "account" else text
            yield pk, (channel, contact_keys.normalise(channel, one))
        except BadAddress:
            continue
    places = PostalAddress.objects.filter(customer__in=customers if "post" in groups else ())
    for row in places:
        for place in reach.posts(row):
            yield row.customer_id, (Channel.POST, place)


#: As the index has it (`migrations/0006_addresses_kept.py`): it finds who may have a place.
_AT = (
    f"SELECT id FROM {table(PostalAddress)} WHERE jokkerit_folded(postal_code || street_1)"
    " = ANY(ARRAY(SELECT jokkerit_folded(at) FROM unnest(%s::text[]) AS at))"
)
