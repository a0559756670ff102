"""Mail goes the way the shop sends its own, or says why it did not."""

from __future__ import annotations

import smtplib
from collections import Counter

import pytest

from jokkerit_plugin import telemetry
from jokkerit_plugin.shop.port import AddressDeferred, AddressRefused, MailError, shop

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Mails by outcome."""
    found: Counter[str] = Counter()

    def measure(name: str, value: float = 1, **attributes: str) -> None:
        found[f"{name} {attributes['outcome']}"] += 1

    assert telemetry.api is not None, "Saleor brings OpenTelemetry"
    monkeypatch.setattr(telemetry, "measure", measure)
    return found


def test_by_the_shop_s_own_server(measured: Counter[str]) -> None:
    from django.core import mail
    from django.test import override_settings

    mail.outbox = []
    with override_settings(EMAIL_BACKEND=LOCMEM):
        shop().mail("Otsikko", "Teksti", ["a@example.com", "b@example.com"])

    [sent] = mail.outbox
    assert (sent.subject, sent.body, sent.to) == (
        "Otsikko",
        "Teksti",
        ["a@example.com", "b@example.com"],
    )
    assert measured == {"jokkerit.mail.sent sent": 1}


@pytest.mark.parametrize(
    "backend",
    ["", *(f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy"))],
)
def test_without_a_server_it_is_refused_and_says_what_to_set(
    backend: str, measured: Counter[str]
) -> None:
    from django.test import override_settings

    with (
        override_settings(EMAIL_BACKEND=backend, USER_EMAIL_HOST=""),
        pytest.raises(MailError, match="USER_EMAIL_URL"),
    ):
        shop().mail("Otsikko", "Teksti", ["a@example.com"])

    assert measured == {"jokkerit.mail.sent failed": 1}


def test_a_server_that_is_away_is_a_refusal_without_address_or_password() -> None:
    from django.test import override_settings

    # Port 1 of this machine: nobody listens.
    server = {"USER_EMAIL_HOST": "127.0.0.1", "USER_EMAIL_PORT": "1"}
    with (
        override_settings(EMAIL_BACKEND="", USER_EMAIL_HOST_PASSWORD="secret", **server),
        pytest.raises(MailError) as refused,
    ):
        shop().mail("Otsikko", "Teksti", ["a@example.com"])

    assert "could not be sent" in refused.value.message
    assert "secret" not in refused.value.message
    assert "example.com" not in refused.value.message


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (550, b"5.1.1 User unknown", AddressRefused),
        (550, b"No such user", AddressRefused),
        (452, b"4.2.2 Mailbox full", AddressDeferred),
        # The server relays nothing for the shop: of the address it says nothing.
        (554, b"5.7.1 Relay access denied", AddressDeferred),
        (530, b"Authentication required", AddressDeferred),
    ],
)
def test_an_answer_about_the_address_is_told_from_one_about_the_shop(
    monkeypatch: pytest.MonkeyPatch, code: int, said: bytes, expected: type[MailError]
) -> None:
    from django.core.mail.backends.locmem import EmailBackend
    from django.test import override_settings

    def refuse(*_: object) -> int:
        raise smtplib.SMTPRecipientsRefused({"a@example.com": (code, said)})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    with override_settings(EMAIL_BACKEND=LOCMEM), pytest.raises(MailError) as refused:
        shop().mail("Otsikko", "Teksti", ["a@example.com"])

    assert type(refused.value) is expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@" + "ö" * 64 + ".fi",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_quoted(address: str) -> None:
    from django.test import override_settings

    with override_settings(EMAIL_BACKEND=LOCMEM), pytest.raises(AddressRefused) as refused:
        shop().mail("Otsikko", "Teksti", [address])

    assert "example.com" not in refused.value.message


def test_a_header_that_cannot_be_is_not_the_address_s() -> None:
    from django.test import override_settings

    with override_settings(EMAIL_BACKEND=LOCMEM), pytest.raises(MailError) as refused:
        shop().mail("Otsikko\nBcc: b@example.com", "Teksti", ["a@example.com"])

    assert type(refused.value) is MailError
    assert "example.com" not in refused.value.message


def test_a_mail_that_is_refused_at_its_end_says_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.core.mail.backends.locmem import EmailBackend
    from django.test import override_settings

    def refuse(*_: object) -> int:
        raise smtplib.SMTPDataError(552, b"a@example.com is full")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    with override_settings(EMAIL_BACKEND=LOCMEM), pytest.raises(AddressDeferred) as refused:
        shop().mail("Otsikko", "Teksti", ["a@example.com"])

    assert "example.com" not in refused.value.message
