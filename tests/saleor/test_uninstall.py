"""Saleor without the plugin's code, on a database that had the plugin."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import pytest

from dev.paths import QUICK
from dev.servers import Servers
from dev.shop import Shop
from tests.saleor.commands import Commands
from tests.saleor.live import logs_of, ordinary_shop, this_saleor, until

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


def errors(shop: Shop) -> list[Any]:
    """What Saleor without the plugin complains of when it shows its permissions."""
    done = subprocess.run(
        [str(shop.checkout.python), "-c", PROGRAM],
        env={**shop.environment, "PYTHONPATH": f"{shop.checkout.folder}:{QUICK}"},
        cwd=shop.logs,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return list(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def shop(own_servers: Servers) -> Iterator[Shop]:
    saleor = this_saleor()
    with ordinary_shop(saleor, own_servers, logs_of(saleor, "uninstall")) as here:
        yield here


def test_it_goes_with_an_archive_and_saleor_works_without_it(shop: Shop, tmp_path: Path) -> None:
    commands, place = Commands(shop), tmp_path / "archive"
    commands.run("migrate", "jokkerit_plugin")
    assert errors(shop) == []
    commands.run("register_setup")
    assert errors(shop) != []
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
    assert errors(shop) == []
    assert _tasks(shop) == 0
    commands.run(*zero)
    commands.stop()
    assert errors(shop) == []
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
