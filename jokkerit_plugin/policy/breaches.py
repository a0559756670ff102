"""Personal data breaches: what may be done when, and by which hour. GDPR articles 33 and 34."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .languages import Texts


class BreachState(StrEnum):
    """Where a breach stands."""

    #: Recorded; nobody has said yet how great the risk is.
    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


class Risk(StrEnum):
    """To the rights and freedoms of natural persons (article 33(1))."""

    #: Unlikely to result in a risk: the authority is not notified.
    NONE = "none"
    #: The authority is notified.
    RISK = "risk"
    #: Those who are affected are told, too (article 34(1)).
    HIGH = "high"


class Step(StrEnum):
    """What the controller does."""

    AMEND = "amend"
    ASSESS = "assess"
    NOTIFY = "notify"
    FIND = "find"
    DISCARD = "discard"
    TELL = "tell"
    TOLD = "told"
    EXEMPT = "exempt"
    CLOSE = "close"


_B = BreachState
_STAYS = {_B.OPEN: _B.OPEN, _B.ASSESSED: _B.ASSESSED}

#: Each step from the states that allow it to those that follow. What is not listed is refused.
MOVES: dict[Step, Mapping[BreachState, BreachState]] = {
    Step.AMEND: _STAYS,
    # Also anew, and of what was closed: that opens it again.
    Step.ASSESS: dict.fromkeys(_B, _B.ASSESSED),
    Step.NOTIFY: _STAYS,
    Step.FIND: _STAYS,
    Step.DISCARD: _STAYS,
    Step.TELL: {_B.ASSESSED: _B.ASSESSED},
    Step.TOLD: {_B.ASSESSED: _B.ASSESSED},
    Step.EXEMPT: {_B.ASSESSED: _B.ASSESSED},
    Step.CLOSE: {_B.ASSESSED: _B.CLOSED},
}


class Phase(StrEnum):
    """Of what is told the authority: information may come in phases (article 33(4))."""

    INITIAL = "initial"
    FURTHER = "further"
    #: Everything has been told.
    FINAL = "final"


class Exemption(StrEnum):
    """Why those who are affected are not told one by one (article 34(3))."""

    #: (a): the data cannot be read by whoever has it, for example since it is encrypted.
    PROTECTED = "protected"
    #: (b): what was done since makes a high risk no longer likely.
    AVERTED = "averted"
    #: (c): it would take disproportionate effort, and they are told by a public notice instead.
    PUBLIC_NOTICE = "public_notice"


class Found(StrEnum):
    """How it is known who is affected."""

    #: What an actor opened in a span of time, by the log of who looked.
    LOOKS = "looks"
    #: A file for a third party that was lost.
    EXPORT = "export"
    #: What was given to a third party, and got lost there.
    DISCLOSURE = "disclosure"
    #: Everybody of whom such data is held.
    HELD = "held"


class Told(StrEnum):
    """What has become of telling one of those who are affected."""

    WAITING = "waiting"
    #: Taken by a worker that has not said what became of it: the letter may have gone out.
    SENDING = "sending"
    MAILED = "mailed"
    POSTED = "posted"
    #: By a public notice, or in person.
    OTHERWISE = "otherwise"
    #: There is no e-mail address.
    NO_ADDRESS = "no_address"
    #: They are erased.
    GONE = "gone"
    #: The same person was another row's, and is told by that one's letter.
    SAME = "same"


#: Not told, and not over.
UNTOLD = frozenset({Told.WAITING, Told.SENDING, Told.NO_ADDRESS})
#: How the controller says that somebody was told.
BY_HAND = frozenset({Told.POSTED, Told.OTHERWISE})
TOLD = BY_HAND | {Told.MAILED}


@dataclass(frozen=True, slots=True)
class Limit:
    """Hours from awareness to the notification of the authority."""

    since: datetime
    hours: int
    source: str


#: The newest that is in force when the controller becomes aware counts.
LIMITS = (Limit(datetime(2018, 5, 25, tzinfo=UTC), 72, "GDPR art. 33(1)"),)

#: Hours left at which the controller is reminded; when they are over, every 24.
REMINDERS = (48, 24, 6, 1, 0)


def due_at(aware: datetime) -> datetime:
    """Return the moment by which the authority is notified, in UTC.

    Hours of real time: neither a weekend or holiday (Regulation (EEC, Euratom) 1182/71, art. 3(4),
    excepts periods in hours) nor the change to summer time moves it.
    """
    start = aware.astimezone(UTC)
    limit = next((one for one in reversed(LIMITS) if one.since <= start), LIMITS[0])
    return start + timedelta(hours=limit.hours)


def runs(state: str, risk: str, notified_at: datetime | None) -> bool:
    """Tell whether the clock runs: not notified, and nobody has found that there is no risk."""
    return state != BreachState.CLOSED and risk != Risk.NONE and notified_at is None


def stage(left: timedelta) -> int | None:
    """Return the reminder of so much time left; None: it is too early for any.

    After the last hour: 0 on the first day, -1 on the second, and so on.
    """
    if left > timedelta(0):
        return min((one for one in REMINDERS if left <= timedelta(hours=one)), default=None)
    return -(-left // timedelta(days=1))


def next_phases(notified_at: datetime | None, complete_at: datetime | None) -> frozenset[Phase]:
    """Return which phases may follow what the authority has been told."""
    if notified_at is None:
        return frozenset({Phase.INITIAL, Phase.FINAL})
    return frozenset({Phase.FURTHER, Phase.FINAL} if complete_at is None else {Phase.FURTHER})


def lacks(
    risk: str, *, complete: bool, exempt: bool, begun: bool, untold: int, unfound: int
) -> list[str]:
    """Return what keeps a breach from being closed, a sentence each.

    `complete`: the authority has been told everything; `begun`: letters were ordered; `untold`:
    people who have not been told; `unfound`: searches for people that are not done.
    """
    found = []
    if unfound:
        found.append("It is not computed yet who is affected.")
    if risk != Risk.NONE and not complete:
        found.append("The authority has not been told everything (article 33).")
    if risk == Risk.HIGH and not begun and not exempt:
        found.append("Those who are affected have not been told (article 34).")
    if begun and untold:
        found.append("Not all of those who are affected have been told (article 34).")
    return found


#: What each is called where people read it: Finnish, Swedish, English.
RISKS: dict[Risk, Texts] = {
    Risk.NONE: ("ei riskiä", "ingen risk", "no risk"),
    Risk.RISK: ("riski", "risk", "risk"),
    Risk.HIGH: ("korkea riski", "hög risk", "high risk"),
}
PHASES: dict[Phase, Texts] = {
    Phase.INITIAL: ("ensimmäinen ilmoitus", "första anmälan", "first notification"),
    Phase.FURTHER: ("lisätietoja", "kompletterande uppgifter", "further information"),
    Phase.FINAL: ("täydellinen ilmoitus", "fullständig anmälan", "complete notification"),
}
