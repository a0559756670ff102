"""Whom a search is for: every identifier that the register knows, and the rows that are theirs."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...models import Customer, KnownIdentifier, PostalAddress, Purchase
from ...register import corrections
from ...register.rows import fetch, table
from ...shop.port import shop
from . import columns
from .needles import Needle, NeedleKind, name, usable
from .ties import CUSTOMERS, PURCHASES, Root, Ties


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, or a purchase whose customer is gone already. The other key is None."""

    customer: int | None
    purchase: int | None
    #: Kind and text of each identifier.
    identifiers: frozenset[tuple[NeedleKind, str]]
    #: Keys of the roots, and of all rows that were tied to them, by table.
    roots: Mapping[str, Collection[str]] = field(default_factory=dict)
    rows: Mapping[str, Collection[str]] = field(default_factory=dict)

    def needles(self, subject: int) -> list[Needle]:
        """Return what to look for; `subject` is the person's place in the sample."""
        found = (Needle(subject, kind, text) for kind, text in sorted(self.identifiers))
        return [one for one in found if usable(one)]

    def as_json(self) -> bytes:
        """Return the person as a text, to be sealed."""
        return json.dumps(
            {
                "customer": self.customer,
                "purchase": self.purchase,
                "identifiers": sorted(self.identifiers),
                "roots": {name: sorted(keys) for name, keys in self.roots.items()},
                "rows": {name: sorted(keys) for name, keys in self.rows.items()},
            }
        ).encode()

    @classmethod
    def of_json(cls, text: bytes) -> "Person":
        """Return the person of such a text."""
        read = json.loads(text)
        identifiers = frozenset((NeedleKind(kind), text) for kind, text in read["identifiers"])
        return cls(read["customer"], read["purchase"], identifiers, read["roots"], read["rows"])


def read(*, customers: Collection[int] = (), purchases: Collection[int] = ()) -> list[Person]:
    """Return those that exist. A constant number of statements, and some for each table."""
    found = [
        *_persons("customer_id", sorted(set(customers))),
        *_persons("id", sorted(set(purchases))),
    ]
    ties = Ties()
    roots: dict[str, set[str]] = defaultdict(set)
    for person in found:
        for root, keys in person.roots.items():
            roots[root] |= set(keys)
    tied = ties.tied(roots, columns.searchable()[0])
    return [_with_rows(person, tied) for person in found]


def _with_rows(person: Person, tied: Mapping[Root, Mapping[str, set[str]]]) -> Person:
    rows: dict[str, set[str]] = defaultdict(set)
    for root, keys in person.roots.items():
        for key in keys:
            for name_, theirs in tied.get((root, key), {}).items():
                rows[name_] |= theirs
    return Person(person.customer, person.purchase, person.identifiers, person.roots, rows)


def _persons(whose: str, ids: Sequence[int]) -> list[Person]:
    """Return the customers (`whose` is customer_id) or purchases (id) that exist, without rows."""
    if not ids:
        return []
    of_customers = whose == "customer_id"
    known = dict(
        fetch(
            f"SELECT id, saleor_user FROM {table(Customer)} WHERE id = ANY(%s)"
            if of_customers
            else f"SELECT id, NULL FROM {table(Purchase)} WHERE id = ANY(%s)",
            [ids],
        )
    )
    bought: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for subject, pk, order in fetch(
        f"SELECT {whose}, id, saleor_order::text FROM {table(Purchase)} WHERE {whose} = ANY(%s)",
        [ids],
    ):
        bought[subject].append((pk, order))
    identifiers = _identifiers(whose, ids)
    persons = []
    for pk, user in known.items():
        roots = {
            **shop().roots().keys([user] if user else [], [order for _, order in bought[pk]]),
            PURCHASES: [str(one) for one, _ in bought[pk]],
            CUSTOMERS: [str(pk)] if of_customers else [],
        }
        mine = frozenset(_with_parts(identifiers.get(pk, ())))
        persons.append(
            Person(
                pk if of_customers else None,
                None if of_customers else pk,
                mine,
                {name_: found for name_, found in roots.items() if found},
            )
        )
    return persons


def _identifiers(whose: str, ids: Sequence[int]) -> dict[int, set[tuple[NeedleKind, str]]]:
    parts = [
        f"SELECT {whose}, {columns_} FROM {table(Purchase)} WHERE {whose} = ANY(%(ids)s)"
        for columns_ in (
            "'email', email, ''", "'street', party_street_1, ''",
            "'name', party_first_name, party_last_name",
        )
    ]  # fmt: skip
    address = ("'phone', phone, ''", "'street', street_1, ''", "'name', first_name, last_name")
    if whose == "customer_id":
        parts += [
            f"SELECT customer_id, {columns_} FROM {table(PostalAddress)}"
            " WHERE customer_id = ANY(%(ids)s)"
            for columns_ in address
        ]
        parts += [
            f"SELECT id, {columns_} FROM {table(Customer)} WHERE id = ANY(%(ids)s)"
            for columns_ in (
                "'name', first_name, last_name", "'email', email, ''",
                "'email', guest_email, ''", "'phone', phone, ''",
            )
        ]  # fmt: skip
        parts.append(
            f"SELECT customer_id, kind, split_part(value, E'\\n', 1), split_part(value, E'\\n', 2)"
            f" FROM {table(KnownIdentifier)}"
            " WHERE customer_id = ANY(%(ids)s)"
        )
    else:
        parts += [
            f"SELECT p.id, {columns_} FROM {table(Purchase)} AS p JOIN {table(PostalAddress)} AS a"
            " ON a.id IN (p.billing_address_id, p.shipping_address_id) WHERE p.id = ANY(%(ids)s)"
            for columns_ in address
        ]
    found: dict[int, set[tuple[NeedleKind, str]]] = defaultdict(set)
    if whose == "customer_id":
        # What was corrected: the shop may name them by it still. E-mails and phones are known.
        for subject, wrong in corrections.wrong_of(ids).items():
            for _, was in wrong:
                full = f"{was.get('first_name', '')}\n{was.get('last_name', '')}"
                found[subject].add((NeedleKind.NAME, full))
                found[subject].add((NeedleKind.STREET, was.get("street_1", "")))
    for subject, kind, text, more in fetch(" UNION ".join(parts), {"ids": ids}):
        found[subject].add((NeedleKind(kind), f"{text}\n{more}" if kind == "name" else text or ""))
    return found


def _with_parts(identifiers: Iterable[tuple[NeedleKind, str]]) -> Iterable[tuple[NeedleKind, str]]:
    """Yield the identifiers, and of names and streets each half and word by itself as a part."""
    for kind, text in identifiers:
        if kind is NeedleKind.NAME:
            first, _, last = text.partition("\n")
            if full := name(first, last):
                yield kind, full
            yield from ((NeedleKind.PART, half.strip()) for half in (first, last) if half.strip())
        elif kind is NeedleKind.STREET:
            yield kind, text
            if street := text.rstrip(" 0123456789").strip():
                yield NeedleKind.PART, street
        elif text.strip():
            yield kind, text
