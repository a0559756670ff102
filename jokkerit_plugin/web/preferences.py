"""The page on which whoever has a link chooses: by channel, and whether they are profiled.

It is about the address that the link came to, and says nothing of any other; a no to profiles, or
to everything, is about the person. A no holds by any link. A yes does not: who has a link may have
it from somebody else, and mails are kept for years. By e-mail it waits for the link of a mail to
that address; otherwise the link must be fresh.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ..marketing import choices, ledger, links, reach
from ..marketing.contact_keys import ContactKey
from ..marketing.links import Link
from ..policy.marketing import GROUPS, Channel, Ground, Kind, Permission, Source, Text
from ..shop.port import shop
from . import linked, pages
from .errors import Malformed


def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a request for this link. Never raises."""
    return linked.answer(request, token, read=links.read, show=_show, act=_save)


def _show(request: HttpRequest, link: Link, *, saved: bool = False) -> HttpResponse:
    code = pages.language(request)
    found, now = _standing(link)
    shown: list[dict[str, Any]] = [
        {
            "name": channel.value, "waits": (waits := _waits(one, channel)),
            "allowed": one.allowed or waits,
            "open": one.allowed or waits or _opens(link, channel),
            **_labels(request, channel.value),
        }
        for channel, one in now.items()
    ]  # fmt: skip
    profiled = all(choices.is_profiled(found, channel) for channel in now)
    shown.append(
        {
            "name": "profile", "allowed": profiled, "open": profiled or link.is_fresh,
            **_labels(request, "profile"),
        }
    )  # fmt: skip
    return pages.page(
        request, "preferences", there=pages.there(code, link.channel), choices=shown, saved=saved
    )


def _save(request: HttpRequest, link: Link, form: Mapping[str, str]) -> HttpResponse:
    code = pages.language(request)
    wanted = {name: form[name] for name in (*_channels(link), "profile") if name in form}
    if form.get("nothing") == "yes":
        with transaction.atomic():
            choices.nothing(link.key, source=Source.LINK, language=code, customer=link.customer)
    elif wanted and set(wanted.values()) <= {"yes", "no"}:
        with transaction.atomic():
            _change(link, wanted, code, _text(request))
    else:
        raise Malformed("Choose yes or no.")
    return _show(request, link, saved=True)


def _change(link: Link, wanted: Mapping[str, str], code: str, text: Text) -> None:
    """Record what differs from what holds: a page that is saved as it was changes nothing."""
    found, now = _standing(link)
    if wanted.get("profile") == "no" and any(choices.is_profiled(found, one) for one in Channel):
        # First: it takes the locks of all that the person has.
        choices.no_profile(link.key, language=code, customer=link.customer)
    for channel, one in now.items():
        match wanted.get(channel):
            case "yes" if not one.allowed and not _waits(one, channel) and _opens(link, channel):
                kind = Kind.CONSENT if _confirms(channel) else Kind.RECONSENT
                ledger.reconsent(**_key(link), channel=channel, language=code, text=text, kind=kind)
            case "no" if one.waits or one.ground is not Ground.OPTED_OUT:
                ledger.oppose(**_key(link), channel=channel, source=Source.LINK, language=code)
        profiles = wanted.get("profile") == "yes" and link.is_fresh
        if profiles and not choices.is_profiled(found, channel):
            ledger.reconsent(**_key(link), channel=channel, language=code, kind=Kind.PROFILE)


def _confirms(channel: Channel) -> bool:
    return channel is Channel.EMAIL and shop().config().marketing_double_opt_in


def _waits(one: Permission, channel: Channel) -> bool:
    """Tell whether a consent waits for the link of a mail."""
    return one.waits and _confirms(channel)


def _opens(link: Link, channel: Channel) -> bool:
    """Tell whether a yes by this link is taken at all."""
    return link.is_fresh or _confirms(channel)


def _key(link: Link) -> dict[str, Any]:
    return {"digest": link.key.digest, "version": link.key.version, "customer": link.customer}


def _channels(link: Link) -> list[Channel]:
    """Return the channels that share the link's address."""
    return [one for one in Channel if GROUPS[one] == GROUPS[link.channel]]


def _standing(link: Link) -> tuple[list[ContactKey], dict[Channel, Permission]]:
    """Return the contact's keys, and what holds on the channels of its address."""
    found, customer = reach.siblings(link.key, link.customer)
    standing = ledger.standing(found, customer=customer)
    return found, {one: standing[one] for one in _channels(link)}


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
