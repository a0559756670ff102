"""The door in every message: RFC 8058's one click, and for people a page with one button.

GET changes nothing, since mail scanners open every link. POST needs the body that the RFC names,
and nothing else: no cookie, no login, no redirect. It is done when the answer leaves.
"""

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ..marketing import ledger, links
from ..marketing.links import Link
from ..policy.marketing import Source
from . import linked, pages
from .errors import Malformed
from .plain import plain


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a request for this link. Never raises."""

    def ask(request: HttpRequest, link: Link) -> HttpResponse:
        return pages.page(request, "unsubscribe", channel=link.channel, token=token)

    def say_no(request: HttpRequest, link: Link, form: Mapping[str, str]) -> HttpResponse:
        if form.get("List-Unsubscribe") != "One-Click":
            raise Malformed("Send List-Unsubscribe=One-Click.")
        with transaction.atomic():
            ledger.oppose(
                link.key.digest, link.key.version, link.channel, source=Source.LINK,
                language=pages.language(request), customer=link.customer,
            )  # fmt: skip
        if "page" in form:
            return pages.page(request, "unsubscribed", channel=link.channel, token=token)
        return plain("You are unsubscribed.")

    return linked.answer(request, token, read=links.read, show=ask, act=say_no)
