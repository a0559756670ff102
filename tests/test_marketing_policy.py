"""Permission by every order of events, on every channel, for every kind of person."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin.policy.marketing import (
    CLOSING,
    GIVING,
    HOW,
    OPT_OUTS,
    Channel,
    Event,
    Ground,
    Kind,
    Person,
    Source,
    by_the_person,
    gives,
    known_source,
)
from jokkerit_plugin.policy.marketing_rule import permission

START = datetime(2026, 1, 1, tzinfo=UTC)
NATURAL, LEGAL = Person(double_opt_in=False), Person(legal=True, double_opt_in=False)
DOUBLE = Person(double_opt_in=True)
#: Letter to kind and source. Small letters: not shown to be the person's own.
LETTERS = {
    "C": (Kind.CONSENT, Source.MAIL),
    "c": (Kind.CONSENT, Source.ORDER),
    "i": (Kind.CONSENT, Source.IMPORT),
    "F": (Kind.CONFIRMED, Source.LINK),
    "R": (Kind.RECONSENT, Source.LINK),
    "S": (Kind.SOFT_OPT_IN, Source.ORDER),
    "O": (Kind.OBJECTION, Source.LINK),
    "W": (Kind.WITHDRAWAL, Source.STOREFRONT),
    "D": (Kind.DECLARED, Source.IMPORT),
    "P": (Kind.COMPLAINT, Source.MAIL),
    "B": (Kind.BOUNCE, Source.MAIL),
    "X": (Kind.EXPIRED, Source.API),
}


def events(letters: str, channel: Channel = Channel.EMAIL) -> list[Event]:
    """One event a day, in the order of the letters."""
    return [event(one, day, channel) for day, one in enumerate(letters)]


@cache
def event(letter: str, day: int, channel: Channel) -> Event:
    kind, source = LETTERS[letter]
    return Event(kind, channel, START + timedelta(days=day), source)


def ground(letters: str, channel: Channel, person: Person) -> Ground:
    at = START + timedelta(days=6)
    return permission(events(letters, channel), channel=channel, person=person, at=at).ground


# Histories and what they come to: natural person by e-mail, e-mail with double opt-in, SMS, phone,
# post; and a company on all of them. A consent, + soft opt-in, L legal person, . no objection,
# x opted out, b bounced, ? unconfirmed, - no consent.
TABLE = """
      email double sms phone post | company: email double sms phone post
none  -     -      -   .     .    | L L L L L
C     A     ?      A   A     A    | L L L L L
c     A     ?      A   A     A    | L L L L L
i     -     -      -   .     .    | L L L L L
F     -     -      -   .     .    | L L L L L
R     A     A      A   A     A    | L L L L L
S     +     +      +   .     .    | L L L L L
O     x     x      x   x     x    | x x x x x
W     x     x      x   x     x    | x x x x x
D     x     x      x   x     x    | x x x x x
P     x     x      x   x     x    | x x x x x
B     b     b      b   b     b    | b b b b b
X     -     -      -   .     .    | L L L L L
CF    A     A      A   A     A    | L L L L L
cF    A     A      A   A     A    | L L L L L
FC    A     ?      A   A     A    | L L L L L
SC    A     +      A   A     A    | L L L L L
CS    A     +      A   A     A    | L L L L L
CX    -     -      -   .     .    | L L L L L
SX    -     -      -   .     .    | L L L L L
XS    +     +      +   .     .    | L L L L L
OC    A     x      A   A     A    | L x L L L
Oc    x     x      x   x     x    | x x x x x
Oi    x     x      x   x     x    | x x x x x
OS    x     x      x   x     x    | x x x x x
OF    x     x      x   x     x    | x x x x x
OR    A     A      A   A     A    | L L L L L
OX    x     x      x   x     x    | x x x x x
OB    x     x      x   x     x    | x x x x x
OCF   A     A      A   A     A    | L L L L L
OcF   A     A      A   A     A    | L L L L L
COF   x     x      x   x     x    | x x x x x
DOS   x     x      x   x     x    | x x x x x
WR    A     A      A   A     A    | L L L L L
PR    A     A      A   A     A    | L L L L L
DR    A     A      A   A     A    | L L L L L
RO    x     x      x   x     x    | x x x x x
ROR   A     A      A   A     A    | L L L L L
BC    b     b      b   b     b    | b b b b b
BS    b     b      b   b     b    | b b b b b
BcF   A     A      A   A     A    | L L L L L
BR    A     A      A   A     A    | L L L L L
BOR   A     A      A   A     A    | L L L L L
RB    b     b      b   b     b    | b b b b b
"""
MARKS = {
    "A": Ground.CONSENT, "+": Ground.SOFT_OPT_IN, "L": Ground.LEGAL_PERSON,
    ".": Ground.NO_OBJECTION, "x": Ground.OPTED_OUT, "b": Ground.BOUNCED,
    "?": Ground.UNCONFIRMED, "-": Ground.NO_CONSENT,
}  # fmt: skip
COLUMNS = (
    (Channel.EMAIL, False), (Channel.EMAIL, True), (Channel.SMS, False), (Channel.PHONE, False),
    (Channel.POST, False),
)  # fmt: skip


def cells() -> list[tuple[str, Channel, Person, Ground]]:
    found = []
    for row in TABLE.strip().splitlines()[1:]:
        history, *natural = row.partition("|")[0].split()
        company = row.partition("|")[2].split()
        for legal, marks in ((False, natural), (True, company)):
            for (channel, double), mark in zip(COLUMNS, marks, strict=True):
                person = Person(legal=legal, double_opt_in=double)
                found.append((history.replace("none", ""), channel, person, MARKS[mark]))
    return found


@pytest.mark.promise("P-USE-MARKETING")
@pytest.mark.parametrize(("history", "channel", "person", "expected"), cells())
def test_each_history_has_its_permission(history, channel, person, expected):
    assert ground(history, channel, person) is expected


# What every order of up to four different events comes to, restated as rules of their own: what
# counts is the last opt-out and what the person said after it.
def expected(letters: str, channel: Channel, person: Person) -> Ground:
    confirm = channel is Channel.EMAIL and person.double_opt_in
    out, gone, ended = last(letters, "OWDP"), last(letters, "B"), last(letters, "OWDPX")
    own, by_address, waiting = said(letters, confirm=confirm)
    # A sale gives what nothing has closed since, and nothing had closed before.
    sale = last(letters, "S") > ended and (own > out or out < 0)
    natural = channel in {Channel.EMAIL, Channel.SMS}
    answers = [
        (out > own, Ground.OPTED_OUT), (gone > by_address, Ground.BOUNCED),
        (person.legal, Ground.LEGAL_PERSON), (own > ended, Ground.CONSENT),
        (not natural, Ground.NO_OBJECTION), (sale, Ground.SOFT_OPT_IN),
        (waiting > -1, Ground.UNCONFIRMED), (True, Ground.NO_CONSENT),
    ]  # fmt: skip
    return next(found for holds, found in answers if holds)


def last(letters: str, some: str) -> int:
    return max(map(letters.rfind, some))


def said(letters: str, *, confirm: bool) -> tuple[int, int, int]:
    """Where the person last gave consent, did so by way of the address, and where one waits."""
    own = by_address = waiting = -1
    for n, one in enumerate(letters):
        before = letters[:n]
        shut = last(before, "OWDP") > own or last(before, "B") > by_address
        if one == "R" or (one == "F" and waiting > -1):
            own, by_address, waiting = n, n, -1
        elif one in "Cc" and (confirm or (one == "c" and shut)):
            waiting = n
        elif one in "Cc":
            own, waiting = n, -1
        elif one in "OWDPX":
            waiting = -1
    return own, by_address, waiting


@pytest.mark.promise("P-USE-MARKETING")
@pytest.mark.parametrize("person", [NATURAL, DOUBLE, LEGAL], ids=["natural", "double", "legal"])
@pytest.mark.parametrize("channel", list(Channel))
def test_every_order_of_up_to_four_events(channel, person):
    for length in range(5):
        for letters in permutations(LETTERS, length):
            assert ground("".join(letters), channel, person) is expected(
                "".join(letters), channel, person
            ), letters


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@given(
    st.lists(st.sampled_from(sorted(LETTERS)), max_size=8), st.sampled_from(list(Channel)),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_after_an_opt_out_only_the_persons_own_later_word_opens(letters, channel, legal, double):
    person = Person(legal=legal, double_opt_in=double)
    found = events("".join(letters), channel)
    at = START + timedelta(days=30)
    outs = [n for n, one in enumerate(found) if one.kind in OPT_OUTS]
    later = found[outs[-1] + 1 :] if outs else found
    if outs and not any(by_the_person(one.source) and one.kind in GIVING for one in later):
        assert not permission(found, channel=channel, person=person, at=at).allowed


@pytest.mark.parametrize("kind", sorted(CLOSING))
@pytest.mark.parametrize("order", [1, -1])
def test_of_one_moment_the_opt_out_counts(kind, order):
    both = [
        Event(kind, Channel.EMAIL, START, Source.LINK),
        Event(Kind.RECONSENT, Channel.EMAIL, START, Source.LINK),
    ]
    found = permission(both[::order], channel=Channel.EMAIL, person=NATURAL, at=START)
    assert not found.allowed


@pytest.mark.parametrize("channel", list(Channel))
def test_an_opt_out_of_one_channel_leaves_the_others(channel):
    consent = [Event(Kind.RECONSENT, one, START, Source.LINK) for one in Channel]
    out = Event(Kind.OBJECTION, channel, START + timedelta(days=1), Source.LINK)
    at = START + timedelta(days=2)
    for one in Channel:
        found = permission([*consent, out], channel=one, person=NATURAL, at=at)
        assert found.allowed is (one is not channel)


def test_a_consent_ends_after_twenty_four_months_without_a_word():
    given_ = events("R")
    for active, at, allowed in (
        (None, datetime(2027, 12, 31, tzinfo=UTC), True),
        (None, datetime(2028, 1, 1, tzinfo=UTC), False),
        (datetime(2026, 5, 5, tzinfo=UTC), datetime(2028, 5, 4, tzinfo=UTC), True),
        (datetime(2026, 5, 5, tzinfo=UTC), datetime(2028, 5, 5, tzinfo=UTC), False),
    ):
        person = Person(orders=(active,) if active else ())
        found = permission(given_, channel=Channel.EMAIL, person=person, at=at)
        assert (found.allowed, found.ground) == (
            allowed, Ground.CONSENT if allowed else Ground.INACTIVE
        )  # fmt: skip


def test_an_order_after_the_end_brings_no_consent_back_and_one_in_time_does_not_let_it_end():
    late, at = datetime(2028, 1, 2, tzinfo=UTC), datetime(2028, 1, 3, tzinfo=UTC)
    between = datetime(2027, 6, 1, tzinfo=UTC)
    for orders, expected in (
        ((late,), Ground.INACTIVE), ((late, between), Ground.CONSENT), ((), Ground.INACTIVE),
    ):  # fmt: skip
        person = Person(orders=orders)
        found = permission(events("R"), channel=Channel.EMAIL, person=person, at=at)
        assert found.ground is expected
    # With the opt-out offered again, it gives soft opt-in, and no consent of before.
    again = Event(Kind.SOFT_OPT_IN, Channel.EMAIL, late, Source.ORDER)
    found = permission([*events("R"), again], channel=Channel.EMAIL, person=NATURAL, at=at)
    assert (found.ground, found.since) == (Ground.SOFT_OPT_IN, late)


#: As `TABLE`, for one's own e-mail (no double opt-in), post; in brackets: of another address.
ELSEWHERE = {
    "R[O]": "xx", "[O]": "xx", "[O]R": "AA", "[O]C": "AA", "[O]c": "xx", "[O]S": "xx",
    "R[O][R]": "-.", "[O][R]": "-.", "[O][R]S": "+.", "[R]": "-.", "[S]": "-.", "[B]": "-.",
    "R[B]": "AA", "O[R]": "xx", "R[D]": "xx", "R[P]": "xx", "R[W]R": "AA", "[O][c]": "xx",
    "[O][i]": "xx", "B[R]": "bb", "R[X]": "AA",
}  # fmt: skip


@pytest.mark.parametrize("history", ELSEWHERE)
def test_a_no_to_another_address_holds_and_a_yes_to_it_gives_nothing(history):
    for channel, mark in zip((Channel.EMAIL, Channel.POST), ELSEWHERE[history], strict=True):
        away = _depths(history)
        found = [
            replace(one, elsewhere=there)
            for one, there in zip(
                events(re.sub(r"[\[\]]", "", history), channel), away, strict=True
            )
        ]
        at = START + timedelta(days=6)
        got = permission(found, channel=channel, person=NATURAL, at=at).ground
        assert got is MARKS[mark], (history, channel)


def _depths(history: str) -> list[bool]:
    found, there = [], False
    for one in history:
        if one in "[]":
            there = one == "["
        else:
            found.append(there)
    return found


def test_a_leap_day_ends_in_a_month_without_one():
    leap = datetime(2024, 2, 29, 12, tzinfo=UTC)
    given_ = [Event(Kind.RECONSENT, Channel.EMAIL, leap, Source.LINK)]
    found = permission(given_, channel=Channel.EMAIL, person=DOUBLE, at=leap)
    assert found.until == datetime(2026, 2, 28, 12, tzinfo=UTC)


def test_an_unconfirmed_consent_ends_after_seven_days():
    for hours, expected_ground in ((7 * 24, Ground.UNCONFIRMED), (7 * 24 + 1, Ground.NO_CONSENT)):
        at = START + timedelta(hours=hours)
        found = permission(events("C"), channel=Channel.EMAIL, person=DOUBLE, at=at)
        assert (found.allowed, found.ground) == (False, expected_ground)
    late = Event(Kind.CONFIRMED, Channel.EMAIL, START + timedelta(days=7, hours=1), Source.LINK)
    found = permission(
        [*events("C"), late], channel=Channel.EMAIL, person=DOUBLE, at=START + timedelta(days=8)
    )
    assert not found.allowed


def test_profiling_stops_with_an_objection_and_by_itself():
    def profiling(*kinds: Kind) -> bool:
        found = [
            Event(kind, Channel.EMAIL, START + timedelta(days=n), Source.LINK)
            for n, kind in enumerate(kinds)
        ]
        at = START + timedelta(days=5)
        return permission(found, channel=Channel.EMAIL, person=NATURAL, at=at).profiling

    assert profiling(Kind.RECONSENT)
    assert not profiling(Kind.RECONSENT, Kind.OBJECTION)
    assert not profiling(Kind.RECONSENT, Kind.NO_PROFILE)
    assert profiling(Kind.RECONSENT, Kind.NO_PROFILE, Kind.PROFILE)
    assert not profiling(Kind.NO_PROFILE, Kind.RECONSENT)


def test_an_event_yet_to_come_does_not_count():
    later = START - timedelta(days=1)
    assert ground("R", Channel.EMAIL, NATURAL) is Ground.CONSENT
    found = permission(events("R"), channel=Channel.EMAIL, person=NATURAL, at=later)
    assert found.ground is Ground.NO_CONSENT


# The doors: known, gives a consent, and is the person's own word.
@pytest.mark.parametrize(
    ("source", "known", "giving", "own"),
    [
        ("order", True, True, False), ("account", True, True, False),
        ("storefront", True, True, False), ("link", True, True, True), ("mail", True, True, True),
        ("import", True, False, False), ("api", True, False, False), ("staff", True, False, False),
        *((f"staff:{how}", True, True, True) for how in HOW),
        ("staff:hearsay", False, False, False), ("link:telephone", False, True, True),
        ("", False, False, False),
    ],
)  # fmt: skip
def test_what_each_door_is_worth(source, known, giving, own):
    assert known_source(source) is known
    if known:
        assert (gives(source), by_the_person(source)) == (giving, own)
