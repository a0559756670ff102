"""Days, months, quarters and financial years in Helsinki."""

from datetime import UTC, date, datetime

import pytest

from jokkerit_plugin.accounting import periods
from jokkerit_plugin.accounting.periods import Period, PeriodError
from jokkerit_plugin.config import Config


def years(end: str, *changes: str) -> Config:
    found = tuple(sorted(date.fromisoformat(one) for one in changes))
    return Config(financial_year_end=end, financial_year_changes=found)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2024, 8, 31, 20, 59, 59, tzinfo=UTC), date(2024, 8, 31)),
        (datetime(2024, 8, 31, 21, 0, tzinfo=UTC), date(2024, 9, 1)),
        (datetime(2026, 1, 31, 21, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 22, 0, tzinfo=UTC), date(2026, 2, 1)),
    ],
)
def test_a_moment_belongs_to_its_day_in_helsinki(moment, expected):
    assert periods.day_of(moment) == expected


def test_a_month_reaches_from_midnight_to_midnight_in_summer_and_winter():
    march = periods.month("2026-03")
    assert (march.first, march.last) == (date(2026, 3, 1), date(2026, 3, 31))
    assert march.start.astimezone(UTC) == datetime(2026, 2, 28, 22, tzinfo=UTC)
    assert march.end.astimezone(UTC) == datetime(2026, 3, 31, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "first", "last"),
    [
        (lambda: periods.month("2028-02"), "2028-02-01", "2028-02-29"),
        (lambda: periods.quarter("2026-q4"), "2026-10-01", "2026-12-31"),
        (lambda: periods.days("2026-05-05", "2026-05-05"), "2026-05-05", "2026-05-05"),
        (lambda: periods.month_of(date(2026, 2, 7)), "2026-02-01", "2026-02-28"),
    ],
)
def test_shortcuts(found, first, last):
    assert found() == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda: periods.month("2026-13"), "month"),
        (lambda: periods.month("0000-01"), "month"),
        (lambda: periods.month("maaliskuu"), "month"),
        (lambda: periods.quarter("2026-Q5"), "quarter"),
        (lambda: periods.quarter("0000-Q1"), "quarter"),
        (lambda: periods.days("2026-02-30", "2026-03-01"), "from"),
        (lambda: periods.days("2026-02-01", "eilen"), "to"),
        (lambda: periods.days("2026-03-02", "2026-03-01"), "period"),
        (lambda: periods.days("0001-01-01", "2026-03-01"), "period"),
        (lambda: periods.days("2026-01-01", "9999-12-31"), "period"),
    ],
)
def test_a_period_that_does_not_exist_names_its_field(ask, field):
    with pytest.raises(PeriodError) as refused:
        ask()
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("config", "day", "first", "last", "label"),
    [
        (years("12-31"), "2026-05-05", "2026-01-01", "2026-12-31", "2026"),
        (years("12-31"), "2026-12-31", "2026-01-01", "2026-12-31", "2026"),
        (years("06-30"), "2026-06-30", "2025-07-01", "2026-06-30", "2026"),
        (years("06-30"), "2026-07-01", "2026-07-01", "2027-06-30", "2027"),
        # Ends in February, in leap years and others.
        (years("02-29"), "2028-02-29", "2027-03-01", "2028-02-29", "2028"),
        (years("02-29"), "2027-02-28", "2026-03-01", "2027-02-28", "2027"),
        (years("02-29"), "2027-03-01", "2027-03-01", "2028-02-29", "2028"),
        # Calendar years until 2025, then a short year to the end of June.
        (years("06-30", "2025-12-31"), "2025-03-01", "2025-01-01", "2025-12-31", "2025"),
        (years("06-30", "2025-12-31"), "2020-03-01", "2020-01-01", "2020-12-31", "2020"),
        (years("06-30", "2025-12-31"), "2026-03-01", "2026-01-01", "2026-06-30", "2026"),
        (years("06-30", "2025-12-31"), "2026-07-01", "2026-07-01", "2027-06-30", "2027"),
        # The same, but with one year of 18 months.
        (
            years("06-30", "2025-12-31", "2027-06-30"),
            "2026-08-01", "2026-01-01", "2027-06-30", "2027",
        ),
        (
            years("06-30", "2025-12-31", "2027-06-30"),
            "2027-07-01", "2027-07-01", "2028-06-30", "2028",
        ),
        # Two years that end in one calendar year.
        (years("12-31", "2026-06-30"), "2026-06-30", "2025-07-01", "2026-06-30", "2026"),
        (years("12-31", "2026-06-30"), "2026-07-01", "2026-07-01", "2026-12-31", "2026-2"),
        (years("12-31", "2026-06-30"), "2027-07-01", "2027-01-01", "2027-12-31", "2027"),
        # Changed twice, years apart.
        (
            years("12-31", "2016-06-30", "2020-12-31"),
            "2018-01-01", "2017-07-01", "2018-06-30", "2018",
        ),
        (
            years("12-31", "2016-06-30", "2020-12-31"),
            "2020-01-01", "2019-07-01", "2020-12-31", "2020",
        ),
        (
            years("12-31", "2016-06-30", "2020-12-31"),
            "2021-01-01", "2021-01-01", "2021-12-31", "2021",
        ),
    ],
)  # fmt: skip
def test_financial_years(config, day, first, last, label):
    year = periods.financial_year(date.fromisoformat(day), config)
    assert (str(year.first), str(year.last), year.label) == (first, last, label)


@pytest.mark.parametrize(
    "config",
    [
        years("12-31"),
        years("02-29"),
        years("06-30", "2025-12-31"),
        years("06-30", "2025-12-31", "2027-06-30"),
        years("12-31", "2016-06-30", "2020-12-31"),
    ],
)
def test_financial_years_follow_each_other_and_none_is_too_long(config):
    year = periods.financial_year(date(2012, 1, 1), config)
    labels = set()
    while year.first.year < 2035:
        after = periods.financial_year(date.fromordinal(year.last.toordinal() + 1), config)
        assert after.first.toordinal() == year.last.toordinal() + 1
        assert (after.last - after.first).days < 550
        assert after.label not in labels
        labels.add(after.label)
        year = after


def test_a_period_across_the_end_of_a_financial_year_is_refused_where_vouchers_count():
    config = years("12-31", "2026-06-30")
    with pytest.raises(PeriodError, match="2026-06-30"):
        periods.within_a_year(Period(
            date(2026, 6, 1), date(2026, 7, 31)
        ), config)  # fmt: skip
    assert periods.within_a_year(periods.month("2026-06"), config).label == "2026"
