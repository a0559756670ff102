"""What was corrected stands against what the shop still says: its old values do not come back.

A correction of an address says which one is wrong (by fingerprint) and which is right. While the
shop has not agreed, its address book is read as corrected; orders that were placed before the
correction always are, for the shop keeps them as they were. Of names, e-mail and phone the
register holds what is right until the shop agrees or, where the shop has no place for it, until a
newer order. The caller holds the identities' locks, under which corrections are made.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from .. import keys
from ..models import Correction, CorrectionTask, Customer, KnownIdentifier, PostalAddress, Purchase
from ..policy.corrections import NAMES, TEXTS, Field
from ..shop.snapshots import CustomerSnapshot, OrderSnapshot, Party
from . import identifiers
from .addresses import FIELDS, Place, fingerprint
from .identifiers import Seen
from .rows import execute, fetch, table

_USE = "correction"


@dataclass(frozen=True, slots=True)
class _Right:
    """An address that is right in the place of one that is wrong."""

    pk: int
    party: Party
    at: datetime
    waiting: bool


class Corrections:
    """The corrections of some customers, read once (1 statement)."""

    def __init__(self, customers: Iterable[int], heirs: Mapping[int, int]) -> None:
        """`heirs`: whose orders (key) are being taken over, and by whom: so are corrections."""
        self._right: dict[Place, list[_Right]] = defaultdict(list)
        self.customers: set[int] = set()
        self._waiting: set[int] = set()
        for pk, owner, wrong, at, waiting, *texts in _rows(sorted({*customers, *heirs})):
            for customer in {owner, heirs.get(owner, owner)}:
                self.customers.add(customer)
                if waiting:
                    self._waiting.add(customer)
                if wrong:
                    right = _Right(pk, Party(*texts), at, waiting)
                    self._right[customer, wrong].append(right)

    def book(self, customer: int, account: CustomerSnapshot) -> CustomerSnapshot:
        """Return an account with the address book as corrected, while the shop has not agreed."""
        if customer not in self._waiting:
            return account
        return replace(
            account,
            addresses=tuple(
                replace(one, party=self._follow(customer, one.party))
                for one in account.addresses
            ),
        )  # fmt: skip

    def party(self, customer: int, party: Party, placed_at: datetime) -> Party:
        """Return the address of an order as corrected since."""
        if customer not in self.customers:
            return party
        return self._follow(customer, party, placed_at)

    def places(
        self, orders: Iterable[OrderSnapshot], owners: Mapping[UUID, int | None],
        written: Mapping[Place, int],
    ) -> dict[Place, int]:  # fmt: skip
        """Return the places that were written, found by what the orders say, too."""
        found = dict(written)
        for order in orders if self.customers else ():
            customer = owners[order.key]
            for said in (order.billing, order.shipping):
                if said is not None and customer is not None:
                    right = (customer, fingerprint(self.party(customer, said, order.placed_at)))
                    if right in written:
                        found.setdefault((customer, fingerprint(said)), written[right])
        return found

    def hold(self, accounts: Mapping[int, CustomerSnapshot]) -> None:
        """Let what is right stand in the customers' rows (1 statement, none without corrections).

        `accounts`: those of the customers whose account the shop has, and which was just read.
        """
        if not self.customers:
            return
        named = [pk for pk, one in accounts.items() if one.first_name or one.last_name]
        mailed = [pk for pk, one in accounts.items() if one.email]
        execute(
            f"""
            WITH k AS (
                SELECT DISTINCT ON (customer_id, field) * FROM {table(Correction)}
                WHERE customer_id = ANY(%(ids)s) AND wrong = ''
                ORDER BY customer_id, field, id DESC
            ), held AS (
                SELECT k.customer_id, {_COLUMNS} FROM k LEFT JOIN LATERAL (
                    SELECT placed_at FROM {table(Purchase)} WHERE customer_id = k.customer_id
                    ORDER BY placed_at DESC LIMIT 1) AS p ON true
                WHERE k.carried = 'waiting' OR k.carried = 'held'
                    AND coalesce(p.placed_at <= k.at, true)
                    AND NOT (k.field IN ('first_name', 'last_name')
                        AND k.customer_id = ANY(%(named)s))
                    AND NOT (k.field = 'email' AND k.customer_id = ANY(%(mailed)s))
                    AND NOT (k.field = 'phone' AND EXISTS (SELECT FROM {table(PostalAddress)} AS a
                        WHERE a.customer_id = k.customer_id AND a.in_book AND a.phone <> ''
                        AND (a.default_billing OR a.default_shipping)))
                GROUP BY k.customer_id
            )
            UPDATE {table(Customer)} AS c SET {_ASSIGNED} FROM held
            WHERE c.id = held.customer_id
            """,
            {"ids": sorted(self.customers), "named": named, "mailed": mailed},
        )

    def used_again(self, seen: Iterable[Seen], orders: Collection[OrderSnapshot]) -> None:
        """Let an identifier find its customer again that was said to be wrong and is used since."""
        placed = {order.placed_at for order in orders}
        again = [
            one for one in seen
            if one.customer in self.customers and (
                (one.first_at == one.last_at and one.first_at in placed)
                or (one.last_at is None and one.customer not in self._waiting)
            )
        ]  # fmt: skip
        if not again:
            return
        execute(
            f"UPDATE {table(KnownIdentifier)} AS known SET wrong_at = NULL"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[])"
            " AS used(customer, kind, value, at) WHERE known.customer_id = used.customer"
            " AND known.kind = used.kind AND known.value = used.value"
            " AND known.wrong_at < coalesce(used.at, 'infinity')",
            [
                [one.customer for one in again], [one.kind for one in again],
                [one.value for one in again], [one.last_at for one in again],
            ],
        )  # fmt: skip

    def _follow(self, customer: int, party: Party, placed_at: datetime | None = None) -> Party:
        """Return what is right for a party: a correction may have been corrected, later ones only.

        `placed_at` None: of the book, which what the shop has taken no longer corrects.
        """
        last = 0
        while True:
            later = [
                one for one in self._right.get((customer, fingerprint(party)), ())
                if one.pk > last and (one.waiting if placed_at is None else placed_at <= one.at)
            ]  # fmt: skip
            if not later:
                return party
            last, party = later[-1].pk, later[-1].party


_ORDER = sorted(TEXTS)
_COLUMNS = ", ".join(
    f"max(k.{name}) FILTER (WHERE k.field = '{name}') AS {name}" for name in _ORDER
)
_ASSIGNED = ", ".join(f"{name} = coalesce(held.{name}, c.{name})" for name in _ORDER)


def _rows(customers: list[int]) -> list[tuple[Any, ...]]:
    if not customers:
        return []
    return fetch(
        f"SELECT id, customer_id, wrong, at, carried = 'waiting', {', '.join(FIELDS)}"
        f" FROM {table(Correction)} WHERE customer_id = ANY(%s) ORDER BY id",
        [customers],
    )


def hand_over(heirs_of: list[list[int]]) -> None:
    """Give the corrections and tasks of guests to their heirs; an account's own name stands."""
    execute(
        f"UPDATE {table(Correction)} AS k SET customer_id = heir, carried = CASE"
        " WHEN wrong = '' AND carried = 'held' AND c.saleor_user IS NOT NULL THEN 'left'"
        " ELSE carried END FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir)"
        f" JOIN {table(Customer)} AS c ON c.id = heir WHERE k.customer_id = guest",
        heirs_of,
    )
    # Of two open tasks about one field the heir's goes on.
    columns = "field, sign, evidence, opened_at, opened_by, closed_at, closed_by, outcome"
    execute(
        f"INSERT INTO {table(CorrectionTask)} (customer_id, {columns}) SELECT heir, {columns}"
        f" FROM {table(CorrectionTask)} JOIN unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir)"
        " ON h.guest = customer_id ORDER BY id ON CONFLICT DO NOTHING",
        heirs_of,
    )
    execute(f"DELETE FROM {table(CorrectionTask)} WHERE customer_id = ANY(%s)", [heirs_of[0]])


def seal(row: Correction, was: Mapping[str, str], why: str) -> None:
    """Put what was wrong, and why it was corrected, into a stored row. Raises `NoKey`."""
    text = json.dumps([dict(was), why]).encode()
    row.key_version, row.sealed = keys.seal(_USE, text, about=str(row))


def unseal(row: Correction) -> tuple[dict[str, str], str]:
    """Return what was wrong, by column, and why it was corrected; empty once that is forgotten.

    Raises `NoKey`.
    """
    if row.sealed is None:
        return {}, ""
    was, why = json.loads(keys.unseal(_USE, row.key_version, bytes(row.sealed), about=str(row)))
    return was, why


def wrong_of(customers: Sequence[int]) -> dict[int, list[tuple[Field, dict[str, str]]]]:
    """Return what was wrong of customers: the shop may still name them by it.

    What a key that is gone had sealed is left out.
    """
    found: dict[int, list[tuple[Field, dict[str, str]]]] = defaultdict(list)
    rows = Correction.objects.filter(customer__in=list(customers), sealed__isnull=False)
    for row in rows.order_by("pk"):
        try:
            was, _ = unseal(row)
        except keys.NoKey:
            continue
        found[row.customer_id].append((Field(row.field), was))
    return found


def said_of(customers: Sequence[int]) -> dict[str, set[str]]:
    """Return the `emails` and full `names` by which a shop may mention these customers."""
    names = identifiers.names_of(customers) | names_were(customers)
    return {"emails": identifiers.emails_of(customers), "names": names}


def names_were(customers: Sequence[int]) -> set[str]:
    """Return the wrong first and last names together by which a shop may mention customers."""
    found = set()
    for wrong in wrong_of(customers).values():
        for field, was in wrong:
            if field is Field.ADDRESS or field in NAMES:
                found.add(f"{was.get('first_name', '')} {was.get('last_name', '')}")
    return {name for name in found if all(name.partition(" ")[::2])}
