"""The signed door of storefronts: who is let in, each batch once, and what is no batch."""

import hmac
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from jokkerit_plugin import clock
from jokkerit_plugin.models import RefusedLines, SignedCall, SiteLine
from jokkerit_plugin.sitelog import store
from jokkerit_plugin.web import flood, routes, senders, signing, site_log
from tests.graphql import HOME
from tests.logs import by_day
from tests.races import overtaken

__all__ = ["by_day"]
KEY, OLD, OTHERS = bytes.fromhex("11" * 32), bytes.fromhex("22" * 32), bytes.fromhex("33" * 32)
SECRET = "Zk3pQ9sX7vB2nM5tL8cR"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("door")]
#: For what must be committed to be seen.
committed = pytest.mark.usefixtures("by_day")


@pytest.fixture
def door(shop, monkeypatch):
    monkeypatch.setenv(
        site_log.VARIABLE, f"web:{KEY.hex()}, web:{OLD.hex()},app.fi:{OTHERS.hex()}, x:{SECRET}"
    )
    monkeypatch.setenv(senders.VARIABLE, f"app:40:{KEY.hex()}")
    cache.clear()
    yield
    cache.clear()


def lines(*numbers: int) -> bytes:
    at = clock.now().isoformat()
    return b"".join(
        json.dumps({"time": at, "path": f"/{number}?token={SECRET}", "status": 200}).encode()
        + b"\n"
        for number in numbers
    )


def signed(body: bytes, at: str, *, key: bytes = KEY, path: str = "site-log") -> str:
    return hmac.new(key, f"POST {path}\n{at}\n".encode() + body, "sha256").hexdigest()


def send(body: bytes, *, key: bytes = KEY, seconds: int = 0, **changed: str):
    """Send a signed batch; `changed`: headers that differ from what was signed."""
    at = str(int(clock.now().timestamp()) + seconds)
    headers = {
        "HTTP_JOKKERIT_SENDER": "web", "HTTP_JOKKERIT_TIMESTAMP": at,
        "HTTP_JOKKERIT_SIGNATURE": signed(body, at, key=key),
    } | changed  # fmt: skip
    request = RequestFactory().post(
        f"{HOME}site-log/", body, content_type="application/x-ndjson", **headers
    )
    return routes.serve(request, "site-log/", active=True)


def told(response) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["error"]["code"]


def taken() -> list[str]:
    return sorted(SiteLine.objects.values_list("path", flat=True))


@pytest.mark.parametrize(("who", "key"), [("web", KEY), ("web", OLD), ("app.fi", OTHERS)])
def test_a_batch_is_taken_and_minimised(who, key):
    body = lines(1, 2) + b"nonsense\n" + b"\x16\x03\n\n"
    response = send(body, key=key, HTTP_JOKKERIT_SENDER=who)
    assert response.status_code == 200
    assert json.loads(response.content) == {
        "taken": 2, "refused": {"binary": 1, "malformed": 1},
    }  # fmt: skip
    assert taken() == ["/1", "/2"]
    assert dict(RefusedLines.objects.values_list("reason", "example")) == {
        "malformed": "aaaaaaaa", "binary": r"\x16\x03",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"HTTP_JOKKERIT_SIGNATURE": ""},
        {"HTTP_JOKKERIT_SIGNATURE": "0" * 64},
        {"HTTP_JOKKERIT_SIGNATURE": "ä"},
        {"HTTP_JOKKERIT_TIMESTAMP": "1"},
        {"HTTP_JOKKERIT_SENDER": ""},
        {"HTTP_JOKKERIT_SENDER": "app.fi"},
        {"HTTP_JOKKERIT_SENDER": "x"},
        # A key of another door's.
        {"HTTP_JOKKERIT_SENDER": "app:40"},
        {"key": OTHERS},
    ],
)
def test_what_no_storefront_signed_has_one_answer_and_leaves_nothing(changed):
    unsigned = send(lines(1), HTTP_JOKKERIT_SIGNATURE="f" * 64)
    response = send(lines(1), **changed)
    assert (response.status_code, response.content) == (401, unsigned.content)
    assert taken() == []
    assert not SignedCall.objects.exists()


def test_a_question_signed_for_another_door_lets_nothing_in():
    at, body = str(int(clock.now().timestamp())), lines(1)
    other = signed(body, at, path="may-contact")
    assert told(send(body, HTTP_JOKKERIT_SIGNATURE=other)) == (401, "NOT_SIGNED_IN")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_early_batch_is_refused(seconds):
    assert told(send(lines(1), seconds=seconds)) == (401, "NOT_SIGNED_IN")
    assert send(lines(1), seconds=seconds - (5 if seconds > 0 else -5)).status_code == 200


def same(body: bytes, key: bytes = KEY) -> dict[str, str]:
    at = str(int(clock.now().timestamp()))
    return {"HTTP_JOKKERIT_TIMESTAMP": at, "HTTP_JOKKERIT_SIGNATURE": signed(body, at, key=key)}


def test_a_batch_that_comes_again_is_taken_once_without_any_cache():
    body = lines(1, 2)
    headers = same(body)
    assert send(body, **headers).status_code == 200
    cache.clear()
    assert told(send(body, **headers)) == (409, "ALREADY_TAKEN")
    upper = headers | {"HTTP_JOKKERIT_SIGNATURE": headers["HTTP_JOKKERIT_SIGNATURE"].upper()}
    assert told(send(body, **upper)) == (409, "ALREADY_TAKEN")
    # Signed anew with the other key it is the same request.
    at = headers["HTTP_JOKKERIT_TIMESTAMP"]
    other = headers | {"HTTP_JOKKERIT_SIGNATURE": signed(body, at, key=OLD)}
    assert told(send(body, **other)) == (409, "ALREADY_TAKEN")
    assert taken() == ["/1", "/2"]


@committed
def test_of_two_at_once_one_is_taken():
    body = lines(1)
    headers = same(body)
    first, second = overtaken(
        lambda: send(body, **headers), lambda: send(body, **headers), after=(signing, "take")
    )
    assert sorted([first.status_code, second.status_code]) == [200, 409]
    assert taken() == ["/1"]


def test_a_batch_whose_lines_could_not_be_stored_may_come_again(monkeypatch):
    def fail(*_args: object, **_given: object) -> None:
        raise RuntimeError(SECRET)

    body = lines(1)
    headers = same(body)
    with monkeypatch.context() as patch:
        patch.setattr(store, "take_raw", fail)
        assert told(send(body, **headers)) == (500, "INTERNAL_ERROR")
    assert send(body, **headers).status_code == 200
    assert taken() == ["/1"]


def test_what_no_signature_is_good_for_any_more_is_forgotten():
    for number, seconds in enumerate((3 * signing.WINDOW + 5, 2 * signing.WINDOW + 5)):
        at = clock.now() - timedelta(seconds=seconds)
        SignedCall.objects.create(digest=str(number), who="web", at=at)
    send(lines(2))
    assert not SignedCall.objects.filter(digest="0").exists()
    assert SignedCall.objects.filter(digest="1").exists()


def test_more_batches_than_a_minute_holds_wait(monkeypatch):
    monkeypatch.setattr(site_log, "BATCHES", 2)
    for number in range(2):
        assert send(lines(number)).status_code == 200
    over = send(lines(3))
    assert (told(over), over["Retry-After"]) == ((429, "LIMIT_EXCEEDED"), "60")
    assert taken() == ["/0", "/1"]
    # Another storefront's are its own; and a minute later there is room.
    assert send(lines(4), key=OTHERS, HTTP_JOKKERIT_SENDER="app.fi").status_code == 200
    SignedCall.objects.update(at=clock.now() - timedelta(seconds=61))
    assert send(lines(3)).status_code == 200


def test_too_much_is_refused_before_it_is_read():
    assert told(send(b" " * (site_log.BODY + 1))) == (413, "LIMIT_EXCEEDED")
    assert told(send(b"x\n" * (site_log.LINES + 1))) == (413, "LIMIT_EXCEEDED")
    assert told(send(lines(1), CONTENT_LENGTH="999999999"))[0] == 413
    assert not SignedCall.objects.exists()


def test_a_flood_without_signatures_is_cut_off_and_the_storefront_is_still_heard():
    for _ in range(flood.MOST):
        assert send(lines(1), HTTP_JOKKERIT_SIGNATURE="0" * 64).status_code == 401
    assert send(lines(1), HTTP_JOKKERIT_SIGNATURE="0" * 64).status_code == 429
    assert send(lines(1)).status_code == 200


def test_without_keys_nobody_is_let_in_and_no_key_gets_into_the_log(monkeypatch, caplog):
    send(lines(1))
    assert "JOKKERIT_STOREFRONTS has an entry" in caplog.text
    monkeypatch.delenv(site_log.VARIABLE)
    assert told(send(lines(2))) == (401, "NOT_SIGNED_IN")
    assert told(send(lines(2), key=b"")) == (401, "NOT_SIGNED_IN")
    for secret in (SECRET, KEY.hex()):
        assert secret not in caplog.text


def test_only_post_is_answered_and_only_by_a_register_at_work():
    request = RequestFactory().get(f"{HOME}site-log/")
    response = routes.serve(request, "site-log/", active=True)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert routes.serve(request, "site-log/", active=False).status_code == 404
