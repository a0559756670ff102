"""The pages of the rights: the form, the button that proves a mailbox, and the copy of the data.

What the form answers never depends on whether the address is known: it looks nobody up. GET
changes nothing, since mail scanners open every link; a copy is fetched by POST.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from .. import clock
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Archive
from ..policy.requests import RequestKind
from ..register.identity import normalise_email
from ..rights import forms as asked
from ..rights import links, store
from ..rights.archive import writing
from ..rights.content import Content
from . import downloads, flood, forms, linked, pages, request_copy
from .errors import Malformed, refuse_unwritable
from .plain import plain

logger = logger_of(__name__)

#: On the form objecting to direct marketing stands beside the six rights.
MARKETING = "marketing"
KINDS = ("access", "portability", "rectification", "erasure", "restriction", MARKETING, "objection")
#: Forms of one network an hour, and of all whose network our own proxy hides.
A_NETWORK, HIDDEN = 20, 1000
#: Letters to one mailbox at once; then one in so many hours. A letter that would wait
#: for longer than this is not taken, and the page says so.
AT_ONCE, EACH, LONGEST = 3, timedelta(hours=8), timedelta(days=5)
ORDERS = 10
#: Bytes of the form: a letter of Chinese is nine of them in a urlencoded body, one of Cyrillic six.
MOST = 60_000
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}\.[^@\s<>,;.\"]{2,63}")
_TOO_MANY = "Odota tunti. / Vänta en timme. / Wait an hour."


def answer(request: HttpRequest) -> HttpResponseBase:
    """Answer for the form: GET shows it, POST takes it. Never raises."""
    return linked.serve(request, lambda: _form(request), page=_page)


def confirm(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer for the link that proves a mailbox: GET shows a button, POST is it. Never raises."""

    def act() -> HttpResponse:
        if request.method != "POST":
            found = links.confirmed(token)
            return _page(request, "requests_confirm") if found else _gone(request)
        forms.fields(request)
        return _page(request, "requests_begun") if asked.confirm(token) else _gone(request)

    return linked.serve(request, act, page=_page)


def copy(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer for the link to a copy: GET shows a button, POST gives the file. Never raises."""

    def act() -> HttpResponseBase:
        made = links.opened(token)
        if made is None:
            return _gone(request)
        if request.method != "POST":
            return _page(request, "requests_copy")
        forms.fields(request)
        return _file(request, made)

    return linked.serve(request, act, page=_page)


def _form(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, {}, [])
    given = forms.fields(request, most=MOST)
    try:
        refuse_unwritable(given)
    except RegisterError:
        raise Malformed("A character cannot be stored.") from None
    written, wrong = _read(given)
    words = pages.texts(pages.language(request))["requests"]
    if wrong:
        sentences = [(field, words[sentence]) for field, sentence in wrong]
        return _shown(request, given, sentences, status=400)
    # One network may be the whole world, where the proxy does not say whose request it is.
    network = flood.network(request)
    if not _may_send(network, A_NETWORK if flood.is_public(network) else HIDDEN):
        return _slow(request, given, words["slow"], 3600)
    wait = _wait(normalise_email(written.email))
    if wait > LONGEST:
        return _slow(request, given, words["tomorrow"], 86_400)
    chosen = given["kind"]
    kind = RequestKind.OBJECTION if chosen == MARKETING else RequestKind(chosen)
    try:
        asked.receive(
            written, kind=kind, marketing=chosen == MARKETING, language=pages.language(request),
            wait=wait,
        )  # fmt: skip
    except RegisterError as error:
        logger.error("a request could not be taken: %s", describe(error))  # noqa: TRY400
        return _shown(request, given, [("", words["closed"])], status=503)
    return _page(request, "requests_sent")


def _read(given: Mapping[str, str]) -> tuple[Content, list[tuple[str, str]]]:
    """Return what was written, and what is wrong with it: field and name of the sentence."""
    # A browser counts the end of a line as one character, and sends two.
    text = {name: given.get(name, "").replace("\r\n", "\n").strip() for name in
            ("email", "name", "postal_code", "orders", "message")}  # fmt: skip
    lines = [line.strip() for line in text["orders"].splitlines() if line.strip()]
    pairs = [tuple(part.strip() for part in line.split(",", 1)) for line in lines]
    wrong = []
    if given.get("kind") not in KINDS:
        wrong.append(("kind", "no_kind"))
    if not _EMAIL.fullmatch(text["email"]):
        wrong.append(("email", "no_email"))
    if len(pairs) > ORDERS or any(len(pair) != 2 or not all(pair) for pair in pairs):
        wrong.append(("orders", "bad_orders"))
    if len(text["message"]) > store.LONGEST or len(text["name"]) > 200:
        wrong.append(("message", "too_long"))
    orders = tuple((pair[0], pair[-1]) for pair in pairs)
    return (
        Content(text["email"], text["name"], text["postal_code"], orders, text["message"]),
        wrong,
    )


def _shown(
    request: HttpRequest, given: Mapping[str, str], wrong: list[tuple[str, str]], status: int = 200
) -> HttpResponse:
    words = pages.texts(pages.language(request))["requests"]
    kinds = [(one, words[one]) for one in KINDS]
    bad = {field for field, _ in wrong}
    return _page(request, "requests", status=status, given=given, wrong=wrong, bad=bad, kinds=kinds)


def _page(request: HttpRequest, name: str, *, status: int = 200, **words: Any) -> HttpResponse:
    home = request.path.partition("/requests")[0].strip("/")
    return pages.page(request, name, status=status, home=home, **words)


def _gone(request: HttpRequest) -> HttpResponse:
    if flood.is_over(request):
        return plain(_TOO_MANY, status=429)
    flood.count(request)
    return _page(request, "requests_gone", status=404)


def _file(request: HttpRequest, made: Archive) -> HttpResponseBase:
    pieces = writing.read(made)
    with transaction.atomic():
        writing.fetched(made, store.PERSON)
    response = request_copy.zipped(request, made, pieces)
    for header, value in downloads.HEADERS.items():
        response[header] = value
    return response


def _slow(
    request: HttpRequest, given: Mapping[str, str], sentence: str, seconds: int
) -> HttpResponse:
    response = _shown(request, given, [("", sentence)], status=429)
    response["Retry-After"] = str(seconds)
    return response


def _may_send(network: str, most: int) -> bool:
    """Count a form, and tell whether it is within the limit. Without a working cache it is."""
    name = _name("network", network)
    try:
        if cache.add(name, 1, 3600):
            return True
        return int(cache.incr(name)) <= most
    except ValueError:
        # It ran out between the two.
        return True
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))
        return True


def _wait(mailbox: str) -> timedelta:
    """Count a letter to a mailbox, and return for how long it waits; without a cache not at all.

    The cache holds when all that was counted has had its time (GCRA, as in ATM's I.371).
    """
    name, now = _name("mailbox", mailbox), clock.now()
    try:
        over = max(now.timestamp(), float(cache.get(name, 0))) + EACH.total_seconds()
        wait = max(timedelta(seconds=over - now.timestamp()) - AT_ONCE * EACH, timedelta())
        if wait <= LONGEST:
            cache.set(name, over, int(over - now.timestamp()))
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))
        return timedelta()
    return wait


def _name(what: str, whose: str) -> str:
    found = salted_hmac("jokkerit_plugin.web.requests", whose).hexdigest()
    return f"jokkerit.requests.{what}.{found}"
