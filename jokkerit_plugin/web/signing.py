"""Requests that programs sign: how they are known, that each is taken once, how it is answered.

The signature is HMAC-SHA-256, in hexadecimal, over

    POST <path>\\n<Jokkerit-Timestamp>\\n<body>

with a key that stands in the environment, of one name several while it changes:

    <VARIABLE>=<name>:<64 hexadecimal digits or more>,<name>:<the old one>,<another>:<...>
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from .. import clock
from ..access import guard
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import SignedCall
from ..shop.port import shop
from . import flood
from .errors import AlreadyTaken, BadInput, Bug, Malformed, NotSignedIn, TooMuch, TooOften

logger = logger_of(__name__)

#: Seconds by which the clocks of sender and shop may differ; a signature is good once in them.
WINDOW = 300

_UNKNOWN = os.urandom(32)
_STATUS: dict[type[RegisterError], int] = {
    NotSignedIn: 401, guard.Refused: 403, AlreadyTaken: 409, TooMuch: 413, TooOften: 429,
    Malformed: 400, BadInput: 400, Bug: 500,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose key signed a request, and what it is known by when it comes again."""

    who: str
    digest: str


def check(request: HttpRequest, body: bytes, *, path: str, variable: str, names: str) -> Signed:
    """Return who signed the request. Raises `NotSignedIn`.

    `names`: a pattern of those that the variable may name. A name that there is not costs the
    same comparison as one with a wrong signature.
    """
    told = request.headers.get("Jokkerit-Timestamp", "")
    given = request.headers.get("Jokkerit-Signature", "")
    who = request.headers.get("Jokkerit-Sender", "")
    message = f"POST {path}\n".encode() + told.encode() + b"\n" + body
    matches = [
        hmac.compare_digest(_sign(key, message), given.lower().encode())
        for key in keys_of(variable, names).get(who) or [_UNKNOWN]
    ]
    if not any(matches) or not re.fullmatch(r"[0-9]{1,12}", told):
        raise NotSignedIn(f"Sign the request with a key of {variable}: see the documentation.")
    if abs(clock.now().timestamp() - int(told)) > WINDOW:
        raise NotSignedIn(f"The timestamp is more than {WINDOW} seconds from now.")
    return Signed(who, hashlib.sha256(who.encode() + b"\n" + message).hexdigest())


@transaction.atomic
def take(signed: Signed, *, a_minute: int | None = None) -> None:
    """Note a request; in a transaction of the caller's it is taken once that is committed.

    Of two at once the second waits, so that one is taken. Raises `AlreadyTaken`; `TooOften` beyond
    `a_minute`, which two at once may pass by one.
    """
    now = clock.now()
    if a_minute is not None:
        since = now - timedelta(seconds=60)
        if SignedCall.objects.filter(who=signed.who, at__gt=since).count() >= a_minute:
            raise TooOften("Wait a minute.")
    # A signature ahead of our clock is good for two windows.
    over = SignedCall.objects.filter(at__lt=now - timedelta(seconds=3 * WINDOW))
    SignedCall.objects.filter(
        pk__in=list(over.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100])
    ).delete()
    _, first = SignedCall.objects.get_or_create(
        digest=signed.digest, defaults={"who": signed.who, "at": now}
    )
    if not first:
        raise AlreadyTaken("This request was taken already: sign each one anew.")


def serve(request: HttpRequest, answer: Callable[[HttpRequest], dict[str, Any]]) -> HttpResponse:
    """Answer a signed request with what `answer` returns, as JSON. Never raises."""
    if request.method != "POST":
        response = _told(Malformed("Use POST."), 405)
        response["Allow"] = "POST"
        return response
    try:
        with shop().writer():
            return _json(answer(request), 200)
    except NotSignedIn as error:
        if flood.is_over(request):
            return _told(TooOften("Wait a minute."), 429)
        flood.count(request)
        return _told(error, 401)
    except RegisterError as error:
        return _told(
            error, next((n for kind, n in _STATUS.items() if isinstance(error, kind)), 503)
        )
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a signed request failed: %s", describe(error))  # noqa: TRY400
        return _told(Bug(), 500)


def keys_of(variable: str, names: str) -> dict[str, list[bytes]]:
    """Return the keys of a variable by name: none of what is miswritten, which the log names."""
    found: dict[str, list[bytes]] = {}
    entries = (part.strip() for part in os.environ.get(variable, "").split(","))
    for entry in filter(None, entries):
        if match := re.fullmatch(rf"({names}):((?:[0-9a-fA-F]{{2}}){{32,}})", entry):
            found.setdefault(match[1], []).append(bytes.fromhex(match[2]))
        else:
            # Never quote the entry: it may hold the secret.
            logger.error("%s has an entry that is not <name>:<hexadecimal>", variable)
    return found


def _sign(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256).hex().encode()


def _told(error: RegisterError, status: int) -> HttpResponse:
    response = _json({"error": {"code": error.code, "message": error.message}}, status)
    if status == 429:
        response["Retry-After"] = str(flood.SECONDS)
    return response


def _json(found: dict[str, Any], status: int) -> HttpResponse:
    response = HttpResponse(json.dumps(found), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
