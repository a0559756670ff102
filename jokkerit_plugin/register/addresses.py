"""Postal addresses: one row for one address of one customer."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple

from ..models import PostalAddress, Purchase
from ..shop.snapshots import CustomerSnapshot, Party
from .rows import execute, fetch, table, upsert

#: Customer id and fingerprint.
Place = tuple[int, str]

_FIELDS = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code",
    "city", "city_area", "country_area", "country", "phone",
)  # fmt: skip


def fingerprint(party: Party) -> str:
    """Return 32 hexadecimal digits, equal for addresses that differ in case or spaces only."""
    text = "\x1f".join(" ".join(str(part).split()).casefold() for part in astuple(party))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_empty(party: Party | None) -> bool:
    """Tell whether the party says nothing beyond a country."""
    return party is None or not any(part for part in astuple(party)[:9])


def write_used(parties: Iterable[tuple[int, Party]]) -> dict[Place, int]:
    """Add addresses that orders name (customer id, party); return the id of each place."""
    rows = {
        (customer, fingerprint(party)): _row(customer, party)
        for customer, party in parties
        if not is_empty(party)
    }
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


def write_books(books: Sequence[tuple[int, CustomerSnapshot]]) -> list[int]:
    """Make the address books of customers equal to their accounts'.

    Returns the ids of addresses that were in a book before and are not now.
    """
    rows: dict[Place, dict[str, object]] = {}
    for customer, account in books:
        for entry in account.addresses:
            if is_empty(entry.party):
                continue
            row = rows.setdefault(
                (customer, fingerprint(entry.party)),
                _row(customer, entry.party)
                | {"in_book": True, "default_billing": False, "default_shipping": False},
            )
            row["default_billing"] = row["default_billing"] or entry.default_billing
            row["default_shipping"] = row["default_shipping"] or entry.default_shipping
    places = sorted(rows)
    dropped = fetch(
        f"UPDATE {table(PostalAddress)} AS a SET in_book = false, default_billing = false,"
        " default_shipping = false WHERE customer_id = ANY(%s) AND in_book AND NOT EXISTS"
        " (SELECT FROM unnest(%s::bigint[], %s::text[]) AS kept(customer, mark)"
        " WHERE kept.customer = a.customer_id AND kept.mark = a.fingerprint) RETURNING id",
        [
            [customer for customer, _ in books],
            [place[0] for place in places],
            [place[1] for place in places],
        ],
    )
    upsert(PostalAddress, [rows[place] for place in places], key=("customer_id", "fingerprint"))
    return [pk for (pk,) in dropped]


def refresh(addresses: Iterable[int]) -> None:
    """Set the dates of use of these addresses, and drop those that nothing uses any more."""
    touched = sorted(set(addresses))
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
    execute(
        f"DELETE FROM {table(PostalAddress)}"
        " WHERE id = ANY(%s) AND NOT in_book AND first_used_at IS NULL",
        [touched],
    )


def _row(customer: int, party: Party) -> dict[str, object]:
    row: dict[str, object] = {"customer_id": customer, "fingerprint": fingerprint(party)}
    row |= {name: getattr(party, name) for name in _FIELDS}
    row |= {"in_book": False, "default_billing": False, "default_shipping": False}
    return row
