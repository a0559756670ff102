"""Whatever is asked at random over HTTP is answered as it should be (`make fuzz`: for ten minutes).

In the suite only the judge is tested: a round of all fields and paths takes over a minute, and who
asks has an environment of its own (dev/fuzz.py).
"""

import json
import os
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from graphql import GraphQLEnumType, introspection_query
from graphql.utils.type_from_ast import type_from_ast

from dev import aside, fuzz
from dev.paths import say
from jokkerit_plugin import clock
from jokkerit_plugin.marketing import contact_keys, links
from jokkerit_plugin.models import Customer
from jokkerit_plugin.policy.marketing import Channel
from jokkerit_plugin.web import assets, health, routes, senders, site_log
from jokkerit_plugin.web.console import documents
from jokkerit_plugin.web.console.pages import PAGES
from jokkerit_plugin.web.schema import SCHEMA
from tests import full_house, fuzzing, hostile
from tests.fuzzing import Answered, fault
from tests.graphql import HOME, PEOPLE
from tests.hostile import leaves

pytestmark = pytest.mark.django_db

KEY = "cd" * 32


def forms() -> dict[str, dict[str, list[str]]]:
    """What each page of the console asks and does, and what the fields of it are called."""
    return {
        page: {
            name: [
                field
                for one in operation.variable_definitions or ()
                for field in leaves(one.variable.name.value, type_from_ast(SCHEMA, one.type))
            ]
            for name, operation in documents.operations(page).items()
        }
        for page in PAGES
    }  # fmt: skip


def plan(house: Any) -> dict[str, Any]:
    """What the house tells who asks."""
    known = hostile.pool()
    aino = contact_keys.keys(Channel.EMAIL, "aino@example.com")[0]
    return {
        "schema": house.ask(introspection_query)["data"],
        "tokens": [*PEOPLE, "customer", "expired", ""],
        "ids": [*sorted({*known.values()}), "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ==", ""],
        "texts": [
            "", "fi", "2026-03", "2026-Q1", "2026", "EUR", "user:2", "app:5", "aino@example.com",
            "own@example.com", "Mäkelä", "+358401234567", "FI", "MYY-2026-000001", "0.2550", "1",
            "203.0.113.9", "/login", "security", "service", "email", "erasure", "2026-03-01",
            hostile.TEXT, "x" * 5000, "\u202e", "a\u0301", "\ud83d\ude00",
        ],
        "paths": [*routes.ROUTES],
        "assets": [assets.served("pages.css"), "pages.0000000000000000.css"],
        "forms": forms(),
        "enums": sorted({
            value.name for kind in SCHEMA.get_type_map().values()
            if isinstance(kind, GraphQLEnumType) for value in kind.values
        }),
        "links": [links.token(aino, Channel.EMAIL), "1~x~00"],
        "keys": {"may-contact": ["app:5", KEY], "site-log": ["web", KEY]},
    }  # fmt: skip


@pytest.mark.skipif(fuzz.SECONDS not in os.environ, reason="make fuzz")
def test_what_is_asked_at_random_is_answered_as_it_should_be(shop, monkeypatch, settings, tmp_path):
    house = full_house.fill(shop, monkeypatch)
    settings.ROOT_URLCONF = "tests.console_host"
    for variable, name in (
        (health.VARIABLE, "watch"),
        (senders.VARIABLE, "app:5"),
        (site_log.VARIABLE, "web"),
    ):
        monkeypatch.setenv(variable, f"{name}:{KEY}")
    seconds = int(os.environ[fuzz.SECONDS])
    told = plan(house) | {
        "seconds": seconds, "seed": int(os.environ[fuzz.SEED]),
        "examples": 8 if seconds >= 300 else 2,
    }  # fmt: skip
    with fuzzing.server() as listening:
        told["url"] = f"http://127.0.0.1:{listening.server_port}{HOME}"
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(told))
        with (
            (tmp_path / "told").open("w+") as out,
            subprocess.Popen(
                [aside.python("fuzz", fuzz.NEEDS), fuzz.CLIENT, path], stdout=out
            ) as client,
        ):
            while client.poll() is None:
                listening.handle_request()
        found = json.loads((tmp_path / "told").read_text() or "{}")
    assert client.returncode == 0
    for what in ("requests", "rounds", "statuses", "codes"):
        say(f"{what}: {found[what]}")
    # Each field and path at least once, and some of it with success.
    assert found["requests"] >= len(told["paths"])
    assert found["faults"] == [], "\n".join(found["faults"])
    assert found["codes"]["ok"]


GOOD = Answered("staff", f"{HOME}graphql/", "{ me }", 200, "application/json", '{"data": {}}')
WHO = {"aino@example.com": 4, "own@example.com": 5}
SHOWS = '{"data": {"email": "aino@example.com"}}'
REFUSES = json.dumps({
    "errors": [{"extensions": {"exception": {"code": "NO_PERMISSION"}}}], "data": None
})  # fmt: skip


def row(who: str, *whose: int, reason: str = "") -> tuple[tuple[Any, ...]]:
    """A row of the log of who looked."""
    return (("refused" if reason else "granted", who, reason, frozenset(whose)),)


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({}, ""),
        ({"status": 500}, "status 500"),
        ({"status": 503}, "status 503"),
        ({"path": f"{HOME}health/", "status": 503}, ""),
        ({"path": f"{HOME}audience/", "status": 503}, "status 503"),
        ({"errors": ("a download failed: KeyError",)}, "logged as an error: a download failed"),
        ({"content": '{"x": "Traceback (most recent call last)"}'}, "tells Traceback"),
        ({"content": "<html>"}, "no JSON"),
        ({"kind": "text/html"}, "no JSON but text/html"),
        ({"content": REFUSES.replace("NO_PERMISSION", "WHAT")}, "codes that nobody knows"),
        ({"content": REFUSES}, "a refusal that the log has not"),
        ({"content": REFUSES, "rows": row("user:2", reason="NO_PERMISSION")}, ""),
        ({"content": SHOWS}, "shown, and not in the log"),
        ({"content": SHOWS, "rows": row("user:2", 5)}, "not in the log"),
        ({"content": SHOWS, "rows": row("user:3", 4)}, "not in the log"),
        ({"content": SHOWS, "rows": row("user:2", 4)}, ""),
        ({"content": SHOWS, "asked": "aino@example.com"}, ""),
        ({"content": SHOWS, "token": "accountant"}, "accountant is shown"),
        ({"content": SHOWS, "token": "customer"}, "customer is shown"),
        ({"content": SHOWS.replace("aino", "own"), "token": "customer"}, ""),
        ({"content": '{"data": {"street1": "Mäkelä"}}'}, "somebody is named"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_known(told, wrong):
    found = fault(replace(GOOD, **told), WHO)
    assert wrong in found if wrong else found == ""


def test_a_name_in_a_form_s_body_was_asked():
    body = b"month=M%C3%A4kel%C3%A4&who=aino%40example.com"
    asked = fuzzing.asked({"PATH_INFO": f"{HOME}console/month/"}, body)
    assert "Mäkelä" in asked
    assert "aino@example.com" in asked


def test_what_is_taken_back_leaves_no_lock_behind():
    def locks() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")
            return cursor.fetchone()[0]

    counts = []
    for _ in range(3):
        with full_house.undone():
            Customer.objects.create(guest_email="who@shop.test", entered_at=clock.now())
        counts.append(locks())
    assert counts[2] == counts[1] == counts[0]
