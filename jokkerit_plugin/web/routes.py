"""What is answered below /plugins/jokkerit.register/."""

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import (
    confirm,
    downloads,
    may_contact,
    pages,
    preferences,
    requests,
    unsubscribe,
    view,
)

#: Path to who answers; each looks after its own methods and tokens, and gets the path's <...>.
ROUTES: dict[str, Callable[..., HttpResponseBase]] = {
    "graphql": view.answer,
    "downloads/<id>": downloads.answer,
    "unsubscribe/<token>": unsubscribe.answer,
    "preferences/<token>": preferences.answer,
    "confirm/<token>": confirm.answer,
    "assets/<token>": pages.asset,
    "may-contact": may_contact.answer,
    "requests": requests.answer,
    "requests/confirm/<token>": requests.confirm,
    "requests/copy/<token>": requests.copy,
}
#: What stays open while the plugin is deactivated: a customer's no, and the page around it.
ALWAYS = {"unsubscribe/<token>", "preferences/<token>", "confirm/<token>", "assets/<token>"}
#: A token that is no token gets the page which says so.
_PARTS = {"<id>": "([1-9][0-9]{0,17})", "<token>": "([^/]{1,2000})"}


def _pattern(path: str) -> re.Pattern[str]:
    for name, part in _PARTS.items():
        path = path.replace(name, part)
    return re.compile(path)


_PATTERNS = {path: _pattern(path) for path in ROUTES}


def serve(request: HttpRequest, path: str, *, active: bool) -> HttpResponseBase:
    """Answer a request; `path` is what follows the plugin's own address.

    Saleor asks an inactive plugin too: then there is little here.
    """
    for name, pattern in _PATTERNS.items():
        if (active or name in ALWAYS) and (match := pattern.fullmatch(path.strip("/"))):
            return ROUTES[name](request, *match.groups())
    return pages.plain("There is no page at this address.", status=404)
