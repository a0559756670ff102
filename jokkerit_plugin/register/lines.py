"""Lines of the site log follow their customer: to the heir, to who has the order now, to nobody.

They are set here, in the transaction that changes the customer; `sitelog.links` sets them first.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import models

from ..models import ErasedKey, Incident, IncidentLine, Purchase, SiteLine, Trace
from .erased import ACCOUNTS, OVERLAP
from .held_lines import copy_to_incidents
from .rows import execute, fetch, table

_LINES: tuple[type[models.Model], ...] = (SiteLine, IncidentLine)


def hand_over(heirs_of: list[list[int]]) -> None:
    """Let the lines of customers (first list) be their heirs' (second)."""
    for model in (*_LINES, Incident):
        execute(
            f"UPDATE {table(model)} SET customer = heir"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS h(guest, heir) WHERE customer = guest",
            heirs_of,
        )


def move(orders: Sequence[tuple[str, int, int]]) -> None:
    """Let the lines of a checkout (token, customer before, customer now) go with its order."""
    if not orders:
        return
    tokens, before, now = zip(*sorted(orders), strict=True)
    for model in _LINES:
        execute(
            f"UPDATE {table(model)} AS l SET customer = m.now"
            " FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS m(token, before, now)"
            " WHERE l.customer = m.before AND l.checkout = m.token AND l.saleor_user IS NULL",
            [list(tokens), list(before), list(now)],
        )


def let_go(customers: list[int], users: list[int]) -> dict[str, int]:
    """Take customers and the shop's keys of theirs from all lines; return the rows by table.

    Lines that were not linked yet are found by the keys. Before the purchases lose the customer
    and the users' baskets go. `customers` may be none: a user who never bought is none.
    Incidents about these customers get their lines first: afterwards nobody knows whose they were.
    The customers' rows are locked: meanwhile `sitelog.links` gives them no line.
    """
    [(days, held, about, checkouts)] = fetch(_THEIRS, {"customers": customers, "users": users})
    given = {"customers": customers, "users": users, "checkouts": checkouts}
    # What nobody has is not asked of each day: a statement about ninety of them is long planned.
    ways = ["customer = ANY(%(customers)s)"] if customers else []
    ways += ["customer IS NULL AND saleor_user = ANY(%(users)s)"] if users else []
    ways += ["customer IS NULL AND checkout = ANY(%(checkouts)s)"] if checkouts else []
    if days and about:
        copy_to_incidents("i.customer = ANY(%(customers)s)", given)
    return {
        model._meta.db_table: execute(
            # A line of another user is theirs, whomever they ordered for: the order alone goes.
            f"UPDATE {table(model)} SET customer = NULL, checkout = NULL, saleor_user = CASE"
            " WHEN customer = ANY(%(customers)s) OR saleor_user = ANY(%(users)s) THEN NULL"
            " ELSE saleor_user END"
            f" WHERE {' OR '.join(f'({way})' for way in ways)}",
            given,
        )
        for model, there in ((SiteLine, days), (IncidentLine, days or held))
        if there
    }


def forget_strangers(since: datetime) -> int:
    """Take the key of accounts that went since then from lines that came at the same moment.

    A customer's row is locked for that, and who never bought has none. Return how many lines.
    """
    return execute(
        f"UPDATE {table(SiteLine)} AS l SET saleor_user = NULL, checkout = NULL"
        # The cast must not meet the UUIDs of the other kinds.
        " FROM (SELECT CASE WHEN kind = ANY(%(kinds)s) THEN key::bigint END AS key,"
        f" erased_at FROM {table(ErasedKey)} WHERE kind = ANY(%(kinds)s)"
        "  AND erased_at >= %(since)s) AS gone"
        " WHERE customer IS NULL AND l.saleor_user = gone.key AND at <= erased_at + %(overlap)s",
        {"kinds": ACCOUNTS, "since": since, "overlap": OVERLAP},
    )


#: Whether there are days of lines, lines of incidents, and open incidents about customers; and
#: the checkouts that became their orders, or have not.
_THEIRS = (
    f"SELECT EXISTS (SELECT FROM pg_inherits WHERE inhparent = '{SiteLine._meta.db_table}'"
    f"::regclass), EXISTS (SELECT FROM {table(IncidentLine)}), EXISTS (SELECT FROM"
    f" {table(Incident)} WHERE closed_at IS NULL AND customer = ANY(%(customers)s)),"
    f" ARRAY(SELECT checkout_token FROM {table(Purchase)}"
    " WHERE customer_id = ANY(%(customers)s) AND checkout_token <> ''"
    f" UNION SELECT key FROM {table(Trace)} WHERE kind = '{Trace.Kind.CHECKOUT}'"
    " AND saleor_user = ANY(%(users)s))"
)
