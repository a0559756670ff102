"""A process that has imported Saleor once and divides: what comes of it starts in a moment.

Starting Saleor costs 6 s of processor time in each of a shop's four processes, nearly all of it
for importing. A stem imports everything, opens no connection and runs no thread, and then forks
for each process that is asked for. What differs from a start of its own is the order of imports:
the tests have a shop without a stem too, and `test_import_orders.py`.

    libraries                 what Saleor imports of others, 40% of the time; one in a run
        a shop's stem         Saleor with the shop's settings
            web, worker, beat, commands, each as often as it is started
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from dev.checkouts import python_environment
from dev.paths import LOGS, QUICK, DevError
from dev.processes import Process, Running, forget, guard

PROGRAM = Path(__file__).with_name("stem_program.py")
#: Process ids that stay valid although the process is another's child: Linux has them.
POSSIBLE = hasattr(os, "pidfd_open")


class Branch:
    """One that came of a stem, as `subprocess.Popen` would show it; its status is not known."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid, self._ended = pid, ended

    def poll(self) -> int | None:
        """None while it runs."""
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. subprocess.TimeoutExpired after `timeout` seconds."""
        if self._wait(timeout) is None:
            raise subprocess.TimeoutExpired("a branch of a stem", timeout or 0)
        return 0

    def _wait(self, timeout: float | None) -> int | None:
        poll = select.poll()
        poll.register(self._ended, select.POLLIN)
        return 0 if poll.poll(None if timeout is None else timeout * 1000) else None

    def __del__(self) -> None:
        os.close(self._ended)


class Stem:
    """One for all processes that share an environment.

    base: another stem that this one comes of. of: what it imports.
    """

    def __init__(
        self,
        python: Path,
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        base: Stem | None = None,
        of: Literal["libraries", "saleor"] = "saleor",
    ) -> None:
        self.python, self.env, self.cwd, self.log = str(python), dict(env), cwd, log
        self._door, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        argv = [self.python, "-c", PROGRAM.read_text(), of]
        self._process: Running
        with inside, log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
            files = [nothing.fileno(), out.fileno(), out.fileno(), inside.fileno()]
            if base:
                self._process = base.divide(argv, files, env=env, cwd=cwd)
            else:
                self._process = subprocess.Popen(
                    [*argv, str(inside.fileno())],
                    env=self.env,
                    cwd=cwd,
                    stdin=nothing,
                    stdout=out,
                    stderr=out,
                    pass_fds=[inside.fileno()],
                    start_new_session=True,
                )
        guard(self._process.pid)

    def divide(
        self,
        argv: Sequence[str],
        files: Sequence[int],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Branch:
        """Start `python -m module ...` or `python -c program ...` with these files, from 0 on.

        env: in place of the stem's own. Waits until everything is imported. DevError when that
        failed.
        """
        assert argv[0] == self.python, argv
        another = None if env in (None, self.env) else env
        asked = {"argv": argv[1:], "env": another, "cwd": str(cwd or self.cwd)}
        pid, ended = b"", list[int]()
        with contextlib.suppress(OSError):
            socket.send_fds(self._door, [json.dumps(asked).encode()], files)
            pid, ended, _, _ = socket.recv_fds(self._door, 100, 1)
        if not pid:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
            raise DevError(f"nothing was imported, see {self.log}:\n{tail}")
        return Branch(int(pid), *ended)

    def close(self) -> None:
        """End the stem; what came of it goes on."""
        self._door.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        forget(self._process.pid)


def started(
    argv: Sequence[str],
    files: Sequence[int],
    *,
    env: Mapping[str, str],
    cwd: Path,
    stem: Stem | None = None,
) -> Running:
    """Start a program with its three files: of a stem, else by itself."""
    if stem:
        return stem.divide(argv, files, env=env, cwd=cwd)
    stdin, stdout, stderr = files
    return subprocess.Popen(
        argv,
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


@functools.cache
def libraries(python: Path) -> Stem | None:
    """The run's own, of which stems come; it ends with this process. None: not on this system."""
    if not POSSIBLE:
        return None
    LOGS.mkdir(parents=True, exist_ok=True)
    env = {**python_environment(), "PYTHONPATH": str(QUICK)}
    return Stem(python, env=env, cwd=LOGS, log=LOGS / "libraries.log", of="libraries")


class BranchProcess(Process):
    """A process with its log that comes of a stem, as often as it is started."""

    def __init__(self, name: str, argv: Sequence[str], *, stem: Stem, log: Path) -> None:
        super().__init__(name, argv, env=stem.env, cwd=stem.cwd, log=log)
        self._stem = stem

    def _begun(self, log: int) -> Running:
        with Path(os.devnull).open("rb") as nothing:
            return self._stem.divide(self.argv, [nothing.fileno(), log, log])
