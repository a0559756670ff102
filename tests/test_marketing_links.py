"""Links of messages: what they hold, who can make them, how long they are good, and headers."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage as Parsed
from email.parser import BytesParser
from email.policy import default

import pytest
from django.core.mail import EmailMessage
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin import clock, keys
from jokkerit_plugin.marketing import contact_keys, links
from jokkerit_plugin.marketing.links import BadLink, ExpiredLink, Link
from jokkerit_plugin.policy.marketing import Channel

OLD, NEW = "2025:" + "ab" * 32, "2026:" + "cd" * 32
AINO = "aino@example.com"


@pytest.fixture(autouse=True)
def keyed(shop, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, OLD)
    return shop


def aino():
    return contact_keys.keys(Channel.EMAIL, AINO)[0]


@pytest.mark.parametrize("channel", Channel)
def test_a_token_says_whose_it_is_and_for_what_and_names_nobody(channel):
    key = aino()
    token = links.token(key, channel)
    assert links.read(token) == Link(key, channel)
    whole = token + str(urlsafe_b64decode(token.partition(".")[0] + "=="))
    assert "aino" not in whole
    assert "example" not in whole


def test_the_same_message_has_the_same_link_and_another_address_another():
    key = aino()
    assert links.token(key, Channel.EMAIL) == links.token(key, Channel.EMAIL)
    other = contact_keys.keys(Channel.EMAIL, "eino@example.com")[0]
    assert links.token(key, Channel.EMAIL) != links.token(other, Channel.EMAIL)


def test_a_link_outlives_the_key_that_signed_it_until_that_is_taken_away(monkeypatch):
    key = aino()
    token = links.token(key, Channel.EMAIL)
    monkeypatch.setenv(keys.VARIABLE, f"{NEW},{OLD}")
    assert links.read(token) == Link(key, Channel.EMAIL)
    assert links.token(key, Channel.EMAIL) != token
    monkeypatch.setenv(keys.VARIABLE, NEW)
    with pytest.raises(BadLink):
        links.read(token)
    monkeypatch.delenv(keys.VARIABLE)
    with pytest.raises(keys.NoKey):
        links.read(token)


def test_a_link_is_good_for_years(monkeypatch):
    token = links.token(aino(), Channel.EMAIL)
    later = clock.now() + timedelta(days=3650)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert links.read(token).channel is Channel.EMAIL


def test_a_token_cut_off_anywhere_or_changed_anywhere_is_none_of_ours():
    token = links.token(aino(), Channel.EMAIL)
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
               for at in range(len(token))]  # fmt: skip
    # The last letter of base64 has bits that say nothing: it is signed as text all the same.
    for text in [*(token[:at] for at in range(len(token))), *changed, token + "A"]:
        with pytest.raises(BadLink):
            links.read(text)


@given(st.text(max_size=400))
def test_whatever_is_no_token_is_told_so_and_nothing_else(text):
    with pytest.raises(BadLink):
        links.read(text)
    with pytest.raises(BadLink):
        links.read_confirmation(text)
    with pytest.raises(BadLink):
        links.url("unsubscribe", text + "\r\nBcc: eino@example.com")


def test_a_confirmation_is_another_link_and_expires_after_seven_days(monkeypatch):
    at, key = clock.now().replace(microsecond=0), aino()
    token = links.confirmation(key, Channel.EMAIL, at=at)
    with pytest.raises(BadLink):
        links.read(token)
    with pytest.raises(BadLink):
        links.read_confirmation(links.token(key, Channel.EMAIL))
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=7))
    assert links.read_confirmation(token) == Link(key, Channel.EMAIL, at)
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=7, seconds=1))
    with pytest.raises(ExpiredLink):
        links.read_confirmation(token)


def test_the_headers_are_those_of_rfc_8058_and_a_mailbox_only_where_one_is_named(shop):
    token = links.token(aino(), Channel.EMAIL)
    way = f"https://shop.example/plugins/jokkerit.register/unsubscribe/{token}/"
    assert links.headers(token) == {
        "List-Unsubscribe": f"<{way}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }  # fmt: skip
    shop.port.settings = replace(shop.port.settings, unsubscribe_mailbox="lista@shop.example")
    assert links.headers(token)["List-Unsubscribe"] == (
        f"<{way}>, <mailto:lista@shop.example?subject=unsubscribe>"
    )


def test_a_link_is_https_whatever_the_shop_calls_itself(shop, monkeypatch):
    home = "http://127.0.0.1:8000/plugins/jokkerit.register/"
    monkeypatch.setattr(shop.port, "pages", lambda: home)
    [way] = links.headers(links.token(aino(), Channel.EMAIL))["List-Unsubscribe"].split(", ")
    assert way.startswith("<https://127.0.0.1:8000/plugins/jokkerit.register/unsubscribe/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x\r\nBcc: eino@example.com",
        "x>, <https://elsewhere.example",
        "ä",
        "x y",
        "x\0",
        "a" * 301,
    ],
)
def test_nothing_but_a_token_gets_into_a_header(text):
    with pytest.raises(BadLink):
        links.headers(text)


def test_the_headers_survive_being_written_and_read_as_a_message(shop):
    shop.port.settings = replace(shop.port.settings, unsubscribe_mailbox="lista@shop.example")
    headers = links.headers(links.token(aino(), Channel.EMAIL))
    message = EmailMessage("Otsikko", "Teksti", "shop@example.com", [AINO], headers=headers)
    parsed = BytesParser(Parsed, policy=default).parsebytes(message.message().as_bytes())
    # A folded header begins with the space at which it was folded.
    assert {name: parsed[name].strip() for name in headers} == headers
    assert len(parsed.get_all("List-Unsubscribe")) == 1
