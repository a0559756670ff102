"""Days in Helsinki: any range, months, quarters, and the shop's financial years."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ..clock import HELSINKI
from ..config import Config
from ..errors import RegisterError
from ..policy.financial_years import ends_to, year_of

_DAY = timedelta(days=1)


class PeriodError(RegisterError):
    """A period that does not exist, or that a use cannot take."""

    code = "PERIOD"


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both days in Helsinki and both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodError("The period ends before it begins.", field="period")
        if not 1900 <= self.first.year <= self.last.year < 2200:
            raise PeriodError("Give years from 1900 to 2199.", field="period")

    @property
    def start(self) -> datetime:
        """The first moment, aware."""
        return datetime.combine(self.first, time(), HELSINKI)

    @property
    def end(self) -> datetime:
        """The first moment after the period, aware."""
        return datetime.combine(self.last + _DAY, time(), HELSINKI)


@dataclass(frozen=True, slots=True)
class FinancialYear(Period):
    """A financial year; `label` names it in voucher numbers: 2026, or 2026-2 for a second end."""

    label: str


def day_of(moment: datetime) -> date:
    """Return the day in Helsinki on which a moment falls."""
    return moment.astimezone(HELSINKI).date()


def days(first: str, last: str) -> Period:
    """Read a range from two days as YYYY-MM-DD; raise `PeriodError`."""
    return Period(_day(first, "from"), _day(last, "to"))


def month(text: str) -> Period:
    """Read a month as YYYY-MM."""
    match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip(), re.ASCII)
    if not match or not (int(match[1]) and 1 <= int(match[2]) <= 12):
        raise PeriodError("Give a month as YYYY-MM, for example 2026-03.", field="month")
    return _months(int(match[1]), int(match[2]), 1)


def quarter(text: str) -> Period:
    """Read a quarter as YYYY-Qn."""
    match = re.fullmatch(r"(\d{4})-Q([1-4])", text.strip().upper(), re.ASCII)
    if not match or not int(match[1]):
        raise PeriodError("Give a quarter as YYYY-Qn, for example 2026-Q1.", field="quarter")
    return _months(int(match[1]), 3 * int(match[2]) - 2, 3)


def month_of(day: date) -> Period:
    """Return the month of a day."""
    return _months(day.year, day.month, 1)


def quarter_of(day: date) -> date:
    """Return the first day of the calendar quarter of a day."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def financial_year(day: date, config: Config) -> FinancialYear:
    """Return the financial year that a day lies in."""
    first, last = year_of(day, config)
    twins = sum(end.year == last.year for end in ends_to(last, config))
    label = f"{last.year}" if twins == 1 else f"{last.year}-{twins}"
    return FinancialYear(first, last, label)


def year_called(label: str, config: Config) -> FinancialYear:
    """Return the financial year of a label: 2026, or 2026-2 for the second that ends in 2026."""
    match = re.fullmatch(r"(\d{4})(-\d{1,2})?", label.strip(), re.ASCII)
    if match and 1900 < int(match[1]) < 2199:
        found = financial_year(date(int(match[1]), 1, 1), config)
        while found.last.year <= int(match[1]):
            if found.label == match[0]:
                return found
            found = financial_year(found.last + _DAY, config)
    message = "No financial year ends like that: give the year of its end, for example 2026."
    raise PeriodError(message, field="financial_year")


def within_a_year(period: Period, config: Config) -> FinancialYear:
    """Return the one financial year that holds a period, or raise `PeriodError`.

    Voucher series and files for accounting software begin anew with each.
    """
    year = financial_year(period.first, config)
    if period.last > year.last:
        message = (
            f"The period crosses the end of the financial year on {year.last}: choose one that"
            " ends by then, and another for the rest."
        )
        raise PeriodError(message, field="period")
    return year


def _months(year: int, month: int, count: int) -> Period:
    last = calendar.monthrange(year, month + count - 1)[1]
    return Period(date(year, month, 1), date(year, month + count - 1, last))


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "Give a day that exists as YYYY-MM-DD, for example 2026-03-31."
        raise PeriodError(message, field=field) from None
