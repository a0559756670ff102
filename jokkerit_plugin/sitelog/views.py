"""What the lines of a time come to: errors by path and status, refused log-ins, usage."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import TruncDay, TruncHour

from ..clock import HELSINKI
from ..models import RefusedLines, SiteLine
from ..policy.log_uses import LOG_INS, REFUSED
from ..policy.purposes import Purpose
from .search import Wanted, matching, whose

#: Groups of a view; the largest ones.
MOST = 1000
#: A time up to this long is shown by hour, a longer one by day; both of Helsinki.
BY_HOUR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that are alike: of errors path and status are given, of log-ins the address."""

    count: int
    first: datetime
    last: datetime
    path: str = ""
    status: int | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """How many lines of a kind ("4xx", "401", "requests") an hour or day had; none: missing."""

    at: datetime
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class View:
    """The largest groups first, the same lines over time, and whose they are, where known."""

    groups: "list[Group] | list[Usage]"
    times: list[Moment]
    customers: list[int]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a customer used: `size` in bytes, `duration` in milliseconds, of lines that say so."""

    customer: int
    requests: int
    size: int
    duration: int


def errors(wanted: Wanted, *, closed: Collection[int] = ()) -> View:
    """Return what failed, by path and status."""
    rows = matching(wanted, Purpose.ERROR_FIXING, closed).filter(status__gte=400)
    kinds = _over_time(rows, wanted, F("status") / 100)
    times = [Moment(at, f"{kind}xx", count) for at, kind, count in kinds]
    return View(_groups(rows, "path", "status"), times, sorted(whose(rows)))


def log_ins(wanted: Wanted, *, closed: Collection[int] = ()) -> View:
    """Return log-ins that were refused, by address: 401 anywhere, or a POST to where one logs in.

    What a server tells in the body of a 200, as Saleor's `tokenCreate` does, no access log knows.
    """
    parts = "|".join(LOG_INS)
    tried = Q(method="POST", status__in=REFUSED, path__iregex=f"/({parts})(/|$)")
    rows = matching(wanted, Purpose.SECURITY, closed).filter(Q(status=401) | tried)
    kinds = _over_time(rows, wanted, F("status"))
    times = [Moment(at, str(kind), count) for at, kind, count in kinds]
    return View(_groups(rows, "address"), times, sorted(whose(rows)))


def usage(
    wanted: Wanted, *, after: int | None, size: int | None, backwards: bool = False,
    closed: Collection[int] = (),
) -> list[Usage]:  # fmt: skip
    """Return what customers used in a time, by their key from `after` on.

    `size` at most; None: all.
    """
    rows = _billed(wanted, closed)
    if after is not None:
        rows = rows.filter(**{f"customer__{'lt' if backwards else 'gt'}": after})
    return _used(rows, "-customer" if backwards else "customer", size)


def use(wanted: Wanted, *, closed: Collection[int] = ()) -> View:
    """Return who used most, and the requests of all customers over time."""
    rows = _billed(wanted, closed)
    kinds = _over_time(rows, wanted, Value("requests"))
    times = [Moment(at, kind, count) for at, kind, count in kinds]
    return View(_used(rows, "-requests", MOST), times, sorted(whose(rows)))


def users(wanted: Wanted, *, closed: Collection[int] = ()) -> int:
    """Return how many customers used something."""
    rows = _billed(wanted, closed)
    return int(rows.aggregate(n=Count("customer", distinct=True))["n"])


def refused(wanted: Wanted) -> QuerySet[RefusedLines]:
    """Return what was kept out on the days of a time, the newest first."""
    first, last = (at.astimezone(UTC).date() for at in (wanted.since, wanted.until))
    found = RefusedLines.objects.filter(day__gte=first, day__lte=last)
    return found.order_by("-day", "reason")


def _billed(wanted: Wanted, closed: Collection[int]) -> QuerySet[SiteLine]:
    return matching(wanted, Purpose.LOG_BILLING, closed).filter(customer__isnull=False)


def _used(rows: QuerySet[SiteLine], order: str, size: int | None) -> list[Usage]:
    found = (
        rows.values("customer")
        .annotate(requests=Count("pk"), total=Sum("size"), spent=Sum("duration"))
        .order_by(order, "customer")[:size]
        .values_list("customer", "requests", "total", "spent")
    )
    return [
        Usage(who, n, total or 0, spent or 0) for who, n, total, spent in found if who is not None
    ]


def _groups(rows: QuerySet[SiteLine], *by: str) -> list[Group]:
    found = (
        rows.values(*by)
        .annotate(count=Count("pk"), first=Min("at"), last=Max("at"))
        .order_by("-count", *by)[:MOST]
    )
    return [Group(**one) for one in found]


def _over_time(rows: QuerySet[SiteLine], wanted: Wanted, kind: Any) -> list[tuple[Any, ...]]:
    # In Helsinki's zone the hour that comes twice would be one.
    by_hour = wanted.until - wanted.since <= BY_HOUR
    cut = TruncHour("at", tzinfo=UTC) if by_hour else TruncDay("at", tzinfo=HELSINKI)
    found = rows.annotate(moment=cut, kind=kind).values("moment", "kind")
    counted = found.annotate(count=Count("pk")).order_by("moment", "kind")
    return list(counted.values_list("moment", "kind", "count"))


def bins(wanted: Wanted) -> list[datetime]:
    """Return the hours, or the days of Helsinki, that a time has, also those without a line."""
    found = []
    if wanted.until - wanted.since <= BY_HOUR:
        at = wanted.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while at < wanted.until:
            found.append(at)
            at += timedelta(hours=1)
        return found
    day = wanted.since.astimezone(HELSINKI).date()
    while (midnight := datetime.combine(day, time(), HELSINKI)) < wanted.until:
        found.append(midnight)
        day += timedelta(days=1)
    return found
