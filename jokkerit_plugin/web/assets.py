"""Style sheets and scripts, served under names made of their content."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from django.http import HttpRequest, HttpResponse

from .plain import plain

_FOLDER = resources.files("jokkerit_plugin") / "static"
#: What is not our own stands in vendor/, whose README names version and licence.
_FILES = ("pages.css", "description.css", "console.css", "console.js", "parts.js", "vendor/htmx.js")
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def served(name: str) -> str:
    """Return under which name a file ("pages.css") is served."""
    stem, _, kind = name.partition(".")
    return next(one for one in _served() if one.startswith(f"{stem}.") and one.endswith(f".{kind}"))


@cache
def _served() -> Mapping[str, bytes]:
    found = {}
    for path in _FILES:
        stem, _, kind = path.rpartition("/")[2].partition(".")
        content = (_FOLDER / path).read_bytes()
        found[f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{kind}"] = content
    return found


def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Answer for a file. Another content has another name, so it is kept for good."""
    if (content := _served().get(name)) is None:
        return plain("There is nothing of this name.", status=404)
    if request.method not in {"GET", "HEAD"}:
        response = plain("Use GET.", status=405)
        response["Allow"] = "GET, HEAD"
        return response
    response = HttpResponse(content, content_type=_TYPES[name.rpartition(".")[2]])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
