"""Accounts of the shop that never bought: no customers of the register, keys of the shop alone.

They go as inactive customers do: the same term, from the last log-in or else from joining, and
the same telling. Nobody is told whom tonight's settings would not erase.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .. import clock
from ..config import Config
from ..models import Notice, Owed
from ..policy.financial_years import add_months
from ..policy.schedule import TELLING_DAYS
from ..shop.erasers import ShopEraser, ShopPart
from .forecasts import Forecast
from .sweeps import shop_to_erase_in

#: Rule of a plan's counts.
RULE = "never_bought"
PAGE = 10_000
#: A month's end may be three days nearer than the same day of another month.
_SLACK = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Stranger:
    """An account; `term` is the last day of its inactive term, in Helsinki."""

    user: int
    term: date


def due(
    day: date, config: Config, *, among: Collection[str] | None = None
) -> Iterator[list[Stranger]]:
    """Yield, a page at a time and by key, who was told of the term that is over, in time."""
    for page in _over(day, config, among):
        terms = _told(page)
        yield [
            one for one in page
            if (told := terms.get((one.user, one.term)))
            and told.astimezone(clock.HELSINKI).date() + timedelta(days=TELLING_DAYS) < day
        ]  # fmt: skip


def untold(
    day: date, config: Config, *, among: Collection[str] | None = None
) -> Iterator[list[Stranger]]:
    """Yield, a page at a time and by key, who is to be told by `day`."""
    for page in _over(day + timedelta(days=TELLING_DAYS + 1), config, among):
        terms = _told(page)
        yield [one for one in page if (one.user, one.term) not in terms]


def still_due(keys: Collection[str], day: date, config: Config) -> set[str]:
    """Return those of the keys that are due: call it when they are locked."""
    return {str(one.user) for page in due(day, config, among=keys) for one in page}


def forget(keys: Collection[str]) -> None:
    """Drop the notices of accounts that are gone."""
    Notice.objects.filter(user__in=[int(key) for key in keys]).delete()


def forecast(day: date, config: Config, months: int = 12) -> list[Forecast]:
    """Return what falls due in each month as `forecasts.forecast` does; all are told in time."""
    first = day.replace(day=1)
    found: Counter[date] = Counter()
    for page in _over(add_months(first, months) - timedelta(days=1), config, None):
        ends = (max(one.term + timedelta(days=1), day) for one in page)
        found.update(end.replace(day=1) for end in ends)
    return [Forecast(month, ShopPart.ACCOUNT, found[month]) for month in sorted(found)]


def _over(day: date, config: Config, among: Collection[str] | None) -> Iterator[list[Stranger]]:
    """Yield those whose term is over on `day`, but for those that are owed anyway."""
    shop: ShopEraser | None = shop_to_erase_in(config)
    start = datetime.combine(add_months(day, -config.inactive_months), time(), clock.HELSINKI)
    after = ""
    while shop and (page := shop.idle(start + _SLACK, after=after, limit=PAGE, among=among)):
        after = list(page)[-1]
        owed = Owed.objects.filter(what=ShopPart.ACCOUNT.value, key__in=list(page))
        left_out = set(owed.values_list("key", flat=True))
        every = (
            Stranger(int(key), _term(seen, config))
            for key, seen in page.items() if key not in left_out
        )  # fmt: skip
        yield [one for one in every if one.term < day]


def _term(seen: datetime, config: Config) -> date:
    return add_months(seen.astimezone(clock.HELSINKI).date(), config.inactive_months)


def _told(page: Collection[Stranger]) -> dict[tuple[int, date], datetime]:
    rows = Notice.objects.filter(user__in=[one.user for one in page])
    return {(one.user, one.term): one.told_at for one in rows if one.user}
