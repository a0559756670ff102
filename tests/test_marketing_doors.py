"""The doors behind links, over HTTP: one click, the page, damage, floods, and a resting plugin."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin import keys
from jokkerit_plugin.marketing import contact_keys, ledger, links
from jokkerit_plugin.models import MarketingEvent, Suppression
from jokkerit_plugin.policy.marketing import Channel, Kind, Text
from jokkerit_plugin.web import assets, flood, forms, pages, routes
from tests.graphql import HOME

pytestmark = pytest.mark.django_db

AINO = "aino@example.com"
CLICK = "List-Unsubscribe=One-Click"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xyz"
PART = (
    b'--xyz\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"One-Click\r\n--xyz--\r\n"
)


@pytest.fixture(autouse=True)
def keyed(shop, monkeypatch) -> Iterator[Any]:
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    cache.clear()
    yield shop
    cache.clear()


def token_of(address: str = AINO, channel: Channel = Channel.EMAIL) -> str:
    return links.token(contact_keys.keys(channel, address)[0], channel)


def get(path: str, *, active: bool = True, method: str = "get", **headers: str) -> Any:
    request = getattr(RequestFactory(), method)(HOME + path, **headers)
    return routes.serve(request, path.partition("?")[0], active=active)


def post(
    path: str,
    body: Any = CLICK,
    content_type: str = URLENCODED,
    *,
    active: bool = True,
    **headers: str,
) -> Any:
    request = RequestFactory().post(HOME + path, body, content_type=content_type, **headers)
    return routes.serve(request, path.partition("?")[0], active=active)


def opted_out() -> int:
    return Suppression.objects.filter(lifted_at=None).count()


def is_quiet(response: HttpResponseBase) -> bool:
    """Tell whether an answer sets no cookie, leads nowhere and is kept by nobody."""
    return (
        not response.cookies
        and "Location" not in response
        and "Set-Cookie" not in response
        and response["Cache-Control"] == "no-store"
    )


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CLICK, URLENCODED),
        (CLICK, f"{URLENCODED}; charset=utf-8"),
        (CLICK.encode(), f"{URLENCODED}; charset=iso-8859-1"),
        (PART, MULTIPART),
        (PART, 'multipart/form-data; boundary="xyz"'),
        (PART, "Multipart/Form-Data; Boundary=xyz; charset=utf-8"),
    ],
)
def test_one_click_is_enough(body, content_type):
    response = post(f"unsubscribe/{token_of()}/", body, content_type)
    assert (response.status_code, response.content) == (200, b"You are unsubscribed.\n")
    assert is_quiet(response)
    assert opted_out() == 1
    found = MarketingEvent.objects.get()
    assert (found.kind, found.channel, found.source) == ("objection", "email", "link")


def test_a_multipart_body_without_a_length_counts_too():
    request = RequestFactory().post(HOME, PART, content_type=MULTIPART)
    del request.META["CONTENT_LENGTH"]
    path = f"unsubscribe/{token_of()}/"
    # As over ASGI, where such a body is whole.
    request._stream.limit = len(PART)
    assert routes.serve(request, path, active=True).status_code == 200
    assert opted_out() == 1


def test_a_second_click_and_a_replayed_one_change_nothing_more():
    path = f"unsubscribe/{token_of()}/"
    answers = [post(path) for _ in range(3)]
    assert {(one.status_code, one.content) for one in answers} == {
        (200, b"You are unsubscribed.\n")
    }
    assert opted_out() == 1
    assert MarketingEvent.objects.count() <= 2


@pytest.mark.parametrize("active", [True, False])
def test_the_door_stays_open_while_the_plugin_rests(active):
    path = f"unsubscribe/{token_of()}/"
    assert get(path, active=active).status_code == 200
    assert post(path, active=active).status_code == 200
    assert get(f"preferences/{token_of()}/", active=active).status_code == 200
    assert get(f"assets/{assets.served('pages.css')}/", active=active).status_code == 200
    assert opted_out() == 1


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("door", ["unsubscribe", "preferences"])
@pytest.mark.parametrize("query", ["", f"?{CLICK}", "?nothing=yes&email=no"])
def test_looking_changes_nothing_whoever_looks(door, method, query):
    scanner = {"HTTP_SEC_PURPOSE": "prefetch", "HTTP_USER_AGENT": "MailScanner"}
    for headers in ({}, scanner):
        response = get(f"{door}/{token_of()}/{query}", method=method, **headers)
        assert response.status_code == 200
        assert is_quiet(response)
    assert (opted_out(), MarketingEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_do_nothing(method):
    for door in ("unsubscribe", "preferences", "confirm"):
        response = get(f"{door}/{token_of()}/", method=method)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
    assert opted_out() == 0


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("", URLENCODED, 400),
        ("List-Unsubscribe=no", URLENCODED, 400),
        ("list-unsubscribe=one-click", URLENCODED, 400),
        (CLICK, f"{URLENCODED}; charset=utf-16", 400),
        (b"\xff\xfe\0%%%", URLENCODED, 400),
        ("&".join(["a=1"] * 1500), URLENCODED, 400),
        (CLICK, "text/plain", 400),
        ('{"List-Unsubscribe": "One-Click"}', "application/json", 400),
        (CLICK, "", 400),
        (PART, "multipart/form-data", 400),
        (PART, "multipart/form-data; boundary=\xe4", 400),
        (b"--xyz\r\n", MULTIPART, 400),
        (PART.replace(b'Unsubscribe"', b'Unsubscribe"; filename="x"'), MULTIPART, 400),
        (CLICK + "&x=" + "x" * forms.MOST, URLENCODED, 413),
        (PART + b"x" * forms.MOST, MULTIPART, 413),
    ],
)
def test_what_is_no_click_changes_nothing_and_says_so(body, content_type, status):
    response = post(f"unsubscribe/{token_of()}/", body, content_type)
    assert response.status_code == status
    assert is_quiet(response)
    assert opted_out() == 0


def test_a_huge_body_is_refused_before_it_is_read():
    request = RequestFactory().post(HOME, CLICK, content_type=URLENCODED)
    request.META["CONTENT_LENGTH"] = "999999999"
    request._stream = None
    path = f"unsubscribe/{token_of()}/"
    assert routes.serve(request, path, active=True).status_code == 413
    for told in ("-1", "1e3", "9" * 40):
        request.META["CONTENT_LENGTH"] = told
        assert routes.serve(request, path, active=True).status_code == 413
    # Of a link that is none of ours nothing is read either.
    assert routes.serve(request, "unsubscribe/x/", active=True).status_code == 404


def damaged() -> list[str]:
    token = token_of()
    head, _, signature = token.partition(".")
    return [
        token[:-1], token[:40], head, f"{head}.", f".{signature}", f"{token}=", f"{token}>",
        token.swapcase(), "x", "ä", "%00", "." * 100, "A" * 1900,
    ]  # fmt: skip


@pytest.mark.parametrize("door", ["unsubscribe", "preferences", "confirm"])
def test_damaged_links_are_all_answered_alike_without_a_look_into_the_database(
    door, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(flood, "MOST", 10_000)
    answers = set()
    for token in damaged():
        with django_assert_num_queries(0):
            one, other = get(f"{door}/{token}/"), post(f"{door}/{token}/")
        answers |= {(one.status_code, one.content), (other.status_code, other.content)}
        assert is_quiet(one)
    [(status, content)] = answers
    assert status == 404
    assert "Linkki ei toimi" in content.decode()


def test_the_answer_does_not_tell_whether_the_address_is_known():
    ledger.record(
        Kind.CONSENT,
        Channel.EMAIL,
        AINO,
        source="storefront",
        language="fi",
        text=Text.of("1", "Kyllä"),
    )
    seen = []
    for address in (AINO, "nobody@example.com"):
        token = token_of(address)
        for response in (get(f"unsubscribe/{token}/"), post(f"unsubscribe/{token}/")):
            content = response.content.replace(token.encode(), b"")
            seen.append((response.status_code, content, dict(response.headers)))
    assert seen[:2] == seen[2:]
    assert opted_out() == 2


def test_a_flood_of_unknown_tokens_is_cut_off_by_network_and_keeps_nobody_out():
    for number in range(flood.MOST):
        assert post(f"unsubscribe/forged{number}/").status_code == 404
    over = post("unsubscribe/forged/")
    assert (over.status_code, over["Retry-After"], is_quiet(over)) == (429, "60", True)
    # From elsewhere, and with a link of ours from the very same network.
    assert post("unsubscribe/forged/", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert post(f"unsubscribe/{token_of()}/").status_code == 200
    assert get(f"preferences/{token_of()}/").status_code == 200
    assert opted_out() == 1


def test_a_flood_costs_the_same_each_time_and_leaves_no_row():
    """The functions that a post calls are counted: the thousandth costs what the first over did."""

    def cost(number: int) -> int:
        request = RequestFactory().post(
            f"{HOME}unsubscribe/forged{number:07}/", CLICK, content_type=URLENCODED
        )
        found = 0

        def called(_frame: object, event: str, _argument: object) -> None:
            nonlocal found
            found += event in {"call", "c_call"}

        sys.setprofile(called)
        try:
            response = routes.serve(request, f"unsubscribe/forged{number:07}/", active=True)
        finally:
            sys.setprofile(None)
        assert response.status_code == (404 if number < flood.MOST else 429)
        return found

    with CaptureQueriesContext(connection) as asked:
        before = [cost(number) for number in range(flood.MOST)]
        over = [cost(flood.MOST + number) for number in range(2000)]
    assert set(over) == {over[0]}
    assert over[0] < min(before)
    assert len(asked) == MarketingEvent.objects.count() == Suppression.objects.count() == 0
    assert len(cache._cache) == 1


def test_addresses_of_one_ipv6_network_count_as_one_and_none_stands_in_the_cache():
    for number in range(flood.MOST):
        post("unsubscribe/forged/", REMOTE_ADDR=f"2001:db8::{number:x}")
    assert post("unsubscribe/forged/", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert post("unsubscribe/forged/", REMOTE_ADDR="2001:db8:0:1::1").status_code == 404
    assert not any("2001" in key for key in cache._cache)


def test_a_cache_that_is_away_keeps_nobody_out(monkeypatch, caplog):
    def fail(*_args, **_given):
        raise ConnectionError("redis at 10.0.0.1")

    monkeypatch.setattr(cache, "get", fail)
    monkeypatch.setattr(cache, "add", fail)
    assert post("unsubscribe/forged/").status_code == 404
    assert post(f"unsubscribe/{token_of()}/").status_code == 200
    assert "10.0.0.1" not in caplog.text


def test_what_could_not_be_stored_is_not_called_done(monkeypatch, caplog):
    def fail(*_args, **_given):
        raise RuntimeError("Aino Mäkelä")

    monkeypatch.setattr(ledger, "oppose", fail)
    response = post(f"unsubscribe/{token_of()}/", HTTP_ACCEPT_LANGUAGE="en")
    assert (response.status_code, response["Retry-After"]) == (503, "300")
    assert "could not be saved" in response.content.decode()
    assert "RuntimeError" in caplog.text
    assert "Aino" not in caplog.text


def test_without_a_key_no_link_is_called_broken(monkeypatch):
    path = f"unsubscribe/{token_of()}/"
    monkeypatch.delenv(keys.VARIABLE)
    assert (get(path).status_code, post(path).status_code) == (503, 503)


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ("", "fi"), ("*", "fi"), ("sv-FI,fi;q=0.5", "sv"), ("en-US,en;q=0.9,sv;q=0.1", "en"),
        ("de,sv;q=0.8,en;q=0.5", "sv"), ("de", "en"), ("fi;q=0.2,en;q=0.1", "fi"),
        ("x" * 600, "fi"), ("sv;q=x", "fi"),
    ],
)  # fmt: skip
def test_the_page_comes_in_the_language_of_the_browser(given, language):
    response = get(f"unsubscribe/{token_of()}/", HTTP_ACCEPT_LANGUAGE=given)
    assert response["Content-Language"] == language
    assert f'<html lang="{language}">' in response.content.decode()
    assert response["Vary"] == "Accept-Language"


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_person_chooses_the_language_and_keeps_it_through_the_button(language):
    path = f"unsubscribe/{token_of()}/"
    asked = get(f"{path}?lang={language}", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert f'<html lang="{language}">' in asked
    assert f'action="?lang={language}"' in asked
    done = post(f"{path}?lang={language}", f"{CLICK}&page=yes")
    assert (done.status_code, done["Content-Language"], is_quiet(done)) == (200, language, True)
    assert 'role="status"' in done.content.decode()
    assert opted_out() == 1
    assert MarketingEvent.objects.get().language == language


def test_pages_run_nothing_load_nothing_of_others_and_stand_in_no_frame():
    response = get(f"preferences/{token_of()}/")
    policy = response["Content-Security-Policy"]
    for part in ("default-src 'none'", "style-src 'self'", "form-action 'self'",
                 "frame-ancestors 'none'", "base-uri 'none'"):  # fmt: skip
        assert part in policy
    html = response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"
    for forbidden in ("<script", "style=", "onclick", "http:", "https:", "<img"):
        assert forbidden not in html


def test_the_style_sheet_has_a_name_of_its_content_and_no_other_is_served():
    html = get(f"unsubscribe/{token_of()}/").content.decode()
    [name] = [part for part in html.split("/") if part.endswith(".css")]
    found = get(f"assets/{name}/")
    assert (found.status_code, found["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in found["Cache-Control"]
    assert f'href="{HOME}assets/{name}/"' in html
    for other in ("pages.css", "pages.0000000000000000.css", "..", "%2e%2e"):
        assert get(f"assets/{other}/").status_code == 404
    assert get(f"assets/{name}/", method="post").status_code == 405


def test_the_shop_s_own_words_cannot_become_markup(shop):
    shop.port.settings = replace(
        shop.port.settings, controller_name="<b>Kauppa & Pojat</b> {x}", controller_contact="<i>"
    )
    html = get(f"unsubscribe/{token_of()}/").content.decode()
    assert "&lt;b&gt;Kauppa &amp; Pojat&lt;/b&gt; {x}" in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_three_languages_have_the_same_texts_with_the_same_places():
    def shape(code: str) -> dict[str, dict[str, list[str]]]:
        return {
            part: {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in texts.items()}
            for part, texts in pages.texts(code).items()
        }

    assert shape("fi") == shape("sv") == shape("en")
