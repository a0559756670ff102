"""Postal addresses: one row for one address of one customer."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from ..models import PostalAddress, Purchase
from ..shop.snapshots import CustomerSnapshot, Party
from .rows import execute, fetch, table, upsert

#: Customer id and fingerprint.
Place = tuple[int, str]

FIELDS = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code",
    "city", "city_area", "country_area", "country", "phone",
)  # fmt: skip
_values = attrgetter(*FIELDS)


@dataclass(frozen=True, slots=True)
class Use:
    """A customer's purchase, placed at `at`, names an address."""

    customer: int
    party: Party
    at: datetime


def fingerprint(party: Party) -> str:
    """Return 32 hexadecimal digits, equal for addresses that differ in spaces only."""
    # The whole address at once (eight an order): no text of PostgreSQL's holds a zero.
    text = " ".join("\0".join(_values(party)).split())
    text = text.replace(" \0", "\0").replace("\0 ", "\0")
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_empty(party: Party | None) -> bool:
    """Tell whether the party says nothing beyond a country."""
    return party is None or not any(_values(party)[:9])


def write_used(uses: Iterable[Use]) -> dict[Place, int]:
    """Add addresses that orders name; return the id of each place.

    Dates are those of these orders, right for a new address; `refresh` sees to the others.
    """
    rows: dict[Place, dict[str, Any]] = {}
    for use in uses:
        if is_empty(use.party):
            continue
        place = (use.customer, fingerprint(use.party))
        row = _row(*place, use.party) | {"first_used_at": use.at, "last_used_at": use.at}
        if same := rows.get(place):
            row["first_used_at"] = min(use.at, same["first_used_at"])
            row["last_used_at"] = max(use.at, same["last_used_at"])
        rows[place] = row
    upsert(
        PostalAddress,
        [rows[place] for place in sorted(rows)],
        key=("customer_id", "fingerprint"),
        update=False,
    )
    found = fetch(
        f"SELECT customer_id, fingerprint, id FROM {table(PostalAddress)}"
        " WHERE customer_id = ANY(%s) AND fingerprint = ANY(%s)",
        [[place[0] for place in rows], [place[1] for place in rows]],
    )
    return {(customer, mark): pk for customer, mark, pk in found}


def write_books(
    books: Sequence[tuple[int, CustomerSnapshot]], *, closed: Sequence[int]
) -> list[int]:
    """Make the address books of customers equal to their accounts'.

    `closed` are customers whose account is gone, and the book with it. Returns the ids of
    addresses that were in a book before and are not now.
    """
    if not books and not closed:
        return []
    rows: dict[Place, dict[str, Any]] = {}
    for customer, account in books:
        for entry in account.addresses:
            if is_empty(entry.party):
                continue
            place = (customer, fingerprint(entry.party))
            row = rows.setdefault(place, _row(*place, entry.party) | {"in_book": True})
            row["default_billing"] = row["default_billing"] or entry.default_billing
            row["default_shipping"] = row["default_shipping"] or entry.default_shipping
    places = sorted(rows)
    dropped = fetch(
        f"UPDATE {table(PostalAddress)} AS a SET in_book = false, default_billing = false,"
        " default_shipping = false WHERE customer_id = ANY(%s) AND in_book AND NOT EXISTS"
        " (SELECT FROM unnest(%s::bigint[], %s::text[]) AS kept(customer, mark)"
        " WHERE kept.customer = a.customer_id AND kept.mark = a.fingerprint) RETURNING id",
        [
            [*(customer for customer, _ in books), *closed],
            [place[0] for place in places],
            [place[1] for place in places],
        ],
    )
    upsert(PostalAddress, [rows[place] for place in places], key=("customer_id", "fingerprint"))
    return [pk for (pk,) in dropped]


def refresh(addresses: Iterable[int], *, left: Collection[int]) -> None:
    """Set the dates of use of these addresses; drop those of `left` that nothing uses now.

    `left` are addresses that a purchase or a book named before.
    """
    touched = sorted({*addresses, *left})
    if not touched:
        return
    # Two index scans an address: one of a customer with many purchases costs their number.
    execute(
        f"""
        WITH used AS (
            SELECT address, min(placed_at) AS first, max(placed_at) AS last FROM (
                SELECT billing_address_id AS address, placed_at FROM {table(Purchase)}
                WHERE billing_address_id = ANY(%(ids)s)
                UNION ALL
                SELECT shipping_address_id, placed_at FROM {table(Purchase)}
                WHERE shipping_address_id = ANY(%(ids)s)
            ) AS uses GROUP BY address
        )
        UPDATE {table(PostalAddress)} AS a
        SET first_used_at = used.first, last_used_at = used.last
        FROM unnest(%(ids)s::bigint[]) AS touched(id) LEFT JOIN used ON used.address = touched.id
        WHERE a.id = touched.id
          AND (a.first_used_at, a.last_used_at) IS DISTINCT FROM (used.first, used.last)
        """,
        {"ids": touched},
    )
    if not left:
        return
    execute(
        f"DELETE FROM {table(PostalAddress)}"
        " WHERE id = ANY(%s) AND NOT in_book AND first_used_at IS NULL",
        [sorted(left)],
    )


def _row(customer: int, mark: str, party: Party) -> dict[str, Any]:
    row: dict[str, Any] = {"customer_id": customer, "fingerprint": mark}
    row |= zip(FIELDS, _values(party), strict=True)
    row |= {"in_book": False, "default_billing": False, "default_shipping": False}
    return row
