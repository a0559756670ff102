"""Saleor without the plugin's code, on a database that had the plugin."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import pytest

from dev.paths import QUICK
from dev.servers import Servers
from dev.shop import Shop
from dev.stem import Stem, started
from tests.saleor.commands import Commands
from tests.saleor.live import logs_of, this_saleor, until

#: Asked of Saleor's own environment, as its superuser.
PROGRAM = """
import django, json
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from saleor.account.models import User
from saleor.core.jwt import create_access_token

import importlib.util
assert importlib.util.find_spec("jokkerit_plugin") is None
setup_test_environment()
token = create_access_token(User.objects.get(email="admin@example.com"))

def ask(query):
    answer = Client().post("/graphql/", json.dumps({"query": query}),
        content_type="application/json", headers={"Authorization": f"Bearer {token}"})
    return [one["message"] for one in answer.json().get("errors", [])]

groups = "(first: 100) { edges { node { name permissions { code } } } }"
print(json.dumps(ask("{ permissionGroups%s me { permissionGroups { permissions { code } } }"
    " staffUsers(first: 100) { edges { node { permissionGroups { permissions { code } } } } }"
    " shop { permissions { code } } }" % groups)))
"""


@dataclass
class Bare:
    """Saleor's own environment on the shop's database, in which the plugin's code is not."""

    shop: Shop
    stem: Stem | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {**self.shop.environment, "PYTHONPATH": f"{self.shop.checkout.folder}:{QUICK}"}

    def errors(self) -> list[Any]:
        """What a new process complains of when it shows its permissions."""
        told, said = self.shop.logs / "told.json", self.shop.logs / "bare.log"
        with Path(os.devnull).open("rb") as nothing, told.open("wb") as out, said.open("ab") as log:
            started(
                [str(self.shop.checkout.python), "-c", PROGRAM],
                [nothing.fileno(), out.fileno(), log.fileno()],
                env=self.environment,
                cwd=self.shop.logs,
                stem=self.stem,
            ).wait(120)
        assert told.read_text(), said.read_text()[-3000:]
        return list(json.loads(told.read_text().splitlines()[-1]))


@pytest.fixture
def shop(own_servers: Servers) -> Iterator[Shop]:
    saleor, environment = this_saleor(), {"PYTHONPATH": str(QUICK)}
    logs = logs_of(saleor, "uninstall")
    with Shop(saleor, own_servers, environment=environment, logs=logs, stem=True) as here:
        yield here


@pytest.fixture
def bare(shop: Shop) -> Iterator[Bare]:
    made = Bare(shop)
    if shop.stem:
        log = shop.logs / "bare stem.log"
        made.stem = Stem(shop.checkout.python, env=made.environment, cwd=shop.logs, log=log)
    yield made
    if made.stem:
        made.stem.close()


def test_it_goes_with_an_archive_and_saleor_works_without_it(
    shop: Shop, bare: Bare, tmp_path: Path
) -> None:
    commands, place = Commands(shop), tmp_path / "archive"
    commands.run("migrate", "jokkerit_plugin")
    assert bare.errors() == []
    commands.run("register_setup")
    assert bare.errors() != []
    shop.start_beat()
    until(lambda: _tasks(shop) > 0, lambda: shop.beat.log)
    shop.beat.stop(timeout=15)
    commands.run("register_backfill")
    assert rows(shop, "SELECT count(*) FROM jokkerit_plugin_purchase") > 0

    uninstall, zero = ("register_uninstall", "--yes"), ("migrate", "jokkerit_plugin", "zero")
    assert "Say where the archive" in refused(commands, *uninstall)
    assert "which the law keeps" in refused(commands, *uninstall, "--unarchived")
    assert "stand in no archive" in refused(commands, *uninstall, "--archive", str(place))
    assert "tables stay" in refused(commands, *zero)
    # No worker has booked what the backfill brought.
    assert "purchases are not booked" in refused(commands, "register_archive", str(place))
    assert _tasks(shop) > 0

    commands.run("register_archive", str(place), "--despite")
    commands.run(*uninstall, "--archive", str(place))
    assert bare.errors() == []
    assert _tasks(shop) == 0
    commands.run(*zero)
    commands.stop()
    assert bare.errors() == []
    assert rows(shop, _TABLES) == 0
    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=place, check=False)
    assert done.returncode == 0


def refused(commands: Commands, *argv: str) -> str:
    """What a command that does not do it says."""
    _, failed = commands.outcome(*argv)
    assert "CommandError" in failed
    return failed


_TABLES = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'jokkerit_plugin_%'"


def _tasks(shop: Shop) -> int:
    return rows(
        shop, "SELECT count(*) FROM django_celery_beat_periodictask WHERE task LIKE 'jokkerit%'"
    )


def rows(shop: Shop, count: LiteralString) -> int:
    """What a statement counts in the shop's database."""
    import psycopg

    with psycopg.connect(shop.database_url.replace("postgres://", "postgresql://", 1)) as database:
        found = database.execute(count).fetchone()
    assert found
    return int(found[0])
