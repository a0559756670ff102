"""How the rounds of `make chaos` begin and end."""

from __future__ import annotations

import argparse
import os
import random
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dev.databases import create_database, server_url
from dev.paths import DevError, say
from dev.postgres import Postgres, with_database
from dev.servers import servers


def run(what: str, act: Callable[..., list[str]], /, **usual: int | str) -> int:
    """Run `act`, which returns its faults, by the command line's options and a seed.

    `usual`: the options, and what they are where the command line does not say.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    for name, value in usual.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = vars(parser.parse_args())
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    say(f"{what}: {said}")
    try:
        faults = act(**options)
    except DevError as error:
        say(f"{what}: {error}")
        return 1
    sys.stdout.write("".join(f"! {fault}\n" for fault in faults[:50]))
    say(f"{what}: {len(faults)} faults")
    return 1 if faults else 0


@contextmanager
def register(name: str) -> Iterator[tuple[str, Postgres | None]]:
    """Let this process be the demo's host, on a fresh database of its own.

    Yield its URL, and the server if that is ours to restart.
    """
    with servers(durable=True) as running:
        create_database(server_url(running.database_url), name)
        url = with_database(server_url(running.database_url), name)
        os.environ |= {
            **running.environment, "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "dev.host.settings",
            "JOKKERIT_KEYS": f"chaos:{secrets.token_hex(32)}",
        }  # fmt: skip
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield url, running.postgres
