"""Celery workers under test, one after another: the demo's, in whose shop it is always night."""

import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module

import django

from dev.host import celery

app = celery.app
django.setup()

from jokkerit_plugin import clock  # noqa: E402
from jokkerit_plugin.shop.port import shop  # noqa: E402

#: What a worker, and each of its processes, would import on its own; the last parses C.
_LATER = (
    "celery.apps.worker", "celery.concurrency.prefork", "kombu.transport.redis", "cffi.cparser",
)  # fmt: skip


def _night() -> None:
    """Let it be night now."""
    port, hour = shop(), datetime.now(UTC).astimezone(clock.HELSINKI).hour
    port.settings = replace(  # type: ignore[attr-defined]
        port.config(), retention_hour=hour, retention_daily_limit=10_000_000
    )


def main(argv: list[str]) -> None:
    """Fork a worker for each line that comes in, and print its id."""
    app.loader.import_default_modules()
    for name in _LATER:
        import_module(name)
    # The dead are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if os.fork():
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        sys.stdout.write(f"{os.getpid()}\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        _night()
        app.worker_main(argv)
        return


if __name__ == "__main__":
    main(sys.argv[1:])
