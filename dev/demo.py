"""The demo: a customer register that fills itself while you look on.

    python -m dev.demo                       recorded events of a shop, without Saleor
    SALEOR=~/saleor/3.23 python -m dev.demo  real checkouts inside that Saleor
    KEEP=1 ...                               leave it running until Ctrl-C
    RECORDING=<file> ...                     another recording (see `register_record`)

It brings its own PostgreSQL and Valkey unless DATABASE_URL or CELERY_BROKER_URL name others;
on those it makes a database and queue of its own and removes the database at the end.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from rich.console import Console

from dev.paths import DevError

SECONDS = time.monotonic()


def stop(*_: object) -> None:
    """Turn SIGTERM and SIGHUP into a Ctrl-C, so that everything is cleaned up."""
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo that the environment asks for; 1 when the register does not tie out."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)
    width = None if sys.stdout.isatty() else 100
    console = Console(highlight=False, width=width)
    saleor, keep = os.environ.get("SALEOR", ""), os.environ.get("KEEP", "") not in ("", "0")
    try:
        if saleor:
            from dev.demo_saleor import run as run_in_saleor

            tied_out = run_in_saleor(console, saleor, keep=keep)
        else:
            from dev.demo_recorded import run

            tied_out = run(console, keep=keep)
    except DevError as error:
        console.print(f"demo: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped; everything the demo started is gone.")
        return 130
    console.print(f"[dim]{time.monotonic() - SECONDS:.0f} s in all.[/]")
    return 0 if tied_out else 1


if __name__ == "__main__":
    sys.exit(main())
