"""The site log's full rounds: its reader is killed 100 times while nginx's log is rotated.

nginx is Debian's, with wrk, a browser's visits and hostile requests before it. Afterwards the
register holds the lines that nginx wrote, each once, and nothing that must not be kept of them.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path

from dev.databases import create_database, server_url
from dev.paths import DevError, say
from dev.postgres import with_database
from dev.processes import discard, scratch
from dev.servers import servers

NAME = "chaos_site_log"


def rounds(kills: int, seed: int) -> list[str]:
    """Return the faults."""
    folder = scratch("jk-nginx-")
    with servers(durable=True) as running:
        create_database(server_url(running.database_url), NAME)
        url = with_database(server_url(running.database_url), NAME)
        os.environ |= {
            **running.environment, "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "dev.host.settings",
        }  # fmt: skip
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        call_command("migrate", verbosity=0)
        from jokkerit_plugin.shop import port
        from tests.front import NGINX, WRK, Front
        from tests.paper_shop import PaperShop
        from tests.reader_kills import Reading

        if not NGINX:
            raise DevError("there is no nginx: apt-get install nginx-light wrk")
        port.install(PaperShop.at(Path(folder)).port)
        with Front(folder).running() as front:
            reading = Reading(front, random.Random(seed))
            reading.run(kills, say)
        found = reading.faults()
        say(
            f"{reading.kills} kills, {front.rotations} rotations, {reading.total():,} lines"
            + ("" if WRK else "; there is no wrk")
        )
    discard(folder)
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.chaos_site_log", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    say(f"site log: {options.kills} kills, seed {options.seed}")
    try:
        faults = rounds(options.kills, options.seed)
    except DevError as error:
        say(f"site log: {error}")
        return 1
    sys.stdout.write("".join(f"! {fault}\n" for fault in faults[:50]))
    say(f"site log: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
