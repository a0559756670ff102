"""Retention's full rounds: a Celery worker is killed 200 times while 20,000 customers fall due.

Others order meanwhile. Afterwards nothing is half-erased, nothing erased that should stay, every
erasure has one receipt, and the run has ended by itself.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.databases import create_database, server_url
from dev.paths import DevError, say
from dev.postgres import with_database
from dev.servers import servers

NAME = "chaos_retention"
#: Subjects of a batch: small ones, so that there are many moments to die in.
BATCH = 20


def rounds(kills: int, customers: int, seed: int) -> list[str]:
    """Return the faults."""
    with servers(durable=True) as running, TemporaryDirectory(prefix="jk-kills-") as folder:
        create_database(server_url(running.database_url), NAME)
        url = with_database(server_url(running.database_url), NAME)
        os.environ |= {
            **running.environment, "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "dev.host.settings",
        }  # fmt: skip
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
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


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.chaos_retention", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    say(f"retention: {options.kills} kills, {options.customers} customers, seed {options.seed}")
    try:
        faults = rounds(options.kills, options.customers, options.seed)
    except DevError as error:
        say(f"retention: {error}")
        return 1
    sys.stdout.write("".join(f"! {fault}\n" for fault in faults[:50]))
    say(f"retention: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
