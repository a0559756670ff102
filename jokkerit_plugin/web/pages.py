"""Pages for people who have a link and no token: HTML in Finnish, Swedish and English.

Without JavaScript, cookies or anything from elsewhere. The texts are in data/pages.*.toml, the
templates in templates/pages, and the style sheet is served under a name made of its content.
"""

import hashlib
import logging
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.utils.translation.trans_real import parse_accept_lang_header

from ..config import Config
from ..errors import describe
from ..policy.languages import LANGUAGES, language_of
from ..shop.port import shop

logger = logging.getLogger(__name__)

NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
#: Parts of the texts that share a template: nothing to press.
_NOTICES = {"expired", "broken", "unread", "failed"}
_ROOT = resources.files("jokkerit_plugin")


def language(request: HttpRequest) -> str:
    """Return the language that the address names, or that the browser likes best; else Finnish."""
    if (chosen := request.GET.get("lang")) in LANGUAGES:
        return str(chosen)
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
    config = _config()
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
        "style": style()[0],
        **words,
    }
    template = "notice" if name in _NOTICES else name
    html = _engine().get_template(f"{template}.html").render(Context(context))
    response = HttpResponse(html, status=status, content_type="text/html; charset=utf-8")
    for header, value in _HEADERS.items():
        response[header] = value
    response["Content-Language"] = code
    return response


def plain(text: str, *, status: int = 200) -> HttpResponse:
    """Return an answer for programs."""
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def texts(code: str) -> Mapping[str, Mapping[str, str]]:
    """Return what is written on the pages in a language, by page."""
    return tomllib.loads((_ROOT / "data" / f"pages.{code}.toml").read_text(encoding="utf-8"))


def controller(request: HttpRequest, config: Config | None = None) -> str:
    """Return the company that answers for the register; without its name the shop's host."""
    return (config or _config()).controller_name or request.get_host()


def there(code: str, channel: str) -> str:
    """Return where a link of this channel went, as a page says it."""
    return texts(code)["there"][channel]


@cache
def style() -> tuple[str, bytes]:
    """Return the style sheet's name, made of its content, and the content."""
    content = (_ROOT / "static" / "pages.css").read_bytes()
    return f"pages.{hashlib.sha256(content).hexdigest()[:16]}.css", content


def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Answer for the style sheet. Another content has another name, so it is kept for good."""
    own, content = style()
    if name != own:
        return plain("There is nothing of this name.", status=404)
    if request.method not in {"GET", "HEAD"}:
        response = plain("Use GET.", status=405)
        response["Allow"] = "GET, HEAD"
        return response
    response = HttpResponse(content, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def _engine() -> Engine:
    # Of our own: Saleor's renders none of an app's templates in some of its versions.
    return Engine(dirs=[str(_ROOT / "templates" / "pages")], autoescape=True)


def _config() -> Config:
    try:
        return shop().config()
    except Exception as error:  # noqa: BLE001 - a page that says so must come all the same
        logger.warning("the settings cannot be read: %s", describe(error))
        return Config()
