"""The second half of a double opt-in: a link in a mail, and a button behind it.

GET changes nothing, since mail scanners open every link; only the button confirms.
"""

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ..marketing import ledger, links
from ..marketing.links import Link
from ..policy.marketing import Ground, Kind, Source
from . import linked, pages
from .errors import Malformed


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a request for this link. Never raises."""
    return linked.answer(request, token, read=links.read_confirmation, show=_ask, act=_confirm)


def _ask(request: HttpRequest, link: Link) -> HttpResponse:
    return pages.page(request, "confirm")


def _confirm(request: HttpRequest, link: Link, form: Mapping[str, str]) -> HttpResponse:
    if form.get("confirm") != "yes":
        raise Malformed("Press the button.")
    digest, version = link.key.digest, link.key.version
    with transaction.atomic():
        if ledger.permission_of(digest, version, link.channel).ground is Ground.UNCONFIRMED:
            ledger.note(
                Kind.CONFIRMED, digest, version, link.channel, source=Source.LINK,
                language=pages.language(request),
            )  # fmt: skip
        # Not what was withdrawn since the mail: that needs another consent.
        allowed = ledger.permission_of(digest, version, link.channel).allowed
    if not allowed:
        return pages.page(request, "expired", status=410)
    return pages.page(request, "confirmed")
