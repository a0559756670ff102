"""Who may be told of products and offers: one pure function over what was said.

Act on Electronic Communications Services 917/2014: s. 200 (e-mail and SMS to a natural person need
prior consent, or a sale at which the opt-out was offered; post and calls are free until objected
to), s. 202 (legal persons until they object). GDPR art. 21(2-3): an objection is absolute, at once,
and ends profiling; art. 7: a consent must be proved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .financial_years import add_months
from .marketing import (
    ACTIVE_MONTHS,
    CLOSING,
    CONFIRM_WITHIN,
    GIVING,
    NEEDS_CONSENT,
    OPT_OUTS,
    PROFILING,
    Channel,
    Event,
    Ground,
    Kind,
    Permission,
    Person,
    Source,
    by_the_person,
    gives,
)

NATURAL = Person()
#: Whoever is out gets no mail by these: anybody types another's address into them.
_TYPED = frozenset({Source.ORDER, Source.ACCOUNT})


@dataclass(slots=True)
class _State:
    """What the events come to, walked through in their order."""

    closed: datetime | None = None
    #: By a no to another address.
    elsewhere: datetime | None = None
    bounced: datetime | None = None
    pending: datetime | None = None
    #: The consent that waits is no form's, into which anybody types another's address.
    asked: bool = False
    ground: Ground | None = None
    since: datetime | None = None
    heard: datetime | None = None
    #: Since when what was given does not count, being another controller's.
    former: datetime | None = None
    profile: bool = True

    @property
    def out(self) -> datetime | None:
        """Since when the person is out, if they are."""
        return max(filter(None, (self.closed, self.elsewhere)), default=None)


def permission(
    events: Iterable[Event], *, channel: Channel, person: Person = NATURAL, at: datetime
) -> Permission:
    """Return whether and why a contact may be written to at a moment, by all its events.

    An opt-out beats everything until the person's own later consent, also one of the same moment.
    """
    state = _walk(events, channel, person, at)
    if state.out or state.bounced:
        ground = Ground.OPTED_OUT if state.out else Ground.BOUNCED
        waits = state.asked and _in_time(state, at)
        return Permission(False, ground, state.out or state.bounced, waits=waits)
    if person.legal:
        return Permission(True, Ground.LEGAL_PERSON, state.since, profiling=state.profile)
    given = _standing(state, person, at)
    if given and (given.allowed or channel in NEEDS_CONSENT):
        return given
    if channel not in NEEDS_CONSENT:
        return Permission(True, Ground.NO_OBJECTION, profiling=state.profile)
    return _waiting(state, at)


def _standing(state: _State, person: Person, at: datetime) -> Permission | None:
    """What was given, while something is heard of the person."""
    if state.ground is None or state.since is None:
        return None
    until = _until(state.heard or state.since, person)
    if at >= until:
        return Permission(False, Ground.INACTIVE, until)
    return Permission(True, state.ground, state.since, until, state.profile)


def _until(heard: datetime, person: Person) -> datetime:
    """Return when what was given ends: an order that comes later does not bring it back."""
    until = _months_after(heard, ACTIVE_MONTHS)
    for moment in sorted(person.orders):
        if moment >= until:
            break
        until = max(until, _months_after(moment, ACTIVE_MONTHS))
    if person.seen_at:
        until = max(until, _months_after(person.seen_at, ACTIVE_MONTHS))
    return until


def _waiting(state: _State, at: datetime) -> Permission:
    if state.pending and _in_time(state, at):
        until = state.pending + CONFIRM_WITHIN
        return Permission(False, Ground.UNCONFIRMED, state.pending, until, waits=True)
    if state.former:
        return Permission(False, Ground.NEW_CONTROLLER, state.former)
    return Permission(False, Ground.NO_CONSENT)


def _walk(events: Iterable[Event], channel: Channel, person: Person, at: datetime) -> _State:
    state, since = _State(), person.controller_since
    mine = (one for one in events if one.channel is channel and one.at <= at)
    # Of one moment, what closes comes last.
    for event in sorted(mine, key=lambda one: (one.at, one.kind in CLOSING)):
        if since and event.at >= since:
            _passed_on(state, since)
            since = None
        _hear(state, event, channel, person)
    if since and since <= at:
        _passed_on(state, since)
    return state


def _hear(state: _State, event: Event, channel: Channel, person: Person) -> None:
    if event.elsewhere and event.kind not in PROFILING:
        _elsewhere(state, event, channel, person)
    elif event.kind in OPT_OUTS:
        state.closed, state.ground, state.pending = event.at, None, None
    elif event.kind is Kind.BOUNCE:
        state.bounced = event.at
    elif event.kind is Kind.EXPIRED:
        state.ground = state.pending = None
    elif event.kind is Kind.LAPSED:
        state.pending = None
    elif event.kind in PROFILING:
        state.profile = event.kind is Kind.PROFILE
    elif event.kind is Kind.SOFT_OPT_IN:
        _soft(state, event, channel, person)
    else:
        _given(state, event, channel, person)


def _passed_on(state: _State, since: datetime) -> None:
    """Another controller begins: what was given to the one before ends, and no opt-out does."""
    if state.ground or state.pending:
        state.former = since
    state.ground = state.since = state.heard = state.pending = None


def _elsewhere(state: _State, event: Event, channel: Channel, person: Person) -> None:
    if event.kind in OPT_OUTS:
        state.elsewhere, state.ground, state.pending = event.at, None, None
        return
    given = event.kind in GIVING and by_the_person(event.source)
    if given and (event.kind is not Kind.CONSENT or not _confirms(channel, person)):
        state.elsewhere = None


def _soft(state: _State, event: Event, channel: Channel, person: Person) -> None:
    if state.out or channel not in NEEDS_CONSENT or event.source != Source.ORDER:
        return
    if state.heard and event.at >= _until(state.heard, person):
        state.ground = None
    state.heard = event.at
    if state.ground is None:
        state.ground, state.since, state.former = Ground.SOFT_OPT_IN, event.at, None


def _given(state: _State, event: Event, channel: Channel, person: Person) -> None:
    """A consent, its confirmation, or one by the link."""
    if not gives(event.source):
        return
    theirs = by_the_person(event.source)
    if event.kind is Kind.CONSENT:
        # A form does not open what was closed: anybody can type another's address into it.
        if _confirms(channel, person) or (not theirs and (state.out or state.bounced)):
            state.pending, state.asked = event.at, event.source not in _TYPED
            return
    elif not theirs or (event.kind is Kind.CONFIRMED and not _in_time(state, event.at)):
        return
    if event.kind is not Kind.CONSENT:
        # Only what came by way of the address itself shows that it is there again.
        state.bounced = None
    state.closed = state.elsewhere = state.pending = state.former = None
    state.ground, state.since, state.heard = Ground.CONSENT, event.at, event.at


def _confirms(channel: Channel, person: Person) -> bool:
    return channel is Channel.EMAIL and person.double_opt_in


def _in_time(state: _State, at: datetime) -> bool:
    return state.pending is not None and at <= state.pending + CONFIRM_WITHIN


def _months_after(moment: datetime, months: int) -> datetime:
    day = add_months(moment.date(), months)
    return moment.replace(year=day.year, month=day.month, day=day.day)
