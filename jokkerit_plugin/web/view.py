"""GraphQL over HTTP: POST, JSON, one operation a request, a token in the Authorization header.

CORS is Saleor's: its ASGI application answers OPTIONS and adds the headers for all below
/plugins/. Nothing here reads a cookie, so no other site can act for a user.

Order matters: the answer is written whole, then the access log is committed, then it leaves.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from graphql import GraphQLError, parse

from ..access.actor import NOBODY
from ..access.guard import Refused
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..shop.port import shop
from . import executing, limits
from .errors import Bug, Malformed, NotSignedIn, TooMuch, refuse_unwritable, shown
from .identity import actor_of
from .reading import Reading

logger = logger_of(__name__)


class _Stop(Exception):
    """The request ends here, with this status and these errors."""

    def __init__(self, status: int, *errors: Exception) -> None:
        super().__init__(status)
        self.status = status
        self.errors = [shown(error) for error in errors]


def answer(request: HttpRequest) -> HttpResponse:
    """Answer one GraphQL request. Never raises."""
    try:
        with shop().writer():
            response = HttpResponse(_answer(request), content_type="application/json")
    except _Stop as stop:
        response = _json(stop.status, {"errors": stop.errors})
    except Refused as refusal:
        # Refused when the visits were sealed: of all that was read, nothing leaves.
        response = _json(200, {"errors": [shown(refusal)], "data": None})
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a GraphQL request failed: %s", describe(error))  # noqa: TRY400
        response = _json(500, {"errors": [shown(Bug())]})
    if response.status_code == 405:
        response["Allow"] = "POST"
    if response.status_code == 401:
        response["WWW-Authenticate"] = "Bearer"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: HttpRequest) -> bytes:
    query, variables, operation = _read(request)
    document = _checked(query, variables, operation)
    reading = Reading(NOBODY)
    if not limits.introspects(document):
        reading = Reading(
            actor_of(request),
            request.path.rpartition("graphql")[0],
            shop().customer(request) if limits.is_own(document) else None,
        )
        if reading.actor == NOBODY and reading.customer is None:
            message = "Send a staff user's or an app's token in the Authorization header."
            raise _Stop(401, NotSignedIn(message))
    try:
        found = executing.run(document, reading, variables, operation)
    except GraphQLError as error:
        raise _Stop(400, error) from None
    written = json.dumps(found).encode()
    reading.seal()
    return written


def _read(request: HttpRequest) -> tuple[str, Mapping[str, Any], str | None]:
    if request.method != "POST":
        raise _Stop(405, Malformed("Use POST."))
    if request.content_type != "application/json":
        raise _Stop(415, Malformed("Send application/json."))
    too_big = TooMuch(f"The request body is larger than {limits.BODY} bytes.")
    try:
        body = request.body
        data = json.loads(body, parse_constant=_refuse_constant)
    except RequestDataTooBig:
        raise _Stop(413, too_big) from None
    except (ValueError, RecursionError, UnreadablePostError):
        raise _Stop(400, Malformed("The body is not JSON.")) from None
    if len(body) > limits.BODY:
        raise _Stop(413, too_big)
    if not isinstance(data, dict):
        raise _Stop(400, Malformed("Send one operation, as a JSON object: no batches."))
    query, operation = data.get("query"), data.get("operationName")
    variables = {} if data.get("variables") is None else data["variables"]
    if not isinstance(query, str) or not query.strip():
        raise _Stop(400, Malformed("Must provide a query string."))
    if not isinstance(variables, dict) or not isinstance(operation, str | None):
        raise _Stop(400, Malformed("`variables` is an object and `operationName` a text."))
    return query, variables, operation or None


def _checked(query: str, variables: Mapping[str, Any], operation: str | None) -> Any:
    if len(query) > limits.QUERY:
        raise _Stop(400, TooMuch(f"The query is longer than {limits.QUERY} characters."))
    try:
        refuse_unwritable(dict(variables), "variables")
        document = parse(query)
        limits.check(document, variables)
        faults = executing.faults(document)
        if not faults:
            executing.coerce(document, variables, operation)
    except (RegisterError, GraphQLError) as error:
        raise _Stop(400, error) from None
    except RecursionError:
        raise _Stop(400, TooMuch("The query is too deep to be read.")) from None
    if faults:
        raise _Stop(400, *faults)
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _json(status: int, found: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(json.dumps(found), status=status, content_type="application/json")
