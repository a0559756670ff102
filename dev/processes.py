"""Child processes with a log each, none of which outlives this process.

Each process leads a session of its own, so a Ctrl-C at the terminal does not reach it
and its whole group can be killed by its id. `dev.watchdog` ends what is left when this
process is gone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from dev import watchdog
from dev.paths import DevError

_lock = threading.Lock()
_watch: subprocess.Popen[str] | None = None
_owner = 0


def _tell(line: str) -> None:
    global _watch, _owner
    with _lock:
        if _watch is None or _owner != os.getpid():
            _owner = os.getpid()
            _watch = subprocess.Popen(
                [sys.executable, "-S", "-E", watchdog.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                text=True,
                start_new_session=True,
            )
        assert _watch.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            _watch.stdin.write(line + "\n")
            _watch.stdin.flush()


def guard(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Let the watchdog send `how` to `pid` when this process is gone."""
    _tell(f"guard {pid} {int(how)} {watchdog.started(pid)}")


def forget(pid: int) -> None:
    """The process ended in the ordinary way; its id may be given to another."""
    _tell(f"forget {pid}")


def scratch(prefix: str) -> Path:
    """A new 0700 folder that is removed at the latest when this process is gone.

    Its path is short: a Unix socket's path has at most 107 bytes.
    """
    base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base if len(base) < 60 else "/tmp"))  # noqa: S108
    _tell(f"folder {folder}")
    return folder


def discard(folder: Path) -> None:
    """Remove a folder made by `scratch`."""
    shutil.rmtree(folder, ignore_errors=True)
    _tell(f"keep {folder}")


def children(pid: int) -> list[int]:
    """The process ids of the direct children, [] where /proc is missing."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


class Running(Protocol):
    """What `Process` asks of `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None:
        """None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. subprocess.TimeoutExpired after `timeout` seconds."""


class Process:
    """One program with its log file; can be started again after it ended."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        user: int | None = None,
        group: int | None = None,
        orphaned: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name, self.argv, self.env, self.cwd, self.log = name, list(argv), env, cwd, log
        self._user, self._group, self._orphaned = user, group, orphaned
        self._popen: Running | None = None

    @property
    def pid(self) -> int:
        """The id of the process, which is its process group's too. DevError if not running."""
        if self._popen is None:
            raise DevError(f"{self.name} is not running")
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether the process is running now."""
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Start it; what it prints is appended to its log."""
        if self.alive:
            raise DevError(f"{self.name} is running already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = self._begun(log.fileno())
        guard(self._popen.pid, self._orphaned)

    def _begun(self, log: int) -> Running:
        return subprocess.Popen(
            self.argv,
            env=dict(self.env),
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self._user,
            group=self._group,
            extra_groups=None if self._user is None else [],
        )

    def send(self, what: signal.Signals) -> None:
        """Send a signal to the process itself, not to its group."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, what)

    def wait(self, timeout: float) -> int:
        """Wait for the end; its exit status. subprocess.TimeoutExpired after `timeout` seconds."""
        assert self._popen is not None
        status = self._popen.wait(timeout)
        forget(self._popen.pid)
        return status

    def stop(self, how: signal.Signals = signal.SIGTERM, timeout: float = 10.0) -> None:
        """Ask for an orderly end; after `timeout` seconds kill the whole group."""
        if self._popen is None:
            return
        if self.alive:
            self.send(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """SIGKILL the whole process group and reap the process."""
        if self._popen is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self.wait(10)
        self._popen = None

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log, for messages."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def until(self, ready: object, timeout: float, what: str) -> None:
        """Wait until the callable `ready` is true.

        Raises DevError with the log's tail when the process ends or time runs out.
        """
        assert callable(ready)
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive or time.monotonic() > deadline:
                ended = "did not answer" if self.alive else "ended"
                raise DevError(f"{self.name} {ended} ({what}); {self.log}:\n{self.tail()}")
            time.sleep(0.02)
