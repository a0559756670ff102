"""How many addresses have said yes and no, month by month."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.marketing import contact_keys, ledger, standing, store
from jokkerit_plugin.policy.marketing import Channel, Kind
from tests.opting import KEY, declared_empty, key

pytestmark = pytest.mark.django_db

EMAIL = Channel.EMAIL
ONE, TWO = "one@example.com", "two@example.com"


@pytest.fixture(autouse=True)
def marketing(shop, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 15, tzinfo=UTC))
    key(monkeypatch, KEY)
    shop.port.settings = replace(shop.port.settings, marketing_double_opt_in=True)
    declared_empty()
    return shop


def say(kind: Kind, month: int, address: str = ONE, *, source: str = "link", channel=EMAIL) -> None:
    at = datetime(2026, month, 10, tzinfo=UTC)
    ledger.record(kind, channel, address, source=source, at=at)


def told(channel: Channel = EMAIL) -> list[tuple[int | None, int]]:
    """Return yes and no from January to June."""
    found = [one for one in standing.over_time() if one.channel is channel]
    assert len(found) == standing.MONTHS
    return [(one.yes, one.no) for one in found][-6:]


def test_a_yes_and_a_later_no():
    say(Kind.RECONSENT, 2)
    say(Kind.RECONSENT, 3, TWO)
    say(Kind.OBJECTION, 5)
    assert told() == [(0, 0), (1, 0), (2, 0), (2, 0), (1, 1), (1, 1)]


def test_a_consent_that_waits_is_no_yes_and_its_confirmation_is():
    say(Kind.CONSENT, 2, source="account")
    assert told()[-1] == (0, 0)
    say(Kind.CONFIRMED, 3)
    assert told() == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (1, 0)]


def test_what_was_closed_no_order_opens():
    say(Kind.SOFT_OPT_IN, 1, source="order")
    say(Kind.OBJECTION, 2)
    say(Kind.SOFT_OPT_IN, 3, source="order")
    assert told() == [(1, 0), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1)]
    say(Kind.RECONSENT, 4)
    assert told()[3:] == [(1, 0), (1, 0), (1, 0)]


def test_two_yeses_are_one_and_silence_ends_it():
    say(Kind.RECONSENT, 1)
    say(Kind.RECONSENT, 2)
    say(Kind.EXPIRED, 4, source="term")
    assert told() == [(1, 0), (1, 0), (1, 0), (0, 0), (0, 0), (0, 0)]


def test_what_lies_before_the_first_month_counts_in_it():
    ledger.record(Kind.RECONSENT, EMAIL, ONE, source="link", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert told()[0] == (1, 0)


def test_the_list_alone_tells_a_no_whose_proof_is_over_or_lost_and_no_order_makes_it_a_yes():
    [found] = contact_keys.keys(EMAIL, ONE)
    store.suppress(found, [EMAIL], at=datetime(2026, 2, 1, tzinfo=UTC), reason=Kind.OBJECTION)
    say(Kind.SOFT_OPT_IN, 3, source="order")
    assert told() == [(0, 0), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1)]


def test_a_no_that_was_taken_back_and_said_again_was_one_before_too():
    say(Kind.OBJECTION, 1)
    say(Kind.RECONSENT, 3)
    say(Kind.OBJECTION, 5)
    assert told() == [(0, 1), (0, 1), (1, 0), (1, 0), (0, 1), (0, 1)]


def test_a_bounce_is_no_no():
    say(Kind.RECONSENT, 1)
    say(Kind.BOUNCE, 3, source="api")
    say(Kind.BOUNCE, 3, TWO, source="api")
    assert told() == [(1, 0), (1, 0), (0, 0), (0, 0), (0, 0), (0, 0)]
    say(Kind.COMPLAINT, 4)
    say(Kind.COMPLAINT, 5, TWO)
    assert told()[3:] == [(0, 1), (0, 2), (0, 2)]


def test_where_no_consent_is_needed_only_noes_are_told():
    say(Kind.OBJECTION, 3, "+358401234567", source="staff:telephone", channel=Channel.PHONE)
    assert told(Channel.PHONE) == [(None, 0), (None, 0), (None, 1), (None, 1), (None, 1), (None, 1)]


def test_it_is_two_statements_however_many_have_spoken(django_assert_num_queries):
    for number in range(5):
        say(Kind.RECONSENT, 2, f"p{number}@example.com")
    with django_assert_num_queries(2):
        standing.over_time()
