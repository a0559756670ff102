"""Accounts: the row goes, with all that hangs on it, and what names the person elsewhere.

In SQL and not through the ORM: Saleor's signal would remove the avatar while the transaction may
still roll back, and a cascade would delete checkouts that hold money.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from . import addresses, attributes, checkouts, gift_cards, vouchers
from .sheet import NO_JSON, Sheet, empty

#: Rows of the account that go before it.
ROWS = (
    ("account_customernote", "customer_id"),
    ("account_customerevent", "user_id"),
    ("thumbnail_thumbnail", "user_id"),
    ("account_staffnotificationrecipient", "user_id"),
)

#: Staff's events name a customer by text alone, under the staff's account or an app's.
SHEETS = [
    Sheet(
        ShopPart.ACCOUNT,
        "account_customerevent",
        "lower(t.parameters ->> 'message') = ANY(%(texts)s::text[]) AND (t.user_id IS NULL"
        " OR t.user_id IN (SELECT id FROM account_user WHERE is_staff))",
        {"parameters": NO_JSON},
    )
]

_NAMES = """
    SELECT 'email', lower(email) FROM account_user WHERE id = ANY(%(users)s::int[])
    UNION SELECT 'email', lower(p.value #>> '{}') FROM account_customerevent e
        CROSS JOIN jsonb_each(CASE jsonb_typeof(e.parameters)
            WHEN 'object' THEN e.parameters ELSE '{}' END) p
        WHERE e.user_id = ANY(%(users)s::int[]) AND p.key IN ('old_email', 'new_email')
    UNION SELECT 'name', lower(btrim(first_name || ' ' || last_name)) FROM (
        SELECT first_name, last_name FROM account_user WHERE id = ANY(%(users)s::int[])
        UNION SELECT a.first_name, a.last_name FROM account_address a
            JOIN account_user_addresses b ON b.address_id = a.id
            WHERE b.user_id = ANY(%(users)s::int[])
        UNION SELECT a.first_name, a.last_name FROM order_order o
            JOIN account_address a ON a.id IN (o.billing_address_id, o.shipping_address_id)
            WHERE o.user_id = ANY(%(users)s::int[])) named"""

_FILES = """
    SELECT 'account.User.avatar', avatar FROM account_user
        WHERE id = ANY(%(users)s::int[]) AND avatar <> ''
    UNION ALL SELECT 'thumbnail.Thumbnail.image', image FROM thumbnail_thumbnail
        WHERE user_id = ANY(%(users)s::int[]) AND image <> ''"""


def erase(
    users: list[str],
    said: tuple[Collection[str], Collection[str]],
    references: Mapping[str, addresses.References],
    known: Mapping[str, set[str]],
) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Erase accounts and what says these e-mails and names; return rows by table, and files."""
    mails, texts = _names(users, *said)
    files = [*fetch(_FILES, {"users": users}), *attributes.files(users, known)]
    book = addresses.of_users(users)
    done = empty(SHEETS, known, {"texts": texts})
    done += vouchers.forget(mails)
    done += gift_cards.release(users, mails, texts, known)
    carts = checkouts.of_people(users, mails)
    done += checkouts.erase(carts, references["account_address"], known)
    done += attributes.delete(users, known)
    for table, column in ROWS:
        done[table] += execute(f"DELETE FROM {table} WHERE {column} = ANY(%s::int[])", [users])
    done += _let_go(users, references["account_user"])
    done["account_user"] += execute("DELETE FROM account_user WHERE id = ANY(%s::int[])", [users])
    return done + addresses.delete(book, references["account_address"]), files


def _names(
    users: Sequence[str], emails: Collection[str], full: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the e-mail addresses, and these with the full names, in small letters."""
    mails = {email.strip().lower() for email in emails}
    names = {name.strip().lower() for name in full}
    for kind, text in fetch(_NAMES, {"users": list(users)}):
        (mails if kind == "email" else names).add(text or "")
    mails.discard("")
    # One word alone is somebody else's name too.
    return sorted(mails), sorted(mails | {name for name in names if " " in name})


def _let_go(users: list[str], references: addresses.References) -> Counter[str]:
    """Clear what else refers to the accounts: the column, or the row where it needs one."""
    done: Counter[str] = Counter()
    for table, column, nullable in references:
        mine = f"WHERE {column} = ANY(%s::int[])"
        sql = f"UPDATE {table} SET {column} = NULL" if nullable else f"DELETE FROM {table}"
        done[table] += execute(f"{sql} {mine}", [users])
    return done
