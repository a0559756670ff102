"""The demo without Saleor: a recording of a real shop goes through the same intake.

Real are PostgreSQL, the inbox, Celery's beat and worker, and the register; only the shop is
a recording.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from demo.controller import SETTINGS as CONTROLLER
from dev.demo_django import PAUSE, command, own_database, setup, wait_forever
from dev.paths import LOGS, ROOT, DevError
from dev.processes import Process, discard, scratch
from dev.servers import servers
from jokkerit_plugin.shop.port import Key
from jokkerit_plugin.shop.recorded import RecordedShop
from jokkerit_plugin.shop.recording import Record, read
from jokkerit_plugin.shop.snapshots import Kind

RECORDING = Path(os.environ.get("RECORDING") or ROOT / "demo" / "recording.jsonl.gz")
#: Events are played in steps, so that the register is seen to follow: this many in all.
STEPS, SECONDS_A_STEP = 60, float(os.environ.get("SECONDS_A_STEP", "0.15"))
PATIENCE = 180

#: Of Celery: each line at once, and no checks of Django's; they read all pages, a third of a start.
_QUICKLY = {"PYTHONUNBUFFERED": "1", "CELERY_SKIP_CHECKS": "1"}

NEXT = """
What to try next:
  make demo KEEP=1                    the same, left running with its console (docs/tour.md)
  make demo SALEOR=~/saleor/3.23      inside a Saleor checkout, with real orders
  make test                           the tests, in every Saleor checkout that is found
  README.md                           installing it into a shop
  docs/architecture.md                how it works, and why so"""


def run(console: Console, *, keep: bool, look: Callable[[str], None] | None = None) -> bool:
    """Play the recording; returns whether the register ties out with it.

    `keep`: serve the console afterwards, until Ctrl-C or, at its address, until `look` is done.
    """
    header, records = read(RECORDING)
    lines = list(records)
    console.print(
        f"A recording of a Saleor {header['saleor']} shop ({header['recorded'][:10]}, invented"
        f" people): {sum(line.told for line in lines)} events."
    )
    with ExitStack() as stack:
        running = stack.enter_context(servers())
        database = stack.enter_context(own_database(running.database_url))
        folder = scratch("jkdemo-")
        stack.callback(discard, folder)
        environment = {
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": running.broker_url,
            "JOKKERIT_KEYS": f"demo:{secrets.token_hex(32)}",
            "JOKKERIT_RECORDED_SHOP": str(folder / "shop.sqlite"),
            "JOKKERIT_QUEUE": folder.name,
        }
        setup(environment)
        celery = stack.enter_context(_celery(folder, environment))
        console.print("PostgreSQL, Valkey, a Celery worker and beat are running.")
        tied_out = _demonstrate(console, header, lines, celery)
        if keep:
            _show(console, look)
        return tied_out


def _demonstrate(
    console: Console, header: dict[str, Any], lines: list[Record], celery: list[Process]
) -> bool:
    from django.core.management import call_command

    from dev.demo_summary import show

    call_command("migrate", verbosity=0)
    shop = RecordedShop(os.environ["JOKKERIT_RECORDED_SHOP"])
    first = next(n for n, line in enumerate(lines) if line.told)
    console.rule("The shop as it stood when the plugin was installed")
    shop.play(lines[:first])
    command(console, "register_backfill")
    console.rule("Then its customers went shopping")
    began = time.monotonic()
    events = _play(console, shop, lines[first:], celery)
    seconds = time.monotonic() - began
    console.print(f"{events} events noted by hooks and worked on by Celery in {seconds:.0f} s.")
    console.rule("What no event told of (the nightly comparison finds it)")
    command(console, "register_reconcile")
    tied_out = show(console, header, "the recorded shop")
    console.rule("What customers read: the register description, from policy and settings")
    _publish(console)
    console.rule("Is all well?")
    command(console, "register_status")
    console.print(NEXT, markup=False)
    return tied_out


def _show(console: Console, look: Callable[[str], None] | None) -> None:
    """Let people look around in the console."""
    from dev.demo_console import served, staffed, tell
    from jokkerit_plugin.shop.port import shop

    port = shop()
    assert isinstance(port, RecordedShop)
    staffed(port)
    with served() as address:
        tell(console, address)
        if look:
            look(address)
            return
        names = ("DATABASE_URL", "JOKKERIT_RECORDED_SHOP", "JOKKERIT_KEYS")
        given = " ".join(f"{name}='{os.environ[name]}'" for name in names)
        console.print("\nWhile it runs, in another terminal:", markup=False)
        console.print(
            f"{given} {sys.executable} -m dev.host register_status", markup=False, soft_wrap=True
        )
        wait_forever(console)


def _publish(console: Console) -> None:
    """Fill in the settings in this process; the worker's own say nothing of the controller."""
    from django.core.management import call_command

    from jokkerit_plugin.description import facts, versions
    from jokkerit_plugin.settings import parse
    from jokkerit_plugin.shop.port import shop

    port = shop()
    assert isinstance(port, RecordedShop)
    given = parse(CONTROLLER, active=True)
    told = {name: getattr(given, name) for name in CONTROLLER}
    port.settings = replace(port.settings, **told)
    call_command("register_description", publish=versions.digest(facts.present()))
    console.print("register_description prints it; in a shop it is a page, a PDF and JSON.")


def _play(console: Console, shop: RecordedShop, lines: list[Record], celery: list[Process]) -> int:
    from jokkerit_plugin.models import InboxEvent
    from jokkerit_plugin.register import inbox

    total, noted = sum(line.told for line in lines), 0
    size = -(-len(lines) // STEPS)
    text = TextColumn("{task.description} {task.completed:>5} of {task.total}")
    with Progress(text, BarColumn(), TimeElapsedColumn(), console=console) as bar:
        written = bar.add_task("noted in the inbox", total=total)
        worked = bar.add_task("in the register   ", total=total)

        def look() -> int:
            _alive(celery)
            waiting = InboxEvent.objects.count()
            bar.update(written, completed=noted)
            bar.update(worked, completed=max(0, noted - waiting))
            return waiting

        for at in range(0, len(lines), size):
            step = lines[at : at + size]
            shop.play(step)
            told = [line for line in step if line.told]
            for kind, group in groupby(told, key=lambda line: line.kind):
                inbox.note(kind, [_key(line) for line in group])
            noted += len(told)
            look()
            time.sleep(SECONDS_A_STEP)
        deadline = time.monotonic() + PATIENCE
        while look():
            if time.monotonic() > deadline:
                raise DevError(f"the worker does not work the inbox off, see {celery[0].log}")
            time.sleep(PAUSE)
    return total


@contextmanager
def _celery(folder: Path, environment: dict[str, str]) -> Iterator[list[Process]]:
    """A worker and beat of `dev.host`, ended with the block."""
    logs = LOGS / "demo"
    arguments = {
        "worker": ["worker", "--concurrency=2", "--without-gossip", "--without-mingle"],
        "beat": ["beat", "--schedule", str(folder / "beat"), "--pidfile="],
    }
    started = []
    try:
        for name, argv in arguments.items():
            process = Process(
                f"Celery's {name}",
                [sys.executable, "-m", "celery", "-A", "dev.host.celery", *argv, "-l", "info"],
                env={**os.environ, **environment, **_QUICKLY},
                cwd=ROOT,
                log=logs / f"{name}.log",
            )
            process.log.unlink(missing_ok=True)
            process.start()
            started.append(process)
        yield started
    finally:
        # An orderly end takes seconds; whatever they are at is thrown away with them.
        for process in reversed(started):
            process.kill()


def _alive(celery: list[Process]) -> None:
    for process in celery:
        if not process.alive:
            raise DevError(f"{process.name} ended, see {process.log}:\n{process.tail()}")


def _key(record: Record) -> Key:
    return UUID(record.key) if record.kind in (Kind.ORDER, Kind.CHECKOUT) else int(record.key)
