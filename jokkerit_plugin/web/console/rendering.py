"""HTML of the console."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import Context, Engine

from ...errors import RegisterError
from .. import assets
from ..pages import controller
from . import asking, keeping, pages, words

if TYPE_CHECKING:
    from .answering import Outcome

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


#: Where in a list somebody is.
_PLACES = {"after", "before", "first", "last"}


def shell(request: HttpRequest) -> HttpResponse:
    """Return the page around all pages: no data, the same for everybody."""
    context = {
        **_common(request),
        "controller": controller(request),
        "css": assets.served("console.css"),
        "js": assets.served("console.js"),
        "htmx": assets.served("htmx.js"),
        "home": request.path.partition("console")[0],
    }
    return _html("shell", context)


def page(
    request: HttpRequest, shown: pages.Page, *, me: Any, found: "Outcome", done: "Outcome | None"
) -> HttpResponse:
    """Return a page's content, and the menu beside it."""
    common = _common(request)
    refused = done.errors if done else []
    asked = request.GET if done else query(request)
    context = {
        **common,
        "page": shown,
        "text": common["words"].get(shown.name, {}),
        "menu": _menu(common, shown, me),
        "me": me,
        **pages.standing(me),
        "data": found.data,
        "errors": found.errors,
        "refused": refused,
        "bad": {one["field"] for one in refused if one.get("field")},
        "done": bool(done) and not refused,
        "made": done.data if done and not refused else {},
        "given": _filled(request, shown, asked, refused=bool(refused)),
        "search": asked.get("filter.search", ""),
        "kept": [one for one in asked.items() if one[0] not in _PLACES | {"operation"}],
        "console": request.path.partition("console")[0] + "console/",
        "here": request.path,
        "again": request.get_full_path(),
    }  # fmt: skip
    return _html(shown.name, context)


def _filled(
    request: HttpRequest, shown: pages.Page, asked: QueryDict, *, refused: bool
) -> QueryDict:
    """Return what the page was asked for; with what a form said, where that was refused."""
    found = pages.given(shown, asked)
    if refused:
        found.update(request.POST)
    return found


def _menu(common: Mapping[str, Any], shown: pages.Page, me: Mapping[str, Any]) -> list[Any]:
    said, current = common["words"], {shown.name, shown.under}
    return [
        {"title": common["common"][group],
         "pages": [{"name": one.name, "title": said[one.name].get("menu", said[one.name]["title"]),
                    "current": one.name in current} for one in found]}
        for group, found in pages.menu(me)
    ]  # fmt: skip


def query(request: HttpRequest) -> QueryDict:
    """Return what is asked of a page: by its address, or by a form, whose words no log has."""
    return request.POST if request.method == "POST" else request.GET


def told(request: HttpRequest, error: RegisterError, *, status: int) -> HttpResponse:
    """Return a sentence in place of a page."""
    return _html("told", {**_common(request), "error": error}, status=status)


def away(url: str) -> HttpResponse:
    """Send the browser to a file."""
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return _guarded(response)


def _common(request: HttpRequest) -> dict[str, Any]:
    code = words.language(request)
    return {"language": code, "words": words.words(code), "common": words.words(code)["common"]}


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
    return Engine(
        dirs=[str(folder)],
        autoescape=True,
        builtins=[one.__name__ for one in (words, keeping, asking)],
    )
