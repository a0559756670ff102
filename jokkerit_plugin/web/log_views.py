"""The site log as CSV, and its views as pages with a picture and a table.

POST, with a token in the Authorization header and as JSON what is looked for: an address or a
customer in the page's own address would stand in the very log that it searches.

    POST site-log/lines.csv      {"purpose": "security", "filter": {...}}
    POST site-log/errors.html    {"filter": {...}}         also log-ins.html, and both as .csv
    POST site-log/usage.html     {"month": "2026-03"}      also usage.csv

A file of CSV is also fetched by a link that works once, for the question that it was made for.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.safestring import mark_safe

from .. import clock
from ..access import guard, links
from ..access.actor import NOBODY, Actor
from ..access.guard import Refused
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..policy.categories import Category
from ..policy.languages import Language, Texts
from ..shop.port import shop
from ..sitelog import search, views
from ..sitelog.search import Wanted
from . import assets, limits, log_asked, log_files, pages, plots
from .downloads import by_a_click, sent
from .errors import BadInput, Bug, Malformed, NotSignedIn, refuse_unwritable
from .identity import actor_of
from .plain import told
from .schema.site_filters import wanted_of

logger = logger_of(__name__)

_STATUS: dict[type[RegisterError], int] = {
    NotSignedIn: 401, Refused: 403, Malformed: 405, Bug: 500,
}  # fmt: skip
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
}
_HEADS: dict[str, Texts] = {
    "path": ("Polku", "Sökväg", "Path"),
    "status": ("Tila", "Status", "Status"),
    "address": ("Verkko-osoite", "Nätverksadress", "Network address"),
    "count": ("Määrä", "Antal", "Count"),
    "first": ("Ensimmäinen", "Första", "First"),
    "last": ("Viimeinen", "Senaste", "Last"),
    "at": ("Milloin", "När", "When"),
    "kind": ("Laji", "Slag", "Kind"),
    "customer": ("Asiakas", "Kund", "Customer"),
    "requests": ("Pyyntöjä", "Anrop", "Requests"),
    "size": ("Tavuja", "Byte", "Bytes"),
    "duration": ("Millisekunteja", "Millisekunder", "Milliseconds"),
    "by_group": ("Suurimmat", "De största", "The largest"),
    "by_time": ("Ajan mukaan", "Över tid", "Over time"),
}  # fmt: skip


def answer(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer for a file or page of this name. Never raises."""
    response: HttpResponseBase
    try:
        with shop().writer():
            response = _answered(request, name)
    except RegisterError as error:
        response = told(error, _STATUS, allow="POST", otherwise=400)
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a page of the site log failed: %s", describe(error))  # noqa: TRY400
        response = told(Bug(), _STATUS, allow="POST")
    for header, value in _HEADERS.items():
        response[header] = value
    return response


def _answered(request: HttpRequest, name: str) -> HttpResponseBase:
    actor, given = _asked(request, name)
    what, _, form = name.partition(".")
    act = f"site-log/{name}"
    if what == "lines":
        return _file(request, name, *log_files.lines(given, act, actor))
    if name == "usage.csv":
        return _file(request, name, *log_files.usage(given, act, actor))
    read, columns = _VIEWS[what]
    purpose = log_asked.PURPOSES[f"{what}.csv"]
    with guard.visit(actor, purpose, act=act, asks=[Category.LOG]) as inside:
        wanted = log_asked.month(given)[1] if what == "usage" else wanted_of(given["filter"])
        with search.refusals_logged(actor, act, purpose):
            found = read(wanted, closed=inside.closed())
        inside.saw(found.customers)
    if form == "html":
        return _page(request, what, wanted, found)
    rows = ([getattr(one, each) for each in columns] for one in found.groups)
    return _file(request, name, columns, rows, inside)


def _asked(request: HttpRequest, name: str) -> tuple[Actor, Mapping[str, Any]]:
    """Return who asks for what: by a token, or by a link."""
    if request.method == "GET" and "link" in request.GET and name in log_asked.FILES:
        by_a_click(request)
        link, holder = links.redeem(request.GET["link"], of=[name], act=f"site-log/{name}")
        asked: dict[str, Any] = link.asked or {}
        return holder, asked | {"filter": _typed(asked["filter"] or {})}
    if request.method != "POST":
        raise Malformed("Use POST.")
    actor = actor_of(request)
    if actor == NOBODY:
        raise NotSignedIn("Send a staff user's or an app's token in the Authorization header.")
    return actor, _body(request)


_VIEWS: dict[str, tuple[Callable[..., views.View], tuple[str, ...]]] = {
    "errors": (views.errors, ("path", "status", "count", "first", "last")),
    "log-ins": (views.log_ins, ("address", "count", "first", "last")),
    "usage": (views.use, ("customer", "requests", "size", "duration")),
}


def _file(
    request: HttpRequest, name: str, heads: Sequence[str], rows: log_files.Rows,
    inside: guard.Visit,
) -> HttpResponseBase:  # fmt: skip
    pieces = log_files.written(heads, rows, inside)
    return sent(request, pieces, name=f"site-log-{name}", mime="text/csv; charset=utf-8")


def _page(request: HttpRequest, what: str, wanted: Wanted, found: views.View) -> HttpResponse:
    code = pages.language(request)
    spoken, name = Language.of(code), what.replace("-", "_")
    heads = {key: texts[spoken] for key, texts in _HEADS.items()}
    columns = _VIEWS[what][1]
    context = {
        "language": code,
        "title": plots.TITLES[name][spoken],
        # Written by `plots` alone, which escapes what it is given.
        "plot": mark_safe(plots.over_time(name, wanted, found, language=code)),  # noqa: S308
        "heads": heads,
        "columns": [heads[one] for one in columns],
        "groups": [
            [_read(log_files.shown(getattr(one, each), each)) for each in columns]
            for one in found.groups
        ],
        "times": [(_read(one.at), one.kind, one.count) for one in found.times],
        "home": request.path.strip("/").rsplit("/", 2)[0],
        "style": assets.served("pages.css"),
    }
    return pages.html("site_log", context, code=code)


def _read(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.HELSINKI):%Y-%m-%d %H:%M}"
    return "–" if value is None else value


def _body(request: HttpRequest) -> Mapping[str, Any]:
    try:
        found = json.loads(request.body) if len(request.body) <= limits.BODY else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.setdefault("filter", {}), dict):
        raise BadInput("Send what you look for as a JSON object.")
    refuse_unwritable(found)
    return found | {"filter": _typed(found["filter"])}


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a filter's texts as GraphQL would give them; raises `BadInput`."""
    kinds: dict[str, Any] = {
        "at": lambda ends: _ends(ends, datetime.fromisoformat),
        "on": lambda ends: _ends(ends, date.fromisoformat),
        "status": lambda ends: _ends(ends, _whole), "address": _text, "customer": _text,
        "path": _text,
    }  # fmt: skip
    if unknown := sorted(set(given) - set(kinds)):
        raise BadInput(f"One cannot search by {unknown[0][:40]}.", field="filter")
    typed = {}
    for name, value in given.items():
        try:
            typed[name] = None if value is None else kinds[name](value)
        except (ValueError, TypeError, AttributeError):
            raise BadInput("This is not as the documentation says.", field=name) from None
    return typed


def _ends(given: Mapping[str, Any], read: Callable[[Any], Any]) -> dict[str, Any]:
    if set(given) - {"gte", "lte"}:
        raise ValueError
    return {end: read(value) for end, value in given.items() if value is not None}


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
