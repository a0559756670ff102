"""Ends the processes of a parent that is gone, however it went (SIGKILL included).

Started by `dev.processes` as a program of its own in a session of its own. It reads
lines from its standard input and acts when that ends, which happens exactly when the
last process that holds the other end is gone:

    guard PID SIGNAL START   send SIGNAL to PID, later SIGKILL to its process group
    forget PID               PID ended in the ordinary way
    folder PATH              remove PATH afterwards
    keep PATH                PATH was removed already

START is the process's start time (`started()`): a process id that the system has
given to somebody else meanwhile is left alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

GRACE_SECONDS = 5.0


def started(pid: int) -> str:
    """The start time of a process in clock ticks, "" where /proc does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def running(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return not Path("/proc/self").exists()
    return stat.rpartition(")")[2].split()[0] != "Z"


def _end(guarded: dict[int, tuple[int, str]]) -> None:
    mine = {pid: how for pid, (how, start) in guarded.items() if started(pid) in ("", start)}
    for pid, how in mine.items():
        with contextlib.suppress(OSError):
            os.kill(pid, how)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(running(pid) for pid in mine):
        time.sleep(0.05)
    for pid in mine:
        with contextlib.suppress(OSError):
            # Only a leader's group: a command run in the foreground shares its group
            # with the terminal's other processes.
            if os.getpgid(pid) == pid or not running(pid):
                os.killpg(pid, signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Read the parent's lines until it is gone, then clean up."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    guarded: dict[int, tuple[int, str]] = {}
    folders: set[str] = set()
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "guard":
            pid, how, start = rest.split(" ")
            guarded[int(pid)] = (int(how), start)
        elif verb == "forget":
            guarded.pop(int(rest), None)
        elif verb == "folder":
            folders.add(rest)
        elif verb == "keep":
            folders.discard(rest)
    _end(guarded)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
