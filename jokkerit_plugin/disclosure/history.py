"""To whom one customer's data was disclosed: for the customer, and to tell recipients of changes.

GDPR articles 15(1)(c) and 19. Flows that leave the shop by themselves are not disclosures of
single customers; they stand in `flows.py`.
"""

from dataclasses import dataclass
from datetime import datetime

from ..access.looks import ids_of
from ..models import Disclosure, Recipient
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..register.rows import fetch, table

_END = 2**63 - 1

# Materialized: ordered by its key and limited, PostgreSQL would walk the whole ledger backwards.
_FOUND = f"""
    WITH found AS MATERIALIZED (
        SELECT * FROM {table(Disclosure)}
        WHERE subjects && %s::int8multirange AND outcome = 'done' AND seq < %s)"""
_ONE_BY_ONE = f"""{_FOUND}
    SELECT f.seq, f.at, r.id, r.name, r.country, f.purpose, f.categories, f.what, f.ground
    FROM found AS f JOIN {table(Recipient)} AS r ON r.id = f.recipient_id
    ORDER BY f.seq DESC LIMIT %s"""
_BY_RECIPIENT = f"""{_FOUND}
    SELECT r.id, r.name, r.country, r.ended_at, min(f.at), max(f.at),
        string_agg(DISTINCT f.categories, ' ')
    FROM found AS f JOIN {table(Recipient)} AS r ON r.id = f.recipient_id
    GROUP BY r.id ORDER BY r.id"""


@dataclass(frozen=True, slots=True)
class Given:
    """One disclosure of the customer's data. `seq` is the place to go on from."""

    seq: int
    at: datetime
    recipient: int
    name: str
    country: str
    purpose: Purpose
    categories: tuple[Category, ...]
    what: str
    #: A `TransferGround`, or empty: the recipient is in the European Union.
    ground: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A recipient that was given the customer's data at any time; `ended_at`: it has ended."""

    recipient: int
    name: str
    country: str
    ended_at: datetime | None
    first_at: datetime
    last_at: datetime
    categories: frozenset[Category]


def disclosures_of(customer: int, *, before: int | None = None, limit: int = 50) -> list[Given]:
    """Return the disclosures of a customer, newest first; the next page is `before` a `seq`.

    Those of the guest that they were, under another id, count too.
    """
    end = _END if before is None else before
    return [
        Given(
            seq, at, recipient, name, country, Purpose(purpose), _categories(categories), what,
            ground,
        )
        for seq, at, recipient, name, country, purpose, categories, what, ground in fetch(
            _ONE_BY_ONE, [ids_of(customer), end, limit]
        )
    ]  # fmt: skip


def recipients_of(customer: int) -> list[Holder]:
    """Return whom to tell of a rectification, erasure or restriction (article 19)."""
    return [
        Holder(key, name, country, ended_at, first_at, last_at, frozenset(_categories(categories)))
        for key, name, country, ended_at, first_at, last_at, categories in fetch(
            _BY_RECIPIENT, [ids_of(customer), _END]
        )
    ]


def _categories(text: str) -> tuple[Category, ...]:
    return tuple(Category(one) for one in text.split())
