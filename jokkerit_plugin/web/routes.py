"""What is answered below /plugins/jokkerit.register/."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from . import downloads, view

#: Path to who answers; each looks after its own methods and tokens, and gets the path's <id>.
ROUTES: dict[str, Callable[..., HttpResponseBase]] = {
    "graphql": view.answer,
    "downloads/<id>": downloads.answer,
}
_PATTERNS = {
    re.compile(path.replace("<id>", "([1-9][0-9]{0,17})")): answer
    for path, answer in ROUTES.items()
}


def serve(request: HttpRequest, path: str, *, active: bool) -> HttpResponseBase:
    """Answer a request; `path` is what follows the plugin's own address.

    Saleor asks an inactive plugin too: then there is nothing here.
    """
    for pattern, answer in _PATTERNS.items():
        if active and (match := pattern.fullmatch(path.strip("/"))):
            return answer(request, *match.groups())
    return HttpResponse(
        "There is no page at this address.\n",
        status=404,
        content_type="text/plain; charset=utf-8",
    )
