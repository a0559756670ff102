"""Customers: written from accounts and purchases, guests absorbed by accounts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ..models import (
    Customer,
    FormerCustomer,
    Hold,
    KnownIdentifier,
    MarketingEvent,
    Notice,
    PostalAddress,
    Purchase,
    Restriction,
    SearchWords,
    Telling,
    TransferRequest,
)
from ..shop.snapshots import CustomerSnapshot
from . import corrections, inherited, lines
from .identity import Identity
from .rows import execute, fetch, table, upsert
from .saying import said


def find(identities: Iterable[Identity]) -> dict[Identity, int]:
    """Return the ids of the customers that exist."""
    users, guests = _split(identities)
    if not users and not guests:
        return {}
    rows = fetch(
        f"SELECT coalesce(saleor_user, 0), coalesce(guest_email, ''), id FROM {table(Customer)}"
        " WHERE saleor_user = ANY(%s) OR guest_email = ANY(%s)",
        [users, guests],
    )
    return {Identity(user, guest): pk for user, guest, pk in rows}


def write(
    identities: Iterable[Identity], accounts: Mapping[int, CustomerSnapshot]
) -> dict[Identity, int]:
    """Add the customers that are missing, and copy what their accounts say now.

    Returns the id of each identity. The caller holds the identities' locks.
    """
    users, guests = _split(identities)
    upsert(
        Customer,
        [_account(accounts[user]) for user in users if user in accounts],
        key=("saleor_user",),
    )
    lost = [{"saleor_user": user} for user in users if user not in accounts]
    upsert(Customer, lost, key=("saleor_user",), update=False)
    upsert(Customer, [{"guest_email": g} for g in guests], key=("guest_email",), update=False)
    return find([*(Identity(user=user) for user in users), *(Identity(guest=g) for g in guests)])


def mark_gone(users: Sequence[int], at: datetime) -> list[int]:
    """Mark customers whose account the shop no longer has; return those who were not before."""
    if not users:
        return []
    rows = fetch(
        f"UPDATE {table(Customer)} SET account_gone_at = %s"
        " WHERE saleor_user = ANY(%s) AND account_gone_at IS NULL RETURNING id",
        [at, sorted(users)],
    )
    return [pk for (pk,) in rows]


def absorb(heirs: Mapping[int, int]) -> None:
    """Let each guest without a purchase left (key) go up in the customer (value).

    Saleor attached the guest's orders to an account, or staff corrected the e-mail: the same
    orders, so the same person. Guests that still have purchases, and accounts, stay.
    """
    if not heirs:
        return
    emptied = fetch(
        f"SELECT c.id, heir FROM {table(Customer)} AS c"
        " JOIN unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir) ON h.guest = c.id"
        " WHERE c.guest_email IS NOT NULL AND NOT EXISTS"
        f" (SELECT FROM {table(Purchase)} AS p WHERE p.customer_id = c.id) ORDER BY c.id"
        # Whoever lays a hold or restriction on one now is waited for, and it goes with the guest.
        " FOR UPDATE OF c",
        [list(heirs), list(heirs.values())],
    )
    if not emptied:
        return
    guests = [guest for guest, _ in emptied]
    heirs_of = [guests, [heir for _, heir in emptied]]
    _hand_over(heirs_of)
    lines.hand_over(heirs_of)
    inherited.hand_over(heirs_of)
    corrections.hand_over(heirs_of)
    execute(
        f"INSERT INTO {table(KnownIdentifier)} AS known"
        " (customer_id, kind, value, first_at, last_at, wrong_at)"
        " SELECT heir, kind, value, min(first_at), max(last_at),"
        " CASE WHEN bool_and(wrong_at IS NOT NULL) THEN max(wrong_at) END"
        f" FROM {table(KnownIdentifier)} AS old"
        " JOIN unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir) ON h.guest = old.customer_id"
        " GROUP BY heir, kind, value"
        " ON CONFLICT (customer_id, kind, value) DO UPDATE"
        " SET first_at = LEAST(known.first_at, excluded.first_at)",
        heirs_of,
    )
    # A notice told the guest of a term that is not the heir's.
    for model in (KnownIdentifier, SearchWords, PostalAddress, Notice):
        execute(f"DELETE FROM {table(model)} WHERE customer_id = ANY(%s)", [guests])
    execute(f"DELETE FROM {table(Customer)} WHERE id = ANY(%s)", [guests])


def _hand_over(heirs_of: list[list[int]]) -> None:
    """Let what holds for guests go on for their heirs, and the logs find the ids that they had."""
    for model in (Restriction, FormerCustomer, Hold, TransferRequest):
        execute(
            f"UPDATE {table(model)} SET customer_id = heir"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir) WHERE customer_id = guest",
            heirs_of,
        )
    for log in (MarketingEvent, Telling):
        execute(
            f"UPDATE {table(log)} SET customer = heir"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir) WHERE customer = guest",
            heirs_of,
        )
    execute(
        f"INSERT INTO {table(FormerCustomer)} (id, customer_id)"
        " SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
        heirs_of,
    )


def refresh(customers: Sequence[int]) -> None:
    """Fill what the account leaves open from the latest purchase; a guest has nothing else.

    An account's empty fields were set empty by `write` in this transaction, so the outcome
    depends on the shop's present state only. Where the detail of that purchase is erased, it
    says nothing any more: then the last address used and what the customer had speak.
    """
    if not customers:
        return
    execute(
        f"""
        WITH latest AS (
            SELECT c.id,
                CASE WHEN named THEN c.first_name ELSE party.first_name END AS first_name,
                CASE WHEN named THEN c.last_name ELSE party.last_name END AS last_name,
                coalesce(nullif(account.email, ''), nullif(p.email, ''),
                         CASE WHEN reduced THEN coalesce(nullif(c.email, ''), c.guest_email) END,
                         '') AS email,
                coalesce(nullif(account.language, ''), nullif(p.language, ''),
                         CASE WHEN reduced THEN c.language END, '') AS language,
                coalesce(nullif(account.vat_id, ''), CASE WHEN nameless THEN c.vat_id
                         ELSE p.vat_id END, '') AS vat_id,
                CASE WHEN nameless THEN c.company_name
                    ELSE coalesce(p.party_company_name, '') END AS company_name,
                coalesce(nullif(book.phone, ''), nullif(bill.phone, ''),
                         nullif(ship.phone, ''), last.phone, '') AS phone
            FROM {table(Customer)} AS c
            LEFT JOIN {table(Customer)} AS account
                ON account.id = c.id AND account.saleor_user IS NOT NULL
            CROSS JOIN LATERAL (SELECT c.saleor_user IS NOT NULL
                AND (c.first_name <> '' OR c.last_name <> '') AS named) AS name
            LEFT JOIN LATERAL (
                SELECT * FROM {table(Purchase)} WHERE customer_id = c.id
                ORDER BY placed_at DESC, saleor_order DESC LIMIT 1
            ) AS p ON true
            LEFT JOIN {table(PostalAddress)} AS bill ON bill.id = p.billing_address_id
            LEFT JOIN {table(PostalAddress)} AS ship ON ship.id = p.shipping_address_id
            CROSS JOIN LATERAL (SELECT p.detail_erased_at IS NOT NULL AS reduced,
                p.identity_erased_at IS NOT NULL AS nameless) AS erased
            LEFT JOIN LATERAL (
                SELECT phone, first_name, last_name FROM {table(PostalAddress)}
                WHERE reduced AND customer_id = c.id AND last_used_at IS NOT NULL
                ORDER BY last_used_at DESC, fingerprint LIMIT 1
            ) AS last ON true
            CROSS JOIN LATERAL (
                SELECT coalesce(p.party_first_name || p.party_last_name, '') = '' AS nobody
            ) AS billed
            CROSS JOIN LATERAL (SELECT
                CASE WHEN nameless THEN coalesce(last.first_name, c.first_name)
                    WHEN nobody THEN coalesce(ship.first_name, '') ELSE p.party_first_name END
                    AS first_name,
                CASE WHEN nameless THEN coalesce(last.last_name, c.last_name)
                    WHEN nobody THEN coalesce(ship.last_name, '') ELSE p.party_last_name END
                    AS last_name) AS party
            LEFT JOIN LATERAL (
                SELECT phone FROM {table(PostalAddress)} WHERE customer_id = c.id AND in_book
                AND phone <> '' AND (default_billing OR default_shipping)
                ORDER BY default_billing DESC, fingerprint LIMIT 1
            ) AS book ON true
            WHERE c.id = ANY(%s)
        )
        UPDATE {table(Customer)} AS c SET first_name = new.first_name,
            last_name = new.last_name, email = new.email, language = new.language,
            vat_id = new.vat_id, company_name = new.company_name, phone = new.phone
        FROM latest AS new WHERE new.id = c.id
            AND (c.first_name, c.last_name, c.email, c.language, c.vat_id, c.company_name,
                 c.phone) IS DISTINCT FROM (new.first_name, new.last_name, new.email,
                 new.language, new.vat_id, new.company_name, new.phone)
        """,
        [sorted(customers)],
    )


def users_without(users: Iterable[int]) -> set[int]:
    """Return those of `users` that are no customers."""
    wanted = set(users)
    return wanted - {identity.user for identity in find(Identity(user=user) for user in wanted)}


def _split(identities: Iterable[Identity]) -> tuple[list[int], list[str]]:
    known = set(identities)
    return (
        sorted({identity.user for identity in known if identity.user}),
        sorted({identity.guest for identity in known if not identity.user}),
    )


def _account(account: CustomerSnapshot) -> dict[str, object]:
    return {
        "saleor_user": account.key,
        "email": account.email,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "language": account.language,
        "vat_id": account.vat_id,
        "is_staff": account.is_staff,
        "account_digest": account.digest,
        "account_gone_at": None,
        "outside": account.outside,
        "said": said(account),
    }
