"""Runs inside Saleor, in a process of its own: does what `growth` asks, line by line."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from uuid import UUID

import django

django.setup()

from django.db import connection  # noqa: E402

from jokkerit_plugin import clock  # noqa: E402
from jokkerit_plugin.models import Sweep  # noqa: E402
from jokkerit_plugin.register import inbox, sweep  # noqa: E402
from jokkerit_plugin.shop.port import shop  # noqa: E402
from jokkerit_plugin.shop.snapshots import Kind  # noqa: E402


def fill() -> None:
    """Take in the whole shop."""
    walk = sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert walk.finished_at
    assert not walk.failed


def analyze() -> None:
    """What autovacuum and the checkpointer would have done by now."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def take(first: int, count: int) -> None:
    """Take in orders as a walk does that finds them missing."""
    port = shop()
    config = port.config()
    keys = [_order(n) for n in range(first, first + count)]
    for at in range(0, count, sweep.CHUNK):
        counts = inbox.work(
            [(Kind.ORDER, str(key)) for key in keys[at : at + sweep.CHUNK]],
            port=port, config=config,
        )  # fmt: skip
        assert counts.written


def compare(turn: int, count: int) -> None:
    """Walk over `count` orders from somewhere in the shop; all are equal."""
    Sweep.objects.all().delete()
    cursor = str(UUID(int=(turn * 2 + 1) << 123))
    walk = Sweep.objects.create(
        name=Sweep.Name.RECONCILE, started_at=clock.now(), kind=Kind.ORDER.value,
        cursor=cursor, reach=shop().config().reach,
    )  # fmt: skip

    def stop(_: Sweep) -> None:
        if walk.seen >= count:
            raise _Enough

    try:
        sweep.run(walk, report=stop)
    except _Enough:
        assert not walk.outdated


class _Enough(Exception):
    """As many rows as were asked for."""


def _order(number: int) -> UUID:
    return UUID(hashlib.md5(f"order {number}".encode(), usedforsecurity=False).hexdigest())


def main() -> int:
    """Read what to do, do it, answer how long it took."""
    acts = {act.__name__: act for act in (fill, analyze, take, compare)}
    with shop().writer():
        for line in sys.stdin:
            name, *words = json.loads(line)
            began = time.perf_counter()
            acts[name](*words)
            sys.stdout.write(f"{time.perf_counter() - began}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
