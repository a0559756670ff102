"""Mail goes the way the shop sends its own, or says why it did not."""

from __future__ import annotations

import pytest

from jokkerit_plugin.shop.port import MailError, shop

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def test_by_the_shop_s_own_server() -> None:
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


def test_without_a_server_it_is_refused_and_says_what_to_set() -> None:
    from django.test import override_settings

    with (
        override_settings(EMAIL_BACKEND="", USER_EMAIL_HOST=""),
        pytest.raises(MailError, match="USER_EMAIL_URL"),
    ):
        shop().mail("Otsikko", "Teksti", ["a@example.com"])


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
