"""The inbox: events are written down by hooks, and worked on by drains.

A hook's `note` is one round trip that waits for nobody. A drain takes a small batch, and
everything that follows from it (see `intake`) is in the same transaction: a killed worker
leaves the events where they were. A batch that fails is worked on key by key, and a key that
fails alone is set aside with the reason, so the rest flows on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from .. import clock, telemetry
from ..config import Config
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import InboxEvent, SetAside
from ..shop.port import Key, ShopPort, shop
from ..shop.snapshots import Kind
from .intake import Counts, Event, apply
from .proof import invalidate
from .rows import execute, fetch, table

logger = logger_of(__name__)


class InboxError(RegisterError):
    """The database is away, or refuses: nothing is lost, the next drain goes on."""

    code = "INBOX"


#: What a database says with a full disk, or as a standby: no row is to blame.
_REFUSES = ("53100", "25006")
#: Events of one transaction: few, so that locks are short and a failure costs little.
BATCH = 100
#: Pauses before a failed key is tried again; after the last it is left for a person.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))


def note(kind: Kind, keys: Sequence[Key]) -> None:
    """Write down that these rows of the shop changed. For hooks, after the commit.

    One round trip. Waits 100 ms at most for a lock on the inbox, then raises
    `OperationalError`; does not wait for the disk (a crash of PostgreSQL may lose the last
    moments, which the reconciliation finds).
    """
    with shop().writer(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL lock_timeout = '100ms'; SET LOCAL synchronous_commit = off;"
            f" INSERT INTO {table(InboxEvent)} (kind, key) SELECT %s, unnest(%s::text[])",
            [kind.value, [str(key) for key in keys]],
        )


def drain(*, max_batches: int = 50) -> Counts:
    """Work on what waits, oldest first, until nothing does or `max_batches` are done.

    Any number of drains may run at once. Returns what changed.
    """
    port = shop()
    counts = Counts()
    with port.writer():
        config = port.config()
        if not (config.active and config.fill_orders):
            invalidate()
        if not config.active:
            return counts
        _recall()
        for _ in range(max_batches):
            taken = _drain_batch(port, config, counts)
            telemetry.measure("jokkerit.inbox.drained", taken)
            if taken < BATCH:
                break
    return counts


def work(events: Iterable[Event], *, port: ShopPort, config: Config) -> Counts:
    """Apply events that are not in the inbox (a sweep's), setting aside what fails."""
    wanted = sorted(set(events))

    def together() -> Counts:
        counts = apply(wanted, port=port, config=config)
        _forget(wanted)
        return counts

    done = _attempt(together)
    if isinstance(done, Counts):
        return done
    counts = Counts()
    for event in wanted:
        counts.add(_work_alone(event, port, config))
    return counts


def _drain_batch(port: ShopPort, config: Config, counts: Counts) -> int:
    taken: list[tuple[int, str, str]] = []

    def together() -> Counts:
        taken.extend(_take())
        events = {(Kind(kind), key) for _, kind, key in taken}
        found = apply(events, port=port, config=config) if events else Counts()
        _forget(events)
        return found

    done = _attempt(together)
    if isinstance(done, Counts):
        counts.add(done)
    elif not taken:
        raise InboxError(f"The inbox could not be read: {done.reason}.")
    else:
        last = max(pk for pk, _, _ in taken)
        for event in sorted({(Kind(kind), key) for _, kind, key in taken}):
            counts.add(_work_alone(event, port, config, up_to=last))
    return len(taken)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a transaction failed. Not the error: its text quotes the row that it choked on, and
    would stand in the traceback of whatever is raised while it is handled.
    """

    reason: str
    state: str
    lost: bool


def _attempt(act: Callable[[], Counts]) -> Counts | _Failure:
    """Run `act` in a transaction. Raises `InboxError` where there is no database any more."""
    try:
        with transaction.atomic():
            return act()
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest flows on
        failure = _Failure(describe(error), _state(error), _is_lost(error))
    if not connection.is_usable():
        connection.close()
        raise InboxError(f"The database is away: {failure.reason}.")
    if failure.state in _REFUSES:
        raise InboxError(f"The database takes nothing in: {failure.reason}.")
    return failure


def _is_lost(error: Exception) -> bool:
    """Tell whether the session died under the work, through no fault of the row's."""
    state = _state(error)
    return isinstance(error, OperationalError | InterfaceError) and (
        not state or state.startswith(("08", "57P"))
    )


def _state(error: Exception) -> str:
    return str(getattr(error.__cause__ or error, "sqlstate", None) or "")


def _take() -> list[tuple[int, str, str]]:
    return fetch(
        f"DELETE FROM {table(InboxEvent)} WHERE id = ANY(ARRAY(SELECT id FROM"
        f" {table(InboxEvent)} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))"
        " RETURNING id, kind, key",
        [BATCH],
    )


def _work_alone(event: Event, port: ShopPort, config: Config, *, up_to: int = 0) -> Counts:
    def alone() -> Counts:
        _remove(event, up_to)
        counts = apply([event], port=port, config=config)
        _forget([event])
        return counts

    done = _attempt(alone)
    if isinstance(done, _Failure) and done.lost:
        # Once more: a row that takes its session down every time must not go on for ever.
        done = _attempt(alone)
    if isinstance(done, Counts):
        return done
    logger.warning("set aside %s %s: %s", event[0], event[1], done.reason)
    telemetry.measure("jokkerit.inbox.set_aside", kind=event[0])
    with transaction.atomic():
        _remove(event, up_to)
        _set_aside(event, done.reason)
    return Counts()


def _remove(event: Event, up_to: int) -> None:
    execute(
        f"DELETE FROM {table(InboxEvent)} WHERE kind = %s AND key = %s AND id <= %s",
        [event[0].value, event[1], up_to],
    )


def _set_aside(event: Event, reason: str) -> None:
    now = clock.now()
    pauses = [pause.total_seconds() for pause in PAUSES]
    execute(
        f"INSERT INTO {table(SetAside)} AS old"
        " (kind, key, attempts, reason, first_at, last_at, next_at)"
        " VALUES (%(kind)s, %(key)s, 1, %(reason)s, %(now)s, %(now)s, %(now)s + %(first)s)"
        " ON CONFLICT (kind, key) DO UPDATE SET attempts = old.attempts + 1,"
        " reason = excluded.reason, last_at = excluded.last_at, next_at = excluded.last_at"
        " + make_interval(secs => (%(pauses)s::float8[])[old.attempts + 1])",
        {
            "kind": event[0].value,
            "key": event[1],
            "reason": reason[:200],
            "now": now,
            "first": PAUSES[0],
            "pauses": pauses,
        },
    )


def _recall() -> None:
    """Put set-aside keys whose pause is over back into the inbox."""
    now = clock.now()
    execute(
        f"WITH due AS (UPDATE {table(SetAside)} SET next_at = %s WHERE id = ANY(ARRAY("
        f"SELECT id FROM {table(SetAside)} WHERE next_at <= %s ORDER BY id LIMIT %s"
        " FOR UPDATE SKIP LOCKED)) RETURNING kind, key)"
        f" INSERT INTO {table(InboxEvent)} (kind, key) SELECT kind, key FROM due",
        [now + PAUSES[-1], now, BATCH],
    )


def _forget(events: Iterable[Event]) -> None:
    flat = sorted(events)
    execute(
        f"DELETE FROM {table(SetAside)} WHERE (kind, key) IN"
        " (SELECT * FROM unnest(%s::text[], %s::text[]))",
        [[kind.value for kind, _ in flat], [key for _, key in flat]],
    )
