"""What was erased on purpose and must never come back.

An order whose figures are erased has its key here, and an account whose contact is. The account's
key says until when: an older purchase of the account stands without a customer for good, and a
newer one begins a new entry.

What was refused, since all of it was over when it was first met, is known by the settings under
which it was: under others it is asked anew (`reconsider`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ..models import Customer, ErasedKey, Purchase
from ..shop.snapshots import Kind, OrderSnapshot
from .rows import execute, fetch, table

#: An order that the shop committed while the account was being erased was placed just before.
OVERLAP = timedelta(days=1)
#: Kinds of accounts whose late lines of the site log are nobody's.
ACCOUNTS = [Kind.CUSTOMER.value, Kind.LEFT.value]


@dataclass(frozen=True, slots=True)
class Marks:
    """When the parts of a purchase were erased; None: they were not."""

    contact: datetime | None = None
    detail: datetime | None = None
    identity: datetime | None = None
    #: All of it is over: it does not come in.
    figures: bool = False


NOTHING = Marks()

#: `ErasedKey.kind` of an order that was refused and of its account, and of the settings then.
REFUSED, TERMS = "refused", "terms"


def refuse(orders: Iterable[OrderSnapshot], terms: str, at: datetime) -> None:
    """Remember orders that are over whole, and until when their accounts' are.

    `terms`: `Config.terms`.
    """
    keys = [
        pair for one in orders
        for pair in ((str(one.key), at), (str(one.user or ""), one.placed_at)) if pair[0]
    ]  # fmt: skip
    if keys:
        remember([*((REFUSED, key, when) for key, when in keys), (TERMS, terms, at)])


def reconsider(terms: str) -> None:
    """Forget what was refused under other settings: whoever meets it asks again."""
    execute(
        f"DELETE FROM {table(ErasedKey)} WHERE kind = ANY(%(kinds)s) AND EXISTS (SELECT FROM"
        f" {table(ErasedKey)} WHERE kind = %(terms)s AND key <> %(now)s)",
        {"kinds": [REFUSED, TERMS], "terms": TERMS, "now": terms},
    )


def remember(erased: Iterable[tuple[str, str, datetime]]) -> int:
    """Keep kinds and keys with the moment of erasing, the latest of a key; return how many."""
    rows = sorted(set(erased))
    if not rows:
        return 0
    return execute(
        f"INSERT INTO {table(ErasedKey)} AS old (kind, key, erased_at)"
        " SELECT kind, key, max(at) FROM unnest(%s::text[], %s::text[], %s::timestamptz[])"
        " AS new(kind, key, at) GROUP BY kind, key ORDER BY kind, key"
        " ON CONFLICT (kind, key) DO UPDATE"
        " SET erased_at = GREATEST(old.erased_at, excluded.erased_at)",
        [[str(kind) for kind, _, _ in rows], [key for _, key, _ in rows], [at for *_, at in rows]],
    )


def among(events: Iterable[tuple[Kind, str]]) -> set[tuple[Kind, str]]:
    """Return those of these kinds and keys that were erased, and did not come anew since."""
    flat = list(events)
    found = fetch(
        "SELECT kind, key FROM unnest(%s::text[], %s::text[]) AS asked(kind, key) WHERE EXISTS"
        f" (SELECT FROM {table(ErasedKey)} AS e WHERE e.kind IN (asked.kind, '{REFUSED}')"
        "  AND e.key = asked.key)"
        f" AND NOT (kind = 'customer' AND EXISTS (SELECT FROM {table(Customer)} AS c"
        # The cast must not meet the UUIDs of the other kinds.
        " WHERE c.saleor_user = CASE kind WHEN 'customer' THEN key::bigint END))",
        [[kind.value for kind, _ in flat], [key for _, key in flat]],
    )
    return {(Kind(kind), key) for kind, key in found}


def since(
    orders: Collection[UUID], users: Collection[int]
) -> tuple[dict[UUID, datetime], dict[int, datetime]]:
    """Return when these purchases lost their customer for good, and when accounts were erased.

    The caller holds the identities' locks, under which both are written.
    """
    if not orders and not users:
        return {}, {}
    rows = fetch(
        f"SELECT saleor_order::text, 'order', contact_erased_at FROM {table(Purchase)}"
        " WHERE saleor_order = ANY(%s::uuid[]) AND contact_erased_at IS NOT NULL"
        f" UNION ALL SELECT key, 'customer', max(erased_at) FROM {table(ErasedKey)}"
        f" WHERE kind IN ('customer', '{REFUSED}') AND key = ANY(%s) GROUP BY key",
        [list(orders), [str(user) for user in users]],
    )
    return (
        {UUID(key): at for key, kind, at in rows if kind == "order"},
        {int(key): at for key, kind, at in rows if kind == "customer"},
    )
