"""A link by which a browser fetches a file without a token, as a mutation gives it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import graphene

from ...access import links
from ...access.actor import Actor


def link_to(file: str, *, actor: Actor) -> Mapping[str, Any]:
    """Return what `LINK` gives of a file, by where it is below our address."""
    return linked(file, links.signed(links.make(actor, file=file, asked={})))


def linked(file: str, token: str) -> Mapping[str, Any]:
    """Return what `LINK` gives of a file, by where it is and the token of a link to it."""
    return {"url": (file, token), "seconds": int(links.LIFETIME.total_seconds())}


def _url(payload: Any, info: Any) -> str | None:
    if payload.url is None:
        return None
    file, token = payload.url
    return f"{info.context.home}{file}?{urlencode({'link': token})}"


LINK: Mapping[str, Any] = {
    "url": graphene.String(resolver=_url, description="On this host; works once, for you."),
    "seconds": graphene.Int(description="How long."),
}
