"""A shop of real processes to play in: web server, worker, beat, PostgreSQL, broker.

Journeys are played over HTTP by `demo`; the register is looked at through a connection of its
own. A drain is asked of the worker at every wait, beside the one that beat sends every five
seconds, so that a test need not wait for beat.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
from celery import Celery

from demo.drive import staff_client
from demo.shopfloor import Shop as Store
from demo.shopfloor import open_shop
from demo.stage import Stage
from dev.checkouts import Checkout, checkout
from dev.paths import LOGS, QUICK, ROOT
from dev.processes import scratch
from dev.servers import Servers
from dev.shop import Shop
from tests.hush import named
from tests.saleor import mirror
from tests.saleor.commands import Commands
from tests.saleor.mirror_rows import Row

#: How long the register may take to follow: far longer than it ever does.
PATIENCE_SECONDS = 60.0


def this_saleor() -> Checkout:
    """The checkout of the Saleor beside which this Python runs."""
    found = importlib.util.find_spec("saleor")
    assert found is not None, "run this in an environment layered over Saleor's"
    assert found.origin is not None
    return checkout(str(Path(found.origin).parent.parent))


def until(happened: Callable[[], bool], what: Callable[[], object]) -> None:
    """Wait until `happened`; when time runs out fail with what `what` tells."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


def logs_of(shop: Checkout, name: str) -> Path:
    """A folder for logs that no other run's lines are in."""
    folder = LOGS / shop.version / name
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def ordinary_shop(saleor: Checkout, running: Servers, logs: Path) -> Shop:
    """A shop as everybody runs it: each process starts by itself."""
    return Shop(saleor, running, environment={"PYTHONPATH": str(QUICK)}, logs=logs)


def breakable_shop(saleor: Checkout, running: Servers, logs: Path) -> Shop:
    """A shop whose web server can be told to break the plugin (see `sabotage.py`)."""
    word = scratch("jksb-") / "word"
    # Saleor asks its cache in every request: kept apart, a dead broker stops nothing but Celery.
    path = f"{ROOT}{os.pathsep}{QUICK}"
    environment = {"CACHE_URL": "locmem://", "PYTHONPATH": path, "SABOTAGE": str(word)}
    shop = Shop(saleor, running, environment=environment, logs=logs, stem=True)
    served = shop.web.argv.index("saleor.asgi:application")
    shop.web.argv[served] = "tests.saleor.sabotage:application"
    return shop


@dataclass(frozen=True)
class Seen:
    """Keys of what a journey touched."""

    orders: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    baskets: tuple[str, ...] = ()


@dataclass
class Live:
    """A running shop."""

    shop: Shop
    #: The journeys that were played here and followed.
    played: set[str] = field(default_factory=set)

    @cached_property
    def commands(self) -> Commands:
        """The shop's management commands."""
        return Commands(self.shop)

    @cached_property
    def database(self) -> psycopg.Connection[Row]:
        """A connection that reads what is committed."""
        return mirror.connect(self.shop.database_url)

    def kill(self) -> None:
        """End the processes without waiting for what they are at: the database goes anyway."""
        self.commands.stop()
        for process in (self.shop.beat, self.shop.worker, self.shop.web):
            process.kill()

    def reconnect(self) -> None:
        """Forget the connection: the server was restarted."""
        self.database.close()
        del self.database

    @cached_property
    def store(self) -> Store:
        """The shop as staff see it, with everything for sale."""
        return open_shop(staff_client(f"{self.shop.url}/graphql/"))

    @cached_property
    def stage(self) -> Stage:
        """Where `demo`'s journeys are played, alike in every run."""
        return Stage(self.store, "tests")

    @cached_property
    def _queue(self) -> Celery:
        # Not the current app: Saleor's own may live in this process too.
        return Celery(broker=self.shop.own["CELERY_BROKER_URL"], set_as_current=False)

    def task(self, name: str) -> None:
        """Let the worker run a task, soon or never."""
        self._queue.send_task(name, expires=5)

    def drain(self) -> None:
        """Ask the worker for a drain."""
        self.task("jokkerit_plugin.tasks.drain")

    def order_keys(self) -> set[str]:
        """The keys of all orders in the shop."""
        return {str(row["id"]) for row in self.database.execute("SELECT id FROM order_order")}

    def complaints(self) -> list[str]:
        """Lines of ours that name somebody, in the web server's log and the worker's; tracebacks in
        the former: a worker that is there before the tables has them.
        """
        web, worker = (
            [line for line in one.log.read_text(errors="replace").splitlines()
             if "jokkerit_plugin" in line]
            for one in (self.shop.web, self.shop.worker)
        )  # fmt: skip
        broken = [line for line in web if "jokkerit_plugin/" in line and "Traceback" in line]
        return broken + [line for line in (*web, *worker) if named(line)]

    def waiting(self) -> int:
        """Events and set-aside keys that wait."""
        return mirror.waiting(self.database)

    def settle(self) -> None:
        """Wait until the inbox is empty."""
        self.drain()
        until(lambda: not self.waiting(), lambda: f"{self.waiting()} still wait")

    def differences(self, of: Seen | None = None) -> list[str]:
        """What differs at this moment between register and shop: of these rows, or of all."""
        if of is None:
            return mirror.differences(self.database)
        return mirror.differences(
            self.database, orders=of.orders, accounts=of.accounts, baskets=of.baskets
        )

    def follows(self, of: Seen | None = None) -> None:
        """Wait until the register equals the shop; fails naming what still differs.

        Some of Saleor's own hooks run in its worker, a moment after the answer.
        """
        self.settle()
        last: list[str] = []

        def equal() -> bool:
            last[:] = self.differences(of)
            if last and not self.waiting():
                self.drain()
                time.sleep(0.3)
            return not last

        until(equal, lambda: f"the register differs: {last}")

    def reconcile(self) -> str:
        """Run the command that compares everything; what it reported."""
        return self.commands.run("register_reconcile")

    def walk(self) -> None:
        """Do tonight's comparison of everything now: none begins by itself and mends what is wrong.

        One by hand does not stand for it, and after the plugin rested there is another.
        """
        self.commands.run("shell", "-c", "from jokkerit_plugin.tasks import reconcile as r; r()")

    def configure(self, *, active: bool = True, **fields: object) -> None:
        """Change the plugin's settings as the Dashboard does."""
        values = [
            {"name": name, "value": str(value).lower() if isinstance(value, bool) else str(value)}
            for name, value in fields.items()
        ]
        given = ("PluginUpdateInput!", {"active": active, "configuration": values})
        self.store.staff.mutate("pluginUpdate", id=("ID!", "jokkerit.register"), input=given)

    def write(self, statement: str, *values: object) -> int:
        """Change Saleor's tables behind its back; how many rows."""
        return self.database.execute(statement, values).rowcount

    @property
    def sabotage_file(self) -> Path:
        """Where the word for `tests.saleor.sabotage` stands."""
        return Path(self.shop.own["SABOTAGE"])

    def struck(self, word: str) -> set[str]:
        """The orders that a word kept from being noted, by a kill."""
        file = self.sabotage_file.with_name("struck")
        lines = file.read_text().split("\n") if file.exists() else []
        return {key for said, _, key in (line.partition(" ") for line in lines) if said == word}

    def sabotage(self, word: str) -> None:
        """Break the plugin in the web process from now on; "none" mends it."""
        self.sabotage_file.write_text(word)
