"""A reader of nginx's log, killed while the log is rotated: what was taken, and how often?"""

import gzip
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from dev.paths import ROOT
from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import RefusedLines, SiteLine
from jokkerit_plugin.sitelog import following
from jokkerit_plugin.sitelog.minimised import Line
from jokkerit_plugin.sitelog.parsing import read
from tests.front import SECRET, Front

#: Seconds that a round's load lasts: a reader takes most of them to start.
LOAD = 2


@dataclass
class Reading:
    """One nginx, one reader at a time, and a database."""

    front: Front
    dice: random.Random
    kills: int = 0

    def run(self, rounds: int, say: Callable[[str], object] = print) -> None:
        """Kill the reader `rounds` times at random moments."""
        self.front.rotate()
        for number in range(1, rounds + 1):
            load = self.front.load(LOAD)
            reader = self._reader()
            try:
                self._wait_for_lines(reader)
                self.front.browse()
                self.front.attack()
                # In the midst of a transaction, before or after a rotation, or between two.
                time.sleep(self.dice.uniform(0, 0.2))
                if number % 2:
                    self.front.rotate()
                    time.sleep(self.dice.uniform(0, 0.1))
            finally:
                reader.kill()
                reader.wait()
                load.wait()
            self.kills += 1
            if not number % 2:
                self.front.rotate()
            say(f"kill {number} of {rounds}: {SiteLine.objects.count():,} lines taken")

    def faults(self) -> list[str]:
        """Read what is left, and compare what nginx wrote with what is in the register.

        nginx has ended: until then a worker may write into a file that was renamed.
        """
        following.follow(self.front.log, config=Config(active=True))
        written, refused = Counter[object](), 0
        for path in self.front.log.parent.iterdir():
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            for line in raw.split(b"\n")[:-1]:
                found = read(line, now=clock.now())
                if isinstance(found, Line):
                    written[found.at, found.path, found.status, found.agent, found.referer] += 1
                else:
                    refused += 1
        columns = ("at", "path", "status", "agent", "referer")
        taken = Counter[object](SiteLine.objects.values_list(*columns).iterator())
        faults = [f"{count} times lost: {key}" for key, count in (written - taken).items()]
        faults += [f"{count} times too many: {key}" for key, count in (taken - written).items()]
        counted = sum(RefusedLines.objects.values_list("count", flat=True))
        if counted != refused:
            faults.append(f"{refused} lines are none, and {counted} were counted")
        kept = json.dumps([list(map(str, key)) for key in taken])  # type: ignore[call-overload]
        faults += [f"kept: {one}" for one in (SECRET, "aino@", "\\u001b", "?") if one in kept]
        return faults

    def total(self) -> int:
        """Return how many lines were taken or counted as refused."""
        counted = sum(RefusedLines.objects.values_list("count", flat=True))
        return SiteLine.objects.count() + int(counted)

    def _reader(self) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, "-m", "tests.follower", str(self.front.log)]
        return subprocess.Popen(
            [*argv, str(connection.settings_dict["NAME"])], cwd=ROOT, stdout=subprocess.PIPE
        )

    def _wait_for_lines(self, reader: "subprocess.Popen[bytes]") -> None:
        assert reader.stdout
        before = SiteLine.objects.count()
        assert reader.stdout.readline() == b"following\n"
        while SiteLine.objects.count() == before:
            assert reader.poll() is None, "the reader ended"
            self.front.browse()
