"""HTML pages for everybody: our own templates and style sheet, a strict policy, a language.

Of Saleor's template engine nothing is used: a shop's settings need none.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.utils.translation.trans_real import parse_accept_lang_header

from ..policy.words import Language

#: Nothing but this page and its own style sheet; no script, no form, in nobody's frame.
POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_PACKAGE = "jokkerit_plugin"
_STYLE = "page"


def language_of(request: HttpRequest) -> Language:
    """Return the language that is asked for: `?lang=`, else the browser's, else Finnish."""
    asked = request.GET.get("lang", "").lower()
    header = request.headers.get("Accept-Language", "")[:500].lower()
    for code in (asked, *(code for code, _ in parse_accept_lang_header(header))):
        short = code.partition("-")[0]
        if short in {one.name.lower() for one in Language}:
            return Language[short.upper()]
    return Language.FI


def page(template: str, words: Mapping[str, Any], *, language: Language) -> HttpResponse:
    """Return a page in a language, made from one of our templates."""
    filled = {**words, "stylesheet": f"assets/{_STYLE}.{_digest(_style())}.css"}
    text = _engine().get_template(template).render(Context(filled))
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response["Content-Language"] = language.name.lower()
    return guarded(response)


def guarded(response: HttpResponse) -> HttpResponse:
    """Give a public answer its headers; it depends on the language asked for, and may change."""
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Vary"] = "Accept-Language"
    response["Cache-Control"] = "no-cache"
    return response


def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a request for the style sheet, under the name that its content gives it."""
    style = _style()
    if name != f"{_STYLE}.{_digest(style)}.css" or request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=404)
    response = HttpResponse(style, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def _engine() -> Engine:
    folder = resources.files(_PACKAGE) / "templates" / "jokkerit"
    return Engine(dirs=[str(folder)], autoescape=True)


@cache
def _style() -> bytes:
    return (resources.files(_PACKAGE) / "static" / "jokkerit" / f"{_STYLE}.css").read_bytes()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
