"""Ranges of days and moments in filters, and periods of bookkeeping."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import graphene
from django.db.models import Q

from ...accounting import periods
from ...accounting.periods import Period, PeriodError
from ...clock import HELSINKI
from ...shop.port import shop
from ..errors import BadInput

#: Of all time zones; PostgreSQL takes a little more, Python and ISO 8601 nearly 24 hours.
_FARTHEST = timedelta(hours=14)
_YEARS = "Give a year from 1900 to 2200."


class DateRangeInput(graphene.InputObjectType):
    """Days in Helsinki, both included."""

    gte = graphene.Date(description="From this day on; left out: open.")
    lte = graphene.Date(description="To this day; left out: open.")


class DateTimeRangeInput(graphene.InputObjectType):
    """Moments with their time zone, both included."""

    gte = graphene.DateTime(description="From then on; left out: open.")
    lte = graphene.DateTime(description="To then; left out: open.")


class PeriodInput(graphene.InputObjectType):
    """One of a month, a quarter, a financial year, or two days, both included."""

    month = graphene.String(description="YYYY-MM.")
    quarter = graphene.String(description="YYYY-Qn.")
    financial_year = graphene.String(
        description="The year in which it ends; 2026-2 for the second that ends in 2026."
    )
    from_ = graphene.String(name="from", description="YYYY-MM-DD, with `to`.")
    to = graphene.String(description="YYYY-MM-DD, with `from`.")


def period_of(given: Mapping[str, str | None]) -> Period:
    """Read a period; raise `PeriodError`."""
    match sorted((name, value) for name, value in given.items() if value is not None):
        case [("month", text)]:
            return periods.month(text)
        case [("quarter", text)]:
            return periods.quarter(text)
        case [("financial_year", text)]:
            return periods.year_called(text, shop().config())
        case [("from_", first), ("to", last)]:
            return periods.days(first, last)
    message = "Give one of month, quarter, financialYear, or from and to together."
    raise PeriodError(message, field="period")


def days(column: str, name: str, given: dict[str, Any] | None) -> Q:
    """Return the condition that `column` lies in a range of days; raises `BadInput`."""
    first, last = ends(name, given)
    condition = Q()
    if first is not None:
        condition &= Q(**{f"{column}__gte": midnight(first)})
    if last is not None:
        condition &= Q(**{f"{column}__lt": midnight(last + timedelta(days=1))})
    return condition


def moments(column: str, name: str, given: dict[str, Any] | None) -> Q:
    """Return the condition that `column` lies in a range of moments; raises `BadInput`."""
    found = {
        end: in_utc(moment, name) for end, moment in (given or {}).items() if moment is not None
    }
    ends(name, found)
    return Q(**{f"{column}__{end}": moment for end, moment in found.items()})


def in_utc(moment: datetime, name: str) -> datetime:
    """Return a moment that a client gave in UTC; raises `BadInput`."""
    try:
        offset = moment.utcoffset()
    except ValueError:
        offset = timedelta.max
    if offset is None:
        raise BadInput("Give the time zone, for example 2026-01-31T12:00:00Z.", field=name)
    if abs(offset) > _FARTHEST:
        raise BadInput("A time zone is 14 hours from UTC at most.", field=name)
    if not 1900 <= moment.year <= 2200:
        raise BadInput(_YEARS, field=name)
    return moment.astimezone(UTC)


def ends(name: str, given: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """Return both ends of a range, None where there is none; raises `BadInput`."""
    first, last = ((given or {}).get(end) for end in ("gte", "lte"))
    if any(end is not None and not 1900 <= end.year <= 2200 for end in (first, last)):
        raise BadInput(_YEARS, field=name)
    if first is not None and last is not None and first > last:
        raise BadInput("The range ends before it begins.", field=name)
    return first, last


def midnight(day: date) -> datetime:
    """Return when a day of Helsinki begins, in UTC."""
    return datetime.combine(day, time(), HELSINKI).astimezone(UTC)
