"""Whether the clock may be believed: what goes for being old under a wrong one is gone for good.

A wrong clock differs from the database's, or has leapt since the hourly job last looked. A shop
that stood still for as long looks the same, so a person says which of the two it was.
"""

from datetime import datetime, timedelta

from .. import clock
from ..errors import RegisterError
from ..models import (
    Affected,
    Correction,
    RequestLetter,
    SetAside,
    SetupStep,
    Telling,
)
from ..policy.breaches import Told
from ..policy.corrections import Carried
from .rows import fetch, table

#: Workers' own clocks may be so far apart.
BACK = timedelta(hours=-1)
_STEP = "clock believed"


class ClockDoubted(RegisterError):
    """The clock may be wrong: nothing goes for being old."""

    code = "CLOCK_DOUBTED"


def doubt() -> str:
    """Return why nothing may go for being old, a sentence; empty: the clock is believed."""
    now, (theirs, seen) = clock.now(), _theirs()
    if abs(now - theirs) > clock.APART:
        return (
            f"The clock of a worker says {_said(now)} and that of the database {_said(theirs)}:"
            " set the one that is wrong. Until then nothing is erased for being old."
        )
    if seen and not BACK <= now - seen <= clock.LEAP:
        return (
            f"The clock says {_said(now)} and said {_said(seen)} when the hourly job last looked."
            " If it is right, and nothing ran in between, run register_retention"
            " --clock-is-right. Until then nothing is erased for being old."
        )
    return ""


def check() -> None:
    """Raise `ClockDoubted` where the clock is not believed."""
    if why := doubt():
        raise ClockDoubted(why)


def look() -> bool:
    """Note what the clock says, if it is believed; tell whether it is. Once an hour."""
    if doubt():
        return False
    _note()
    return True


def anew() -> None:
    """Believe the clock from now on, whatever it said before.

    Raises `ClockDoubted` where the database's differs. In the caller's transaction.
    """
    SetupStep.objects.filter(name=_STEP).delete()
    check()
    _note()


def _note() -> None:
    now = clock.now()
    SetupStep.objects.update_or_create(name=_STEP, defaults={"done_at": now})
    # What was put off under a clock that was ahead would wait until it is that day.
    for waiting in (
        SetAside.objects.all(),
        RequestLetter.objects.filter(sent_at=None),
        Telling.objects.filter(told_at=None),
        Affected.objects.filter(state=Told.WAITING),
        Correction.objects.filter(carried=Carried.WAITING),
    ):
        waiting.filter(next_at__gt=now + clock.LEAP).update(next_at=now)


def _theirs() -> tuple[datetime, datetime | None]:
    """Return what the database's clock says, and ours said when the hourly job last looked."""
    [row] = fetch(
        f"SELECT clock_timestamp(), (SELECT done_at FROM {table(SetupStep)} WHERE name = %s)",
        [_STEP],
    )
    return row


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(clock.HELSINKI):%Y-%m-%d %H:%M}"
