"""What the plugin costs the shop with everything switched on at once: checkoutComplete, memory.

Filling from orders and checkouts, erasing in Saleor, marketing with soft opt-in, the agreement
backend, and the site log: a process follows the log of the shop's own web server. Telemetry is off,
as Saleor has it. Beside it, by turns, the bare shop; a worker and beat run on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from dev.paths import CACHE, ROOT
from dev.processes import Process, children
from dev.servers import Servers
from dev.shop import Shop

from .checkout import VERSION, Side, bare, timed
from .results import Figure
from .within import within

AIM = 1.03
#: Requests of one purchase, each of which is a line of the log.
REQUESTS = 5
SETTINGS = {
    "fill_orders": "true",
    "fill_checkouts": "true",
    "retention": "true",
    "erase_in_shop": "true",
    "marketing_double_opt_in": "true",
    "soft_opt_in_from": "2020-01-01",
    "financial_year_end": "12-31",
}


class Logged(Side):
    """A shop whose web server writes a log, which the site log follows."""

    def __init__(self, shop: Shop, log: Path) -> None:
        super().__init__(shop)
        self.log = log

    def buy(self, tag: str) -> float:
        """As `Side.buy`; its requests stand in the log afterwards."""
        seconds = super().buy(tag)
        at = f"{datetime.now(UTC):%d/%b/%Y:%H:%M:%S +0000}"
        line = f'203.0.113.9 - - [{at}] "POST /graphql/ HTTP/1.1" 200 812 "-" "Mozilla/5.0"\n'
        with self.log.open("a") as log:
            log.write(line * REQUESTS)
        return seconds


def run(servers: Servers) -> list[Figure]:
    """Measure on two shops from one dump."""
    logs = CACHE / "bench" / "everything"
    environment = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.everything_settings",
        "PYTHONPATH": str(ROOT),
        "JOKKERIT_KEYS": f"b:{'0' * 64}",
        "JOKKERIT_LEDGER_DIR": str(logs / "ledger"),
    }
    with Shop(VERSION, servers, logs=logs, environment=environment) as mine, bare(servers) as plain:
        mine.manage("migrate")
        # The agreement first: without one the backend leaves the staff no orders.
        within(mine, "signing")
        for shop in (mine, plain):
            shop.start()
        log = logs / "access.log"
        log.write_text("")
        sides = Logged(mine, log), Side(plain)
        _switch_on(sides[0])
        follower = _follower(mine, log)
        follower.start()
        try:
            figures = list(timed(*sides, "everything on, workers and beat on both sides", AIM))
            figures += _taken(mine)
            figures += _memory(mine, plain, follower)
        finally:
            follower.stop()
    return figures


def _switch_on(side: Side) -> None:
    values = [{"name": name, "value": value} for name, value in SETTINGS.items()]
    given = ("PluginUpdateInput!", {"active": True, "configuration": values})
    side.floor.staff.mutate("pluginUpdate", id=("ID!", "jokkerit.register"), input=given)


def _follower(shop: Shop, log: Path) -> Process:
    return Process(
        "register_follow_log",
        [
            str(shop.python),
            str(shop.checkout.folder / "manage.py"),
            "register_follow_log",
            str(log),
        ],
        env=shop.environment,
        cwd=shop.logs,
        log=shop.logs / "follower.log",
    )


def _taken(shop: Shop) -> Iterator[Figure]:
    """Everything was on: what each part took in meanwhile."""
    counts = {
        "purchases": "SELECT count(*) FROM jokkerit_plugin_purchase",
        "traces": "SELECT count(*) FROM jokkerit_plugin_trace",
        "site log lines": "SELECT count(*) FROM jokkerit_plugin_siteline",
    }
    url = shop.database_url.replace("postgres://", "postgresql://", 1)
    with psycopg.connect(url) as connection:
        for what, sql in counts.items():
            row = connection.execute(sql).fetchone()
            yield Figure("everything", f"{what} taken in", row[0] if row else 0, "")


def _memory(mine: Shop, plain: Shop, follower: Process) -> Iterator[Figure]:
    for name in ("web", "worker", "beat"):
        ours, theirs = (_mib(getattr(shop, name).pid) for shop in (mine, plain))
        yield Figure(
            "everything", f"memory of {name}, with : without", ours / theirs, "",
            note=f"{ours:.0f} : {theirs:.0f} MiB",
        )  # fmt: skip
    yield Figure("everything", "memory of register_follow_log", _mib(follower.pid), "MiB")


def _mib(pid: int) -> float:
    """Proportional memory of a process and its children."""
    found = 0
    for one in (pid, *children(pid)):
        text = Path(f"/proc/{one}/smaps_rollup").read_text()
        found += int(text.partition("\nPss:")[2].split()[0])
    return found / 1024
