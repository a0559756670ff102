"""Who looked at a customer's data, when and why, for that customer: roles, never names.

Only what went through the guard is known here. Whoever opens a customer on Saleor's own
Dashboard or API leaves no trace in this log, and a page that shows it has to say so.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ..models import AccessEntry, FormerCustomer
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..policy.roles import Role
from .chain import as_multirange

# Materialized: ordered by its key and limited, PostgreSQL would walk the whole log backwards.
_SQL = f"""
WITH found AS MATERIALIZED (
    SELECT seq, at, role, purpose, categories, act FROM {AccessEntry._meta.db_table}
    WHERE subjects && %s::int8multirange AND outcome = 'granted' AND seq < %s
)
SELECT * FROM found ORDER BY seq DESC LIMIT %s
"""
_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Look:
    """One use of the customer's data. `seq` is the place to go on from; `act` is a code name."""

    seq: int
    at: datetime
    role: Role
    purpose: Purpose
    categories: tuple[Category, ...]
    act: str


def looks_at(customer: int, *, before: int | None = None, limit: int = 50) -> list[Look]:
    """Return the looks at a customer, newest first; the next page is `before` the last `seq`.

    What was looked at while the customer was a guest with another id counts too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [ids_of(customer), _END if before is None else before, limit])
        return [
            Look(
                seq, at, Role(role), Purpose(purpose),
                tuple(Category(one) for one in categories.split()), act,
            )
            for seq, at, role, purpose, categories, act in cursor.fetchall()
        ]  # fmt: skip


def ids_of(customer: int) -> str:
    """Return the ids of a customer, those as a guest too, as `as_multirange` writes them."""
    former = FormerCustomer.objects.filter(customer=customer).values_list("pk", flat=True)
    return as_multirange([customer, *former])
