"""Management commands in one process that stays: importing Saleor anew costs 10 s each time."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field

from dev.paths import DevError
from dev.processes import forget, guard
from dev.shop import Shop

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
    #: Python that runs before everything else: a clock that is ahead, for one.
    before: str = ""
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Let the process come up while something else is being waited for."""
        if self._process is not None:
            return
        with (self.shop.logs / "commands.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.shop.python), "-c", self.before + PROGRAM],
                cwd=self.shop.logs,
                env=self.shop.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
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
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(argv) + "\n")
        self._process.stdin.flush()
        reply = self._process.stdout.readline()
        if not reply:
            raise DevError(f"the process of the commands ended: {self.shop.logs}/commands.log")
        printed, failed = json.loads(reply)
        return str(printed), str(failed)

    def stop(self) -> None:
        """End the process."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        forget(self._process.pid)
        self._process = None
