"""Health for a monitor: with a key of its own, nobody's data, and cheap.

    GET /plugins/jokkerit.register/health/        {"status": "warning", "codes": ["NOT_COMPARED"]}
    GET /plugins/jokkerit.register/health/ready/  {"status": "ready"}    the tables can be read
    GET /plugins/jokkerit.register/health/live/   {"status": "live"}     the process answers
    Authorization: Bearer <key>

The key stands in the environment; without one there is no page here:

    JOKKERIT_MONITORS=<name>:<64 hexadecimal digits or more>,<name>:<the old one>,...

What is worth waking somebody for is answered with 503, so a monitor need not read the answer.
Danger: a shop must go on selling then. Its own probes may ask for `live/` and nothing else.
"""

import hmac
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import InboxEvent
from ..overview import overview
from ..policy.problems import worst
from ..policy.severities import Severity
from ..shop.port import shop
from . import flood, signing
from .plain import plain

logger = logger_of(__name__)

VARIABLE = "JOKKERIT_MONITORS"
#: Seconds for which a status is told again before it is read anew: it counts whole tables.
SECONDS = 300
_CACHED = "jokkerit.health"

Found = tuple[dict[str, Any], int]


def status(request: HttpRequest) -> HttpResponse:
    """Answer with the worst severity ("ok": none) and the codes of all problems. Never raises."""
    return _serve(request, _status)


def probe(request: HttpRequest, name: str) -> HttpResponse:
    """Answer `live` or `ready`. Never raises."""
    return _serve(request, _ready if name == "ready" else lambda: ({"status": "live"}, 200))


def _serve(request: HttpRequest, answer: Callable[[], Found]) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        refusal = plain("Use GET.", status=405)
        refusal["Allow"] = "GET, HEAD"
        return refusal
    if refused := _refused(request):
        return refused
    try:
        found, code = answer()
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("the health could not be told: %s", describe(error))  # noqa: TRY400
        found, code = {"status": "unknown"}, 500
    response = JsonResponse(found, status=code)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _refused(request: HttpRequest) -> HttpResponse | None:
    known = signing.keys_of(VARIABLE, "[a-z0-9][a-z0-9.-]{0,62}")
    if not known:
        return plain("There is no page at this address.", status=404)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    right = [
        hmac.compare_digest(key.hex().encode(), given.strip().lower().encode())
        for some in known.values()
        for key in some
    ]
    if any(right) and scheme.lower() == "bearer":
        return None
    if flood.is_over(request):
        refusal = plain("Wait a minute.", status=429)
        refusal["Retry-After"] = str(flood.SECONDS)
        return refusal
    flood.count(request)
    refusal = plain(f"Send a key of {VARIABLE} in the Authorization header.", status=401)
    refusal["WWW-Authenticate"] = "Bearer"
    return refusal


def _status() -> Found:
    try:
        found: Found | None = cache.get(_CACHED)
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))
        return _read()
    if found is None:
        found = _read()
        with suppress(Exception):
            cache.set(_CACHED, found, SECONDS)
    return found


def _read() -> Found:
    problems = overview().problems
    severity = worst(problems)
    codes = list(dict.fromkeys(one.code for one in problems))
    told = {"status": severity or "ok", "codes": codes}
    return told, 503 if severity is Severity.ALERT else 200


def _ready() -> Found:
    try:
        with shop().writer():
            InboxEvent.objects.exists()
    except (DatabaseError, RegisterError):
        return {"status": "unready"}, 503
    return {"status": "ready"}, 200
