"""The question of a sender's program, signed: may these addresses be written to now?

    POST /plugins/jokkerit.register/may-contact/
    {"purpose": "marketing", "pairs": [{"channel": "email", "address": "aino@example.com"}, ...]}

    {"answers": [{"allowed": false, "reason": "opted_out"}, ...]}

The answer is about this moment. Whatever is no answer with status 200 means no.
"""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from ..access import guard
from ..marketing import contacts
from ..policy.marketing import Channel
from ..policy.purposes import Purpose
from . import asking, forms, senders, signing
from .errors import Malformed, refuse_unwritable

#: Bytes of a body: a thousand long addresses fit in.
BODY = 300_000


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a signed question. Never raises."""
    return signing.serve(request, _answers)


def _answers(request: HttpRequest) -> dict[str, Any]:
    body = forms.body(request, most=BODY)
    actor = senders.sender_of(request, body)
    purpose, pairs = _read(body)
    with guard.visit(actor, purpose, act="mayContact", asks=asking.categories(pairs)):
        found = contacts.may_contact(pairs, purpose=purpose)
    return {"answers": [{"allowed": one.allowed, "reason": one.reason} for one in found]}


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
