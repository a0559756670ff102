"""The second half of a double opt-in: a link in a mail, and a button behind it.

GET changes nothing, since mail scanners open every link; only the button confirms.
"""

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ..marketing import ledger, links
from ..marketing.links import Link
from ..policy.marketing import Text
from . import linked, pages
from .errors import Malformed


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a request for this link. Never raises."""
    return linked.answer(request, token, read=links.read_confirmation, show=_ask, act=_confirm)


def _ask(request: HttpRequest, _link: Link) -> HttpResponse:
    return pages.page(request, "confirm")


def _confirm(request: HttpRequest, link: Link, form: Mapping[str, str]) -> HttpResponse:
    if form.get("confirm") != "yes":
        raise Malformed("Press the button.")
    texts = pages.texts(pages.language(request))
    words = texts["confirm"]["text"].format(controller=pages.controller(request))
    with transaction.atomic():
        now = ledger.confirm(
            link.key.digest, link.key.version, link.channel, at=link.at,
            language=pages.language(request),
            text=Text.of(f"page-{texts['page']['version']}", words),
        )  # fmt: skip
    if not now.allowed:
        # Opposed since the mail was written: that takes another consent.
        return pages.page(request, "expired", status=410)
    return pages.page(request, "confirmed")
