"""The question of a sender's program, signed: may these addresses be written to now?

    POST /plugins/jokkerit.register/may-contact/
    {"purpose": "marketing", "pairs": [{"channel": "email", "address": "aino@example.com"}, ...]}

    {"answers": [{"allowed": false, "reason": "opted_out"}, ...]}

The answer is about this moment. Whatever is no answer with status 200 means no.
"""

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse

from ..access import guard
from ..errors import RegisterError, describe
from ..marketing import contacts
from ..policy.marketing import Channel
from ..policy.purposes import Purpose
from ..shop.port import shop
from . import asking, flood, forms, senders
from .errors import BadInput, Bug, Malformed, NotSignedIn, TooMuch, refuse_unwritable

logger = logging.getLogger(__name__)

#: Bytes of a body: a thousand long addresses fit in.
BODY = 300_000
_STATUS: dict[type[RegisterError], int] = {
    NotSignedIn: 401, guard.Refused: 403, TooMuch: 413, Malformed: 400, BadInput: 400, Bug: 500,
}  # fmt: skip


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a signed question. Never raises."""
    if request.method != "POST":
        response = _json({"error": _told(Malformed("Use POST."))}, 405)
        response["Allow"] = "POST"
        return response
    try:
        with shop().writer():
            return _json({"answers": _answers(request)}, 200)
    except NotSignedIn as error:
        if flood.is_over(request):
            response = _json({"error": _told(TooMuch("Wait a minute."))}, 429)
            response["Retry-After"] = str(flood.SECONDS)
            return response
        flood.count(request)
        return _json({"error": _told(error)}, 401)
    except RegisterError as error:
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 503)
        return _json({"error": _told(error)}, status)
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a sender's question failed: %s", describe(error))  # noqa: TRY400
        return _json({"error": _told(Bug())}, 500)


def _answers(request: HttpRequest) -> list[dict[str, Any]]:
    body = forms.body(request, most=BODY)
    actor = senders.sender_of(request, body)
    purpose, pairs = _read(body)
    with guard.visit(actor, purpose, act="mayContact", asks=asking.categories(pairs)):
        found = contacts.may_contact(pairs, purpose=purpose)
    return [{"allowed": one.allowed, "reason": one.reason} for one in found]


def _read(body: bytes) -> tuple[Purpose, list[tuple[str, Channel]]]:
    malformed = Malformed(
        'Send {"purpose": "marketing", "pairs": [{"channel": ..., "address": ...}, ...]}.'
    )
    try:
        found = json.loads(body)
        purpose = Purpose(found.get("purpose", Purpose.MARKETING))
        pairs = [(one["address"], Channel(one["channel"])) for one in found["pairs"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise malformed from None
    if not all(isinstance(text, str) for text, _ in pairs):
        raise malformed
    refuse_unwritable([text for text, _ in pairs], "pairs")
    return purpose, pairs


def _told(error: RegisterError) -> dict[str, str]:
    return {"code": error.code, "message": error.message}


def _json(found: dict[str, Any], status: int) -> HttpResponse:
    response = HttpResponse(json.dumps(found), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
