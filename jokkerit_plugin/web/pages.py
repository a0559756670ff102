"""Pages for everybody: HTML in Finnish, Swedish and English.

Without JavaScript, cookies or anything from elsewhere. The templates are in templates/pages, the
texts of those with something to press in data/pages.*.toml.
"""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.utils.translation.trans_real import parse_accept_lang_header

from ..config import Config
from ..errors import describe
from ..logs import logger_of
from ..policy.languages import LANGUAGES, language_of
from ..shop.port import shop
from . import assets

logger = logger_of(__name__)

NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
}
#: What differs where there is something to press.
_FORM_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
#: Parts of the texts that share a template: nothing to press, one button, a thing done.
_SHARED = {
    **dict.fromkeys(("expired", "broken", "unread", "failed"), "notice"),
    **dict.fromkeys(("requests_confirm", "requests_copy"), "button"),
    **dict.fromkeys(("requests_begun", "requests_sent"), "done"),
}
_ROOT = resources.files("jokkerit_plugin")


def language(request: HttpRequest) -> str:
    """Return the language that the address names, or that the browser likes best; else Finnish."""
    with suppress(TooManyFieldsSent):
        if (chosen := request.GET.get("lang", "").lower().partition("-")[0]) in LANGUAGES:
            return chosen
    liked = [
        code for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    for code in liked:
        if code.partition("-")[0] in LANGUAGES:
            return language_of(code)
    return "en" if any(code != "*" for code in liked) else "fi"


def page(request: HttpRequest, name: str, *, status: int = 200, **words: Any) -> HttpResponse:
    """Return a page: `name` is its template and its part of the texts.

    `channel` among the words chooses the sentence that says what is at stake.
    """
    config = settings()
    code = language(request)
    part = texts(code)
    named = controller(request, config)
    text = {key: one.format(controller=named, **words) for key, one in part[name].items()}
    context = {
        "language": code,
        "languages": [(one, NAMES[one]) for one in LANGUAGES],
        "page": part["page"],
        "text": text,
        "lead": text.get(str(words.get("channel", "")), ""),
        "controller": named,
        "contact": config.contact.splitlines(),
        # Not asked of the shop: the page that says what failed must come all the same.
        "home": request.path.strip("/").rsplit("/", 2)[0],
        "style": assets.served("pages.css"),
        **words,
    }
    response = html(_SHARED.get(name, name), context, code=code, status=status)
    for header, value in _FORM_HEADERS.items():
        response[header] = value
    return response


def html(
    template: str, context: Mapping[str, Any], *, code: str, status: int = 200
) -> HttpResponse:
    """Return what one of our templates makes of `context`, in the language that `code` names."""
    text = _engine().get_template(f"{template}.html").render(Context(dict(context)))
    response = HttpResponse(text, status=status, content_type="text/html; charset=utf-8")
    response["Content-Language"] = code
    return guarded(response)


def guarded(response: HttpResponse) -> HttpResponse:
    """Give a public answer its headers; it depends on the language asked for, and may change."""
    for header, value in _HEADERS.items():
        response[header] = value
    return response


@cache
def texts(code: str) -> Mapping[str, Mapping[str, str]]:
    """Return what is written on the pages in a language, by page."""
    return tomllib.loads((_ROOT / "data" / f"pages.{code}.toml").read_text(encoding="utf-8"))


def controller(request: HttpRequest, config: Config | None = None) -> str:
    """Return the company that answers for the register; without its name the shop's host."""
    return (config or settings()).controller_name or request.get_host()


def there(code: str, channel: str) -> str:
    """Return where a link of this channel went, as a page says it."""
    return texts(code)["there"][channel]


@cache
def _engine() -> Engine:
    # Of our own: Saleor's renders none of an app's templates in some of its versions.
    return Engine(dirs=[str(_ROOT / "templates" / "pages")], autoescape=True)


def settings() -> Config:
    """Return the settings; defaults where they cannot be read."""
    try:
        return shop().config()
    except Exception as error:  # noqa: BLE001 - a page that says so must come all the same
        logger.warning("the settings cannot be read: %s", describe(error))
        return Config()
