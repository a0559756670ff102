"""Fetching files over HTTP: by a token, or by a link that works once, for one person."""

import asyncio
import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncRequestFactory, RequestFactory

from jokkerit_plugin import clock
from jokkerit_plugin.access import guard, recipients
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting.exports import files
from jokkerit_plugin.models import AccessEntry, DownloadLink, Export, Recipient
from jokkerit_plugin.web import routes
from jokkerit_plugin.web.schema.base import to_global_id
from tests.bookkeeping import exported
from tests.graphql import HOME, PEOPLE, House
from tests.standing import standing

pytestmark = pytest.mark.django_db

CONTENT = "Tosite;Päivä\r\nMYY-2026-000001;2026-03-01\r\n".encode() * 100


def furnished(shop, monkeypatch):
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


@pytest.fixture
def export(house):
    """A file of two pieces for the accounting firm."""
    return exported("journal-03.csv", CONTENT[:1000], CONTENT[1000:], subjects="{[4,6)}")


def link(house, export, token: str = "accountant") -> str:
    """Ask for a link and return its query."""
    query = "mutation($id: ID!) { exportLink(id: $id) { url seconds errors { code } } }"
    found = house.ask(query, token, id=to_global_id("RegisterExport", export.pk))
    answer = found["data"]["exportLink"]
    assert (answer["errors"], answer["seconds"]) == ([], 60)
    parts = urlsplit(answer["url"])
    assert (parts.netloc, parts.path) == ("", f"{HOME}downloads/{export.pk}/")
    return parts.query


def told() -> tuple[str, ...]:
    found = AccessEntry.objects.latest("seq")
    return (found.actor, found.act, found.outcome, found.reason)


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_a_file_comes_whole_with_its_digest_and_is_kept_nowhere(house, export):
    response = house.fetch(export.pk, "accountant")
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert response["X-Content-SHA256"] == export.sha256
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="journal-03.csv"'
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert told() == ("user:3", "export download", "granted", "")
    assert AccessEntry.objects.latest("seq").subjects == "{[4,6)}"


@pytest.mark.promise("P-ACCESS-ACCOUNTING")
def test_a_link_gives_the_file_once_without_a_token(house, export):
    query = link(house, export)
    assert body(house.fetch(export.pk, query=query)) == CONTENT
    assert told() == ("user:3", "export download", "granted", "")
    again = house.fetch(export.pk, query=query)
    assert (again.status_code, again["Cache-Control"]) == (403, "no-store")
    assert b"LINK_REFUSED" in again.content
    assert told() == ("user:3", "export download", "refused", "LINK_REFUSED")


@pytest.mark.parametrize("method", ["head", "post", "put", "delete", "options"])
def test_nothing_but_get_is_answered_and_uses_a_link_up(house, export, method):
    query = link(house, export)
    path = f"downloads/{export.pk}/"
    request = getattr(RequestFactory(), method)(f"{HOME}{path}?{query}")
    response = routes.serve(request, path, active=True)
    assert (response.status_code, response["Allow"]) == (405, "GET")
    assert house.fetch(export.pk, query=query).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_SEC_PURPOSE": "prefetch"},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_PURPOSE": "Prefetch"},
        {"HTTP_X_MOZ": "prefetch"},
    ],
)
def test_fetching_ahead_uses_no_link_up(house, export, header):
    query = link(house, export)
    ahead = house.fetch(export.pk, query=query, **header)
    assert (ahead.status_code, ahead["Cache-Control"]) == (403, "no-store")
    assert body(house.fetch(export.pk, query=query)) == CONTENT


@pytest.mark.promise("P-ACCESS-ACCOUNTING", breaks=True)
def test_a_link_is_bound_to_its_file_its_text_and_a_minute(house, export, monkeypatch):
    other = Export.objects.create(
        format="xlsx", first="2026-03-01", last="2026-03-31", filename="x", sha256="0" * 64,
        recipient=export.recipient, purpose="bookkeeping", categories="purchase", subjects="{}",
        size=1, created_by="user:3",
    )  # fmt: skip
    query = link(house, export)
    assert house.fetch(other.pk, query=query).status_code == 403
    assert told() == ("user:3", "export download", "refused", "LINK_REFUSED")
    rows = AccessEntry.objects.count()
    for forged in (query[:-1] + ("A" if query[-1] != "A" else "B"), "link=", "link=x%00", "link"):
        assert house.fetch(export.pk, query=forged).status_code == 403
    assert AccessEntry.objects.count() == rows
    query = link(house, export)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=61))
    assert house.fetch(export.pk, query=query).status_code == 403
    assert told()[2:] == ("refused", "LINK_REFUSED")


@pytest.mark.promise("P-ACCESS-ACCOUNTING", "P-AGREEMENT", breaks=True)
def test_ending_the_firm_ends_its_links_and_tokens_at_once(house, export):
    query = link(house, export)
    recipients.end(export.recipient_id, actor=Actor.of(PEOPLE["controller"]))
    by_link = house.fetch(export.pk, query=query)
    assert (by_link.status_code, b"NO_AGREEMENT" in by_link.content) == (403, True)
    assert told() == ("user:3", "export download", "refused", "NO_AGREEMENT")
    assert house.fetch(export.pk, "accountant").status_code == 403
    assert house.fetch(export.pk, "app").status_code == 403
    assert house.fetch(export.pk, "controller").status_code == 200


def test_ending_the_firm_ends_a_download_under_way(house, export):
    pieces = house.fetch(export.pk, "accountant").streaming_content
    assert next(pieces) == CONTENT[:1000]
    recipients.end(export.recipient_id, actor=Actor.of(PEOPLE["controller"]))
    with pytest.raises(guard.NoAgreement):
        next(pieces)
    assert told() == ("user:3", "export download", "refused", "NO_AGREEMENT")


def test_a_firm_s_file_is_not_another_firm_s(house, export):
    other = Recipient.objects.create(
        kind="bookkeeping", name="Toinen", country="FI", registered_by="user:1",
        agreement_signed_on="2026-01-01", confidentiality_signed_on="2026-01-01",
    )  # fmt: skip
    Export.objects.update(recipient=other)
    response = house.fetch(export.pk, "accountant")
    assert (response.status_code, b"no such file of yours" in response.content) == (404, True)
    query = "mutation($id: ID!) { exportLink(id: $id) { url errors { code field } } }"
    found = house.ask(query, "accountant", id=to_global_id("RegisterExport", export.pk))
    assert found["data"]["exportLink"] == {
        "url": None, "errors": [{"code": "EXPORT", "field": "id"}],
    }  # fmt: skip
    assert not DownloadLink.objects.exists()


@pytest.mark.parametrize(
    ("token", "query", "status"),
    [("", "", 401), ("expired", "", 401), ("", "token=accountant", 401), ("no role", "", 403)],
)
def test_without_a_token_that_counts_there_is_no_file(house, export, token, query, status):
    response = house.fetch(export.pk, token, query)
    assert response.status_code == status
    assert ("WWW-Authenticate" in response) == (status == 401)
    assert b"Tosite" not in response.content
    # A stranger cannot tell which files there are.
    assert house.fetch(999999, token, query).status_code == status


def test_a_token_goes_before_a_link_and_leaves_it(house, export):
    query = link(house, export)
    assert house.fetch(export.pk, "no role", query).status_code == 403
    assert house.fetch(export.pk, "accountant", query).status_code == 200
    assert house.fetch(export.pk, query=query).status_code == 200


def test_a_file_that_has_changed_is_not_given_out(house, export):
    export.chunks.filter(number=1).update(data=b"x")
    response = house.fetch(export.pk, "accountant")
    assert (response.status_code, b"FILE_DAMAGED" in response.content) == (500, True)


def test_a_fault_of_ours_tells_nothing(house, export, monkeypatch, caplog):
    def fail(*_args, **_given):
        raise RuntimeError("Aino Mäkelä")

    monkeypatch.setattr(files, "read", fail)
    response = house.fetch(export.pk, "accountant")
    assert (response.status_code, response.content) == (
        500, b"Internal Server Error (INTERNAL_ERROR)\n",
    )  # fmt: skip
    assert "RuntimeError" in caplog.text
    assert "Aino" not in caplog.text


@pytest.mark.parametrize("path", ["downloads", "downloads/0", "downloads/x", "downloads/1/2"])
def test_there_is_nothing_beside_the_files(house, export, path):
    request = RequestFactory().get(f"{HOME}{path}", HTTP_AUTHORIZATION="Bearer accountant")
    assert routes.serve(request, path, active=True).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_over_asgi_a_file_is_sent_piece_by_piece(house, export):
    path = f"downloads/{export.pk}/"
    request = AsyncRequestFactory().get(f"{HOME}{path}", headers={"Authorization": "Bearer app"})
    response = routes.serve(request, path, active=True)
    assert response.is_async

    async def pieces() -> list[bytes]:
        try:
            return [piece async for piece in response]
        finally:
            await sync_to_async(connections.close_all)()

    found = asyncio.run(pieces())
    assert found == [CONTENT[:1000], CONTENT[1000:]]


def test_the_address_of_a_file_is_in_the_schema(house, export):
    query = "{ exports(first: 1) { edges { node { url sha256 size } } } }"
    [edge] = house.ask(query, "accountant")["data"]["exports"]["edges"]
    assert edge["node"] == json.loads(json.dumps({
        "url": f"{HOME}downloads/{export.pk}/", "sha256": export.sha256, "size": len(CONTENT),
    }))  # fmt: skip
