"""Which e-mails and names are these people's alone: nothing of anybody else is erased by them.

An account's events, orders and addresses say what its owner typed, which may be anybody's: a
former address has a new owner, a request to change it was never confirmed, a parcel went to a
friend. So what another account logs in with, and what the register knows of another customer, is
theirs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ...models import Customer, KnownIdentifier
from ...register.identity import normalise_email
from ...register.rows import fetch, table

_SAID = """
    SELECT 'email', lower(email) FROM account_user WHERE id = ANY(%(users)s::int[])
    UNION SELECT 'email', lower(e.parameters ->> p.key) FROM account_customerevent e
        CROSS JOIN (VALUES ('old_email'), ('new_email')) p(key)
        WHERE e.user_id = ANY(%(users)s::int[]) AND e.type = 'email_changed'
    UNION SELECT 'name', lower(btrim(first_name || ' ' || last_name)) FROM (
        SELECT first_name, last_name FROM account_user WHERE id = ANY(%(users)s::int[])
        UNION SELECT a.first_name, a.last_name FROM account_address a
            JOIN account_user_addresses b ON b.address_id = a.id
            WHERE b.user_id = ANY(%(users)s::int[])
        UNION SELECT a.first_name, a.last_name FROM order_order o
            JOIN account_address a ON a.id IN (o.billing_address_id, o.shipping_address_id)
            WHERE o.user_id = ANY(%(users)s::int[])) named"""

_OF_OTHERS = """
    SELECT 'email', lower(email) FROM account_user
        WHERE lower(email) = ANY(%(mails)s::text[]) AND NOT id = ANY(%(users)s::int[])
    UNION SELECT 'name', lower(btrim(first_name || ' ' || last_name)) FROM account_user
        WHERE lower(btrim(first_name || ' ' || last_name)) = ANY(%(names)s::text[])
            AND NOT id = ANY(%(users)s::int[])"""

_OF_CUSTOMERS = f"""
    SELECT k.value FROM {table(KnownIdentifier)} k JOIN {table(Customer)} c ON c.id = k.customer_id
    WHERE k.kind = 'email' AND k.value = ANY(%(values)s::text[])
        AND NOT coalesce(c.saleor_user = ANY(%(users)s::int[]), false)"""


@dataclass(frozen=True, slots=True)
class Said:
    """Accounts, and what else names their owners: sorted, in small letters."""

    users: list[int]
    mails: list[str]
    names: list[str]


def said(keys: Sequence[str], emails: Collection[str], names: Collection[str]) -> Said:
    """Return what names the owners of these accounts and of these e-mails (3 statements).

    `emails` are what the register knows as these people's alone, of guests too.
    """
    users = [int(key) for key in keys]
    told = fetch(_SAID, {"users": users})
    read = {text for kind, text in told if kind == "email" and text}
    values = {text: normalise_email(text) for text in read}
    others = fetch(_OF_CUSTOMERS, {"users": users, "values": sorted(set(values.values()))})
    known = {value for (value,) in others}
    mails = {text for text in read if values[text] not in known}
    mails |= {text for email in emails if (text := email.strip().lower())}
    full = {name.strip().lower() for name in names}
    full |= {text for kind, text in told if kind == "name" and text}
    # One word alone is somebody else's name too.
    full = {name for name in full if " " in name}
    given = {"users": users, "mails": sorted(mails), "names": sorted(full)}
    theirs = fetch(_OF_OTHERS, given)
    mails -= {text for kind, text in theirs if kind == "email"}
    full -= {text for kind, text in theirs if kind == "name"}
    return Said(users, sorted(mails), sorted(full))
