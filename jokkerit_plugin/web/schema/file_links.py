"""A link by which a browser fetches a file without a token, as a mutation gives it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import graphene

from ...access import links
from ...access.actor import Actor


def link_to(file: str, *, actor: Actor) -> Mapping[str, Any]:
    """Return what `LINK` gives of a file, by where it is below our address."""
    made = links.make(actor, file=file, asked={})
    return {"url": (file, links.signed(made)), "seconds": int(links.LIFETIME.total_seconds())}


def _url(payload: Any, info: Any) -> str | None:
    if payload.url is None:
        return None
    file, token = payload.url
    return f"{info.context.home}{file}?{urlencode({'link': token})}"


LINK: Mapping[str, Any] = {
    "url": graphene.String(resolver=_url, description="Works once, for you."),
    "seconds": graphene.Int(description="How long."),
}
