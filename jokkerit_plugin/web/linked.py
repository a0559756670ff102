"""What the doors behind links have in common: methods, the token, the form, and what may fail.

A link that is forged, damaged or cut off has one and the same answer, made without a look into
the ledger. One that is whole has an answer that does not depend on whether the address is known.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ..errors import describe
from ..logs import logger_of
from ..marketing.links import BadLink, ExpiredLink, Link
from ..shop.port import shop
from . import flood, forms, pages
from .errors import Malformed, TooMuch
from .plain import plain

logger = logger_of(__name__)

Served = TypeVar("Served", bound=HttpResponseBase)
Page = Callable[..., HttpResponse]

#: What may be wrong, the page that says so, and its status.
_TOLD: tuple[tuple[type[Exception], str, int], ...] = (
    (ExpiredLink, "expired", 410),
    (TooMuch, "unread", 413),
    (Malformed, "unread", 400),
)
#: Finnish, Swedish, English: a page would cost more than the flood may.
_TOO_MANY = "Odota minuutti. / Vänta en minut. / Wait a minute."


def answer(
    request: HttpRequest,
    token: str,
    *,
    read: Callable[[str], Link],
    show: Callable[[HttpRequest, Link], HttpResponse],
    act: Callable[[HttpRequest, Link, Mapping[str, str]], HttpResponse],
) -> HttpResponse:
    """Answer GET and HEAD by `show`, POST by `act` with the form's fields. Never raises."""

    def served() -> HttpResponse:
        link = read(token)
        if request.method == "POST":
            return act(request, link, forms.fields(request))
        return show(request, link)

    return serve(request, served)


def serve(
    request: HttpRequest, act: Callable[[], Served], *, page: Page = pages.page
) -> Served | HttpResponse:
    """Answer GET, HEAD and POST by `act`, and what fails by a page. Never raises."""
    if request.method not in {"GET", "HEAD", "POST"}:
        response = plain("Use GET or POST.", status=405)
        response["Allow"] = "GET, HEAD, POST"
        return response
    try:
        with shop().writer():
            return act()
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        return _failed(request, error, page)


def _failed(request: HttpRequest, error: Exception, page: Page) -> HttpResponse:
    if isinstance(error, BadLink) and not isinstance(error, ExpiredLink):
        return _refused(request)
    for kind, name, status in _TOLD:
        if isinstance(error, kind):
            return page(request, name, status=status)
    logger.error("a page was not served: %s", describe(error))
    # Mail providers try again later.
    response = page(request, "failed", status=503)
    response["Retry-After"] = "300"
    return response


def _refused(request: HttpRequest) -> HttpResponse:
    if flood.is_over(request):
        response = plain(_TOO_MANY, status=429)
        response["Retry-After"] = str(flood.SECONDS)
        return response
    flood.count(request)
    return pages.page(request, "broken", status=404)
