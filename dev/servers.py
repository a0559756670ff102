"""PostgreSQL and Valkey for tests, demo and benchmarks.

    with servers() as running:                 # or servers(durable=True)
        running.database_url, running.broker_url

    python -m dev.servers -- pytest tests      # any command, with both URLs set

A DATABASE_URL or CELERY_BROKER_URL in the environment wins: that server is used as it
is, nothing is started in its place, and it cannot be restarted or killed from here.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from dev.paths import DevError, say
from dev.postgres import Postgres
from dev.processes import forget, guard
from dev.valkey import Valkey


@dataclass(frozen=True)
class Servers:
    """What runs; `postgres` and `valkey` are None where the environment's server is used."""

    database_url: str
    broker_url: str
    postgres: Postgres | None
    valkey: Valkey | None

    @property
    def environment(self) -> dict[str, str]:
        """The two variables a child process needs."""
        return {"DATABASE_URL": self.database_url, "CELERY_BROKER_URL": self.broker_url}


@contextmanager
def servers(
    *, durable: bool = False, persistent: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[Servers]:
    """Run both servers for the duration of the block.

    durable: PostgreSQL with fsync (crash tests, benchmarks). persistent: Valkey keeps its
    queues over a kill. settings: of PostgreSQL.
    """
    with ExitStack() as stack:
        postgres = valkey = None
        if not (database_url := os.environ.get("DATABASE_URL", "")):
            postgres = stack.enter_context(Postgres(durable=durable, settings=settings))
            database_url = postgres.url
        if not (broker_url := os.environ.get("CELERY_BROKER_URL", "")):
            valkey = stack.enter_context(Valkey(persistent=persistent))
            broker_url = valkey.url
        yield Servers(database_url, broker_url, postgres, valkey)


def run(argv: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command in the foreground; its exit status.

    SIGTERM and SIGHUP are passed on to it. When it has ended after one of these or after
    Ctrl-C, this process ends too (SystemExit), by way of every `finally`.
    """
    child = subprocess.Popen(list(argv), env={**os.environ, **environment})
    guard(child.pid, signal.SIGTERM)
    told: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        told.append(number)
        child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        while True:
            try:
                status = child.wait()
                break
            except KeyboardInterrupt:
                # The terminal has sent SIGINT to the child as well: let it end by itself.
                told.append(signal.SIGINT)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    forget(child.pid)
    if told:
        raise SystemExit(128 + told[0])
    return 128 - status if status < 0 else status


_PASSED_ON = (signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run the command given after `--` with both servers."""
    parser = argparse.ArgumentParser(prog="python -m dev.servers", description=main.__doc__)
    parser.add_argument("--durable", action="store_true", help="PostgreSQL with fsync")
    parser.add_argument("--persistent", action="store_true", help="Valkey keeps its queues")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("give a command after --")
    try:
        with servers(durable=options.durable, persistent=options.persistent) as running:
            return run(command, running.environment)
    except DevError as error:
        say(f"servers: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
