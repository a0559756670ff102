"""Celery workers that are killed one after another, forked from a process that imports all once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dev.paths import ROOT
from dev.processes import Process, forget, guard


class Worker(Process):
    """A worker of `tests.worker`: starting it anew takes a fifth of a second, not two."""

    def __init__(self, *options: str, env: Mapping[str, str], log: Path) -> None:
        argv = [sys.executable, "-m", "tests.worker", "worker", *options]
        super().__init__("worker", argv, env=env, cwd=ROOT, log=log)
        with log.open("ab") as said:
            self._origin = subprocess.Popen(
                argv, env=dict(env), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=said, text=True,
            )  # fmt: skip
        guard(self._origin.pid)

    def start(self) -> None:
        """Start it; what it prints is appended to its log."""
        assert self._origin.stdin
        assert self._origin.stdout
        self._origin.stdin.write("\n")
        self._origin.stdin.flush()
        pid = self._origin.stdout.readline()
        assert pid, self.tail()
        self._popen = _Forked(int(pid))  # type: ignore[assignment]
        guard(int(pid))

    def end(self) -> None:
        """Kill it for the last time, and end what it was forked from."""
        self.kill()
        self._origin.communicate()
        forget(self._origin.pid)


class _Forked:
    """Another process's child, as far as `Process` asks after it; its status is not known."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return None
        return 0

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.01)
        return 0
