"""The command line: `python -m benchmarks [name ...] [--large]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from dev.paths import DevError, say
from dev.servers import Servers, servers

from .results import Figure, machine, memory, save, show

NAMES = (
    "intake",
    "search",
    "hooks",
    "console",
    "access",
    "marketing",
    "site_log",
    "site_log_search",
    "accounting",
    "exports",
    "retention",
    "proof",
    "retention_keeps",
    "peers",
    "large",
    "walks",
    "growth",
    "saleor_erasure",
    "archive",
    "checkout",
    "everything",
)
#: Those that can be made larger.
LARGER = ("growth", "retention")


def main() -> int:
    """Run the named benchmarks, or all; print the table and write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--large", action="store_true", help="growth, retention: 1,000,000 too")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    try:
        with servers(durable=True, settings=sized()) as running:
            about = machine(running.database_url)
            try:
                for name in options.names or NAMES:
                    say(f"benchmark {name} ...")
                    figures += _benchmark(name, running, large=options.large)
            finally:
                # What was measured before one of them failed is shown all the same.
                if figures:
                    show(figures, about)
                    say(f"as JSON: {save(figures, about)}")
    except DevError as error:
        say(f"benchmarks: {error}")
        return 1
    return 0


def sized() -> dict[str, str]:
    """PostgreSQL as its own documentation sizes it for a server that has the machine to itself."""
    return {
        "shared_buffers": f"{memory() // 4 // 2**20}MB",
        "checkpoint_timeout": "15min",
        "max_wal_size": "8GB",
    }


def _benchmark(name: str, running: Servers, *, large: bool) -> list[Figure]:
    run: Callable[..., list[Figure]] = import_module(f"benchmarks.{name}").run
    return run(running, large=large) if name in LARGER else run(running)


if __name__ == "__main__":
    sys.exit(main())
