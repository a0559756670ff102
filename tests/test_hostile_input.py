"""Text that means harm, in every argument: it stays a value, for SQL, headers, logs and pages."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from jokkerit_plugin.web import routes
from tests import full_house, hostile
from tests.authorisation import PATHS
from tests.full_house import undone
from tests.graphql import HOME, House, codes
from tests.hostile import MARK, TEXT
from tests.standing import standing

pytestmark = pytest.mark.django_db

#: How many values of a list still fit into a body.
MANY = 2000
#: Statements that one call may take, whatever its lists hold.
STATEMENTS = 150


def furnished(shop, monkeypatch) -> House:
    return full_house.fill(shop, monkeypatch)


house = standing(__name__, furnished)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of the block, without their values."""
    found: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        found.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def test_no_argument_becomes_a_statement_or_fails_unseen(house):
    """Hush would hear it in a log, a task's arguments or a chain (tests/hush.py)."""
    ids, wrong = hostile.pool(), []
    for call in hostile.calls(TEXT, ids):
        with undone(), statements() as found:
            answer = house.ask(call.query, "superuser")
        if any(MARK in sql for sql in found):
            wrong.append(f"{call.field}.{call.where}: in a statement")
        if not answer.get("errors") and not answer.get("data"):
            wrong.append(f"{call.field}.{call.where}: no answer")
        if codes(answer) & {"INTERNAL_ERROR", "GRAPHQL_ERROR"}:
            wrong.append(f"{call.field}.{call.where}: {answer}")
    assert wrong == []


def test_a_list_of_any_length_takes_no_more_statements(house):
    """Nor does it fail: what is too long is refused."""
    ids, wrong = hostile.pool(), []
    for name, where, query in hostile.lists(ids):
        one = query.partition("%s")[2].partition("%s")[0]
        many = ", ".join([one] * min(MANY, 18_000 // (len(one) + 2)))
        with undone(), statements() as found:
            answer = house.ask(query.replace(f"%s{one}%s", many), "superuser")
        if codes(answer) & {"INTERNAL_ERROR", "GRAPHQL_ERROR"}:
            wrong.append(f"{name}.{where}: {answer}")
        if len(found) > STATEMENTS:
            wrong.append(f"{name}.{where}: {len(found)} statements")
    assert wrong == []


#: Where a path takes something in its own place.
PARTS = {
    "<id>": "1", "<form>": "html", "<asset>": "pages.css", "<page>": TEXT, "<token>": TEXT,
    "<view>": "lines.csv", "<probe>": "ready",
}  # fmt: skip
NAMES = ("lang", "link", "channel", "language", "country", "boughtSince", "sku", "purpose", "x")
HEADERS = {
    "HTTP_ACCEPT_LANGUAGE": TEXT, "HTTP_JOKKERIT_SENDER": TEXT, "HTTP_JOKKERIT_TIMESTAMP": TEXT,
    "HTTP_JOKKERIT_SIGNATURE": TEXT, "HTTP_IF_NONE_MATCH": TEXT, "HTTP_RANGE": TEXT,
    "HTTP_SEC_PURPOSE": TEXT, "HTTP_ORIGIN": TEXT, "HTTP_USER_AGENT": TEXT, "HTTP_REFERER": TEXT,
    "REMOTE_ADDR": TEXT,
}  # fmt: skip


def test_no_path_query_header_or_body_becomes_more_than_text(house):
    for route in PATHS:
        path = re.sub("<[a-z]+>", lambda part: PARTS[part[0]], route)
        for asked in _asked(f"{path}/" if path else ""):
            _harmless(asked)


def _asked(path: str) -> Iterator[Any]:
    fields = dict.fromkeys((*NAMES, "email", "name", "postal_code", "orders", "message"), TEXT)
    body = json.dumps({
        "query": TEXT, "purpose": "security", "month": TEXT,
        "filter": {"path": TEXT, "address": TEXT},
        "pairs": [{"channel": "email", "address": TEXT}],
    })  # fmt: skip
    make = RequestFactory()
    yield make.get(f"{HOME}{path}", dict.fromkeys(NAMES, TEXT))
    yield from (make.get(f"{HOME}{path}", {name: TEXT}) for name in NAMES)
    yield make.post(f"{HOME}{path}", fields)
    yield make.post(f"{HOME}{path}", body, content_type="application/json")


def _harmless(request: Any) -> None:
    request.META |= HEADERS | {"HTTP_AUTHORIZATION": "Bearer controller"}
    path = request.path.removeprefix(HOME)
    with undone(), statements() as found:
        response = routes.serve(request, path, active=True)
        pieces = response.streaming_content if response.streaming else [response.content]
        content = b"".join(pieces).decode(errors="replace")
    assert response.status_code < 500, path
    assert not any(MARK in sql for sql in found), path
    assert not any(MARK in f"{key}{value}" for key, value in response.items()), path
    if response["Content-Type"].startswith("text/html"):
        assert f"{MARK}'" not in content, path
        assert "<script>alert" not in content, path
    elif response["Content-Type"] != "application/json":
        assert "\x1b" not in content, path
