"""How complete the register is, to when, and what waits. Never raises in a hook or a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Count, Min

from .. import clock
from ..config import Config
from ..errors import RegisterError, describe
from ..models import Customer, InboxEvent, Purchase, SetAside, Trace
from ..policy.problems import Problem, worst
from ..policy.severities import Severity
from ..shop.port import shop
from . import believed
from .proof import proving
from .rows import fetch, table
from .steps import Step


@dataclass(frozen=True, slots=True)
class Status:
    """The register at one moment.

    `complete_to`: everything that the shop committed before it is in the register, by comparison
    with the whole shop; None while no comparison holds. `followed_to`: every event that was told
    before it has been worked on; what no hook told of, the next comparison finds.
    """

    active: bool = False
    waiting: int = 0
    oldest_waiting: datetime | None = None
    set_aside: int = 0
    given_up: int = 0
    complete_to: datetime | None = None
    followed_to: datetime | None = None
    last_error: str = ""
    customers: int = 0
    purchases: int = 0
    absent: int = 0
    traces: int = 0
    collected_outside: dict[str, int] = field(default_factory=dict)
    #: Keys of users and apps that reach customers' data in the shop itself (`overview.py`).
    without_agreement: tuple[str, ...] = ()
    #: Ways on which data leaves the shop to nobody who is registered for it (`overview.py`).
    unmatched_flows: tuple[str, ...] = ()
    #: Keys of legal holds whose review is overdue (`overview.py`).
    overdue_holds: tuple[int, ...] = ()
    #: What the last night erased (`overview.py`).
    retention: str = ""
    #: Which description is published, and whether it is true (`overview.py`).
    description: str = ""
    #: The steps of the first hour, done and to do (`overview.py`).
    checklist: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def healthy(self) -> bool:
        """Tell whether a monitor may sleep: nothing is wrong but people's ordinary work."""
        return worst(self.problems) in {None, Severity.INFO}


#: An event that waits longer than this means that no worker or beat runs; than the second, that
#: none comes by itself.
BEHIND_SECONDS, STUCK_SECONDS = 300, 900
#: The nightly comparison is dead when the last one is older.
STALE = timedelta(hours=36)
_NOT_COMPARED = Problem(
    "NOT_COMPARED",
    "The register has not been compared with the whole shop since it was installed, last rested,"
    " or its settings changed: run register_backfill.",
)
_READ_ONLY = Problem(
    "READ_ONLY",
    "The database takes nothing in: it is a standby, or set read-only. Events that hooks tell of"
    " meanwhile are lost: run register_reconcile when it takes them again.",
)
_STALE = Problem(
    "COMPARISON_LATE",
    "The nightly comparison has not ended for 36 hours: does a Celery worker with beat run?",
)


def summary(*, counts: bool = False) -> Status:
    """Return the status; what cannot be read is said in `problems`.

    `counts` adds customers, purchases, traces and what is collected outside the description:
    full scans, so not for a page that is often opened.
    """
    try:
        port = shop()
        with port.writer(), transaction.atomic():
            status = _read(port.config())
            return replace(status, **_counts()) if counts else status
    except (DatabaseError, RegisterError) as error:
        unread = f"The register cannot be read: {describe(error)}."
        return Status(problems=(Problem("REGISTER_UNREADABLE", unread),))


def _read(config: Config) -> Status:
    inbox = InboxEvent.objects.aggregate(n=Count("pk"), oldest=Min("noted_at"))
    aside = SetAside.objects.aggregate(n=Count("pk"), oldest=Min("first_at"))
    latest_error = SetAside.objects.order_by("-last_at").first()
    walks = proving(config.reach).exclude(finished_at=None)
    walk = walks.order_by("-started_at").first()
    given_up = SetAside.objects.filter(next_at=None).count()
    followed_to = min(one for one in (inbox["oldest"], aside["oldest"], clock.now()) if one)
    problems = [] if walk else [_NOT_COMPARED]
    if walk and walk.started_at < clock.now() - STALE:
        problems.append(_STALE)
    if not config.active:
        resting = "The plugin is deactivated or has no shop: nothing is taken in."
        problems.append(Problem("DEACTIVATED", resting))
    if fetch("SELECT current_setting('transaction_read_only')::boolean", [])[0][0]:
        problems.append(_READ_ONLY)
    if wrong := believed.doubt():
        problems.append(Problem(believed.ClockDoubted.code, wrong))
    problems += _behind(inbox["oldest"])
    if again := aside["n"] - given_up:
        unread = f"{again} rows of the shop could not be read, and are tried again."
        problems.append(Problem("SET_ASIDE", unread))
    if given_up:
        left = f"{given_up} rows of the shop could not be read after several attempts."
        problems.append(Problem("GIVEN_UP", left))
    unbookable = Purchase.objects.filter(unbooked=True, book_error__gt="").order_by("pk")
    if reasons := [
        f"order {number}: {why}" for number, why in unbookable.values_list("number", "book_error")
    ]:
        message = f"{len(reasons)} purchases cannot be booked: {shortened(reasons)}"
        problems.append(Problem("NOT_BOOKED", message))
    return Status(
        active=config.active,
        waiting=inbox["n"],
        oldest_waiting=inbox["oldest"],
        set_aside=aside["n"],
        given_up=given_up,
        complete_to=min(walk.started_at, aside["oldest"] or walk.started_at) if walk else None,
        followed_to=followed_to,
        last_error=latest_error.reason if latest_error else "",
        problems=tuple(problems),
    )


def _behind(oldest: datetime | None) -> list[Problem]:
    waited = (clock.now() - oldest).total_seconds() if oldest else 0
    if waited < BEHIND_SECONDS:
        return []
    code = "INBOX_STUCK" if waited >= STUCK_SECONDS else "INBOX_BEHIND"
    sentence = (
        f"An event of the shop has waited for {waited // 60:.0f} minutes: does a Celery worker with"
        " beat run?"
    )
    return [Problem(code, sentence)]


def shortened(keys: Sequence[str], limit: int = 10) -> str:
    """Return the first keys, and how many more there are."""
    more = f" and {len(keys) - limit} more" if len(keys) > limit else ""
    return ", ".join(keys[:limit]) + more


def counted(keys: Sequence[str]) -> str:
    """Return how many there are and which, for a field that shows the status."""
    return f"{len(keys)}: {shortened(keys, 50)}" if keys else "0"


def _counts() -> dict[str, Any]:
    return {
        "customers": Customer.objects.count(),
        "purchases": Purchase.objects.count(),
        "absent": Purchase.objects.exclude(absent_since=None).count(),
        "traces": Trace.objects.count(),
        "collected_outside": outside(),
    }


def outside() -> dict[str, int]:
    """Return how many rows hold something outside the register description, by column."""
    parts = " UNION ALL ".join(
        f"SELECT jsonb_array_elements_text(outside) AS name FROM {table(model)}"
        for model in (Purchase, Customer, Trace)
    )
    return dict(fetch(f"SELECT name, count(*) FROM ({parts}) AS found GROUP BY 1 ORDER BY 1", []))
