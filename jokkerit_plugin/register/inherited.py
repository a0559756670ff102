"""Requests of guests who went up in an account: they go on for the heir, or are asked anew."""

from collections.abc import Mapping
from datetime import datetime

from .. import clock
from ..models import Customer, Request
from ..policy.requests import IN_WORDS, PROVED, Proof
from . import requests
from .requests import ACTIVE, What
from .rows import execute, fetch, table


def hand_over(heirs_of: list[list[int]]) -> None:
    """Let the requests of guests go on for their heirs.

    A granted erasure is open again: nobody has weighed it for the heir, who may be another person.
    Of several that ask the same one goes on: the one that was granted, else an open one, else the
    best proved; its time runs from the first. The others end as withdrawn, answered with it, but
    for those of which each asks what its words say.
    """
    guests, heirs = heirs_of
    if not fetch(f"SELECT 1 FROM {table(Request)} WHERE customer = ANY(%s) LIMIT 1", [guests]):
        return
    now = clock.now()
    both = dict(zip([*guests, *heirs], [*heirs, *heirs], strict=True))
    # Else one that means nothing any more would end one that does.
    requests.end_bought(both, now)
    _reopen(heirs_of, now)
    _part(both, now)
    rows = fetch(
        f"""
        WITH ranked AS (
            SELECT r.id, count(*) OVER same AS n, first_value(r.id) OVER (same ORDER BY
                    r.state = 'accepted' DESC, r.decided_at DESC NULLS LAST, r.state = 'open' DESC,
                    r.purchases IS NULL DESC, r.proof = ANY(%(proved)s) DESC, r.opened_at, r.id
                ) AS going,
                min(r.opened_at) FILTER (WHERE r.state = 'open') OVER same AS opened_at,
                min(r.due_on) FILTER (WHERE r.state = 'open') OVER same AS due_on
            FROM {table(Request)} AS r
            JOIN unnest(%(both)s::bigint[], %(heirs)s::bigint[]) AS h(customer, heir)
                USING (customer)
            WHERE r.state IN {ACTIVE} AND NOT r.marketing
            WINDOW same AS (PARTITION BY h.heir, r.kind)
        )
        UPDATE {table(Request)} AS r SET
            state = CASE r.id WHEN going THEN r.state ELSE 'withdrawn' END,
            decided_at = CASE r.id WHEN going THEN r.decided_at ELSE %(at)s END,
            decided_by = CASE r.id WHEN going THEN r.decided_by ELSE 'shop' END,
            opened_at = CASE WHEN r.id = going AND r.state = 'open'
                THEN ranked.opened_at ELSE r.opened_at END,
            due_on = CASE WHEN r.id = going AND r.state = 'open'
                THEN ranked.due_on ELSE r.due_on END
        FROM ranked WHERE ranked.id = r.id AND ranked.n > 1 RETURNING r.id, going
        """,
        {
            "both": list(both), "heirs": list(both.values()), "at": now,
            "proved": sorted(PROVED),
        },
    )  # fmt: skip
    ended = {pk: f"see {going}" for pk, going in rows if pk != going}
    requests.unsay(list(ended))
    requests.note(What.WITHDRAWN, ended, now)
    execute(
        f"UPDATE {table(Request)} SET customer = heir"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir) WHERE customer = guest",
        heirs_of,
    )


def _part(both: Mapping[int, int], at: datetime) -> None:
    """Let only one request in words of each kind go on as the heir's: the heir's own first.

    The others are open, each with its own time, as nobody's: staff see whose each is, as of another
    one from a shared mailbox (`rights/forms.py`).
    """
    rows = fetch(
        f"""
        WITH ranked AS (
            SELECT r.id, first_value(r.id) OVER (PARTITION BY h.heir, r.kind ORDER BY
                r.customer = h.heir DESC, r.state = 'accepted' DESC,
                r.proof = ANY(%(proved)s) DESC, r.opened_at, r.id) AS going
            FROM {table(Request)} AS r
            JOIN unnest(%(both)s::bigint[], %(heirs)s::bigint[]) AS h(customer, heir)
                USING (customer)
            WHERE r.state IN {ACTIVE} AND r.kind = ANY(%(words)s) AND NOT r.marketing
        )
        UPDATE {table(Request)} AS r SET customer = NULL, purchases = NULL, proof = 'mailbox',
            proof_note = '', state = 'open', decided_at = NULL, decided_by = '', reason = ''
        FROM ranked WHERE ranked.id = r.id AND ranked.going <> r.id RETURNING r.id, going
        """,
        {
            "both": list(both), "heirs": list(both.values()), "proved": sorted(PROVED),
            "words": sorted(IN_WORDS),
        },
    )  # fmt: skip
    requests.note(What.REOPENED, {pk: f"see {going}" for pk, going in rows}, at)


def _reopen(heirs_of: list[list[int]], at: datetime) -> None:
    """Open the granted erasures of guests again whose heir has not proved that they ask the same.

    A mailbox and what stood on the guest's orders prove nothing of the heir: they are asked. Nor
    does what staff saw of the guest reach an heir with another mailbox, whatever was asked: whose
    it is must be proved again.
    """
    other = "lower(btrim(c.email)) <> g.guest_email"
    lost = f"(r.proof = 'matched' OR {other})"
    rows = fetch(
        f"UPDATE {table(Request)} AS r SET state = 'open', decided_at = NULL, decided_by = '',"
        f" reason = '', proof = CASE WHEN {lost} THEN 'mailbox' ELSE r.proof END,"
        f" purchases = CASE WHEN {lost} THEN '[]' ELSE r.purchases END,"
        f" proof_note = CASE WHEN {lost} THEN '' ELSE r.proof_note END"
        " FROM unnest(%(guests)s::bigint[], %(heirs)s::bigint[]) AS h(guest, heir)"
        f" JOIN {table(Customer)} AS g ON g.id = h.guest"
        f" JOIN {table(Customer)} AS c ON c.id = h.heir"
        " WHERE r.customer = h.guest AND (r.kind = 'erasure' AND r.state = 'accepted'"
        f" AND r.origin <> 'account_deleted' AND NOT EXISTS (SELECT FROM {table(Request)} AS own"
        f"  WHERE own.customer = h.heir AND own.kind = 'erasure' AND own.state IN {ACTIVE}"
        "  AND (own.state = 'accepted'"
        "   OR own.proof = ANY(%(proved)s) AND own.purchases IS NULL))"
        " OR (r.state = 'open' OR r.state = 'accepted' AND r.kind IN ('access', 'portability'))"
        f"  AND r.proof = 'staff' AND {other})"
        " RETURNING r.id, r.proof",
        {"guests": heirs_of[0], "heirs": heirs_of[1], "proved": sorted(PROVED)},
    )
    requests.unsay([pk for pk, _ in rows])
    requests.note(What.REOPENED, {pk: "" for pk, _ in rows}, at)
    requests.tell("proof", [pk for pk, proof in rows if proof == Proof.MAILBOX], at)
