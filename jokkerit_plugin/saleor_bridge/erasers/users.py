"""Accounts: the row goes, with all that hangs on it, and what names the person elsewhere.

In SQL and not through the ORM: Saleor's signal would remove the avatar while the transaction may
still roll back, and a cascade would delete checkouts that hold money.
"""

from collections import Counter
from collections.abc import Mapping

from ...register.rows import execute, fetch
from . import addresses, attributes, checkouts, mentions, whose

#: Rows of the account that go before it.
ROWS = (
    ("account_customernote", "customer_id"),
    ("account_customerevent", "user_id"),
    ("thumbnail_thumbnail", "user_id"),
    ("account_staffnotificationrecipient", "user_id"),
)

_FILES = """
    SELECT 'account.User.avatar', avatar FROM account_user
        WHERE id = ANY(%(users)s::int[]) AND avatar <> ''
    UNION ALL SELECT 'thumbnail.Thumbnail.image', image FROM thumbnail_thumbnail
        WHERE user_id = ANY(%(users)s::int[]) AND image <> ''"""


def erase(
    users: list[str],
    said: whose.Said,
    references: Mapping[str, addresses.References],
    known: Mapping[str, set[str]],
) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Erase accounts and what else names their owners; return rows by table, and files."""
    files = [*fetch(_FILES, {"users": users}), *attributes.files(users, known)]
    book = addresses.of_users(users)
    done = mentions.erase(mentions.find(said, known), known)
    carts = checkouts.of_people(said.users, said.mails)
    done += checkouts.erase(carts, references["account_address"], known)
    done += attributes.delete(users, known)
    for table, column in ROWS:
        done[table] += execute(f"DELETE FROM {table} WHERE {column} = ANY(%s::int[])", [users])
    done += _let_go(users, references["account_user"])
    done["account_user"] += execute("DELETE FROM account_user WHERE id = ANY(%s::int[])", [users])
    return done + addresses.delete(book, references["account_address"]), files


def _let_go(users: list[str], references: addresses.References) -> Counter[str]:
    """Clear what else refers to the accounts: the column, or the row where it needs one."""
    done: Counter[str] = Counter()
    for table, column, nullable in references:
        mine = f"WHERE {column} = ANY(%s::int[])"
        sql = f"UPDATE {table} SET {column} = NULL" if nullable else f"DELETE FROM {table}"
        done[table] += execute(f"{sql} {mine}", [users])
    return done
