"""The signed question of a sender: who is let in, what is no question, and what is answered."""

import hashlib
import hmac
import json

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import agreements
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.marketing import ledger
from jokkerit_plugin.models import AccessEntry, Member, Recipient
from jokkerit_plugin.policy.marketing import Channel, Kind, Source
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.shop.people import Caller
from jokkerit_plugin.web import flood, may_contact, routes, senders
from tests.graphql import HOME, House
from tests.opting import declared_empty
from tests.standing import standing

pytestmark = pytest.mark.django_db

AINO = "aino@example.com"
KEY, OLD, OTHERS = bytes.fromhex("11" * 32), bytes.fromhex("22" * 32), bytes.fromhex("33" * 32)
PAIRS = [{"channel": "email", "address": AINO}, {"channel": "email", "address": "b@example.com"}]


def furnished(shop, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    monkeypatch.setenv(
        senders.VARIABLE, f"app:40:{KEY.hex()}, app:40:{OLD.hex()},app:5:{OTHERS.hex()}, nonsense"
    )
    declared_empty()
    house = House(shop)
    house.people["sender"] = Caller("app:40", frozenset({Permission.VIEW_REGISTER}))
    house.everybody_signs()
    controller = Actor.of(house.people["controller"])
    agreements.record(
        "app:40", version=agreements.in_force().version, language="fi", actor=controller
    )
    mailer = Recipient.objects.create(
        kind=Recipient.Kind.PROCESSOR, name="Kirjeet Oy", country="FI", registered_by="user:1",
        agreement_signed_on="2026-01-01", confidentiality_signed_on="2026-01-01",
    )  # fmt: skip
    Member.objects.create(
        holder="app:40", recipient=mailer, responsible="user:3", added_by="user:1"
    )
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK)
    return house


signed = standing(__name__, furnished)


@pytest.fixture
def house(signed):
    cache.clear()
    yield signed
    cache.clear()


def signature(body: bytes, at: str, key: bytes = KEY) -> str:
    return hmac.new(key, b"POST may-contact\n" + at.encode() + b"\n" + body, "sha256").hexdigest()


def send(body=None, *, key: bytes = KEY, seconds: int = 0, method: str = "post", **changed):
    """Send a signed question; `changed`: headers that differ from what was signed."""
    text = body if isinstance(body, bytes) else json.dumps(body or {"pairs": PAIRS}).encode()
    at = str(int(clock.now().timestamp()) + seconds)
    headers = {
        "HTTP_JOKKERIT_SENDER": "app:40", "HTTP_JOKKERIT_TIMESTAMP": at,
        "HTTP_JOKKERIT_SIGNATURE": signature(text, at, key),
    } | changed  # fmt: skip
    request = RequestFactory().generic(
        method.upper(), f"{HOME}may-contact/", text, "application/json", **headers
    )
    return routes.serve(request, "may-contact/", active=True)


def told(response) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["error"]["code"]


@pytest.mark.parametrize("key", [KEY, OLD])
def test_a_signed_question_is_answered_and_logged(house, key):
    response = send(key=key)
    assert response.status_code == 200
    assert json.loads(response.content) == {
        "answers": [
            {"allowed": True, "reason": "consent"}, {"allowed": False, "reason": "no_consent"},
        ]
    }  # fmt: skip
    assert (response["Cache-Control"], response.cookies) == ("no-store", {})
    row = AccessEntry.objects.latest("seq")
    assert (row.actor, row.act, row.purpose, row.outcome) == (
        "app:40", "mayContact", "marketing", "granted",
    )  # fmt: skip


def test_service_is_another_purpose(house):
    response = send({"purpose": "service", "pairs": PAIRS})
    answers = json.loads(response.content)["answers"]
    assert answers == [{"allowed": True, "reason": "service"}] * 2


@pytest.mark.parametrize(
    "changed",
    [
        {"HTTP_JOKKERIT_SIGNATURE": ""},
        {"HTTP_JOKKERIT_SIGNATURE": "0" * 64},
        {"HTTP_JOKKERIT_SIGNATURE": "ä"},
        {"HTTP_JOKKERIT_TIMESTAMP": "1"},
        {"HTTP_JOKKERIT_TIMESTAMP": ""},
        {"HTTP_JOKKERIT_SENDER": ""},
        {"HTTP_JOKKERIT_SENDER": "app:5"},
        {"HTTP_JOKKERIT_SENDER": "app:99"},
        {"HTTP_JOKKERIT_SENDER": "user:1"},
        {"key": OTHERS},
    ],
)
def test_what_is_not_signed_by_its_sender_has_one_answer(house, changed):
    unsigned = send(HTTP_JOKKERIT_SIGNATURE="f" * 64)
    rows = AccessEntry.objects.count()
    response = send(**changed)
    assert (response.status_code, response.content) == (401, unsigned.content)
    assert AccessEntry.objects.count() == rows


def test_another_body_under_a_signature_is_not_signed(house):
    at = str(int(clock.now().timestamp()))
    signed = signature(b'{"pairs": []}', at)
    assert told(send(HTTP_JOKKERIT_TIMESTAMP=at, HTTP_JOKKERIT_SIGNATURE=signed))[0] == 401


def test_without_keys_of_senders_nobody_signs(house, monkeypatch):
    monkeypatch.delenv(senders.VARIABLE)
    assert told(send()) == (401, "NOT_SIGNED_IN")
    # What stands for a sender that there is not is no key that anybody knows.
    assert told(send(key=b"")) == (401, "NOT_SIGNED_IN")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_early_question_is_refused(house, seconds):
    response = send(seconds=seconds)
    assert told(response) == (401, "NOT_SIGNED_IN")
    assert b"timestamp" in response.content
    assert send(seconds=seconds - (1 if seconds > 0 else -1) * 5).status_code == 200


def test_a_replayed_question_is_refused(house):
    at = str(int(clock.now().timestamp()))
    body = json.dumps({"pairs": PAIRS}).encode()
    same = {
        "HTTP_JOKKERIT_TIMESTAMP": at, "HTTP_JOKKERIT_SIGNATURE": signature(body, at),
    }  # fmt: skip
    assert send(body, **same).status_code == 200
    cache.clear()
    assert told(send(body, **same)) == (409, "ALREADY_TAKEN")
    upper = {**same, "HTTP_JOKKERIT_SIGNATURE": same["HTTP_JOKKERIT_SIGNATURE"].upper()}
    assert told(send(body, **upper)) == (409, "ALREADY_TAKEN")


def test_a_key_lends_nothing_that_the_shop_and_the_guard_do_not_give(house):
    house.people["sender"] = Caller("app:40", frozenset())
    assert told(send(seconds=1)) == (403, "NO_PERMISSION")
    house.people["sender"] = Caller("app:40", frozenset({Permission.VIEW_ACCOUNTING}))
    assert told(send(seconds=2)) == (403, "PURPOSE_REFUSED")
    house.people["sender"] = Caller("app:40", frozenset({Permission.VIEW_REGISTER}))
    Member.objects.filter(holder="app:40").delete()
    assert told(send(seconds=3)) == (403, "NO_MEMBERSHIP")
    assert AccessEntry.objects.filter(outcome="refused", act="mayContact").count() == 3
    del house.people["sender"]
    assert told(send(seconds=4)) == (403, "NO_PERMISSION")


@pytest.mark.parametrize(
    "body",
    [
        b" ", b"nonsense", b"[]", b"null", b"{}", b'{"pairs": {}}', b'{"pairs": [1]}',
        b'{"pairs": [{"channel": "email"}]}', b'{"pairs": [{"channel": "fax", "address": "x"}]}',
        b'{"pairs": [{"channel": "email", "address": 7}]}', b'{"pairs": []}', b"\xff\xfe",
        b'{"purpose": "spam", "pairs": [{"channel": "email", "address": "x"}]}',
        b'{"purpose": [], "pairs": [{"channel": "email", "address": "x"}]}',
        b'{"pairs": [{"channel": "email", "address": "a\\u0000@example.com"}]}',
        b'{"pairs": [{"channel": "email", "address": "\\ud800"}]}', b"[" * 50_000,
    ],
)  # fmt: skip
def test_what_is_no_question_is_told_so(house, body):
    response = send(body)
    assert response.status_code == 400
    assert AINO.encode() not in response.content


def test_too_much_is_refused_before_it_is_read(house):
    assert told(send({"pairs": PAIRS * 501})) == (400, "INVALID")
    assert told(send(b" " * (may_contact.BODY + 1)))[0] == 413
    assert told(send(CONTENT_LENGTH="999999999"))[0] == 413


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_post_is_answered(house, method):
    response = send(b"{}", method=method)
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_a_flood_without_signatures_is_cut_off_and_the_sender_still_asks(house):
    for _ in range(flood.MOST):
        assert send(HTTP_JOKKERIT_SIGNATURE="0" * 64).status_code == 401
    over = send(HTTP_JOKKERIT_SIGNATURE="0" * 64)
    assert (over.status_code, over["Retry-After"]) == (429, "60")
    assert send().status_code == 200


def test_a_resting_plugin_answers_nobody(house):
    request = RequestFactory().post(f"{HOME}may-contact/", b"{}", content_type="application/json")
    assert routes.serve(request, "may-contact/", active=False).status_code == 404


def test_no_key_and_no_address_gets_into_the_log(house, caplog, monkeypatch):
    def fail(*_args, **_given):
        raise RuntimeError(AINO)

    monkeypatch.setattr(may_contact.contacts, "may_contact", fail)
    assert told(send()) == (500, "INTERNAL_ERROR")
    assert "RuntimeError" in caplog.text
    for secret in (AINO, KEY.hex(), "nonsense"):
        assert secret not in caplog.text


def test_the_example_of_the_documentation_signs_as_we_do(house):
    body = json.dumps({"pairs": PAIRS}).encode()
    at = str(int(clock.now().timestamp()))
    message = f"POST may-contact\n{at}\n".encode() + body
    documented = hmac.new(KEY, message, hashlib.sha256).hexdigest()
    assert (
        send(body, HTTP_JOKKERIT_TIMESTAMP=at, HTTP_JOKKERIT_SIGNATURE=documented).status_code
        == 200
    )
