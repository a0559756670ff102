"""Sends mail the way the shop sends its own."""

import smtplib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address

from .. import telemetry
from ..errors import describe
from ..shop.port import AddressDeferred, AddressRefused, MailError

#: What prints mail, or drops it: nobody gets it.
_TELLS_NOBODY = tuple(
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy")
)


def send(subject: str, text: str, to: Sequence[str]) -> None:
    """Send, or raise `MailError`: `AddressRefused` or `AddressDeferred` if it is the address's.

    By EMAIL_URL where it is set to more than a console, else by USER_EMAIL_URL.
    """
    try:
        _send(subject, text, to)
    except MailError:
        telemetry.measure("jokkerit.mail.sent", outcome="failed")
        raise
    telemetry.measure("jokkerit.mail.sent", outcome="sent")


def _send(subject: str, text: str, to: Sequence[str]) -> None:
    message = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, list(to))
    message.connection = _connection()
    _check(to)
    try:
        sent = message.send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(_for_good(*answer) for answer in error.recipients.values()):
            raise AddressRefused("The mail server refused the address for good.") from None
        raise AddressDeferred("The mail server took none for the address now.") from None
    except smtplib.SMTPDataError:
        # Of this mail, at its end: some servers ask the mailbox only then.
        raise AddressDeferred("The mail server did not take the mail.") from None
    # A ValueError of Django's: a sender or a header that cannot be; and it quotes it.
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MailError(f"The mail could not be sent: {describe(error)}.") from None
    if not sent:
        raise MailError("The mail could not be sent: the mail server took none.")


def _check(to: Sequence[str]) -> None:
    for address in to:
        try:
            sanitize_address(address, settings.DEFAULT_CHARSET)
        except ValueError:
            raise AddressRefused("The address is none that mail can be sent to.") from None


def _for_good(code: int, said: bytes) -> bool:
    """Tell whether an answer to RCPT is about the address, and final.

    4xx (greylisting, a full mailbox) is tried again. So is X.7.X of RFC 3463, security or policy:
    a server that relays nothing for the shop says it of every address, whoever has it.
    """
    return 500 <= code < 600 and code != 530 and not said.startswith(b"5.7.")


def _connection() -> BaseEmailBackend:
    # With EMAIL_URL unset Saleor's EMAIL_BACKEND is an empty text, which Django cannot import.
    if settings.EMAIL_BACKEND and settings.EMAIL_BACKEND not in _TELLS_NOBODY:
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
    message = "The shop has no way to send mail: set EMAIL_URL or USER_EMAIL_URL to a mail server."
    raise MailError(message)
