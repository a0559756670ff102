"""What somebody should see to about the site log: sentences for the status, nobody's data."""

from datetime import date, timedelta

from ..config import Config
from ..models import RefusedLines
from ..policy.problems import Problem
from ..policy.site_log import Refusal
from ..register.status import shortened
from . import days, incidents
from .days import State
from .store import AHEAD

#: So many refused lines of a day are no longer a scanner's, but a log that is not understood.
MANY = 1_000
#: Of what it tells at once.
FEW = {Refusal.DAMAGED: 1, Refusal.UNREADABLE: 1}

_KEPT_OUT = {
    Refusal.MALFORMED: "Lines of the site log were not understood",
    Refusal.BINARY: "Lines of the site log were no text",
    Refusal.ENORMOUS: "Lines of the site log were longer than any that is kept",
    Refusal.OUT_OF_TIME: "Lines of the site log were older than lines are kept, or yet to come",
    Refusal.DAMAGED: "Compressed files of the site log are damaged, and were read in part",
    Refusal.UNREADABLE: "Files of the site log cannot be read (closed to the reader, or of a kind"
    " that is not read: packed, gz, bz2, xz are)",
}


def problems(config: Config) -> list[Problem]:
    """Return a sentence for each."""
    tables = days.tables()
    attached = {one.day for one in tables if one.state is State.ATTACHED}
    # A day that ended just now is dropped within the hour.
    late = sorted(one.day for one in tables if one.day < days.first(config) - timedelta(days=1))
    # The hourly task makes one more each day.
    coming = [days.today() + timedelta(days=ahead) for ahead in range(AHEAD)]
    missing = [day for day in coming if day not in attached] if config.active else []
    # Made and taken in under a clock that was ahead, by a day at most.
    far = [one.day for one in tables if one.day > coming[-1] + timedelta(days=2)]
    return [*_missing(missing), *_late(late), *_far(far), *_refused(), *_overdue()]


def _missing(found: list[date]) -> list[Problem]:
    if not found:
        return []
    message = (
        f"The site log has no table for days that come ({len(found)}): {_listed(found)}. Does"
        " keep_site_log run every hour?"
    )
    return [Problem("LOG_DAYS_MISSING", message)]


def _late(found: list[date]) -> list[Problem]:
    if not found:
        return []
    message = (
        f"Days of the site log are over and still there ({len(found)}): {_listed(found)}. Does"
        " keep_site_log run every hour, and does a transaction stay open that read them?"
    )
    return [Problem("LOG_DAYS_LEFT", message)]


def _far(found: list[date]) -> list[Problem]:
    """Say so, and drop nothing: it is the clock of now that may be wrong."""
    if not found:
        return []
    message = (
        f"The site log has tables for days that are far ahead ({len(found)}): {_listed(found)}."
        " A clock was wrong, or is. Their lines stay until those days are over: docs/sitelog.md"
        " says how to take them out."
    )
    return [Problem("LOG_DAYS_AHEAD", message)]


def _refused() -> list[Problem]:
    since = days.today() - timedelta(days=1)
    last = {
        Refusal(one.reason): one
        for one in RefusedLines.objects.filter(day__gte=since).order_by("day")
        if one.count >= FEW.get(Refusal(one.reason), MANY)
    }
    return [
        Problem(
            "LOG_REFUSED",
            f"{said} on {one.day} ({one.count}). The last of them"
            f" {'is' if reason in FEW else 'looks like'}: {one.example or 'nothing'}",
        )
        for reason, said in _KEPT_OUT.items()
        if (one := last.get(reason))
    ]


def _overdue() -> list[Problem]:
    found = [str(pk) for pk in incidents.overdue().values_list("pk", flat=True)]
    if not found:
        return []
    message = f"Incidents are due for review ({len(found)}): {shortened(found)}."
    return [Problem("INCIDENT_REVIEW", message)]


def _listed(found: list[date]) -> str:
    return shortened([day.isoformat() for day in found])
