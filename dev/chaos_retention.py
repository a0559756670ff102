"""Retention's full rounds: 200 times while 20,000 customers fall due a Celery worker is killed, or
PostgreSQL restarted under it.

Others order meanwhile. Afterwards nothing is half-erased, nothing erased that should stay, every
erasure has one receipt, and the run has ended by itself.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from dev import chaos_start
from dev.paths import say
from dev.postgres import Postgres

#: Subjects of a batch: small ones, so that there are many moments to die in.
BATCH = 20


def rounds(kills: int, customers: int, seed: int) -> list[str]:
    """Return the faults."""
    with (
        chaos_start.register("chaos_retention") as (url, postgres),
        TemporaryDirectory(prefix="jk-kills-") as folder,
    ):
        from tests.kills import Kills

        killing = Kills(Path(folder), url, random.Random(seed), customers)
        plan = killing.prepare(BATCH)
        try:
            killing.run(kills, plan, say, cuts=_restarts(postgres) if postgres else [killing.cut])
            found = killing.faults(plan)
        finally:
            killing.worker.end()
        if killing.kills < kills:
            found.append(f"the run ended after {killing.kills} kills: take more customers")
        say(f"{killing.kills} kills, {len(killing.ordered)} orders meanwhile")
        return found


def _restarts(postgres: Postgres) -> list[Callable[[], None]]:
    from django.db import connection

    def restart(*, immediately: bool) -> None:
        postgres.restart(immediately=immediately)
        connection.close()

    return [partial(restart, immediately=False), partial(restart, immediately=True)]


if __name__ == "__main__":
    sys.exit(chaos_start.run("retention", rounds, kills=200, customers=20_000))
