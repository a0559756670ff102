"""Locks customers and purchases for erasing, as the intake would, and more.

The advisory locks are the intake's own and come first, so that a drain either wrote before, or
waits and then finds the marks. The rows are locked after them, for update: a hold, a restriction
or an entry of the books refers to them, and is either there to be seen or waits.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ..models import Customer, Hold, KnownIdentifier, Purchase, Request, Restriction
from ..policy.parts import OF_CUSTOMERS, Part
from ..shop.snapshots import Kind
from .identity import normalise_email
from .locks import Lock, lock_found
from .requests import unanswered
from .rows import fetch, table


class Subject(NamedTuple):
    """What a customer or purchase is in the shop: its account, and orders that it still has."""

    user: int | None
    orders: tuple[str, ...]


#: Those that were locked, and the keys of those that something needs.
Locked = tuple[dict[int, Subject], set[int]]


def lock_subjects(
    part: Part, ids: Sequence[int], *, also_needed: bool = False
) -> dict[int, Subject]:
    """Lock customers or purchases for erasing a part; return those that may be erased now.

    Missing are those that there are no more, that changed hands while this waited, or that a hold,
    a restriction or an undecided request refers to: it needs them, and they are locked all the
    same. `also_needed`: these, too. At most `at_once()`.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    lock_them = _lock_customers if part in OF_CUSTOMERS else _lock_purchases
    found, needed = lock_them(part, wanted)
    return found if also_needed else {pk: one for pk, one in found.items() if pk not in needed}


def at_once() -> int:
    """Return how many `lock_subjects` may be given.

    It takes two advisory locks each, from one table that all share: a sixth of its places, so that
    a few workers erase while the intake goes on. Of PostgreSQL's own 6,400 that is 533.
    """
    places = fetch(
        "SELECT current_setting('max_locks_per_transaction')::int"
        " * current_setting('max_connections')::int",
        [],
    )[0][0]
    return max(int(places) // 12, 1)


def emails(ids: Sequence[int]) -> dict[int, list[str]]:
    """Return every e-mail by which customers are known, as written and normalised, sorted."""
    rows = fetch(
        f"SELECT id, email FROM {table(Customer)} WHERE id = ANY(%(ids)s)"
        f" UNION SELECT id, guest_email FROM {table(Customer)} WHERE id = ANY(%(ids)s)"
        f" UNION SELECT customer_id, value FROM {table(KnownIdentifier)}"
        " WHERE customer_id = ANY(%(ids)s) AND kind = 'email'"
        f" UNION SELECT customer_id, email FROM {table(Purchase)} WHERE customer_id = ANY(%(ids)s)",
        {"ids": sorted(set(ids))},
    )
    found: dict[int, set[str]] = {}
    for pk, text in rows:
        if text:
            found.setdefault(pk, set()).update((text, normalise_email(text)))
    return {pk: sorted(texts) for pk, texts in found.items()}


def _lock_customers(_: Part, ids: list[int]) -> Locked:
    lock_found(
        Lock.KEY,
        f"SELECT '{Kind.CUSTOMER}:' || saleor_user FROM {table(Customer)}"
        " WHERE id = ANY(%s) AND saleor_user IS NOT NULL",
        ids,
    )
    _lock_people(ids)
    rows = fetch(
        f"SELECT id, customer_id, saleor_order::text, absent_since IS NULL FROM {table(Purchase)}"
        " WHERE customer_id = ANY(%s) ORDER BY id FOR UPDATE",
        [ids],
    )
    orders: dict[int, list[str]] = {}
    for _, customer, order, there in rows:
        if there:
            orders.setdefault(customer, []).append(order)
    people = fetch(
        f"SELECT id, CASE WHEN account_gone_at IS NULL THEN saleor_user END,"
        f" EXISTS (SELECT FROM {table(Hold)} WHERE customer_id = c.id AND released_at IS NULL)"
        f" OR EXISTS (SELECT FROM {table(Restriction)} WHERE customer_id = c.id"
        "  AND lifted_at IS NULL)"
        f" OR EXISTS (SELECT FROM {table(Request)} AS r WHERE customer = c.id"
        f"  AND {unanswered('r')})"
        f" FROM {table(Customer)} AS c WHERE id = ANY(%s) ORDER BY id",
        [ids],
    )
    return (
        {pk: Subject(user, tuple(orders.get(pk, ()))) for pk, user, _ in people},
        {pk for pk, _, needed in people if needed},
    )


def _lock_purchases(part: Part, ids: list[int]) -> Locked:
    lock_found(
        Lock.KEY,
        f"SELECT '{Kind.ORDER}:' || saleor_order FROM {table(Purchase)} WHERE id = ANY(%s)",
        ids,
    )
    # Whose they are no drain can change now. A hold on the customer keeps purchases, too.
    owners = fetch(
        f"SELECT DISTINCT customer_id FROM {table(Purchase)} WHERE id = ANY(%s)"
        " AND customer_id IS NOT NULL",
        [ids],
    )
    if owners:
        _lock_people(sorted(customer for (customer,) in owners))
    rows = fetch(
        f"SELECT id, saleor_order::text, absent_since IS NULL FROM {table(Purchase)}"
        " WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        [ids],
    )
    held = set()
    if part is Part.FIGURES:
        found = fetch(
            f"SELECT purchase_id FROM {table(Hold)} WHERE purchase_id = ANY(%s)"
            " AND released_at IS NULL",
            [ids],
        )
        held = {purchase for (purchase,) in found}
    return {pk: Subject(None, (order,) if there else ()) for pk, order, there in rows}, held


def _lock_people(ids: list[int]) -> None:
    # As `Identity` writes them, which the intake locks.
    lock_found(
        Lock.IDENTITY,
        "SELECT coalesce('user:' || saleor_user, 'guest:' || guest_email)"
        f" FROM {table(Customer)} WHERE id = ANY(%s)",
        ids,
    )
    fetch(
        f"SELECT count(*) FROM (SELECT FROM {table(Customer)} WHERE id = ANY(%s)"
        " ORDER BY id FOR UPDATE) AS held",
        [ids],
    )
    # By whose word they go: nobody takes it back while they do.
    fetch(
        f"SELECT count(*) FROM (SELECT FROM {table(Request)} WHERE customer = ANY(%s)"
        " AND kind = 'erasure' AND state = 'accepted' ORDER BY id FOR NO KEY UPDATE) AS granted",
        [ids],
    )
