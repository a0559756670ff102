"""Walks over the whole shop: backfill and reconciliation.

Both compare key and digest of every row of the shop with what the register has, range by range
of the key, and hand what differs to the intake. On an empty register everything differs: that
is the backfill. A walk keeps its place in one row, so it can be stopped anywhere and goes on
from there; doing a range twice changes nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from .. import clock
from ..config import Config
from ..models import Customer, Purchase, SetAside, Sweep, Trace
from ..shop.port import Key, ShopPort, shop
from ..shop.snapshots import Kind
from . import erased, search, traces
from .inbox import work
from .intake import Counts, Event
from .proof import proving
from .rows import fetch, table

#: Keys compared at once, and keys of those that differ written in one transaction.
# A chunk takes some three advisory locks a key, from a table that a small PostgreSQL (25
# connections) has 1,600 places in, for Saleor as well.
RANGE, CHUNK = 2000, 250
#: The walk's order: orders make customers, so what is left of accounts are traces.
ORDER = (Kind.ORDER, Kind.CUSTOMER, Kind.CHECKOUT)
#: An unfinished walk that is older is left: what it has seen may have changed since.
RESUME = timedelta(days=2)
#: Local hour at which the nightly reconciliation begins.
NIGHT_HOUR = 2

Report = Callable[[Sweep], None]


def start(name: Sweep.Name) -> Sweep:
    """Begin a walk, or return the unfinished one of that name, to go on with it."""
    reach = shop().config().reach
    return _unfinished(name, reach) or Sweep.objects.create(
        name=name, started_at=clock.now(), kind=ORDER[0].value, reach=reach
    )


def _unfinished(name: Sweep.Name, reach: str) -> Sweep | None:
    since = clock.now() - RESUME
    found = proving(reach).filter(name=name, finished_at=None, started_at__gt=since)
    return found.order_by("-started_at").first()


def run(sweep: Sweep, *, until: datetime | None = None, report: Report | None = None) -> Sweep:
    """Walk on until the end, or until the time `until`; returns the walk as it stands.

    If another process walks the same sweep, this one stops: only one can move the cursor.
    """
    port = shop()
    with port.writer():
        while _goes_on(port, until) and search.refill():
            pass
        while sweep.finished_at is None and _goes_on(port, until):
            config = port.config()
            if config.reach != sweep.reach or not _step(sweep, port, config):
                break
            if report:
                report(sweep)
    return sweep


def extent(config: Config) -> int:
    """Return how many rows of the shop a walk compares."""
    port = shop()
    with port.writer():
        return sum(port.count(kind, config) for kind in ORDER if _wanted(kind, config))


def nightly(*, seconds: int) -> Sweep | None:
    """Go on with tonight's reconciliation for `seconds`, or begin it when its hour has come.

    Meant to be called every minute: what a killed worker left is picked up by the next call.
    """
    reach = shop().config().reach
    walk = _unfinished(Sweep.Name.RECONCILE, reach)
    if walk is None:
        local = clock.now().astimezone(clock.HELSINKI)
        due = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
        done = proving(reach).filter(name=Sweep.Name.RECONCILE, started_at__gte=due)
        if local < due or done.exists():
            return None
        walk = start(Sweep.Name.RECONCILE)
    return run(walk, until=clock.now() + timedelta(seconds=seconds))


def _goes_on(port: ShopPort, until: datetime | None) -> bool:
    return port.config().active and (until is None or clock.now() < until)


def _step(sweep: Sweep, port: ShopPort, config: Config) -> bool:
    kind = Kind(sweep.kind)
    after = _key(kind, sweep.cursor) if sweep.cursor else None
    if after is None:
        erased.reconsider(config.terms)
    there = dict(port.digests(kind, after, RANGE, config)) if _wanted(kind, config) else {}
    last = max(there) if len(there) == RANGE else None
    here = _register(kind, after, last, since=traces.oldest(config, clock.now()))
    absent = [key for key in there if key not in here]
    gone = erased.among((kind, str(key)) for key in absent)
    missing = [key for key in absent if (kind, str(key)) not in gone]
    outdated = [key for key in there if key in here and here[key] != there[key]]
    vanished = [key for key in here if key not in there] if _wanted(kind, config) else []
    failed, counts = 0, Counts()
    differing = {(kind, str(key)) for key in missing + outdated + vanished}
    # What was given up is tried again, though nothing may differ any more.
    events = sorted(differing | (_aside(kind) if after is None else set()))
    for at in range(0, len(events), CHUNK):
        chunk = events[at : at + CHUNK]
        counts.add(work(chunk, port=port, config=config))
        failed += len(_aside(kind).intersection(chunk))
    return _move(
        sweep,
        kind if last is not None else _next(kind),
        str(last) if last is not None else "",
        seen=len(there),
        missing=len(missing),
        outdated=len(outdated),
        # An account whose last purchase vanished is not in the range, but still in the shop.
        vanished=counts.absent,
        failed=failed,
    )


def _aside(kind: Kind) -> set[Event]:
    """Return what is set aside of a kind; addresses belong to the customers."""
    kinds = [kind, Kind.ADDRESS, Kind.LEFT] if kind is Kind.CUSTOMER else [kind]
    rows = SetAside.objects.filter(kind__in=kinds).values_list("kind", "key")
    return {(Kind(kind), key) for kind, key in rows}


def _wanted(kind: Kind, config: Config) -> bool:
    return config.fill_checkouts if kind is Kind.CHECKOUT else config.fill_orders


def _register(
    kind: Kind, after: Key | None, last: Key | None, *, since: datetime
) -> dict[Key, str]:
    """Return what the register has between two keys (above the first, up to the last)."""
    if kind is Kind.ORDER:
        sql = (
            f"SELECT saleor_order, digest FROM {table(Purchase)} WHERE absent_since IS NULL"
            " AND (%(after)s::uuid IS NULL OR saleor_order > %(after)s)"
            " AND (%(last)s::uuid IS NULL OR saleor_order <= %(last)s)"
        )
    elif kind is Kind.CUSTOMER:
        sql = (
            f"SELECT user_key, digest FROM (SELECT saleor_user AS user_key,"
            f" account_digest AS digest FROM {table(Customer)} WHERE saleor_user IS NOT NULL"
            f" AND account_gone_at IS NULL UNION ALL SELECT key::bigint, digest"
            f" FROM {table(Trace)} WHERE kind = 'customer' AND changed_at > %(since)s) AS known"
            " WHERE (%(after)s::bigint IS NULL OR user_key > %(after)s)"
            " AND (%(last)s::bigint IS NULL OR user_key <= %(last)s)"
        )
    else:
        sql = (
            f"SELECT key::uuid, digest FROM {table(Trace)} WHERE kind = 'checkout'"
            " AND changed_at > %(since)s"
            " AND (%(after)s::uuid IS NULL OR key::uuid > %(after)s)"
            " AND (%(last)s::uuid IS NULL OR key::uuid <= %(last)s)"
        )
    return dict(fetch(sql, {"after": after, "last": last, "since": since}))


def _key(kind: Kind, text: str) -> Key:
    return int(text) if kind is Kind.CUSTOMER else UUID(text)


def _next(kind: Kind) -> Kind | None:
    at = ORDER.index(kind) + 1
    return ORDER[at] if at < len(ORDER) else None


def _move(sweep: Sweep, kind: Kind | None, cursor: str, **counts: int) -> bool:
    """Advance the walk if nobody else did; return whether this process goes on."""
    changes: dict[str, object] = {name: F(name) + count for name, count in counts.items()}
    changes |= {"kind": kind.value, "cursor": cursor} if kind else {"finished_at": clock.now()}
    moved = Sweep.objects.filter(
        pk=sweep.pk, kind=sweep.kind, cursor=sweep.cursor, finished_at=None
    ).update(**changes)
    sweep.refresh_from_db()
    return bool(moved)
