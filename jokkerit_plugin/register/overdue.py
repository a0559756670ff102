"""What of an order is over already when the register first meets it: it never comes in.

An old shop's backfill reads orders of many years. On the safe side of `policy.schedule`: nothing
of an order that is not done is over, and its days are counted from its last one. What is not over
by this, but by another rule, the night's erasing finds.
"""

from datetime import date, datetime

from .. import clock
from ..config import Config
from ..policy.financial_years import add_months, identity_until, kept_until
from ..policy.holds import add_years
from ..policy.parts import Part
from ..shop.snapshots import OrderSnapshot

#: The shop's words for orders with which nothing more happens.
_DONE = frozenset({"fulfilled", "returned", "canceled", "expired"})


def over(order: OrderSnapshot, day: date, config: Config) -> frozenset[Part]:
    """Return the parts of an order that nothing can keep on `day`; figures: all of it."""
    if not config.retention or config.retention_refusal or order.status not in _DONE:
        return frozenset()
    if order.paid_at is None and order.cancelled_at is None:
        return frozenset()
    last = _last(order)
    claims = add_months(last, max(months for _, months in config.claims_months))
    detail = max(claims, add_years(last, config.detail_years))
    if detail >= day:
        return frozenset()
    terms = {
        Part.DETAIL: detail,
        Part.IDENTITY: identity_until(last, config),
        Part.FIGURES: kept_until(last, config, years=config.bookkeeping_years),
    }
    return frozenset(part for part, until in terms.items() if until < day)


def _last(order: OrderSnapshot) -> date:
    moments: list[datetime | None] = [
        order.placed_at, order.paid_at, order.delivered_at, order.cancelled_at,
        *(one.at for one in order.movements), *(one.at for one in order.deliveries),
        *(one.created_at for one in order.invoices),
    ]  # fmt: skip
    return max(one for one in moments if one).astimezone(clock.HELSINKI).date()
