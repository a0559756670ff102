"""Financial years, and until when books and vouchers are kept.

Accounting Act 1336/1997 ch. 1 s. 4: a financial year is twelve months; when it begins or its end
is changed it may be shorter or longer, at most 18 months. Ch. 2 s. 10: books are kept at least
ten years from the end of the financial year, vouchers at least six years from the end of the
calendar year in which the financial year ended. All days are days in Helsinki, and the last day
of a term is included in it.
"""

import calendar
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile

from ..config import Config
from .holds import add_years

LONGEST_MONTHS = 18
_DAY = timedelta(days=1)


def books_until(day: date, year_end: date | None, *, years: int = 10) -> date:
    """Return the last day on which what bookkeeping needs of a booking day is kept.

    `year_end`: last day of the financial year of that day; None: unknown, so that the longest is
    taken, one of 18 months that the day opens. The strictest reading of the Act, of the promise
    of ten years, and of the One Stop Shop, whose records are kept for ten years from the end of
    the year of the transaction (Directive 2006/112/EC, art. 369k).
    """
    end = year_end or add_months(day, LONGEST_MONTHS) - _DAY
    return max(
        ledgers_until(end, years=years), vouchers_until(end, years=years),
        date(day.year + years, 12, 31),
    )  # fmt: skip


def ledgers_until(year_end: date, *, years: int = 10) -> date:
    """Return the last day on which the Act keeps the books of a financial year."""
    return add_years(year_end, years)


def vouchers_until(year_end: date, *, years: int = 6) -> date:
    """Return the last day on which the Act keeps the vouchers of a financial year."""
    return date(year_end.year + years, 12, 31)


def year_of(day: date, config: Config) -> tuple[date, date]:
    """Return first and last day of the financial year in which a day lies."""
    ends = list(ends_to(day, config))
    index = bisect_left(ends, day)
    return ends[index - 1] + _DAY, ends[index]


def kept_until(day: date, config: Config, *, years: int) -> date:
    """Return the last day on which what bookkeeping needs of a booking day is kept."""
    return books_until(day, _year_end(day, config), years=years)


def identity_until(day: date, config: Config) -> date:
    """Return the last day on which a voucher of a booking day tells its buyer.

    As long as the books, by the promise of ten years; or as long as the Act keeps vouchers.
    """
    end = _year_end(day, config)
    if config.identity_years >= 10:
        return books_until(day, end, years=config.identity_years)
    return vouchers_until(end or add_months(day, LONGEST_MONTHS) - _DAY)


def steps(first: date, last: date, config: Config) -> list[date]:
    """Return days such that all booking days up to one and after the one before end alike.

    The first is not before `first`, the last not before `last`.
    """
    if _unknown(config):
        # 18 months from 1 July end in the next year, from 2 July in the one after.
        return [
            day for year in range(first.year, last.year + 1)
            for day in (date(year, 7, 1), date(year, 12, 31)) if day >= first
        ]  # fmt: skip
    found = takewhile(lambda end: end < last, _ends(first, config))
    return [end for end in (*found, year_of(last, config)[1]) if end >= first]


def _year_end(day: date, config: Config) -> date | None:
    return None if _unknown(config) else year_of(day, config)[1]


def _unknown(config: Config) -> bool:
    names = {name for name, _ in config.unusable}
    unusable = not names.isdisjoint({"financial_year_end", "financial_year_changes"})
    return unusable or not config.financial_year_said


def ends_to(day: date, config: Config) -> Iterator[date]:
    """Yield the ends of financial years from two before `day` to the first not before it."""
    for end in _ends(day, config):
        yield end
        if end >= day:
            return


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the month's last where it has no such day.

    Act on the Calculation of Statutory Time Limits 150/1930, s. 3.
    """
    years, month = divmod(day.month - 1 + months, 12)
    return _on(day.year + years, (month + 1, day.day))


def _ends(day: date, config: Config) -> Iterator[date]:
    """Yield the ends of financial years, from two before `day` on.

    Named ends (`financial_year_changes`) are ends. Before the first of them years ended on its
    month and day; after one a year ends at the next named end, if that is at most 18 months
    away, else on the same day a year later; after the last the present rule holds.
    """
    named = sorted(config.financial_year_changes)
    current = (int(config.financial_year_end[:2]), int(config.financial_year_end[3:]))
    rule = (named[0].month, named[0].day) if named else current
    until = named[0] if named else date.max
    end = _on(min(day.year, until.year) - 3, rule)
    while True:
        yield end
        end = _next(end, named, current)


def _next(end: date, named: list[date], current: tuple[int, int]) -> date:
    after = bisect_left(named, end + _DAY)
    if after < len(named):
        limit = _ends_later(end, LONGEST_MONTHS)
        if after == 0:
            regular = _on(end.year + 1, (named[0].month, named[0].day))
            return min(regular, named[0])
        return named[after] if named[after] <= limit else _ends_later(end, 12)
    this = _on(end.year, current)
    return this if this > end else _on(end.year + 1, current)


def _ends_later(end: date, months: int) -> date:
    # The end of a month stays one: of 28 February the same a year later may be the 29th.
    last = end == _on(end.year, (end.month, 31))
    later = add_months(end, months)
    return _on(later.year, (later.month, 31)) if last else later


def _on(year: int, month_day: tuple[int, int]) -> date:
    month, day = month_day
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
