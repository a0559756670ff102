"""Requests for erasure that come with the shop's own deletions of accounts; and their heirs.

Whoever deletes the own account confirmed it by mail: that is a request, and it is accepted. Whose
account staff deleted, or is found gone without a word, staff are asked about.
"""

from collections.abc import Sequence
from datetime import datetime

from ..clock import HELSINKI
from ..models import Customer, Request
from ..policy.requests import due_on
from .rows import execute, fetch, table

_ACTIVE = "('asks', 'open', 'accepted')"


def open_for(gone: Sequence[int], left: Sequence[int], at: datetime) -> None:
    """Ask staff about customers whose account is newly `gone`; accept for the users who `left`.

    Told once or several times, before or after the account was found gone: one request comes of
    it, and what staff have decided since stays.
    """
    if left:
        execute(
            f"INSERT INTO {table(Request)} AS old"
            " (customer, kind, origin, state, proof, opened_at, due_on, decided_at, decided_by)"
            " SELECT id, 'erasure', 'account_deleted', 'accepted', 'account', %(at)s, %(due)s,"
            " %(at)s, 'shop'"
            f" FROM {table(Customer)} AS c WHERE saleor_user = ANY(%(users)s) AND NOT EXISTS"
            f" (SELECT FROM {table(Request)} AS r WHERE r.customer = c.id"
            "   AND r.origin = 'account_deleted') ORDER BY id"
            f" ON CONFLICT (customer, kind) WHERE state IN {_ACTIVE} DO UPDATE"
            " SET origin = excluded.origin, proof = excluded.proof,"
            " due_on = coalesce(old.due_on, excluded.due_on), state = 'accepted',"
            " decided_at = excluded.decided_at, decided_by = excluded.decided_by"
            " WHERE old.state <> 'accepted'",
            {"at": at, "users": sorted(left), "due": due_on(at.astimezone(HELSINKI).date())},
        )
    if gone:
        execute(
            f"INSERT INTO {table(Request)}"
            " (customer, kind, origin, state, opened_at, decided_by)"
            " SELECT id, 'erasure', 'customer_deleted', 'asks', %s, ''"
            " FROM unnest(%s::bigint[]) AS id"
            f" ON CONFLICT (customer, kind) WHERE state IN {_ACTIVE} DO NOTHING",
            [at, sorted(gone)],
        )


def hand_over(heirs_of: list[list[int]]) -> None:
    """Let the requests of guests go on for their heirs.

    Of several that ask the same the oldest goes on, the heir's own first; the others end as
    withdrawn: they are answered with it.
    """
    guests, heirs = heirs_of
    if not fetch(f"SELECT 1 FROM {table(Request)} WHERE customer = ANY(%s) LIMIT 1", [guests]):
        return
    execute(
        f"""
        WITH h AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir)),
        ranked AS (
            SELECT r.id, h.heir, r.kind, r.state IN {_ACTIVE} AS active, row_number() OVER (
                PARTITION BY h.heir, r.kind, r.state IN {_ACTIVE} ORDER BY r.opened_at, r.id) AS n
            FROM {table(Request)} AS r JOIN h ON h.guest = r.customer
        ), going AS (
            SELECT id, heir, active AND (n > 1 OR EXISTS (
                SELECT FROM {table(Request)} AS own WHERE own.customer = ranked.heir
                AND own.kind = ranked.kind AND own.state IN {_ACTIVE})) AS ends
            FROM ranked
        )
        UPDATE {table(Request)} AS r SET customer = going.heir,
            state = CASE WHEN ends THEN 'withdrawn' ELSE r.state END,
            decided_at = CASE WHEN ends THEN coalesce(r.decided_at, now()) ELSE r.decided_at END,
            decided_by = CASE WHEN ends AND r.decided_by = '' THEN 'shop' ELSE r.decided_by END
        FROM going WHERE going.id = r.id
        """,
        [guests, heirs],
    )
