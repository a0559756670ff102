"""Suites side by side, each a program of its own with its own servers and log.

What a suite says is shown whole when it ends; meanwhile a line tells how far each is.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dev.paths import LOGS, say
from dev.processes import forget, guard
from dev.results import Suite

#: How far a suite is: pytest's percentage or the heading of what it does.
STEP = re.compile(r"^--- (.+)$|\[ *(\d+%)\]", re.MULTILINE)
TOLD_EVERY_SECONDS = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def at_once() -> int:
    """How many suites run at a time: $JOBS, else one for each core.

    One where the environment gives the servers: the shops would share the broker's queues.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("CELERY_BROKER_URL"):
        return 1
    return int(os.environ.get("JOBS") or os.cpu_count() or 1)


@dataclass
class Job:
    """A program that runs one suite and writes its `Suite` as JSON to the path given last."""

    suite: str
    version: str
    argv: Sequence[str]
    started: float = field(default=0.0, init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def name(self) -> str:
        """As progress and logs name it."""
        return self.suite if self.version == "-" else f"{self.suite}-{self.version}"

    @property
    def log(self) -> Path:
        """What the program says."""
        return LOGS / "suites" / f"{self.name}.log"

    @property
    def result(self) -> Path:
        """What the program found."""
        return self.log.with_suffix(".json")

    def start(self) -> None:
        """Start the program as the leader of a session: Ctrl-C reaches it through `together`."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.result.unlink(missing_ok=True)
        self.started = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.argv, str(self.result)],
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard(self.process.pid, signal.SIGTERM)

    def send(self, number: int) -> None:
        """Send a signal to the program and what it runs in the foreground."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def step(self) -> str:
        """How far it is."""
        steps = STEP.findall(self.log.read_text(errors="replace"))
        return f"{self.name} {' '.join(filter(None, steps[-1])) if steps else '...'}"

    def found(self) -> Suite:
        """What it found; one failure when it ended without saying so."""
        forget(self.process.pid)
        try:
            return Suite(**json.loads(self.result.read_text()))
        except (OSError, ValueError):
            note = f"ended with status {self.process.returncode}, see {self.log}"
            seconds = round(time.monotonic() - self.started, 1)
            return Suite(self.suite, self.version, failed=1, seconds=seconds, note=note)


def together(jobs: Sequence[Job], most: int) -> list[Suite]:
    """Run all, `most` at a time, as they come; what they found, in the same order.

    A signal is passed on to all that run, a second one kills them; when they have ended this
    process ends too (SystemExit).
    """
    waiting, running, found = list(jobs), list[Job](), dict[str, Suite]()
    began = said = time.monotonic()
    with _passed_on(running) as told:
        while running or (waiting and not told):
            while waiting and not told and len(running) < most:
                running.append(waiting.pop(0))
                running[-1].start()
                say(f"{_clock(began)} {running[-1].name} began")
            for job in [job for job in running if job.process.poll() is not None]:
                running.remove(job)
                suite = found[job.name] = job.found()
                _show(job.log)
                counts = f"{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped"
                say(f"{_clock(began)} {job.name} ended: {counts}")
            if time.monotonic() > said + TOLD_EVERY_SECONDS and running:
                said = time.monotonic()
                say(f"{_clock(began)} {', '.join(job.step() for job in running)}")
            time.sleep(0.1)
    if told:
        raise SystemExit(128 + told[0])
    return [found[job.name] for job in jobs]


@contextmanager
def _passed_on(running: Sequence[Job]) -> Iterator[list[int]]:
    told: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        told.append(number)
        for job in running:
            job.send(number if len(told) == 1 else signal.SIGKILL)

    # A run in the background of a script is started with SIGINT ignored.
    heard = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in heard}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(log: Path) -> None:
    sys.stdout.write(log.read_text(errors="replace"))
    sys.stdout.flush()


def _clock(began: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - began), 60)
    return f"[{minutes:2}:{seconds:02}]"
