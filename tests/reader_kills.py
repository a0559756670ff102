"""A reader of nginx's log, killed while the log is rotated: what was taken, and how often?"""

import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from dev.processes import Process
from tests.front import SECRET, Front

_COUNTED = "at, host(address), status, size"
_KEPT = "agent, method, path, referer"


@dataclass
class Reading:
    """One nginx, one reader at a time (the command itself), and a database (`url`)."""

    front: Front
    reader: Process
    url: str
    dice: random.Random
    kills: int = 0
    #: Rows that were there before.
    first: int = 0
    refused: int = 0
    database: "psycopg.Connection[Any]" = field(init=False)

    def __post_init__(self) -> None:
        self.database = psycopg.connect(
            self.url.replace("postgres://", "postgresql://", 1), autocommit=True
        )
        self.first = self._one("SELECT coalesce(max(id), 0) FROM jokkerit_plugin_siteline")
        self.refused = self.kept_out()

    def run(self, rounds: int, say: Callable[[str], object] = print) -> None:
        """Kill the reader `rounds` times at random moments."""
        self.front.rotate()
        for number in range(1, rounds + 1):
            load = self.front.load()
            try:
                self.front.browse()
                self.front.attack()
                self.reader.start()
                self._wait(inside=not number % 2)
                # In the midst of a transaction, before or after a rotation, or between two.
                time.sleep(self.dice.uniform(0, 0.2))
                if number % 2:
                    self.front.rotate()
                    time.sleep(self.dice.uniform(0, 0.1))
            finally:
                self.reader.kill()
                load.kill()
                load.wait()
            self.kills += 1
            if not number % 2:
                self.front.rotate()
            say(f"kill {number} of {rounds}: {self.taken():,} lines taken")

    def faults(self) -> list[str]:
        """Compare what nginx wrote with what is in the register, after a last reading.

        nginx has ended: until then a worker may write into a file that was renamed.
        """
        written = Counter[object]()
        for path in self.front.log.parent.iterdir():
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            written.update(map(said, raw.split(b"\n")[:-1]))
        taken = Counter[object](self._rows(_COUNTED))
        faults = [f"{count} times lost: {key}" for key, count in (written - taken).items()]
        faults += [f"{count} times too many: {key}" for key, count in (taken - written).items()]
        if refused := self.kept_out() - self.refused:
            faults.append(f"{refused} lines of nginx's were refused")
        kept = json.dumps([list(map(str, key)) for key in self._rows(f"DISTINCT {_KEPT}")])
        faults += [f"kept: {one}" for one in (SECRET, "aino@", "\\u001b", "?") if one in kept]
        return faults

    def taken(self) -> int:
        """Return how many lines are in the register."""
        return self._one("SELECT count(*) FROM jokkerit_plugin_siteline WHERE id > %s", self.first)

    def kept_out(self) -> int:
        """Return how many lines were counted and not taken."""
        return self._one("SELECT coalesce(sum(count), 0) FROM jokkerit_plugin_refusedlines")

    def _wait(self, *, inside: bool) -> None:
        """Wait until the reader has stored lines, or is inside its first transaction.

        There it holds the lock of those who follow this path.
        """
        before = self.taken()
        sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        while not (self._one(sql) if inside else self.taken() > before):
            assert self.reader.alive, f"the reader ended:\n{self.reader.tail()}"
            if not inside:
                self.front.browse()

    def _rows(self, columns: str) -> list[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM jokkerit_plugin_siteline WHERE id > %s"
        return self.database.execute(sql, [self.first]).fetchall()

    def _one(self, sql: str, *given: object) -> int:
        row = self.database.execute(sql, given).fetchone()
        assert row
        return int(row[0])


def said(line: bytes) -> tuple[datetime, str, int, int]:
    """Return when, whence, status and bytes of a line, as nginx writes it: it escapes each quote.

    Not by the register's reader, which could lose a line here and there alike.
    """
    head, _, answer, *_ = line.split(b'"')
    address, _, rest = head.decode().partition(" ")
    at = datetime.strptime(rest.rpartition("[")[2], "%d/%b/%Y:%H:%M:%S %z] ")
    status, size = answer.split()
    return at, address, int(status), int(size)
