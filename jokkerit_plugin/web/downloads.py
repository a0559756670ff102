"""Fetching a file: by a token in the Authorization header, or by a link that works once.

Only GET is answered, and of a link no fetching ahead: both would use it up before the person
who has it clicks.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from ..access import links as access_links
from ..access.actor import NOBODY, Actor
from ..access.guard import Refused
from ..accounting.exports import files, formats, links
from ..accounting.exports.files import ExportError
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Export
from ..shop.port import shop
from .errors import Bug, Malformed, NotFound, NotSignedIn
from .identity import actor_of
from .plain import told

logger = logger_of(__name__)

_STATUS: dict[type[RegisterError], int] = {
    NotSignedIn: 401, Refused: 403, ExportError: 404, NotFound: 404, Malformed: 405,
}  # fmt: skip
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def answer(request: HttpRequest, number: str) -> HttpResponseBase:
    """Answer a request for the file of this number. Never raises."""
    return serve(lambda: _file(request, *_fetch(request, int(number))))


def serve(
    act: Callable[[], HttpResponseBase], also: Mapping[type[RegisterError], int] = {}
) -> HttpResponseBase:
    """Answer by `act`, and what fails by a line of text; nobody keeps the answer. Never raises.

    `also`: more errors, and their statuses.
    """
    response: HttpResponseBase
    try:
        with shop().writer():
            response = act()
    except RegisterError as error:
        response = told(error, _STATUS | dict(also), allow="GET")
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a download failed: %s", describe(error))  # noqa: TRY400
        response = told(Bug(), _STATUS, allow="GET")
    for name, value in HEADERS.items():
        response[name] = value
    return response


def _fetch(request: HttpRequest, number: int) -> tuple[Export, Iterator[bytes]]:
    only_get(request)
    link = request.GET.get("link")
    if link is None or "Authorization" in request.headers:
        return files.read(number, actor=signed_in(request, ", or get a link"))
    by_a_click(request)
    return links.redeem(link, export_id=number)


def asked_by(request: HttpRequest, *, act: str, file: str) -> tuple[Actor, dict[str, str]]:
    """Return who asks for a file, and what: by a token, or by a link, which says both.

    Raises `Malformed`, `NotSignedIn`, `LinkRefused`.
    """
    only_get(request)
    given = request.GET.dict()
    if "link" not in given or "Authorization" in request.headers:
        return signed_in(request, ", or get a link"), given
    by_a_click(request)
    link, actor = access_links.redeem(given["link"], of={file}, act=act)
    return actor, dict(link.asked or {})


def only_get(request: HttpRequest) -> None:
    """Raise `Malformed` for another method."""
    if request.method != "GET":
        raise Malformed("Use GET.")


def signed_in(request: HttpRequest, otherwise: str = "") -> Actor:
    """Return whose token came with the request. Raises `NotSignedIn`."""
    if (actor := actor_of(request)) == NOBODY:
        message = "Send a staff user's or an app's token in the Authorization header"
        raise NotSignedIn(f"{message}{otherwise}.")
    return actor


def by_a_click(request: HttpRequest) -> None:
    """Raise `LinkRefused` where a browser fetches or renders what nobody has asked for yet."""
    told = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    if any("prefetch" in one.lower() or "prerender" in one.lower() for one in told):
        raise links.LinkRefused("A link is fetched by a click, and not ahead of it.")


def _file(request: HttpRequest, found: Export, pieces: Iterator[bytes]) -> HttpResponseBase:
    response = sent(request, pieces, name=found.filename, mime=formats.mime_of(found.format))
    response["Content-Length"] = str(found.size)
    response["X-Content-SHA256"] = found.sha256
    return response


def sent(
    request: HttpRequest, pieces: Iterator[bytes], *, name: str, mime: str
) -> HttpResponseBase:
    """Return a file that is sent as its pieces are read."""
    # Of a plain iterator Django would hold the whole file before it sends a byte over ASGI.
    content = streamed(pieces) if isinstance(request, ASGIRequest) else permitted(pieces)
    response = StreamingHttpResponse(content, content_type=mime)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


class CutOffError(Exception):
    """The rest of a stream does not come; why is in the log."""


def permitted(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces that are read from the database only as the response is sent."""
    while (piece := _next(pieces)) is not None:
        yield piece


async def streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same over ASGI."""
    while (piece := await sync_to_async(_next)(pieces)) is not None:
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    with shop().writer():
        try:
            return next(pieces, None)
        except RegisterError:
            raise
        except Exception as error:  # noqa: BLE001 - the server logs what it is: with rows' texts
            failure = describe(error)
    logger.error("a stream ended before its end: %s", failure)
    raise CutOffError
