"""Whose data a row of the log or ledger is about, as it is shown: of many keys the first.

One row may name 100,000 customers, 1.5 MB: the sets are read when somebody asks for them, for
all rows of a page in one query, and no further than they are shown.
"""

from typing import Any

import graphene
from django.db.models import Q

from ...access.looks import ids_of
from ...access.subjects import first_ranges
from .base import from_global_id

#: Characters of the keys in one row, and how many ranges these may be (the shortest is six).
MOST = 4000
_RANGES = MOST // 6 + 1


def field() -> Any:
    """Return the field; the rows must have come through `listed`."""
    return graphene.String(
        required=True,
        resolver=_resolve,
        description="Their keys, as PostgreSQL writes an int8multirange; of many the first, 4,000"
        " characters at most. `count` tells how many they are, `filter` whether one is among them.",
    )


def about(customer: str) -> Q:
    """Return that this customer, by their id, is one of a row's; raises `BadInput`."""
    key = from_global_id("RegisterCustomer", customer, name="customer")
    return Q(subjects__overlaps=ids_of(key))


def listed(rows: list[Any]) -> list[Any]:
    """Return the rows of a page, each of which knows the others."""
    for row in rows:
        row.page = rows
    return rows


def _resolve(row: Any, _info: Any) -> str:
    if not hasattr(row, "first_subjects"):
        found = first_ranges(type(row), [one.seq for one in row.page], most=_RANGES)
        for one in row.page:
            one.first_subjects = found[one.seq]
    whole = f"{{{row.first_subjects}}}"
    return whole if len(whole) <= MOST else f"{whole[:MOST].rpartition(',[')[0]}}}"
