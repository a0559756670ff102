"""The page on which whoever has a link chooses: by channel, and whether they are profiled.

It is about the address that the link came to, and says nothing of any other. The link shows that
they read what comes there, so a yes needs no further confirmation.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ..marketing import choices, ledger, links
from ..marketing.links import Link
from ..policy.marketing import GROUPS, Channel, Ground, Kind, Permission, Source, Text
from . import linked, pages
from .errors import Malformed


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a request for this link. Never raises."""
    return linked.answer(request, token, read=links.read, show=_show, act=_save)


def _show(request: HttpRequest, link: Link, *, saved: bool = False) -> HttpResponse:
    code = pages.language(request)
    now = _permissions(link)
    shown: list[dict[str, Any]] = [
        {"name": channel.value, "allowed": one.allowed, **_labels(request, channel.value)}
        for channel, one in now.items()
    ]
    profiled = all(choices.is_profiled(link.key, channel) for channel in now)
    shown.append({"name": "profile", "allowed": profiled, **_labels(request, "profile")})
    return pages.page(
        request, "preferences", there=pages.there(code, link.channel), choices=shown, saved=saved
    )


def _save(request: HttpRequest, link: Link, form: Mapping[str, str]) -> HttpResponse:
    code = pages.language(request)
    wanted = {name: form[name] for name in (*_channels(link), "profile") if name in form}
    if form.get("nothing") == "yes":
        with transaction.atomic():
            choices.nothing(link.key, source=Source.LINK, language=code)
    elif wanted and set(wanted.values()) <= {"yes", "no"}:
        with transaction.atomic():
            _change(link, wanted, code, _text(request))
    else:
        raise Malformed("Choose yes or no.")
    return _show(request, link, saved=True)


def _change(link: Link, wanted: Mapping[str, str], code: str, text: Text) -> None:
    """Record what differs from what holds: a page that is saved as it was changes nothing."""
    now = _permissions(link)
    for channel, one in now.items():
        match wanted.get(channel):
            case "yes" if not one.allowed:
                ledger.reconsent(*_key(link), channel, language=code, text=text)
            case "no" if one.ground is not Ground.OPTED_OUT:
                ledger.oppose(*_key(link), channel, source=Source.LINK, language=code)
        profile = wanted.get("profile")
        if profile and choices.is_profiled(link.key, channel) != (profile == "yes"):
            kind = Kind.PROFILE if profile == "yes" else Kind.NO_PROFILE
            ledger.reconsent(*_key(link), channel, language=code, kind=kind)


def _key(link: Link) -> tuple[bytes, str]:
    return link.key.digest, link.key.version


def _channels(link: Link) -> list[Channel]:
    """Return the channels that share the link's address."""
    return [one for one in Channel if GROUPS[one] == GROUPS[link.channel]]


def _permissions(link: Link) -> dict[Channel, Permission]:
    standing = ledger.standing([link.key])
    return {one: standing[one] for one in _channels(link)}


def _labels(request: HttpRequest, name: str) -> dict[str, str]:
    texts = pages.texts(pages.language(request))["preferences"]
    prefix = "profile_" if name == "profile" else ""
    controller = pages.controller(request)
    return {"legend": texts[name]} | {
        answer: texts[f"{prefix}{answer}"].format(controller=controller) for answer in ("yes", "no")
    }


def _text(request: HttpRequest) -> Text:
    texts = pages.texts(pages.language(request))
    words = texts["preferences"]["yes"].format(controller=pages.controller(request))
    return Text.of(f"page-{texts['page']['version']}", words)
