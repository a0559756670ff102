"""Retention's full rounds: a Celery worker is killed 200 times while 20,000 customers fall due.

Others order meanwhile. Afterwards nothing is half-erased, nothing erased that should stay, every
erasure has one receipt, and the run has ended by itself.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from dev import chaos_start
from dev.paths import say

#: Subjects of a batch: small ones, so that there are many moments to die in.
BATCH = 20


def rounds(kills: int, customers: int, seed: int) -> list[str]:
    """Return the faults."""
    with (
        chaos_start.register("chaos_retention") as url,
        TemporaryDirectory(prefix="jk-kills-") as folder,
    ):
        from tests.kills import Kills

        killing = Kills(Path(folder), url, random.Random(seed), customers)
        plan = killing.prepare(BATCH)
        try:
            killing.run(kills, plan, say)
            found = killing.faults(plan)
        finally:
            killing.worker.kill()
        if killing.kills < kills:
            found.append(f"the run ended after {killing.kills} kills: take more customers")
        say(f"{killing.kills} kills, {len(killing.ordered)} orders meanwhile")
        return found


if __name__ == "__main__":
    sys.exit(chaos_start.run("retention", rounds, kills=200, customers=20_000))
