"""Until when books and vouchers are kept, for any financial year."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin.accounting import periods
from jokkerit_plugin.config import Config
from jokkerit_plugin.policy import financial_years
from jokkerit_plugin.policy.financial_years import (
    add_months,
    books_until,
    identity_until,
    kept_until,
    ledgers_until,
    steps,
    vouchers_until,
)

DAY = timedelta(days=1)
UNKNOWN = (("financial_year_end", "Give the last day."),)


def day(text: str) -> date:
    """Read a Finnish day such as 30.4.2017."""
    number, month, year = (int(part) for part in text.split("."))
    return date(year, month, number)


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
@pytest.mark.parametrize(
    ("year_end", "vouchers", "books"),
    [
        # As published of the Accounting Act, ch. 2 s. 10.
        ("30.4.2017", "31.12.2023", "30.4.2027"),
        ("31.3.2024", "31.12.2030", "31.3.2034"),
        ("30.6.2009", "31.12.2015", "30.6.2019"),
        ("30.6.2005", "31.12.2011", "30.6.2015"),
        # A leap day has none of its own ten years on.
        ("29.2.2028", "31.12.2034", "28.2.2038"),
    ],
)
def test_the_act_as_published(year_end, vouchers, books):
    assert vouchers_until(day(year_end)) == day(vouchers)
    assert ledgers_until(day(year_end)) == day(books)


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
@pytest.mark.parametrize(
    ("booked", "year_end", "until"),
    [
        ("15.5.2016", "30.4.2017", "31.12.2027"),
        ("1.1.2026", "31.12.2026", "31.12.2036"),
        ("1.7.2025", "30.6.2026", "31.12.2036"),
        ("29.2.2028", "29.2.2028", "31.12.2038"),
        # Nobody knows when the financial year ends: the longest there may be, opened by the day.
        ("22.11.2026", None, "31.12.2038"),
        ("1.7.2026", None, "31.12.2037"),
        ("2.7.2026", None, "31.12.2038"),
        ("31.8.2026", None, "31.12.2038"),
    ],
)
def test_what_bookkeeping_needs_is_kept_by_the_strictest_reading(booked, year_end, until):
    found = books_until(day(booked), day(year_end) if year_end else None)
    assert found == day(until)


def test_a_year_that_nobody_has_said_may_be_any():
    # A sale of 15.9.2015 in a year to 30.6.2016.
    sold, said = date(2015, 9, 15), Config(financial_year_end="06-30")
    assert kept_until(sold, said, years=10) == date(2026, 12, 31)
    unsaid = Config(financial_year_said=False)
    assert kept_until(sold, unsaid, years=10) == date(2027, 12, 31)


ENDS = st.builds(
    lambda month, last: f"{month:02}-{min(last, calendar.monthrange(2028, month)[1]):02}",
    st.integers(1, 12), st.sampled_from([15, 28, 29, 30, 31]),
)  # fmt: skip
DAYS = st.dates(date(2001, 1, 1), date(2060, 12, 31))


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """A financial year that changed up to twice, by years of 1 to 18 months; or is unknown."""
    changes: list[date] = []
    for _ in range(draw(st.integers(0, 2))):
        before = changes[-1] if changes else draw(DAYS)
        later = add_months(before, draw(st.integers(1, 18)))
        changes.append(later.replace(day=calendar.monthrange(later.year, later.month)[1]))
    return Config(
        financial_year_end=draw(ENDS), financial_year_changes=tuple(sorted(set(changes))),
        bookkeeping_years=draw(st.integers(10, 15)), identity_years=draw(st.sampled_from([6, 10])),
        unusable=draw(st.sampled_from([(), (), UNKNOWN])),
        financial_year_said=draw(st.sampled_from([True, True, False])),
    )  # fmt: skip


@given(configs(), DAYS)
def test_it_is_the_formula_and_never_less_than_the_act_or_the_promise(config, booked):
    until = kept_until(booked, config, years=10)
    year = periods.financial_year(booked, config)
    act = max(ledgers_until(year.last), vouchers_until(year.last))
    assert until >= act
    assert until >= date(booked.year + 10, 12, 31)
    if config.financial_year_said and not config.unusable:
        assert year.first <= booked <= year.last
        formula = [ledgers_until(year.last), date(year.last.year + 10, 12, 31),
                   date(booked.year + 10, 12, 31)]  # fmt: skip
        assert until == max(formula)
    else:
        assert until >= books_until(booked, year.last)
    assert until < date(booked.year + 13, 1, 1)


@given(configs(), DAYS, st.integers(0, 800))
def test_a_later_booking_is_never_kept_for_less_time_nor_more_years_for_less(config, one, days):
    other = one + timedelta(days=days)
    assert kept_until(one, config, years=10) <= kept_until(other, config, years=10)
    assert identity_until(one, config) <= identity_until(other, config)
    assert identity_until(one, config) <= kept_until(one, config, years=config.bookkeeping_years)
    assert kept_until(one, config, years=10) < kept_until(one, config, years=11)


@given(configs(), DAYS, st.integers(0, 3000))
def test_steps_are_the_days_between_which_all_are_kept_alike(config, first, days):
    last = first + timedelta(days=days)
    found = steps(first, last, config)
    assert found == sorted(set(found))
    assert found[-1] >= last
    before = first - DAY
    for step in found:
        for one in (before + DAY, step):
            assert kept_until(one, config, years=10) == kept_until(step, config, years=10)
            assert identity_until(one, config) == identity_until(step, config)
        before = step


@given(configs(), DAYS)
def test_financial_years_do_not_depend_on_where_one_begins_to_count(config, booked):
    first, last = financial_years.year_of(booked, config)
    assert financial_years.year_of(first, config) == (first, last)
    assert financial_years.year_of(last, config) == (first, last)
    assert financial_years.year_of(last + DAY, config)[0] == last + DAY
    assert last <= add_months(first, 18)


@given(DAYS, st.integers(0, 200))
def test_months_later_is_the_same_day_or_the_month_s_last(one, months):
    found = add_months(one, months)
    assert (found.year - one.year) * 12 + found.month - one.month == months
    assert found.day == min(one.day, calendar.monthrange(found.year, found.month)[1])
