"""What falls due in the coming months."""

from dataclasses import dataclass
from datetime import date, timedelta

from ..config import Config
from ..policy.financial_years import add_months
from ..policy.parts import Part
from ..register.rows import fetch
from ..shop.erasers import ShopPart
from . import statements


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many of a part fall due in the month that begins on `month`.

    ACCOUNT: accounts that never bought (`strangers.forecast`).
    """

    month: date
    part: Part | ShopPart
    count: int


def forecast(day: date, config: Config, months: int = 12) -> list[Forecast]:
    """Return what falls due in each month from that of `day` on; the overdue in the first.

    As things stand: log-ins are not asked for, customers are told in time, and what only an
    event ends has not ended.
    """
    first = day.replace(day=1)
    return [
        Forecast(month, part, count)
        for part in Part
        for month, count in _forecast(part, day, add_months(first, months), config)
    ]


def _forecast(part: Part, day: date, end: date, config: Config) -> list[tuple[date, int]]:
    # Most are kept beyond the horizon by one rule, and only of the others all are looked at.
    return fetch(
        "SELECT date_trunc('month', greatest(due, %(today)s::date))::date AS month, count(*) FROM ("
        f"SELECT coalesce({statements.last_day(part, day)} + 1, %(today)s::date) AS due"
        f" FROM {statements.SUBJECTS[part]}{statements.beside(part, day)}"
        f" WHERE {statements.STANDS[part]}"
        f" AND {statements.over(part, day, '%(last)s::date')}) all_due GROUP BY 1 ORDER BY 1",
        statements.parameters(part, day, config, {}) | {"last": end - timedelta(days=1)},
        jit=False,
    )
