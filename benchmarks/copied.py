"""Databases of one server that are put back as they were, and work on them that is killed."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psycopg

from dev.databases import create_database
from dev.paths import DevError
from dev.postgres import with_database

#: Seconds in which something has to be done before the next kill.
PATIENCE = 60


@dataclass(frozen=True)
class Copied:
    """One database; its copy is a backup from before."""

    server: str
    name: str

    @property
    def url(self) -> str:
        """The database's own."""
        return with_database(self.server, self.name)

    def make(self) -> None:
        """Make it empty."""
        create_database(self.server, self.name)

    def run(self, statements: Iterable[str]) -> None:
        """Run statements, and collect statistics, else the autovacuum does it while one times."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for sql in statements:
                connection.execute(sql)
            connection.execute("VACUUM ANALYZE")

    def ask(self, sql: str) -> int:
        """Return one number."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(sql).fetchone()
        return int(row[0] or 0) if row else 0

    def keep(self) -> None:
        """Make the copy. Nobody may be connected."""
        create_database(self.server, f"{self.name}_kept", self.name)

    def restore(self) -> None:
        """Put it back."""
        create_database(self.server, self.name, f"{self.name}_kept")


def kill(
    start: Callable[[], subprocess.Popen[str]],
    done: Callable[[], int],
    *,
    times: int,
    struck: Callable[[], None] = lambda: None,
) -> int:
    """Start work and kill it in the middle (SIGKILL), again and again, then let it end.

    `struck` is called after the last kill. Returns how many there were: work may end before that.
    """
    dice = random.Random(18)
    for number in range(times):
        before, deadline = done(), time.monotonic() + PATIENCE
        process = start()
        while process.poll() is None and done() <= before:
            if time.monotonic() > deadline:
                process.kill()
                raise DevError("peers: nothing is done within a minute")
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 0.2))
        process.kill()
        process.communicate()
        if process.returncode == 0:
            struck()
            return number
    struck()
    process = start()
    process.communicate()
    if process.returncode:
        raise DevError("peers: what was killed does not run to its end afterwards")
    return times
