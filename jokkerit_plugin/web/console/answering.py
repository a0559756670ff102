"""Answering for the console: the shell for a browser, a page's content for the shell."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import RawPostDataException, UnreadablePostError
from graphql import GraphQLError

from ...access.actor import NOBODY, Actor
from ...errors import RegisterError, describe
from ...policy.roles import Role
from ...shop.port import shop
from .. import executing
from ..errors import (
    BadInput,
    Bug,
    Malformed,
    NotFound,
    NotSignedIn,
    TooMuch,
    refuse_unwritable,
    shown,
)
from ..identity import actor_of
from ..reading import Reading
from . import documents, pages, rendering

logger = logging.getLogger(__name__)

_ME = "me"
#: Rows of a page.
PAGE = "25"


@dataclass(slots=True)
class Outcome:
    """What came of a document: its data, and what was refused, by the path's top."""

    data: Mapping[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)


def answer(request: HttpRequest, name: str = "") -> HttpResponse:
    """Answer for the console's page of this name; "" where people begin. Never raises."""
    if not request.headers.get("HX-Request"):
        return rendering.shell(request)
    try:
        with shop().writer():
            return _page(request, name)
    except NotSignedIn as error:
        return rendering.told(request, error, status=401)
    except RegisterError as error:
        return rendering.told(request, error, status=200)
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a page of the console failed: %s", describe(error))  # noqa: TRY400
        return rendering.told(request, Bug(), status=500)


def _page(request: HttpRequest, name: str) -> HttpResponse:
    actor = actor_of(request)
    if actor == NOBODY:
        raise NotSignedIn("Sign in first.")
    asked = _asked(request)
    acts = request.method == "POST" and asked.get("operation") != "page"
    done = _act(request, actor, name, asked) if acts else None
    if done and (url := _address(done)):
        return rendering.away(url)
    me = _run(request, actor, _ME, "page", QueryDict()).data["me"]
    begun = None if name else _first_hour(request, actor, me)
    name = name or (pages.FIRST_HOUR if begun else pages.start(frozenset(me["roles"])))
    if name not in pages.PAGES:
        raise NotFound("There is no page of this name.")
    if me["missing"] and pages.PAGES[name].small:
        return rendering.unsigned(request, pages.PAGES[name], me["missing"])
    shown_page = pages.AGREEMENT if me["missing"] else name
    given = pages.given(pages.PAGES[shown_page], request.GET if acts else asked)
    given.update({name: "true" if held else "" for name, held in pages.standing(me).items()})
    if given.get("before"):
        given.pop("first", None)
        given["last"] = PAGE
    else:
        given.setdefault("first", PAGE)
    found = begun or _run(request, actor, shown_page, "page", given)
    if (leads := pages.PAGES[shown_page].leads) and (one := found.data.get("customer")):
        return rendering.elsewhere(request, leads, id=one["id"])
    return rendering.page(request, pages.PAGES[shown_page], me=me, found=found, done=done)


def _first_hour(request: HttpRequest, actor: Actor, me: Mapping[str, Any]) -> Outcome | None:
    """Return the controller's first hour as long as it lasts: where they begin."""
    if Role.CONTROLLER.name not in me["roles"] or me["missing"]:
        return None
    found = _run(request, actor, pages.FIRST_HOUR, "page", QueryDict())
    steps = found.data["checklist"]
    return found if steps and not steps["isDone"] else None


def _asked(request: HttpRequest) -> QueryDict:
    """Return what an address or a form asks. Raises `TooMuch`, `Malformed`."""
    try:
        return rendering.query(request)
    except (RequestDataTooBig, TooManyFieldsSent):
        raise TooMuch("The form is too large.") from None
    except (UnreadablePostError, RawPostDataException):
        raise Malformed("The form cannot be read.") from None


def _act(request: HttpRequest, actor: Actor, name: str, given: QueryDict) -> Outcome:
    """Run the mutation that a button names; what its payload refuses is told at its field."""
    try:
        outcome = _run(request, actor, name, given.get("operation", ""), given)
    except BadInput as error:
        return Outcome({}, [shown(error)])
    for payload in filter(None, outcome.data.values()):
        outcome.errors += [
            {"message": one["message"], "field": one.get("field"), "code": one.get("code")}
            for one in payload["errors"]
        ]
    return outcome


def _run(
    request: HttpRequest, actor: Actor, name: str, operation: str, given: QueryDict
) -> Outcome:
    known = documents.operations(name) if name in {*pages.PAGES, _ME} else {}
    if operation not in known:
        raise NotFound("There is no page of this name, or no such button on it.")
    files = request.FILES if request.method == "POST" else {}
    variables = documents.variables(known[operation], given, files)
    refuse_unwritable(variables)
    document = documents.document(name)
    reading = Reading(actor, request.path.partition("console")[0])
    try:
        executing.coerce(document, variables, operation)
        found = executing.run(document, reading, variables, operation)
    except GraphQLError as error:
        raise BadInput(str(error)) from None
    reading.seal()
    return Outcome(found["data"] or {}, found.get("errors", []))


def _address(done: Outcome) -> str:
    """Return where a file is to be fetched, if that was asked for."""
    payloads = [one for one in done.data.values() if one]
    return next((one["url"] for one in payloads if one.get("url") and not one["errors"]), "")
