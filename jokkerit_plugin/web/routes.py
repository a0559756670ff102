"""What is answered below /plugins/jokkerit.register/."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from . import description, downloads, pages, view

#: Path to who answers; each looks after its own methods and tokens, and gets what stands for
#: <id> (a number), <form> (of a document) and <asset>.
ROUTES: dict[str, Callable[..., HttpResponseBase]] = {
    "": description.show,
    "description.<form>": description.show,
    "record.<form>": description.show_record,
    "assets/<asset>": pages.asset,
    "graphql": view.answer,
    "downloads/<id>": downloads.answer,
}
_PARTS = {
    "<id>": "([1-9][0-9]{0,17})",
    "<form>": "(html|pdf|json)",
    "<asset>": r"([a-z]+\.[0-9a-f]{16}\.css)",
}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split("(<[a-z]+>)", path)
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts))


_PATTERNS = {_pattern(path): answer for path, answer in ROUTES.items()}
#: What a plugin that rests still shows, once it is published.
_RESTING = {description.show, pages.asset}


def serve(request: HttpRequest, path: str, *, active: bool) -> HttpResponseBase:
    """Answer a request; `path` is what follows the plugin's own address.

    Saleor asks an inactive plugin too: then there is nothing here but the published description,
    since the register still holds what it tells of.
    """
    for pattern, answer in _PATTERNS.items():
        if match := pattern.fullmatch(path.strip("/")):
            if active or (answer in _RESTING and description.published()):
                return answer(request, *match.groups())
            break
    return HttpResponse(
        "There is no page at this address.\n",
        status=404,
        content_type="text/plain; charset=utf-8",
    )
