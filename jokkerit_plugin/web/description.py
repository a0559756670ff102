"""The register description: the public page, PDF and JSON; and the record, for the controller.

What is published is shown as it was published, whatever the settings say by now, and also while
the plugin rests: the register still holds the data. Until then the page names whom to ask.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from .. import clock
from ..access import office
from ..access.actor import NOBODY
from ..access.guard import Refused
from ..description import document, facts, pdf, versions
from ..description.document import Document
from ..description.notice import contacts
from ..description.record import record
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Description
from ..policy.languages import Language, Texts
from ..policy.permissions import Permission
from ..shop.port import shop
from . import assets, pages
from .errors import Bug, Malformed, NotFound, NotSignedIn
from .identity import actor_of
from .plain import told

logger = logger_of(__name__)

_NAMES = {Language.FI: "Suomi", Language.SV: "Svenska", Language.EN: "English"}
_WORDS: dict[str, Texts] = {
    "languages": ("Kielet", "Språk", "Languages"),
    "contents": ("Sisällys", "Innehåll", "Contents"),
    "files": ("Sama tiedostona", "Samma som fil", "The same as a file"),
    "versions": ("Julkaistut versiot", "Publicerade versioner", "Published versions"),
    "stamp": ("Versio {version}, julkaistu {day}.", "Version {version}, publicerad {day}.",
              "Version {version}, published on {day}."),
    "earlier": (
        "Kaupan aiempi seloste, tallennettu {day}.",
        "Butikens tidigare beskrivning, sparad {day}.",
        "The shop's earlier description, stored on {day}.",
    ),
    "form": (
        "Lomake: pyyntö omista tiedoista", "Formulär: begäran om egna uppgifter",
        "Form: ask about your data",
    ),
    "now": ("Tilanne {day}.", "Läget {day}.", "As of {day}."),
}  # fmt: skip
_STATUS: dict[type[RegisterError], int] = {
    NotSignedIn: 401, Refused: 403, NotFound: 404, Malformed: 405,
}  # fmt: skip


def show(request: HttpRequest, form: str = "html") -> HttpResponse:
    """Answer for the notice, as `html`, `pdf` or `json`. Never raises."""
    return _answered(request, lambda: _notice(request, form))


def show_record(request: HttpRequest, form: str) -> HttpResponse:
    """Answer for the internal record, to whoever may manage privacy. Never raises."""
    return _answered(request, lambda: _record(request, form))


def published() -> bool:
    """Tell whether there is a page to show while the plugin rests."""
    try:
        with shop().writer():
            return versions.in_force() is not None
    except Exception as error:  # noqa: BLE001 - then there is nothing here
        logger.warning("the description could not be read: %s", describe(error))
        return False


def _answered(request: HttpRequest, answer: Any) -> HttpResponse:
    try:
        _check_method(request)
        with shop().writer():
            found: HttpResponse = answer()
            return found
    except RegisterError as error:
        return _told(error)
    except Exception as error:  # noqa: BLE001 - no stack trace leaves, nor a row's text the log
        logger.error("a page failed: %s", describe(error))  # noqa: TRY400
        return _told(Bug())


def _check_method(request: HttpRequest) -> None:
    if request.method not in {"GET", "HEAD"}:
        raise Malformed("Use GET.")


def _told(error: RegisterError) -> HttpResponse:
    response = pages.guarded(told(error, _STATUS, allow="GET, HEAD"))
    response["Cache-Control"] = "no-store"
    return response


def _notice(request: HttpRequest, form: str) -> HttpResponse:
    language = Language.of(pages.language(request))
    row = _row(request.GET.get("version"))
    if row is None:
        if form != "html":
            raise NotFound("The register description has not been published yet.")
        return _page(contacts(shop().config(), language))
    held = row.documents["notice"]
    code = language.code
    found = document.read(held[code if code in held else next(iter(held))])
    etag = f'"{row.digest[:32]}-{found.language}-{form}"'
    if form == "html":
        # Its list of versions grows, and its style may change.
        etag = ""
    elif response := get_conditional_response(request, etag):
        return pages.guarded(response)
    response = _in_form(found, form, row=row, at=row.published_at)
    if etag:
        response["ETag"] = etag
    return response


def _record(request: HttpRequest, form: str) -> HttpResponse:
    actor = actor_of(request)
    if actor == NOBODY:
        raise NotSignedIn("Send a staff user's token in the Authorization header.")
    office.enter(actor, Permission.MANAGE_PRIVACY, act="record")
    language = Language.of(pages.language(request))
    response = _in_form(record(facts.present(), language), form, at=clock.now())
    response["Cache-Control"] = "no-store"
    return response


def _row(version: str | None) -> Description | None:
    if version is None:
        return versions.in_force()
    number = int(version) if version.isdecimal() and len(version) < 7 else -1
    if found := Description.objects.filter(version=number).first():
        return found
    raise NotFound("There is no such version of the register description.")


def _in_form(
    found: Document, form: str, *, at: datetime, row: Description | None = None
) -> HttpResponse:
    stamp = _stamp(row, at, Language.of(found.language))
    if form == "html":
        return _page(found, row=row, stamp=stamp)
    if form == "pdf":
        response = HttpResponse(pdf.write(found, stamp, at), content_type="application/pdf")
        number = f"-{row.version}" if row else ""
        name = f"{found.kind}{number}-{found.language}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
    else:
        values = {
            "version": row.version if row else None,
            "publishedAt": row.published_at.isoformat() if row else None,
            "digest": row.digest if row else None,
            "document": document.stored([found])[found.kind][found.language],
        }
        text = json.dumps(values, ensure_ascii=False, indent=2)
        response = HttpResponse(text, content_type="application/json")
    response["Content-Language"] = found.language
    return pages.guarded(response)


def _page(found: Document, *, row: Description | None = None, stamp: str = "") -> HttpResponse:
    # A version of the shop's own may be there in one language only.
    spoken = Language.of(found.language)
    chosen = f"&version={row.version}" if row and row != versions.in_force() else ""
    code = found.language
    rows = Description.objects.order_by("-version").only("version", "published_at") if row else []
    words: Mapping[str, Any] = {
        "document": _labelled(found),
        "title": _title(found),
        "words": {name: texts[spoken] for name, texts in _WORDS.items()},
        "stamp": stamp,
        "form": f"requests/?lang={code}" if row and shop().config().active else "",
        "contents": len(found.sections) > 3,
        "languages": [
            {"code": one.code, "name": name, "here": one is spoken,
             "link": f"?lang={one.code}{chosen}"}
            for one, name in _NAMES.items()
        ],
        "files": [
            {"name": form.upper(), "link": f"description.{form}?lang={code}{chosen}"}
            for form in ("pdf", "json")
        ] if row else [],
        "versions": [
            {"name": _stamp(one, one.published_at, spoken), "here": one == row,
             "link": f"?lang={code}&version={one.version}"}
            for one in rows
        ],
        "digest": row.digest if row else "",
        "stylesheet": f"assets/{assets.served('description.css')}",
    }  # fmt: skip
    return pages.html("description", words, code=code)


def _title(found: Document) -> str:
    names = (section.blocks[0].text for section in found.sections if section.name == "name")
    return " – ".join(filter(None, (found.title, next(names, ""))))


def _labelled(found: Document) -> dict[str, Any]:
    """Return the document for the template: each cell of a table with its column's name."""
    sections = [
        {
            "name": section.name,
            "heading": section.heading,
            "blocks": [
                {
                    "text": block.text, "items": block.items, "head": block.head,
                    "rows": block.rows,
                    "labelled": [list(zip(block.head, row, strict=False)) for row in block.rows],
                }
                for block in section.blocks
            ],
        }
        for section in found.sections
    ]  # fmt: skip
    return {"language": found.language, "title": found.title, "sections": sections}


def _stamp(row: Description | None, at: datetime, language: Language) -> str:
    day = at.astimezone(clock.HELSINKI)
    written = f"{day.day}.{day.month}.{day.year}"
    if language is Language.EN:
        written = f"{day.day} {day:%B %Y}"
    name = "now" if row is None else "stamp" if row.version else "earlier"
    version = row.version if row else 0
    return _WORDS[name][language].format(version=version, day=written)
