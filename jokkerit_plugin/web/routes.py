"""What is answered below /plugins/jokkerit.register/."""

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import (
    confirm,
    description,
    door_pages,
    downloads,
    may_contact,
    pages,
    preferences,
    unsubscribe,
    view,
)


def _asset(request: HttpRequest, name: str) -> HttpResponseBase:
    """Each kind of page has its own style sheet, by whose name it is known."""
    ours = door_pages if name == door_pages.style()[0] else pages
    return ours.asset(request, name)


#: Path to who answers; each looks after its own methods and tokens, and gets what stands for
#: <id> (a number), <form> (of a document), <token> and <asset>.
ROUTES: dict[str, Callable[..., HttpResponseBase]] = {
    "": description.show,
    "description.<form>": description.show,
    "record.<form>": description.show_record,
    "assets/<asset>": _asset,
    "graphql": view.answer,
    "downloads/<id>": downloads.answer,
    "unsubscribe/<token>": unsubscribe.answer,
    "preferences/<token>": preferences.answer,
    "confirm/<token>": confirm.answer,
    "may-contact": may_contact.answer,
}
#: What stays open while the plugin is deactivated: a customer's no, and the page around it.
ALWAYS = {"unsubscribe/<token>", "preferences/<token>", "confirm/<token>", "assets/<asset>"}
#: What is shown then too, once it is published: the register still holds what it tells of.
PUBLISHED = {"", "description.<form>"}
_PARTS = {
    "<id>": "([1-9][0-9]{0,17})",
    "<form>": "(html|pdf|json)",
    "<asset>": r"([a-z]+\.[0-9a-f]{16}\.css)",
    # What is no token gets the page which says so.
    "<token>": "([^/]{1,2000})",
}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split("(<[a-z]+>)", path)
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts))


_PATTERNS = {path: _pattern(path) for path in ROUTES}


def serve(request: HttpRequest, path: str, *, active: bool) -> HttpResponseBase:
    """Answer a request; `path` is what follows the plugin's own address.

    Saleor asks an inactive plugin too: then there is little here.
    """
    for name, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(path.strip("/")):
            if active or name in ALWAYS or (name in PUBLISHED and description.published()):
                return ROUTES[name](request, *match.groups())
            break
    return door_pages.plain("There is no page at this address.", status=404)
