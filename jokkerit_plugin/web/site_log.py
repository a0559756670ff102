"""Lines of the site log from storefronts, signed: a batch of lines of JSON.

    POST /plugins/jokkerit.register/site-log/
    {"time": "2026-11-28T08:00:00+02:00", "address": "203.0.113.9", "path": "/fi/", "status": 200}
    ...

    {"taken": 2, "refused": {"malformed": 1}}

A storefront's key lets lines in, and nothing out:

    JOKKERIT_STOREFRONTS=<name>:<64 hexadecimal digits or more>,<name>:<the old one>,...

A batch and the note that it was taken are one transaction: who got no answer sends the very same
request again, and 200 or 409 both say that the lines are there.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ..shop.port import shop
from ..sitelog import store
from . import forms, signing
from .errors import TooMuch

VARIABLE = "JOKKERIT_STOREFRONTS"
#: Bytes and lines of a batch, and how many batches a storefront may send in a minute.
BODY, LINES, BATCHES = 1_000_000, 10_000, 120


def answer(request: HttpRequest) -> HttpResponse:
    """Take a batch. Never raises."""
    return signing.serve(request, _take)


def _take(request: HttpRequest) -> dict[str, Any]:
    body = forms.body(request, most=BODY)
    signed = signing.check(
        request, body, path="site-log", variable=VARIABLE, names="[a-z0-9][a-z0-9.-]{0,62}"
    )
    lines = body.removesuffix(b"\n").split(b"\n")
    if len(lines) > LINES:
        raise TooMuch(f"More than {LINES} lines in one batch.")
    config = shop().config()
    with transaction.atomic():
        signing.take(signed, a_minute=BATCHES)
        counts = store.take_raw(lines, config=config)
    return {"taken": counts.pop("taken"), "refused": counts}
