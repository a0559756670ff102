"""The guard's door for bookkeeping: what people read here is purchases, and whose they were."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..access import guard
from ..access.actor import Actor
from ..models import Posting, Purchase
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..register.rows import fetch, table
from ..shop.port import shop
from .periods import Period


@contextmanager
def bookkeeping(
    actor: Actor, period: Period, *, act: str, purpose: Purpose = Purpose.BOOKKEEPING
) -> Iterator[guard.Visit]:
    """Let `actor` read the period's entries, or raise `Refused`; logged with whose they are."""
    with (
        shop().writer(),
        guard.visit(actor, purpose, act=act, asks={Category.PURCHASE}) as visit,
    ):
        visit.saw(subjects(period))
        yield visit


def subjects(period: Period) -> list[int]:
    """Return the customers whose purchases have entries in a period."""
    rows = fetch(
        f"SELECT DISTINCT b.customer_id FROM {table(Purchase)} AS b"
        f" WHERE b.customer_id IS NOT NULL AND b.id IN (SELECT purchase_id FROM {table(Posting)}"
        " WHERE day BETWEEN %s AND %s)",
        [period.first, period.last],
    )
    return [customer for (customer,) in rows]
