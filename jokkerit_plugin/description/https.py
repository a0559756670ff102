"""Asks the shop's public address how it answers: over HTTPS alone, and with HSTS?

The settings of a shop cannot tell: in front of it stands a proxy that ends the TLS. So the shop is
asked as a browser would, once without and once with TLS, and only the answer's headers are read.
"""

import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 5
PATH = "/plugins/jokkerit.register/"


@dataclass(frozen=True, slots=True)
class Seen:
    """`hsts`: seconds of Strict-Transport-Security; `problem`: a sentence, or nothing."""

    hsts: int = 0
    problem: str = ""


def ask(host: str, *, tls: ssl.SSLContext | None = None, port: int = 443, plain: int = 80) -> Seen:
    """Ask a host; never raises. At most a quarter of a minute."""
    context = tls or ssl.create_default_context()
    secure = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
    try:
        status, headers = _get(secure)
    except ssl.SSLCertVerificationError as error:
        return Seen(problem=f"Its certificate is not valid: {error.verify_message}.")
    except (OSError, http.client.HTTPException) as error:
        return Seen(problem=f"It does not answer over HTTPS: {type(error).__name__}.")
    hsts = max_age(headers.get("Strict-Transport-Security", ""))
    try:
        status, headers = _get(http.client.HTTPConnection(host, plain, timeout=SECONDS))
    except (OSError, http.client.HTTPException):
        # Nobody listens without TLS: the best answer.
        return Seen(hsts)
    onwards = urlsplit(headers.get("Location", "")).scheme
    if status in {301, 302, 307, 308} and onwards == "https":
        return Seen(hsts)
    return Seen(hsts, "It answers without TLS, and does not send on to HTTPS.")


def max_age(header: str) -> int:
    """Return the seconds of a Strict-Transport-Security header (RFC 6797); 0: none."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "max-age" and value.strip().strip('"').isdecimal():
            return min(int(value.strip().strip('"')), 2**62)
    return 0


def _get(connection: http.client.HTTPConnection) -> tuple[int, http.client.HTTPMessage]:
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        return answer.status, answer.headers
    finally:
        connection.close()
