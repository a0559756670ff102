"""What changes after a month is closed comes on the first open day."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin.accounting.booked import Booked
from jokkerit_plugin.accounting.corrections import still_open
from jokkerit_plugin.accounting.entries import EntryKind
from jokkerit_plugin.policy.vat import Treatment
from tests.purchases import day

D = Decimal


def entry(when: str, gross: str, rate: str = "0.255", cause: str = "") -> Booked:
    kind, how = EntryKind.SALE, Treatment.DOMESTIC
    net = (D(gross) / (1 + D(rate))).quantize(D("0.01"))
    return Booked(day(when), kind, how, D(rate), net, D(gross), cause=cause, country="FI")


JANUARY, FEBRUARY, MARCH = "15.1.2026", "15.2.2026", "15.3.2026"


@pytest.mark.parametrize(
    ("wanted", "closed", "expected"),
    [
        ([entry(JANUARY, "10")], [entry(JANUARY, "10")], []),
        ([entry(MARCH, "10")], [], [entry(MARCH, "10")]),
        ([entry(JANUARY, "10")], [], [entry("1.3.2026", "10", cause="correction")]),
        ([], [entry(JANUARY, "10")], [entry("1.3.2026", "-10", cause="correction")]),
        (
            [entry(JANUARY, "10", "0.24")],
            [entry(JANUARY, "10")],
            [
                entry("1.3.2026", "10", "0.24", cause="correction"),
                entry("1.3.2026", "-10", cause="correction"),
            ],
        ),
        # Corrected already, in February, which is closed by now.
        (
            [entry(JANUARY, "12.55")],
            [entry(JANUARY, "10.04"), entry("1.2.2026", "2.51", cause="correction")],
            [],
        ),
    ],
)
def test_corrections(wanted, closed, expected):
    found = still_open(wanted, closed, day("28.2.2026"))
    assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_before_anything_is_closed_everything_stands_on_its_day():
    assert still_open([entry(JANUARY, "10")], [], None) == [entry(JANUARY, "10")]


entries = st.lists(
    st.builds(
        entry,
        st.sampled_from([JANUARY, FEBRUARY, MARCH, "1.3.2026"]),
        st.integers(-500, 500).map(str),
        st.sampled_from(["0.255", "0.135"]),
    ),
    max_size=6,
)


@given(entries, entries)
def test_closed_and_open_together_are_always_what_is_wanted(wanted, before):
    limit = day("28.2.2026")
    closed = [one for one in before if one.day <= limit]
    found = still_open(wanted, closed, limit)
    assert all(one.day > limit for one in found)
    for rate in ("0.255", "0.135"):
        for what in ("net", "gross"):
            have = sum(getattr(one, what) for one in closed + found if one.rate == D(rate))
            assert have == sum(getattr(one, what) for one in wanted if one.rate == D(rate))
