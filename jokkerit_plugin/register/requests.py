"""Requests for erasure that come with the shop's own deletions of accounts.

Whoever deletes the own account confirmed it by mail: that is a request, and it is accepted. Whose
account staff deleted, or is found gone without a word, staff are asked about.
"""

from collections.abc import Sequence
from datetime import datetime

from ..models import Customer, ErasureRequest
from .rows import execute, fetch, table

_ACTIVE = "('asks', 'open', 'accepted')"


def open_for(gone: Sequence[int], left: Sequence[int], at: datetime) -> None:
    """Ask staff about customers whose account is newly `gone`; accept for the users who `left`.

    Told once or several times, before or after the account was found gone: one request comes of
    it, and what staff have decided since stays.
    """
    if left:
        execute(
            f"INSERT INTO {table(ErasureRequest)} AS old"
            " (customer, origin, state, opened_at, decided_at, decided_by)"
            f" SELECT id, 'account_deleted', 'accepted', %(at)s, %(at)s, 'shop'"
            f" FROM {table(Customer)} AS c WHERE saleor_user = ANY(%(users)s) AND NOT EXISTS"
            f" (SELECT FROM {table(ErasureRequest)} AS r WHERE r.customer = c.id"
            "   AND r.origin = 'account_deleted') ORDER BY id"
            f" ON CONFLICT (customer) WHERE state IN {_ACTIVE} DO UPDATE"
            " SET origin = excluded.origin, state = 'accepted', decided_at = excluded.decided_at,"
            " decided_by = excluded.decided_by WHERE old.state <> 'accepted'",
            {"at": at, "users": sorted(left)},
        )
    if gone:
        execute(
            f"INSERT INTO {table(ErasureRequest)}"
            " (customer, origin, state, opened_at, decided_by)"
            " SELECT id, 'customer_deleted', 'asks', %s, '' FROM unnest(%s::bigint[]) AS id"
            f" ON CONFLICT (customer) WHERE state IN {_ACTIVE} DO NOTHING",
            [at, sorted(gone)],
        )


def hand_over(heirs_of: list[list[int]]) -> None:
    """Let the requests of guests go on for their heirs; of several that wait the oldest."""
    guests, heirs = heirs_of
    if not fetch(
        f"SELECT 1 FROM {table(ErasureRequest)} WHERE customer = ANY(%s) LIMIT 1", [guests]
    ):
        return
    execute(
        f"""
        WITH h AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir)),
        ranked AS (
            SELECT r.id, h.heir, r.state IN {_ACTIVE} AS active, row_number() OVER (
                PARTITION BY h.heir, r.state IN {_ACTIVE} ORDER BY r.opened_at, r.id) AS n
            FROM {table(ErasureRequest)} AS r JOIN h ON h.guest = r.customer
        ), going AS (
            SELECT * FROM ranked WHERE NOT active OR n = 1 AND NOT EXISTS (
                SELECT FROM {table(ErasureRequest)} AS own
                WHERE own.customer = ranked.heir AND own.state IN {_ACTIVE})
        ), ended AS (
            DELETE FROM {table(ErasureRequest)} WHERE id IN (SELECT id FROM ranked)
            AND id NOT IN (SELECT id FROM going)
        )
        UPDATE {table(ErasureRequest)} AS r SET customer = going.heir
        FROM going WHERE going.id = r.id
        """,
        [guests, heirs],
    )
