"""The inbox: events are written down by hooks, and worked on by drains.

A hook's `note` is one round trip that waits for nobody. A drain takes a small batch, and
everything that follows from it (see `intake`) is in the same transaction: a killed worker
leaves the events where they were. A batch that fails is worked on key by key, and a key that
fails alone is set aside with the reason, so the rest flows on.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..errors import describe
from ..models import InboxEvent, SetAside, Sweep
from ..shop.port import Key, ShopPort, shop
from ..shop.snapshots import Kind
from .intake import Counts, Event, apply
from .rows import execute, fetch, table

logger = logging.getLogger(__name__)

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
            Sweep.objects.filter(valid=True).update(valid=False)
        if not config.active:
            return counts
        _recall()
        for _ in range(max_batches):
            taken = _drain_batch(port, config, counts)
            if taken < BATCH:
                break
    return counts


def work(events: Iterable[Event], *, port: ShopPort, config: Config) -> Counts:
    """Apply events that are not in the inbox (a sweep's), setting aside what fails."""
    wanted = sorted(set(events))
    try:
        with transaction.atomic():
            counts = apply(wanted, port=port, config=config)
            _forget(wanted)
            return counts
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest flows on
        _reraise_if_lost(error)
        counts = Counts()
        for event in wanted:
            counts.add(_work_alone(event, port, config))
        return counts


def _drain_batch(port: ShopPort, config: Config, counts: Counts) -> int:
    taken: list[tuple[int, str, str]] = []
    try:
        with transaction.atomic():
            taken = _take()
            events = {(Kind(kind), key) for _, kind, key in taken}
            if events:
                counts.add(apply(events, port=port, config=config))
                _forget(events)
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest flows on
        _reraise_if_lost(error)
        last = max(pk for pk, _, _ in taken) if taken else 0
        for event in sorted({(Kind(kind), key) for _, kind, key in taken}):
            counts.add(_work_alone(event, port, config, up_to=last))
    return len(taken)


def _take() -> list[tuple[int, str, str]]:
    return fetch(
        f"DELETE FROM {table(InboxEvent)} WHERE id = ANY(ARRAY(SELECT id FROM"
        f" {table(InboxEvent)} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))"
        " RETURNING id, kind, key",
        [BATCH],
    )


def _work_alone(event: Event, port: ShopPort, config: Config, *, up_to: int = 0) -> Counts:
    try:
        with transaction.atomic():
            _remove(event, up_to)
            counts = apply([event], port=port, config=config)
            _forget([event])
            return counts
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest flows on
        _reraise_if_lost(error)
        reason = describe(error)
        logger.warning("set aside %s %s: %s", event[0], event[1], reason)
        with transaction.atomic():
            _remove(event, up_to)
            _set_aside(event, reason)
        return Counts()


def _remove(event: Event, up_to: int) -> None:
    execute(
        f"DELETE FROM {table(InboxEvent)} WHERE kind = %s AND key = %s AND id <= %s",
        [event[0].value, event[1], up_to],
    )


def _set_aside(event: Event, reason: str) -> None:
    now = clock.now()
    row, _ = SetAside.objects.select_for_update().get_or_create(
        kind=event[0].value,
        key=event[1],
        defaults={"attempts": 0, "reason": "", "first_at": now, "last_at": now},
    )
    row.next_at = now + PAUSES[row.attempts] if row.attempts < len(PAUSES) else None
    row.attempts += 1
    row.reason, row.last_at = reason[:200], now
    row.save()


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


def _reraise_if_lost(error: Exception) -> None:
    """A lost connection is nobody's fault: everything rolled back, the next drain goes on."""
    if not connection.is_usable():
        connection.close()
        raise error
