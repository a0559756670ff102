"""What is answered below /plugins/jokkerit.register/."""

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import (
    assets,
    audience_file,
    confirm,
    description,
    downloads,
    health,
    log_views,
    manifest,
    may_contact,
    preferences,
    rejected_lines,
    request_copy,
    requests,
    site_log,
    unsubscribe,
    view,
)
from .console import answering as console
from .plain import plain

#: Path to who answers; each looks after its own methods and tokens, and gets what stands for
#: <id> (a number), <form> (of a document), <view>, <asset> and <token> (what is none gets the
#: page which says so).
ROUTES: dict[str, Callable[..., HttpResponseBase]] = {
    "": description.show,
    "description.<form>": description.show,
    "record.<form>": description.show_record,
    "assets/<asset>": assets.answer,
    "console": console.answer,
    "console/<page>": console.answer,
    "manifest": manifest.answer,
    "graphql": view.answer,
    "downloads/<id>": downloads.answer,
    "audience": audience_file.answer,
    "opt-outs/<id>/rejected": rejected_lines.answer,
    "unsubscribe/<token>": unsubscribe.answer,
    "preferences/<token>": preferences.answer,
    "confirm/<token>": confirm.answer,
    "may-contact": may_contact.answer,
    "site-log/<view>": log_views.answer,
    "site-log": site_log.answer,
    "requests": requests.answer,
    "requests/confirm/<token>": requests.confirm,
    "requests/copy/<token>": requests.copy,
    "requests/<id>/copy": request_copy.answer,
    "health": health.status,
    "health/<probe>": health.probe,
}
_PARTS = {
    "<id>": "([1-9][0-9]{0,17})",
    "<form>": "(html|pdf|json)",
    "<asset>": r"([a-z]+\.[0-9a-f]{16}\.(?:css|js))",
    "<page>": "([^/]{1,200})",
    "<probe>": "(live|ready)",
    "<token>": "([^/]{1,2000})",
    "<view>": r"(lines\.csv|(?:errors|log-ins|usage)\.(?:csv|html))",
}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split("(<[a-z]+>)", path)
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts))


_PATTERNS = {_pattern(path): answer for path, answer in ROUTES.items()}
#: What stays open while the plugin is deactivated: a customer's no, the links in letters about a
#: request, and the page around them; what tells a monitor that it is ...
_ALWAYS = {
    unsubscribe.answer, preferences.answer, confirm.answer, requests.confirm, requests.copy,
    assets.answer, health.status, health.probe,
}  # fmt: skip
#: ... and what the register tells of itself, once it is published: it still holds the data.
_PUBLISHED = {description.show}


def serve(request: HttpRequest, path: str, *, active: bool) -> HttpResponseBase:
    """Answer a request; `path` is what follows the plugin's own address.

    Saleor asks an inactive plugin too: then there is little here.
    """
    for pattern, answer in _PATTERNS.items():
        if match := pattern.fullmatch(path.strip("/")):
            if active or answer in _ALWAYS or (answer in _PUBLISHED and description.published()):
                return answer(request, *match.groups())
            break
    return plain("There is no page at this address.", status=404)
