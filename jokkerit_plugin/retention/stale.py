"""Orders that never got done: they would keep somebody for ever, so the controller looks at them.

An order that is not paid, delivered or confirmed keeps its customer until it is. After twelve
months it stands in this list, and keeps nobody any more once the controller has let it go. The
order itself, and what bookkeeping needs of it, is not touched by that. Drafts are the shop's alone:
they are finished or deleted there.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from .. import clock
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..errors import RegisterError
from ..models import LetGo, Purchase
from ..policy.financial_years import add_months
from ..register.rows import fetch, table
from ..shop import erasers
from .rules import OPEN_ORDER

STALE_MONTHS = 12


class StaleError(RegisterError):
    """An order cannot be let go as asked."""

    code = "STALE_ORDER"


@dataclass(frozen=True, slots=True)
class StaleOrder:
    """A purchase, or a draft of the shop's; what it lacks.

    `purchase` None: a draft. `placed_on` in Helsinki; of a draft when it was last touched.
    """

    purchase: int | None
    saleor_order: str
    number: str
    placed_on: date
    status: str
    is_unpaid: bool


def stale_orders(day: date, *, after: int = 0, limit: int = 1000) -> list[StaleOrder]:
    """Return orders placed over twelve months before `day` that are not done, by key."""
    return [
        StaleOrder(*row)
        for row in fetch(
            "SELECT p.id, p.saleor_order::text, p.number,"
            " (p.placed_at AT TIME ZONE 'Europe/Helsinki')::date, p.status,"
            f" p.paid_at IS NULL AND p.gross > 0 FROM {table(Purchase)} p WHERE p.id > %(after)s"
            " AND (p.placed_at AT TIME ZONE 'Europe/Helsinki')::date < %(before)s"
            f" AND {OPEN_ORDER} ORDER BY 1 LIMIT %(limit)s",
            _range(day) | {"after": after, "limit": limit},
        )
    ]


def drafts(day: date, *, limit: int = 1000) -> list[StaleOrder]:
    """Return the shop's drafts that nobody touched in the twelve months before `day`."""
    eraser = erasers.usable()
    return [
        StaleOrder(
            None, one.key, one.number, one.touched.astimezone(clock.HELSINKI).date(), "draft",
            is_unpaid=False,
        )
        for one in (eraser.drafts(_year_before(day), limit=limit) if eraser else ())
    ]  # fmt: skip


def count_drafts(day: date) -> int:
    """Return how many such drafts there are."""
    eraser = erasers.usable()
    return eraser.count_drafts(_year_before(day)) if eraser else 0


def count(day: date) -> int:
    """Return how many stale orders there are, without drafts."""
    rows = fetch(
        f"SELECT count(*) FROM {table(Purchase)} p WHERE"
        f" (p.placed_at AT TIME ZONE 'Europe/Helsinki')::date < %(before)s AND {OPEN_ORDER}",
        _range(day),
    )
    return int(rows[0][0])


def let_go(purchase: int, *, actor: Actor) -> LetGo:
    """Record that nobody will pay or deliver a purchase any more. For the controller.

    Raises `StaleError` where there is no such stale order; doing it again changes nothing.
    """
    controller_only(actor, "let go order")
    if known := LetGo.objects.filter(purchase=purchase).first():
        return known
    found = stale_orders(clock.today(), after=purchase - 1, limit=1)
    if [one.purchase for one in found] != [purchase] and not _open_in_shop(purchase):
        message = "This order is no older than twelve months, or it is done."
        raise StaleError(message, field="purchase")
    gone, _ = LetGo.objects.get_or_create(purchase_id=purchase, defaults={"by": actor.key})
    return gone


def _open_in_shop(purchase: int) -> bool:
    """Tell whether an order that the register has as done is old, and not done in the shop."""
    old = Purchase.objects.filter(pk=purchase, placed_at__lt=_year_before(clock.today()))
    orders = [str(key) for key in old.values_list("saleor_order", flat=True)]
    eraser = erasers.usable() if orders else None
    return bool(eraser and eraser.unfinished(orders))


def _year_before(day: date) -> datetime:
    return datetime.combine(add_months(day, -STALE_MONTHS), time(), clock.HELSINKI)


def _range(day: date) -> dict[str, Any]:
    return {"before": add_months(day, -STALE_MONTHS)}
