"""The site log's full rounds: its reader is killed 100 times while nginx's log is rotated.

nginx is Debian's, with wrk, a browser's visits and hostile requests before it. Afterwards the
register holds the lines that nginx wrote, each once, and nothing that must not be kept of them.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from dev import chaos_start
from dev.paths import DevError, say
from dev.processes import discard, scratch


def rounds(kills: int, seed: int) -> list[str]:
    """Return the faults."""
    folder = scratch("jk-nginx-")
    with chaos_start.register("chaos_site_log"):
        from django.conf import settings

        from jokkerit_plugin.shop import port
        from tests.front import NGINX, WRK, Front
        from tests.paper_shop import PaperShop
        from tests.reader_kills import Reading

        if not NGINX:
            raise DevError("there is no nginx: apt-get install nginx-light wrk")
        settings.ALLOWED_HOSTS = ["127.0.0.1"]
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


if __name__ == "__main__":
    sys.exit(chaos_start.run("site log", rounds, kills=100))
