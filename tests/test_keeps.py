"""What keeps data, until when, and what is due: beside the same rules in plain Python."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Customer
from jokkerit_plugin.policy.parts import OF_CUSTOMERS, Part
from jokkerit_plugin.retention import keeps
from tests.kept import Bought, Person, at, insert, later
from tests.kept_reading import months_on, reading

pytestmark = pytest.mark.django_db
CONFIG = Config(active=True)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def named(person: Person, keys: tuple[int, list[int]], day: date, config: Config) -> list:
    """What `keeps` says of somebody, in the words of the reading."""
    customer, purchases = keys
    found = keeps.keeps(customers=[customer], purchases=purchases, day=day, config=config)
    names = {key: number for number, key in enumerate(purchases)}
    return sorted(
        {
            ("customer" if one.customer else names[one.purchase], one.part.value, one.rule,
             one.until)
            for one in found
        },
        key=repr,
    )  # fmt: skip


def logins(customer: int, person: Person) -> dict:
    """Accounts and their last log-in, as the shop has them."""
    user = Customer.objects.get(pk=customer).saleor_user
    return {user: at(person.seen)} if user and person.seen else {}


#: Around the ends of months, of years and of leap years.
DAYS = st.one_of(
    st.dates(date(2010, 1, 1), date(2029, 12, 31)),
    st.sampled_from([
        date(2012, 2, 29), date(2015, 12, 31), date(2016, 1, 1), date(2016, 2, 29),
        date(2016, 6, 30), date(2016, 7, 1), date(2019, 2, 28), date(2026, 12, 31),
    ]),
)  # fmt: skip
SOME = st.lists(DAYS, max_size=2).map(tuple)
HOLDS = st.sampled_from(["", "", "", "name", "email", "purchase", "phone", "name postal_address"])
BOUGHT = st.builds(
    Bought,
    placed=DAYS, delivered=st.none() | DAYS, cancelled=st.none() | st.none() | DAYS,
    paid=st.none() | DAYS,
    status=st.sampled_from([
        "fulfilled", "fulfilled", "fulfilled", "unfulfilled", "partially_fulfilled",
        "unconfirmed", "canceled", "expired", "returned", "partially_returned",
    ]),
    gross=st.sampled_from([10, 10, 0]), is_test=st.sampled_from([False, False, True]),
    types=st.lists(st.sampled_from(["shirt", "saw", ""]), max_size=2).map(tuple),
    postings=SOME, vouchers=SOME, money=SOME, returned=SOME, invoices=SOME,
    contact_gone=st.sampled_from([False, False, True]), let_go=st.booleans(), held=HOLDS,
    ended=st.sampled_from(["", "", "written_off", "lapsed", "paid", "withdrawn"]),
    clock=st.sampled_from([time(12), time(0), time(23, 59, 59, 999999)]),
)  # fmt: skip
PEOPLE = st.builds(
    Person,
    bought=st.lists(BOUGHT, max_size=3).map(tuple), account=st.booleans(),
    email=st.sampled_from(["a@example.com", ""]), entered=DAYS, seen=st.none() | DAYS,
    held=HOLDS, requested=DAYS, restricted=st.sampled_from([False, False, True]),
    request=st.sampled_from(["", "", "asks", "open", "accepted", "refused", "done"]),
)  # fmt: skip
CONFIGS = st.builds(
    Config,
    active=st.just(True),
    financial_year_end=st.sampled_from(["12-31", "06-30", "02-29", "03-31"]),
    bookkeeping_years=st.sampled_from([10, 12]), identity_years=st.sampled_from([10, 6]),
    inactive_months=st.sampled_from([36, 1, 120]), detail_years=st.sampled_from([3, 1, 10]),
    claims_months=st.sampled_from([
        (("*", 24),), (("*", 0),), (("*", 12), ("saw", 60)), (("*", 36), ("saw", 0)),
    ]),
)  # fmt: skip


@st.composite
def told_people(draw: st.DrawFn) -> tuple[Person, date, Config]:
    """Somebody, perhaps told of the term that is theirs, or of another; a day near to one."""
    person, config = draw(PEOPLE), draw(CONFIGS)
    own = [one.placed for one in person.bought if not one.contact_gone]
    basis = max([*(own or [person.entered]), *([person.seen] if person.seen else [])])
    terms = [months_on(basis, config.inactive_months), draw(DAYS)]
    told = [(term, later(term, draw(st.integers(-60, 60)))) for term in dict.fromkeys(terms)]
    person = replace(person, told=tuple(draw(st.lists(st.sampled_from(told), unique=True))))
    day = draw(st.one_of(DAYS, st.integers(-32, 62).map(lambda days: later(terms[0], days))))
    return person, day, config


@settings(
    max_examples=80, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(told_people())
def test_what_keeps_somebody_is_what_a_person_reads_from_the_schedule(shop, case):
    person, day, config = case
    with undone():
        customer, purchases = keys = insert(person)
        shop.port.logins = logins(customer, person)
        found = named(person, keys, day, config)
        assert found == reading(person, day, config)
        # Due is what nothing keeps, and it stays so when asked again or page by page.
        kept = {(subject, part) for subject, part, _, _ in found}
        for part in Part:
            subjects = (
                {"customer": customer} if part in OF_CUSTOMERS else dict(enumerate(purchases))
            )
            expected = [key for name, key in subjects.items() if (name, part.value) not in kept]
            assert keeps.due(part, day, config, limit=100) == expected
            assert keeps.still_due(part, subjects.values(), day, config) == set(expected)
            assert sum(keeps.counts(part, day, config).values()) == len(expected)
            paged, after = [], 0
            while page := keeps.due(part, day, config, after=after, limit=1):
                paged, after = paged + page, page[0]
            assert paged == expected
        # The figures are the row itself: they never go before the rest of it.
        due = {part: keeps.still_due(part, purchases, day, config) for part in Part}
        assert due[Part.FIGURES] <= due[Part.DETAIL] & due[Part.IDENTITY]
