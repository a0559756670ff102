"""The site log's full rounds: its reader is killed 100 times while nginx's log is rotated.

nginx is Debian's, before a Saleor with the plugin, with wrk, a browser's visits and hostile
requests before it; the reader is that Saleor's `manage.py register_follow_log`. Afterwards the
register holds the lines that nginx wrote, each once, and nothing that must not be kept of them.
"""

from __future__ import annotations

import random
import sys

from dev import chaos_start
from dev.checkouts import checkout
from dev.paths import DevError, say
from dev.processes import discard, scratch
from dev.servers import servers
from tests.follower import COMMAND, of_a_shop
from tests.front import ABSENT, Front
from tests.reader_kills import Reading
from tests.saleor.live import Live, logs_of, ordinary_shop


def rounds(kills: int, saleor: str, seed: int) -> list[str]:
    """Return the faults."""
    if ABSENT:
        raise DevError(ABSENT)
    found, folder = checkout(saleor), scratch("jk-nginx-")
    logs = logs_of(found, "chaos-site-log")
    with servers(durable=True) as running, ordinary_shop(found, running, logs) as shop:
        shop.manage("migrate", "--no-input", "jokkerit_plugin")
        shop.start_web()
        Live(shop).configure(fill_checkouts=True)
        with Front(folder, shop.port).running() as front:
            reader = of_a_shop(front.log, shop)
            reading = Reading(front, reader, shop.database_url, random.Random(seed))
            reading.run(kills, say)
        before = reading.taken()
        shop.manage(COMMAND, str(front.log), "--once")
        faults = reading.faults()
        say(
            f"{reading.kills} kills, {front.rotations} rotations, {reading.taken():,} lines"
            f" ({before:,} before the last kill) and {reading.kept_out():,} refused"
        )
    discard(folder)
    return faults


if __name__ == "__main__":
    sys.exit(chaos_start.run("site log", rounds, kills=100, saleor="3.23"))
