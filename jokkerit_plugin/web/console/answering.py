"""Answering for the console: the shell for a browser, a page's content for the shell."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from graphql import GraphQLError

from ...access.actor import NOBODY, Actor
from ...errors import RegisterError, describe
from ...logs import logger_of
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
from ..schema.base import MANY
from . import documents, pages, rendering
from .documents import Outcome

logger = logger_of(__name__)

_ME = "me"
#: Rows of a page.
PAGE = "25"
#: What an address is answered with that shows nothing; whatever else is refused is a page.
_STATUS = {
    NotSignedIn.code: 401, NotFound.code: 404, BadInput.code: 400, Malformed.code: 400,
    TooMuch.code: 413,
}  # fmt: skip
_PERSON = re.compile(r"(user|app):[1-9][0-9]{0,17}")


def answer(request: HttpRequest, name: str = "") -> HttpResponse:
    """Answer for the console's page of this name; "" where people begin. Never raises."""
    if not request.headers.get("HX-Request"):
        return rendering.shell(request)
    try:
        with shop().writer():
            return _page(request, name)
    except RegisterError as error:
        return rendering.told(request, error, status=_STATUS.get(error.code, 200))
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
    try:
        return _shown(request, actor, name, asked, me, done)
    except RegisterError as error:
        return rendering.told(request, error, me=me, status=_STATUS.get(error.code, 200))


def _shown(
    request: HttpRequest,
    actor: Actor,
    name: str,
    asked: QueryDict,
    me: Mapping[str, Any],
    done: Outcome | None,
) -> HttpResponse:
    begun = None if name else _first_hour(request, actor, me)
    name = name or (pages.FIRST_HOUR if begun else pages.start(frozenset(me["roles"])))
    if name not in pages.PAGES:
        raise NotFound("There is no page of this name.")
    if me["missing"] and pages.PAGES[name].small:
        return rendering.unsigned(request, pages.PAGES[name], me["missing"])
    shown_page = pages.AGREEMENT if me["missing"] else name
    given = pages.given(pages.PAGES[shown_page], request.GET if done else asked)
    given.update({name: "true" if held else "" for name, held in pages.standing(me).items()})
    if given.get("before"):
        given.pop("first", None)
        given["last"] = PAGE
    else:
        given.setdefault("first", PAGE)
    found = begun or _run(request, actor, shown_page, "page", given)
    if (leads := pages.PAGES[shown_page].leads) and (one := found.data.get("customer")):
        return rendering.elsewhere(request, leads, id=one["id"])
    names = _names(request, actor, me, found, done)
    status = next((_STATUS[code] for code in _codes(found) if code in _STATUS), 200)
    return rendering.page(
        request, pages.PAGES[shown_page], me=me, found=found, done=done, names=names,
        status=200 if done else status,
    )  # fmt: skip


def _names(
    request: HttpRequest, actor: Actor, me: Mapping[str, Any], *outcomes: Outcome | None
) -> Mapping[str, str]:
    """Return what those of the staff are called whom a page names, for who may know that."""
    if not pages.standing(me)["changer"] or me["missing"]:
        return {}
    shown = [one.data for one in outcomes if one]
    found = [one for data in shown for one in data.get("registerUsers") or ()]
    keys = {key for data in shown for key in _people(data)} - {me["key"]}
    if keys := keys - {one["key"] for one in found}:
        given = QueryDict(mutable=True)
        given.setlist("keys", sorted(keys)[:MANY])
        found += _run(request, actor, _ME, "names", given).data["personNames"] or ()
    return {one["key"]: one["name"] or one["email"] for one in found}


def _people(value: Any) -> Iterator[str]:
    """Yield the keys of people and apps in what came of a document."""
    if isinstance(value, str) and _PERSON.fullmatch(value):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _people(one)


def _codes(found: Outcome) -> Iterator[str]:
    return (one["extensions"]["exception"]["code"] for one in found.errors)


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
        # Both are asked of later, where it would be too late to say so.
        return (request.GET, rendering.query(request))[1]
    except (RequestDataTooBig, TooManyFieldsSent):
        raise TooMuch("The form is too large.") from None
    except (UnreadablePostError, RawPostDataException, MultiPartParserError):
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
