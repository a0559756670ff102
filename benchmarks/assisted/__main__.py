"""One act in a process of its own: `python -m benchmarks.assisted ACT DATABASE LOG_DATABASE`.

Prints seconds, statements and the process's own peak memory as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

LOG = "gdpr_log"


def main() -> int:
    """Do it and print."""
    act, *urls = sys.argv[1:]
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            # Without a site of its own: its log alone is wanted.
            "django.contrib.admin.apps.SimpleAdminConfig",
            "gdpr_assist",
            "benchmarks.assisted",
        ],
        DATABASES=dict(zip(("default", LOG), map(_database, urls), strict=True)),
        DATABASE_ROUTERS=["gdpr_assist.routers.EventLogRouter"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="only-for-benchmarks",
    )
    django.setup()
    statements = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    began = time.perf_counter()
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(count))
        ACTS[act]()
    seconds = time.perf_counter() - began
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    found = {"seconds": seconds, "statements": statements, "memory": peak}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    host, _, port = parts.netloc.rpartition("@")[2].partition(":")
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"), "PORT": port,
        "USER": unquote(user), "PASSWORD": unquote(password), "HOST": unquote(host),
    }  # fmt: skip


def tables() -> None:
    """Make the tables."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("migrate", database=LOG, verbosity=0)


def bulk() -> None:
    """Anonymise everybody, a queryset at once."""
    for model in _models():
        model.objects.all().anonymise()


def each() -> None:
    """Anonymise everybody, one by one."""
    for model in _models():
        for one in model.objects.all().iterator():
            one.anonymise()


def again() -> None:
    """Do again what the log says, after a backup was restored."""
    call_command("gdpr_rerun", verbosity=0)


def _models() -> Iterator[Any]:
    from .models import Customer, Order

    # Orders first: a customer that is anonymised has none left that is not.
    yield from (Order, Customer)


ACTS: dict[str, Callable[[], None]] = {
    "tables": tables,
    "bulk": bulk,
    "each": each,
    "again": again,
}

if __name__ == "__main__":
    sys.exit(main())
