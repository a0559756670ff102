"""One act in a process of its own: `python -m benchmarks.acts ACT SERVER DAILY_LIMIT`.

On the database that `retention` and its like have filled; prints seconds, statements, the process's
own peak memory in KiB and what the act returns as one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dev.paths import ROOT

from . import plain


def started(
    act: str, server: str, folder: Path, *, limit: int = plain.UNLIMITED
) -> subprocess.Popen[str]:
    """Start an act; `folder`: where the ledger's copies lie."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.acts", act, server, str(limit)],
        cwd=ROOT,
        env={**os.environ, "JOKKERIT_LEDGER_DIR": str(folder), "JOKKERIT_KEYS": f"b:{'0' * 64}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def alone(act: str, server: str, folder: Path, *, limit: int = plain.UNLIMITED) -> dict[str, Any]:
    """Do an act; what it printed."""
    process = started(act, server, folder, limit=limit)
    text, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    found: dict[str, Any] = json.loads(text)
    return found


def plan() -> Any:
    """Make the plan of tonight and let it begin."""
    from jokkerit_plugin import clock
    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.retention import night, plans
    from jokkerit_plugin.shop.port import shop

    config = shop().config()
    made = plans.make(config)
    assert made is not None
    plans.approve(made.pk, actor=Actor("command:benchmark", frozenset()))
    begun = night.begin(clock.today(), config)
    assert begun is not None
    return begun


def erase() -> None:
    """Run it to its end, or to the daily limit."""
    from jokkerit_plugin import clock
    from jokkerit_plugin.models import Plan
    from jokkerit_plugin.retention import night

    running = Plan.objects.latest("pk")
    if running.finished_at:
        # By one who was killed after that.
        return
    night.work(running, until=clock.now() + timedelta(hours=2))
    running.refresh_from_db()
    assert running.finished_at, running.state
    assert not running.problem, running.problem


def replay() -> dict[str, int]:
    """Erase again what a restored backup has brought back."""
    from jokkerit_plugin.retention import replay

    done = replay.replay()
    return {"receipts": done.receipts}


def certify() -> dict[str, int]:
    """Prove what was erased: one search through everything."""
    from jokkerit_plugin.models import Certificate
    from jokkerit_plugin.retention import proof

    made = proof.certify()
    return {"made": made, "size": Certificate.objects.latest("pk").size}


def archive() -> dict[str, float]:
    """Write the archive of the whole register, and ask it whether the register may go.

    `copy`: seconds of COPY of the same rows alone, which are read and thrown away.
    """
    from django.db import connection

    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.leaving import archive as archives
    from jokkerit_plugin.leaving import contents, uninstall
    from jokkerit_plugin.policy.archive import FILES

    with TemporaryDirectory() as folder:
        place = Path(folder) / "archive"
        began = time.perf_counter()
        archives.write(place, actor=Actor("command:benchmark", frozenset()), by="b", despite=True)
        written = time.perf_counter()
        uninstall.ask(place)
        asked = time.perf_counter()
        size = sum(one.stat().st_size for one in place.rglob("*") if one.is_file())
    copied = time.perf_counter()
    with connection.cursor() as cursor:
        for file in FILES:
            with cursor.copy(f"COPY ({contents.ordered(file)}) TO STDOUT (FORMAT csv)") as pieces:
                for _ in pieces:
                    pass
    copy = time.perf_counter() - copied
    return {"written": written - began, "asked": asked - written, "copy": copy, "size": size}


def status() -> dict[str, Any]:
    """Ask for the status twice: as the settings' page does, and as the command, with counts.

    `slowest`: the statement of both that took longest, and its seconds.
    """
    from django.db import connection

    from jokkerit_plugin.overview import overview

    slowest = ("", 0.0)

    def watch(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal slowest
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if (seconds := time.perf_counter() - began) > slowest[1]:
                slowest = (" ".join(str(sql).split())[:200], seconds)

    found: dict[str, Any] = {}
    with connection.execute_wrapper(watch):
        for name, counts in (("page", False), ("command", True)):
            began = time.perf_counter()
            with counted() as count:
                codes = [one.code for one in overview(counts=counts).problems]
            found[name] = time.perf_counter() - began
            found[f"{name} statements"] = count()
    assert not {"STATUS_UNREADABLE", "REGISTER_UNREADABLE"} & set(codes), codes
    return found | {"slowest": slowest}


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the statements of the block, of every database."""
    from django.db import connections

    seen = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for one in connections.all():
            stack.enter_context(one.execute_wrapper(count))
        yield lambda: seen


ACTS: dict[str, Callable[[], Any]] = {
    one.__name__: one for one in (plan, erase, replay, certify, archive, status)
}
#: Those that ask the shop for people, files and the like.
_OF_PEOPLE = {"archive", "status", "certify"}


def main() -> int:
    """Measure and print."""
    act, server, limit = sys.argv[1:]
    plain.attach(server)
    with TemporaryDirectory() as folder:
        if act in _OF_PEOPLE:
            from jokkerit_plugin.config import Config
            from jokkerit_plugin.shop import port
            from tests.paper_shop import PaperShop

            port.install(PaperShop.at(Path(folder), Config(active=True)).port)
        else:
            plain.install_shop(int(limit))
        found = measured(ACTS[act])
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def measured(act: Callable[[], Any]) -> dict[str, Any]:
    """Do it; seconds, statements, this process's own peak memory in KiB, and what it returns."""
    began = time.perf_counter()
    with counted() as count:
        told = act()
    seconds = time.perf_counter() - began
    # Not `ru_maxrss`, in which the process that started this one has a part.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0])
    found = {"seconds": seconds, "statements": count(), "memory": peak}
    return found | (told if isinstance(told, dict) else {})


if __name__ == "__main__":
    sys.exit(main())
