"""Management commands in one process that stays: importing Saleor anew costs 10 s each time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import dataclass, field
from typing import TextIO

from dev.paths import DevError
from dev.processes import Running, forget, guard
from dev.shop import Shop
from dev.stem import started

PROGRAM = """
import io, json, sys, traceback

said, sys.stdout = sys.stdout, sys.stderr

import django
from django.core.management import call_command
from django.db import connections

django.setup()
for line in sys.stdin:
    out, failed = io.StringIO(), ""
    try:
        call_command(*json.loads(line), stdout=out, stderr=io.StringIO())
    except BaseException:
        failed = traceback.format_exc()
    connections.close_all()
    print(json.dumps([out.getvalue(), failed]), file=said, flush=True)
"""


@dataclass
class Commands:
    """`manage.py` of a shop; the process starts with the first command, or with `start`."""

    shop: Shop
    #: Python that runs before the first command: a clock that is ahead, for one.
    before: str = ""
    _process: Running | None = field(default=None, init=False)
    _asks: TextIO = field(init=False)
    _replies: TextIO = field(init=False)

    def start(self) -> None:
        """Let the process come up while something else is being waited for."""
        if self._process is not None:
            return
        asked, asks = os.pipe()
        replies, replied = os.pipe()
        self._asks, self._replies = os.fdopen(asks, "w"), os.fdopen(replies)
        with (
            os.fdopen(asked) as stdin,
            os.fdopen(replied, "w") as stdout,
            (self.shop.logs / "commands.log").open("ab") as log,
        ):
            self._process = started(
                [str(self.shop.python), "-c", self.before + PROGRAM],
                [stdin.fileno(), stdout.fileno(), log.fileno()],
                env=self.shop.environment,
                cwd=self.shop.logs,
                stem=self.shop.stem,
            )
        guard(self._process.pid)

    def run(self, *argv: str) -> str:
        """What the command printed. DevError with its traceback when it fails."""
        printed, failed = self.outcome(*argv)
        if failed:
            raise DevError(f"{argv[0]} failed:\n{printed}{failed}")
        return printed

    def outcome(self, *argv: str) -> tuple[str, str]:
        """What the command printed, and the traceback if it failed or left with a status."""
        self.start()
        reply = ""
        with contextlib.suppress(BrokenPipeError):
            self._asks.write(json.dumps(argv) + "\n")
            self._asks.flush()
            reply = self._replies.readline()
        if not reply:
            raise DevError(f"the process of the commands ended: {self.shop.logs}/commands.log")
        printed, failed = json.loads(reply)
        return str(printed), str(failed)

    def stop(self) -> None:
        """End the process."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        forget(self._process.pid)
        self._process = None
        for pipe in (self._asks, self._replies):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
