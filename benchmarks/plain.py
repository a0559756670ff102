"""The register on plain Django, without Saleor, on an own database."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from dev.databases import create_database, server_url
from dev.postgres import with_database

NAME = "bench_plain"
#: What no night of a benchmark reaches.
UNLIMITED = 10_000_000


def database(url: str) -> dict[str, object]:
    """Django's settings for a database URL; a socket's folder is its quoted host name."""
    parts = urlsplit(url)
    host, _, port = parts.netloc.rpartition("@")[2].partition(":")
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": unquote(host),
        "PORT": port,
        "CONN_MAX_AGE": None,
    }


class Shop:
    """As much of a shop as the books ask for."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def config(self) -> Any:
        from jokkerit_plugin.config import Config

        return Config(active=True, retention_daily_limit=self.limit)

    def roots(self) -> Any:
        from jokkerit_plugin.shop.port import Roots

        return Roots()

    def writer(self) -> AbstractContextManager[None]:
        return nullcontext()


def install_shop(limit: int = UNLIMITED) -> None:
    """Let the books of this process find a shop that erases as many a night."""
    from jokkerit_plugin.shop import port

    port.install(Shop(limit))  # type: ignore[arg-type]


def setup(server: str, name: str = NAME) -> None:
    """Make a fresh database with the register's tables and point Django at it."""
    if settings.configured:
        connection.close()
    create_database(server_url(server), name)
    attach(server, name)
    with redirect_stdout(io.StringIO()):
        call_command("migrate", verbosity=0)


def attach(server: str, name: str = NAME) -> None:
    """Point Django at the database that `setup` made."""
    found = database(with_database(server_url(server), name))
    if settings.configured:
        # Another benchmark of this process was attached to its own.
        connection.close()
        connection.settings_dict.update(found)
        return
    settings.configure(
        INSTALLED_APPS=["jokkerit_plugin"],
        DATABASES={"default": found},
        USE_TZ=True,
        SECRET_KEY="only-for-benchmarks",
    )
    django.setup()
