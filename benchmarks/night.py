"""Runs in a process of its own: `python -m benchmarks.night plan|erase SERVER`.

Plans, or erases what was planned and copies the ledger, on the database that `retention` has
filled; prints seconds and the process's own peak memory as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from . import plain


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
    """Run it to its end."""
    from jokkerit_plugin import clock
    from jokkerit_plugin.models import Plan
    from jokkerit_plugin.retention import night

    running = Plan.objects.get(state=Plan.State.RUNNING)
    night.work(running, until=clock.now() + timedelta(hours=2))
    running.refresh_from_db()
    assert running.state == Plan.State.DONE, running.problem


def main() -> int:
    """Measure and print."""
    what, server = sys.argv[1:]
    plain.attach(server)
    plain.install_shop()
    began = time.perf_counter()
    {"plan": plan, "erase": erase}[what]()
    seconds = time.perf_counter() - began
    # Not `ru_maxrss`, in which the process that started this one has a part.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0])
    sys.stdout.write(json.dumps({"seconds": seconds, "memory": peak}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
