"""Lines of the site log follow their customer: to the heir, to who has the order now, to nobody.

They are set here, in the transaction that changes the customer; `sitelog.links` sets them first.
"""

from collections.abc import Sequence

from django.db import models

from ..models import Incident, IncidentLine, Purchase, SiteLine
from .held_lines import copying
from .rows import execute, table

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

    Lines that were not linked yet are found by the keys. Before the purchases lose the customer.
    Incidents about these customers get their lines first: afterwards nobody knows whose they were.
    """
    copied = f"WITH copied AS ({copying('i.customer = ANY(%(customers)s)')})"
    return {
        model._meta.db_table: execute(
            f"""
            {copied if model is SiteLine else ""}
            UPDATE {table(model)} SET customer = NULL, saleor_user = NULL, checkout = NULL
            WHERE customer = ANY(%(customers)s)
                OR (customer IS NULL AND saleor_user = ANY(%(users)s))
                OR (customer IS NULL AND checkout = ANY(ARRAY(
                    SELECT checkout_token FROM {table(Purchase)}
                    WHERE customer_id = ANY(%(customers)s) AND checkout_token <> '')))
            """,
            {"customers": customers, "users": users},
        )
        for model in _LINES
    }
