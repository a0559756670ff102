"""Sends mail the way the shop sends its own."""

import smtplib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from ..errors import describe
from ..shop.port import AddressRefused, MailError


def send(subject: str, text: str, to: Sequence[str]) -> None:
    """Send, or raise `MailError`. By EMAIL_URL where it is set, else by USER_EMAIL_URL."""
    message = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, list(to))
    message.connection = _connection()
    try:
        sent = message.send()
    except smtplib.SMTPRecipientsRefused as error:
        # 5xx is for good; 4xx (greylisting, a full mailbox) is tried again.
        if all(500 <= code < 600 for code, _ in error.recipients.values()):
            raise AddressRefused("The mail server refused the address for good.") from None
        raise MailError("The mail could not be sent: the mail server took none now.") from None
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"The mail could not be sent: {describe(error)}.") from None
    if not sent:
        raise MailError("The mail could not be sent: the mail server took none.")


def _connection() -> BaseEmailBackend:
    # With EMAIL_URL unset Saleor's EMAIL_BACKEND is an empty text, which Django cannot import.
    if settings.EMAIL_BACKEND:
        return get_connection(timeout=20) if "smtp" in settings.EMAIL_BACKEND else get_connection()
    own: Any = settings
    if host := getattr(settings, "USER_EMAIL_HOST", ""):
        return get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=host,
            port=int(own.USER_EMAIL_PORT or 25),
            username=own.USER_EMAIL_HOST_USER,
            password=own.USER_EMAIL_HOST_PASSWORD,
            use_tls=own.USER_EMAIL_USE_TLS,
            use_ssl=own.USER_EMAIL_USE_SSL,
            timeout=20,
        )
    message = "The shop has no way to send mail: set EMAIL_URL or USER_EMAIL_URL."
    raise MailError(message)
