"""Requests where the register itself begins or ends them: accounts deleted, purchases.

Whoever deletes the own account confirmed it by mail: that is a request, and it is accepted. Whose
account staff deleted, or is found gone without a word, staff are asked about. Who buys again after
an erasure was granted is a customer again: it ends, they are told, and may ask anew.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from .. import clock
from ..models import Customer, Purchase, Request, RequestEvent, RequestLetter
from ..policy.requests import (
    OF_THE_REGISTER,
    RequestKind,
    RequestState,
    due_on,
)
from .rows import execute, fetch, table

#: States of a request that is not over, as SQL.
ACTIVE = "('asks', 'open', 'accepted')"
_ONCE = f"ON CONFLICT (customer, kind) WHERE state IN {ACTIVE} AND NOT marketing"
_SHOP = "shop"
What = RequestEvent.What


def unanswered(row: str) -> str:
    """Return the SQL condition that a request keeps what it is about (article 12): nobody has
    decided it, or the copy that was granted is not made yet.
    """
    return (
        f"({row}.state IN ('asks', 'open') OR {row}.state = 'accepted'"
        f" AND {row}.kind IN ('access', 'portability'))"
    )


def granted(customers: Collection[int]) -> list[int]:
    """Return those of the customers whose erasure was granted."""
    rows = Request.objects.filter(
        customer__in=customers, kind=RequestKind.ERASURE, state=RequestState.ACCEPTED
    )
    return [pk for pk in rows.values_list("customer", flat=True) if pk]


def bought(purchase: str, since: str) -> str:
    """Return the SQL condition that a purchase was made since then, and came to something.

    Anybody may place an order under somebody's e-mail, and carts are cancelled: what is neither
    paid nor delivered makes nobody a customer again. While it is open it keeps them all the same.
    """
    return (
        f"{purchase}.placed_at > {since} AND {purchase}.cancelled_at IS NULL"
        f" AND coalesce({purchase}.paid_at, {purchase}.delivered_at) IS NOT NULL"
    )


def open_for(gone: Sequence[int], left: Sequence[int], at: datetime) -> None:
    """Ask staff about customers whose account is newly `gone`; accept for the users who `left`.

    Told once or several times, before or after the account was found gone: one request comes of
    it, and what staff have decided since stays. Whatever they asked before that waits is granted
    with it, and what was granted is granted anew.
    """
    due = due_on(at.astimezone(clock.HELSINKI).date())
    if left:
        rows = fetch(
            f"INSERT INTO {table(Request)} AS old"
            " (customer, kind, origin, state, proof, opened_at, due_on, decided_at, decided_by)"
            " SELECT id, 'erasure', 'account_deleted', 'accepted', 'account', %(at)s, %(due)s,"
            " %(at)s, 'shop'"
            f" FROM {table(Customer)} AS c WHERE saleor_user = ANY(%(users)s) AND NOT EXISTS"
            f" (SELECT FROM {table(Request)} AS r WHERE r.customer = c.id"
            "   AND r.origin = 'account_deleted') ORDER BY id"
            f" {_ONCE} DO UPDATE"
            " SET origin = excluded.origin, proof = excluded.proof, purchases = NULL,"
            # Of what staff were asked nobody had asked yet.
            " opened_at = CASE old.state WHEN 'asks' THEN excluded.opened_at"
            "  ELSE old.opened_at END,"
            " due_on = CASE old.state WHEN 'asks' THEN excluded.due_on ELSE old.due_on END,"
            " state = 'accepted', decided_at = excluded.decided_at, decided_by = 'shop'"
            " RETURNING old.id",
            {"at": at, "users": sorted(left), "due": due},
        )
        of = {pk: "account_deleted" for (pk,) in rows}
        unsay(list(of))
        note(What.RECEIVED, of, at, actor="person")
        note(What.ACCEPTED, of, at)
    if gone:
        rows = fetch(
            f"INSERT INTO {table(Request)}"
            " (customer, kind, origin, state, opened_at, due_on, decided_by)"
            " SELECT id, 'erasure', 'customer_deleted', 'asks', %s, %s, ''"
            " FROM unnest(%s::bigint[]) AS id"
            f" {_ONCE} DO NOTHING RETURNING id",
            [at, due, sorted(gone)],
        )
        note(What.RECEIVED, {pk: "customer_deleted" for (pk,) in rows}, at)


def end_bought(owners: Mapping[int, int], at: datetime) -> None:
    """Refuse erasures that were granted before a purchase of the customer's (or its owner's).

    `owners`: customers whose requests these are, and whose the purchases are by now.
    """
    rows = fetch(
        f"UPDATE {table(Request)} AS r SET state = 'refused', ground = %(ground)s,"
        " decided_at = %(at)s, decided_by = 'shop'"
        " FROM unnest(%(customers)s::bigint[], %(owners)s::bigint[]) AS w(customer, owner)"
        " WHERE r.customer = w.customer AND r.kind = 'erasure' AND r.state = 'accepted'"
        f" AND EXISTS (SELECT FROM {table(Purchase)} AS p WHERE p.customer_id = w.owner"
        f"  AND {bought('p', 'r.decided_at')}) RETURNING r.id, r.origin",
        {
            "ground": OF_THE_REGISTER.value, "at": at,
            "customers": list(owners), "owners": list(owners.values()),
        },
    )  # fmt: skip
    if not rows:
        return
    unsay([pk for pk, _ in rows])
    note(What.REFUSED, {pk: OF_THE_REGISTER.value for pk, _ in rows}, at)
    # Of an account that staff deleted nobody has asked.
    asked = [pk for pk, origin in rows if origin != Request.Origin.CUSTOMER_DELETED]
    tell("refused", asked, at)


def done(customers: Sequence[int], at: datetime) -> None:
    """Say that customers are erased: whatever they asked, they are.

    Undecided ones are older than a receipt that is replayed: a batch leaves whoever has one.
    """
    rows = fetch(
        f"UPDATE {table(Request)} SET state = 'done', done_at = %(at)s,"
        " decided_at = coalesce(decided_at, %(at)s),"
        " decided_by = CASE decided_by WHEN '' THEN 'shop' ELSE decided_by END"
        f" WHERE customer = ANY(%(ids)s) AND kind = 'erasure' AND state IN {ACTIVE} RETURNING id",
        {"at": at, "ids": customers},
    )
    note(What.DONE, {pk: "" for (pk,) in rows}, at)


def tell(what: str, ids: Sequence[int], at: datetime) -> None:
    """Let those who asked be told: of each kind of letter one waits."""
    execute(
        f"INSERT INTO {table(RequestLetter)} (request_id, what, made_at, next_at)"
        " SELECT id, %s, %s, %s FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING",
        [what, at, at, ids],
    )


def unsay(ids: Sequence[int]) -> None:
    """Delete the letters of requests that tell what holds no longer."""
    # Whoever sends one this moment holds it until the mail server has answered: nobody waits.
    execute(
        f"DELETE FROM {table(RequestLetter)} WHERE id IN (SELECT id FROM {table(RequestLetter)}"
        " WHERE request_id = ANY(%s) AND sent_at IS NULL ORDER BY id FOR UPDATE SKIP LOCKED)",
        [ids],
    )


def note(what: str, codes: Mapping[int, str], at: datetime, *, actor: str = _SHOP) -> None:
    """Write down what happened to requests, each with its code."""
    if codes:
        execute(
            f"INSERT INTO {table(RequestEvent)} (request_id, what, at, actor, code)"
            " SELECT id, %s, %s, %s, code FROM unnest(%s::bigint[], %s::text[]) AS new(id, code)"
            " ORDER BY id",
            [what, at, actor, list(codes), list(codes.values())],
        )
