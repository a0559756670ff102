"""How complete the register is, to when, and what waits. Never raises in a hook or a page."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Count, Min, Sum

from .. import clock
from ..errors import RegisterError, describe
from ..models import Customer, InboxEvent, Purchase, SetAside, Sweep, Trace
from ..shop.port import shop
from .rows import fetch, table


@dataclass(frozen=True, slots=True)
class Money:
    """Purchases of one currency that count: not test, not absent by exclusion."""

    currency: str
    purchases: int
    gross: str


@dataclass(frozen=True, slots=True)
class Status:
    """The register at one moment.

    `complete_to`: everything that the shop committed before it is in the register; None until
    a walk over the whole shop has ended, or when that walk left failures.
    `proved_at`: when the last finished walk began.
    """

    active: bool = False
    waiting: int = 0
    oldest_waiting: datetime | None = None
    set_aside: int = 0
    given_up: int = 0
    complete_to: datetime | None = None
    proved_at: datetime | None = None
    last_error: str = ""
    customers: int = 0
    purchases: int = 0
    absent: int = 0
    traces: int = 0
    collected_outside: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Tell whether a monitor may sleep: complete, nothing given up, nothing stuck."""
        fresh = self.oldest_waiting is None or (
            (clock.now() - self.oldest_waiting).total_seconds() < STUCK_SECONDS
        )
        return not self.problems and self.complete_to is not None and not self.set_aside and fresh


#: An event that waits longer than this means that no worker or beat runs.
STUCK_SECONDS = 300
_STILL_MISSING = "The register has not been compared with the whole shop: run register_backfill."


def summary(*, counts: bool = False) -> Status:
    """Return the status; what cannot be read is said in `problems`.

    `counts` adds customers, purchases, traces and what is collected outside the description:
    full scans, so not for a page that is often opened.
    """
    try:
        port = shop()
        with port.writer(), transaction.atomic():
            status = _read(active=port.config().active)
            return replace(status, **_counts()) if counts else status
    except (DatabaseError, RegisterError) as error:
        return Status(problems=(f"The register cannot be read: {describe(error)}.",))


def _read(*, active: bool) -> Status:
    inbox = InboxEvent.objects.aggregate(n=Count("pk"), oldest=Min("noted_at"))
    aside = SetAside.objects.aggregate(n=Count("pk"), oldest=Min("first_at"))
    latest_error = SetAside.objects.order_by("-last_at").first()
    walk = Sweep.objects.exclude(finished_at=None).order_by("-started_at").first()
    given_up = SetAside.objects.filter(next_at=None).count()
    complete_to = None
    if walk:
        moments = [inbox["oldest"], aside["oldest"], clock.now()]
        complete_to = min(moment for moment in moments if moment)
    problems = [] if walk else [_STILL_MISSING]
    if not active:
        problems.append("The plugin is deactivated or has no shop: nothing is taken in.")
    if given_up:
        problems.append(f"{given_up} rows of the shop could not be read after several attempts.")
    return Status(
        active=active,
        waiting=inbox["n"],
        oldest_waiting=inbox["oldest"],
        set_aside=aside["n"],
        given_up=given_up,
        complete_to=complete_to,
        proved_at=walk.started_at if walk else None,
        last_error=latest_error.reason if latest_error else "",
        problems=tuple(problems),
    )


def _counts() -> dict[str, Any]:
    return {
        "customers": Customer.objects.count(),
        "purchases": Purchase.objects.count(),
        "absent": Purchase.objects.exclude(absent_since=None).count(),
        "traces": Trace.objects.count(),
        "collected_outside": outside(),
    }


def totals() -> list[Money]:
    """Return purchases and gross totals by currency, test orders left out."""
    rows = (
        Purchase.objects.filter(is_test=False)
        .values("currency")
        .annotate(n=Count("pk"), sum=Sum("gross"))
        .order_by("currency")
    )
    return [Money(row["currency"], row["n"], str(row["sum"])) for row in rows]


def outside() -> dict[str, int]:
    """Return how many rows hold something outside the register description, by column."""
    parts = " UNION ALL ".join(
        f"SELECT jsonb_array_elements_text(outside) AS name FROM {table(model)}"
        for model in (Purchase, Customer, Trace)
    )
    return dict(fetch(f"SELECT name, count(*) FROM ({parts}) AS found GROUP BY 1 ORDER BY 1", []))
