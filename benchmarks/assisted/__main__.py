"""One act in a process of its own: `python -m benchmarks.assisted ACT DATABASE LOG_DATABASE`.

Prints seconds, statements and the process's own peak memory as one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from benchmarks import acts, plain

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
        DATABASES=dict(zip(("default", LOG), map(plain.database, urls), strict=True)),
        DATABASE_ROUTERS=["gdpr_assist.routers.EventLogRouter"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="only-for-benchmarks",
    )
    django.setup()
    sys.stdout.write(json.dumps(acts.measured(ACTS[act])) + "\n")
    return 0


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
