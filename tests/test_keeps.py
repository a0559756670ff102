"""What keeps data, until when, and what is due: beside the same rules in plain Python."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Customer
from jokkerit_plugin.policy.parts import OF_CUSTOMERS, Part
from jokkerit_plugin.retention import keeps
from tests.chance import tries
from tests.kept import Bought, Person, at, due, insert, later
from tests.kept_reading import agreed, last_rule, months_on, reading

pytestmark = pytest.mark.django_db
CONFIG = Config(active=True)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def told(keys: tuple[int, list[int]], day: date, config: Config) -> list:
    """What `keeps` says of somebody, in the words of the reading."""
    customer, purchases = keys
    found = keeps.keeps(customers=[customer], purchases=purchases, day=day, config=config)
    names = {key: number for number, key in enumerate(purchases)}
    rows = {
        ("customer" if one.customer else names[one.purchase], one.part.value, one.rule, one.until)
        for one in found
    }
    return sorted(rows, key=repr)


def logins(inserted: list[tuple[int, list[int]]], people: list[Person]) -> dict:
    """Accounts and their last log-in, as the shop has them."""
    users = dict(Customer.objects.values_list("pk", "saleor_user"))
    pairs = zip(inserted, people, strict=True)
    return {users[key]: at(one.seen) for (key, _), one in pairs if users[key] and one.seen}


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
        "fulfilled", "fulfilled", "fulfilled", "unfulfilled", "partially fulfilled",
        "unconfirmed", "canceled", "expired", "returned", "partially_returned",
    ]),
    gross=st.sampled_from([10, 10, 0]), is_test=st.sampled_from([False, False, True]),
    types=st.lists(st.sampled_from(["shirt", "saw", ""]), max_size=2).map(tuple),
    postings=SOME, vouchers=SOME, money=SOME, returned=SOME, invoices=SOME,
    contact_gone=st.sampled_from([False, False, True]), let_go=st.booleans(),
    objected=st.booleans(), held=HOLDS,
    ended=st.sampled_from(["", "", "written_off", "lapsed", "paid", "withdrawn"]),
    clock=st.sampled_from([time(12), time(0), time(23, 59, 59, 999999)]),
)  # fmt: skip
PEOPLE = st.builds(
    Person,
    bought=st.lists(BOUGHT, max_size=3).map(tuple), account=st.booleans(),
    email=st.sampled_from(["a@example.com", ""]), entered=DAYS, seen=st.none() | DAYS,
    said=st.lists(
        st.tuples(
            st.sampled_from(["consent", "confirmed", "reconsent", "soft_opt_in", "withdrawal"]),
            DAYS,
        ),
        max_size=2,
    ).map(tuple),
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
def crowds(draw: st.DrawFn) -> tuple[list[Person], date, Config]:
    """Some people, perhaps told of the term that is theirs or of another; a day near to one."""
    config, people = draw(CONFIGS), draw(st.lists(PEOPLE, min_size=1, max_size=8))
    found, ends = [], []
    for person in people:
        own = [one.placed for one in person.bought if not one.contact_gone]
        seen = [person.seen] if person.seen and person.account else []
        signs = [*(own or [person.entered]), *seen, *agreed(person)]
        ends.append(months_on(max(signs), config.inactive_months))
        told = [(term, later(term, draw(st.integers(-60, 60)))) for term in {ends[-1], draw(DAYS)}]
        found.append(
            replace(person, told=tuple(draw(st.lists(st.sampled_from(told), unique=True))))
        )
    near = st.builds(later, st.sampled_from(ends), st.integers(-32, 62))
    return found, draw(DAYS | near), config


@settings(
    max_examples=tries(20), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(crowds())
def test_what_keeps_somebody_is_what_a_person_reads_from_the_schedule(shop, case):
    people, day, config = case
    with undone():
        inserted = [insert(person) for person in people]
        shop.port.logins = logins(inserted, people)
        for person, keys in zip(people, inserted, strict=True):
            assert told(keys, day, config) == reading(person, day, config)


@settings(
    max_examples=tries(20), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(crowds())
def test_due_is_what_nothing_keeps_however_it_is_asked(shop, case):
    people, day, config = case
    with undone():
        inserted = [insert(person) for person in people]
        shop.port.logins = logins(inserted, people)
        customers = [customer for customer, _ in inserted]
        purchases = [key for _, keys in inserted for key in keys]
        found = keeps.keeps(customers=customers, purchases=purchases, day=day, config=config)
        kept = {(one.part, one.customer or one.purchase) for one in found}
        still = {}
        for part in Part:
            keys = customers if part in OF_CUSTOMERS else purchases
            expected = [key for key in keys if (part, key) not in kept]
            found = due(part, day, config)
            assert list(found) == expected
            still[part] = keeps.still_due(part, keys, day, config)
            assert still[part] == set(expected)
            if part not in OF_CUSTOMERS:
                named = {
                    key: last_rule(person, number, part.value, config)
                    for person, (_, keys) in zip(people, inserted, strict=True)
                    for number, key in enumerate(keys) if key in still[part]
                }  # fmt: skip
                assert found == named
            with mock.patch.object(keeps, "PAGE", 3):
                assert due(part, day, config) == found
        # The figures are the row itself: they never go before the rest of it.
        assert still[Part.FIGURES] <= still[Part.DETAIL] & still[Part.IDENTITY]
