"""Which e-mails and names are these people's alone: nothing of anybody else is erased by them.

An account's events, orders and addresses say what its owner typed, which may be anybody's: a
former address has a new owner, a request to change it was never confirmed, a parcel went to a
friend. So what another account logs in with, and what the register knows of another customer, is
theirs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ...models import Customer, KnownIdentifier
from ...register.identity import normalise_email
from ...register.rows import fetch, table

#: Events `t` under staff's accounts, or an app's: by the index of accounts.
OF_STAFF = """(t.user_id IS NULL
    OR t.user_id = ANY(ARRAY(SELECT id FROM account_user WHERE is_staff)))"""

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

# Accounts have no index by what is not their very e-mail, and a batch must not read a million of
# them. Saleor stores e-mails in small letters; an old shop's others are read one by one.
_MIXED = "SELECT EXISTS (SELECT FROM account_user WHERE email <> lower(email))"
_MAILS_OF_OTHERS = """SELECT lower(email) FROM account_user
    WHERE {} = ANY(%(mails)s::text[]) AND NOT id = ANY(%(users)s::int[])"""
#: The names among these by which anything would be found.
_NAMED = f"""SELECT lower(t.parameters ->> 'message') FROM account_customerevent t
        WHERE {OF_STAFF} AND t.type = 'name_assigned'
            AND lower(t.parameters ->> 'message') = ANY(%(names)s::text[])
    UNION SELECT lower(n.name) FROM giftcard_giftcardtag n
        WHERE lower(n.name) = ANY(%(names)s::text[])"""
_NAMES_OF_OTHERS = """SELECT lower(btrim(first_name || ' ' || last_name)) FROM account_user
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
    """Return what names the owners of these accounts and of these e-mails (4 statements).

    Of names those by which something is found. `emails` are what the register knows as these
    people's alone, of guests too.
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
    mails -= _texts(_MAILS_OF_OTHERS.format("lower(email)" if mixed() else "email"), given)
    full = _texts(_NAMED, given)
    if full:
        full -= _texts(_NAMES_OF_OTHERS, {**given, "names": sorted(full)})
    return Said(users, sorted(mails), sorted(full))


@cache
def mixed() -> bool:
    """Tell whether accounts have e-mails with capital letters; asked once a process.

    It reads all accounts. Whoever registers since is stored in small letters.
    """
    return bool(fetch(_MIXED, [])[0][0])


def _texts(sql: str, given: Mapping[str, object]) -> set[str]:
    return {text for (text,) in fetch(sql, given)}
