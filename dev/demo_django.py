"""Sets Django up in the demo's own process, on the database that the register is in."""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from rich.console import Console

from dev.databases import create_database, drop_database, server_url

PAUSE = 0.1


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """A new database on that server; its URL. Dropped at the end."""
    url = create_database(server_url(server), f"jokkerit_demo_{uuid.uuid4().hex[:8]}")
    try:
        yield url
    finally:
        drop_database(url)


def setup(environment: Mapping[str, str]) -> None:
    """Configure Django with `dev.host`; once in a process."""
    import django

    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "dev.host.settings"
    django.setup()


def command(console: Console, name: str) -> None:
    """Run one of the register's commands and print what it says, with its name."""
    from django.core.management import call_command

    out = io.StringIO()
    # register_status exits with 1 when somebody should look; its text says at what.
    with suppress(SystemExit):
        call_command(name, stdout=out, stderr=io.StringIO())
    console.print(f"[bold]{name}[/]")
    console.print(out.getvalue().rstrip(), markup=False)


def wait_forever(console: Console) -> None:
    """For KEEP=1."""
    console.print("Ctrl-C ends it.")
    while True:
        time.sleep(PAUSE * 10)
