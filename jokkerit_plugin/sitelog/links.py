"""Lines that came before their customer are linked once there is one.

Whoever logs in buys later, and a checkout becomes an order later. What a line is linked to
follows the customer from then on: `register.lines`.
"""

from django.db import connection, models, transaction

from ..models import Customer, IncidentLine, Purchase, SiteLine
from ..register.rows import table

#: Rows that one transaction links.
BATCH = 20_000

#: Who a line is of by the shop's user, and who by the checkout's order. A line of a user is
#: nobody else's, whomever they order for.
_WAYS = (
    f"JOIN {table(Customer)} AS c ON c.saleor_user = l.saleor_user",
    (
        f"JOIN {table(Purchase)} AS p ON p.checkout_token = l.checkout AND p.checkout_token <> ''"
        f" AND l.saleor_user IS NULL JOIN {table(Customer)} AS c ON c.id = p.customer_id"
    ),
)


def link() -> int:
    """Link what can be linked; return how many lines. Not inside a transaction."""
    return sum(_link(model, way) for model in (SiteLine, IncidentLine) for way in _WAYS)


def _link(model: type[models.Model], way: str) -> int:
    linked = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Of customers who are being erased, or go up in another, the next round knows.
            cursor.execute(
                f"""
                UPDATE {table(model)} AS old SET customer = found.customer
                FROM (SELECT l.at, l.id, c.id AS customer FROM {table(model)} AS l {way}
                      WHERE l.customer IS NULL LIMIT {BATCH}
                      FOR UPDATE OF l SKIP LOCKED FOR KEY SHARE OF c SKIP LOCKED) AS found
                WHERE old.at = found.at AND old.id = found.id
                """
            )
            if not cursor.rowcount:
                return linked
            linked += cursor.rowcount
