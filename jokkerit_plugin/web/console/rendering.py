"""HTML of the console."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import Context, Engine
from django.utils.http import urlencode

from ... import clock
from ...config import Config
from ...errors import RegisterError
from ...settings import origin
from ...shop.port import shop
from .. import assets
from ..pages import controller, settings
from . import (
    asking,
    calendars,
    keeping,
    measures,
    naming,
    pages,
    papers,
    plotted,
    spans,
    states,
    words,
)
from .documents import Outcome

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "HX-Request, Accept-Language",
}
#: htmx and our own script are all that runs; what they ask is asked of this host alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {framed}"
)


#: Filters and tags of every template.
_TAGS = [
    one.__name__
    for one in (
        words,
        asking,
        calendars,
        naming,
        spans,
        plotted,
        states,
        keeping,
        measures,
        papers,
    )
]
#: Where in a list, or in the proof of a book, somebody is.
_PLACES = {"after", "before", "first", "last", "prove", "checked"}


def shell(request: HttpRequest) -> HttpResponse:
    """Return the page around all pages: no data, the same for everybody."""
    config = settings()
    framers = dict.fromkeys(map(origin, _dashboards(config)))
    context = {
        **_common(request),
        "controller": controller(request, config),
        "framers": framers,
        "css": assets.served("console.css"),
        "js": assets.served("console.js"),
        "parts": assets.served("parts.js"),
        "htmx": assets.served("htmx.js"),
        "home": request.path.partition("console")[0],
    }
    response = _html("shell", context)
    framed = " ".join(("'self'", *framers))
    response["Content-Security-Policy"] = _POLICY.format(framed=framed)
    return response


def _dashboards(config: Config) -> tuple[str, ...]:
    return config.dashboards or shop().dashboards()


def _dashboard() -> str:
    """Return where the Dashboard is opened: by default beside the shop, as Saleor serves it."""
    return (*_dashboards(settings()), "/dashboard")[0]


def page(
    request: HttpRequest,
    shown: pages.Page,
    *,
    me: Any,
    found: Outcome,
    done: Outcome | None,
    names: Mapping[str, str],
    status: int,
) -> HttpResponse:
    """Return a page's content, and the menu beside it."""
    common = _common(request)
    refused = done.errors if done else []
    asked = request.GET if done else query(request)
    # Its own address: the one where people begin has no buttons.
    here = f"{_console(request)}{shown.name}/"
    kept = [
        (name, value) for name, value in asked.items()
        if name not in _PLACES | {"operation"} and not name.endswith("After")
    ]  # fmt: skip
    context = {
        **common,
        "page": shown,
        "text": common["words"].get(shown.name, {}),
        "menu": _menu(common, shown, me),
        "me": me,
        "names": names,
        **pages.standing(me),
        "data": found.data,
        "errors": [_said(one, common["language"]) for one in found.errors],
        "refused": [_said(one, common["language"]) for one in refused],
        "bad": {one["field"] for one in refused if one.get("field")},
        "done": bool(done) and not refused,
        "made": done.data if done and not refused else {},
        "given": _filled(request, shown, asked, refused=bool(refused)),
        "search": asked.get("filter.search", ""),
        "filters": {
            name.removeprefix("filter.").replace(".", "_"): value
            for name, value in asked.items() if name.startswith("filter.")
        },
        "kept": kept,
        "console": _console(request),
        "here": here,
        "home": request.path.partition("console")[0],
        "plugin": _plugin(request),
        "dashboard": _dashboard,
        "today": clock.today().isoformat(),
        "again": f"{here}?{_asked_for(request, kept, done=bool(done))}",
        "missing": me["missing"] and _said(me["missing"], common["language"]),
    }  # fmt: skip
    return _html(shown.name, context, status=status)


def _asked_for(request: HttpRequest, kept: list[tuple[str, Any]], *, done: bool) -> str:
    """Return what of a page's address its buttons say again: what was searched for stays out."""
    if request.method == "GET" or done:
        return str(request.META.get("QUERY_STRING", ""))
    return urlencode([one for one in kept if not one[0].startswith(("filter.", "input."))])


def _said(error: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return an error with its sentence in a language: as GraphQL has it, or as a payload."""
    more = error.get("extensions", {})
    code = error.get("code") or more.get("exception", {}).get("code", "")
    field = error.get("field") or more.get("field")
    return {**error, "message": words.sentence(error["message"], code, field, language)}


def _filled(
    request: HttpRequest, shown: pages.Page, asked: QueryDict, *, refused: bool
) -> QueryDict:
    """Return what the page was asked for; with what a form said, where that was refused."""
    found = pages.given(shown, asked)
    if refused:
        found.update(request.POST)
    return found


def _menu(common: Mapping[str, Any], shown: pages.Page | None, me: Mapping[str, Any]) -> list[Any]:
    said, current = common["words"], {shown.name, shown.under} if shown else set()
    return [
        {"title": common["common"][group],
         "pages": [{"name": one.name, "title": said[one.name].get("menu", said[one.name]["title"]),
                    "current": one.name in current} for one in found]}
        for group, found in pages.menu(me)
    ]  # fmt: skip


def _plugin(request: HttpRequest) -> str:
    """Return the plugin's page in the Dashboard, below the Dashboard's own address."""
    name = request.path.partition("/console")[0].rpartition("/")[2]
    return f"extensions/plugin/{name}"


def query(request: HttpRequest) -> QueryDict:
    """Return what is asked of a page: by its address, or by a form, whose words no log has."""
    return request.POST if request.method == "POST" else request.GET


def told(
    request: HttpRequest, error: RegisterError, *, status: int, me: Any = None
) -> HttpResponse:
    """Return a sentence in place of a page, and the ways on from there."""
    common = _common(request)
    context = {
        **common, "code": error.code, "console": _console(request),
        # What there is nothing of is not tried again.
        "again": status not in {400, 404} and request.method == "GET" and request.get_full_path(),
        "message": words.sentence(error.message, error.code, error.field, common["language"]),
        "menu": me and _menu(common, None, me),
    }  # fmt: skip
    return _html("told", context, status=status)


def unsigned(request: HttpRequest, shown: pages.Page, missing: Mapping[str, Any]) -> HttpResponse:
    """Say in a small page what is missing: the agreement, which is signed here, or else."""
    common = _common(request)
    context = {
        **common, "text": common["words"][shown.name], "console": _console(request),
        "missing": _said(missing, common["language"]),
    }  # fmt: skip
    return _html("unsigned", context)


def elsewhere(request: HttpRequest, name: str, **given: str) -> HttpResponse:
    """Show another page in place of the one asked for, under its own address."""
    response = HttpResponse(status=204)
    path = f"{_console(request)}{name}/?{urlencode(given)}"
    response["HX-Location"] = json.dumps({"path": path, "target": "#page"})
    return _guarded(response)


def away(url: str) -> HttpResponse:
    """Send the browser to a file."""
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return _guarded(response)


def _console(request: HttpRequest) -> str:
    return request.path.partition("console")[0] + "console/"


def _common(request: HttpRequest) -> dict[str, Any]:
    code = words.language(request)
    said = words.words(code)
    return {"language": code, "words": said, "common": said["common"]}


def _html(name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    text = _engine().get_template(f"{name}.html").render(Context(context))
    response = HttpResponse(text, status=status, content_type="text/html; charset=utf-8")
    response["Content-Language"] = context["language"]
    return _guarded(response)


def _guarded(response: HttpResponse) -> HttpResponse:
    for header, value in _HEADERS.items():
        response[header] = value
    response["Content-Security-Policy"] = _POLICY.format(framed="'self'")
    return response


@cache
def _engine() -> Engine:
    folder = resources.files("jokkerit_plugin") / "templates" / "console"
    return Engine(dirs=[str(folder)], autoescape=True, builtins=_TAGS)
