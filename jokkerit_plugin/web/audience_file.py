"""The audience as a file: whom marketing may go to now, a line of JSON each, as it is read.

    GET /plugins/jokkerit.register/audience/?channel=email&language=fi

For a recall with purpose=claims: then everybody in the segment is in it, also who said no.
A page at a time is asked of the guard, logged and sent, so a list of any length needs the memory of
one. The last line is {"end": true}: a list without it was cut off.
"""

import json
from collections.abc import Iterator
from datetime import date
from itertools import chain

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..marketing import audience
from ..marketing.audience import AudienceClosed, Recipient, Segment
from ..marketing.contacts import BadPurpose
from ..policy.marketing import Channel
from ..policy.purposes import Purpose
from . import downloads
from .errors import BadInput, refuse_unwritable

FILE = "audience/"
_NAMES = {"channel", "language", "country", "boughtSince", "sku", "purpose"}


def answer(request: HttpRequest) -> HttpResponseBase:
    """Answer with the list, by a token of who may use the register for marketing. Never raises."""

    def listed() -> HttpResponseBase:
        actor, given = downloads.asked_by(request, act="audience", file=FILE)
        channel, segment, purpose = _asked(given)
        pages = audience.export(actor, channel, segment, purpose=purpose)
        # The first one says whether there is a list at all, before anything is sent.
        first = next(pages, [])
        return downloads.sent(
            request, _lines(chain([first], pages)), name=f"audience-{channel}.ndjson",
            mime="application/x-ndjson",
        )  # fmt: skip

    return downloads.serve(listed, {AudienceClosed: 503, BadInput: 400, BadPurpose: 400})


def _asked(given: dict[str, str]) -> tuple[Channel, Segment, Purpose]:
    if unknown := sorted(set(given) - _NAMES):
        refuse_unwritable(unknown, "query")
        raise BadInput(f"Ask by {', '.join(sorted(_NAMES))}.", field="query")
    refuse_unwritable(list(given.values()), "query")
    try:
        since = given.get("boughtSince")
        return Channel(given.get("channel", "")), Segment(
            language=given.get("language", ""), country=given.get("country", ""),
            bought_since=date.fromisoformat(since) if since else None, sku=given.get("sku", ""),
        ), Purpose(given.get("purpose") or Purpose.MARKETING)  # fmt: skip
    except ValueError:
        message = f"Give a channel ({', '.join(Channel)}), boughtSince as YYYY-MM-DD, a purpose."
        raise BadInput(message, field="query") from None


def _lines(pages: Iterator[list[Recipient]]) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(map(_line, page))
    yield b'{"end": true}\n'


def _line(one: Recipient) -> bytes:
    address = one.address if isinstance(one.address, str) else "|".join(one.address)
    found = {
        "customer": one.customer, "name": one.name, "address": address, "language": one.language,
        "link": one.link, "headers": dict(one.headers),
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False).encode() + b"\n"
