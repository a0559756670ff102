"""Links by which a browser fetches something without a token: for one person, one thing, once."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction

from .. import clock
from ..models import DownloadLink
from ..policy.permissions import Permission
from ..shop.port import shop
from . import rows
from .actor import Actor
from .admission import Refused

LIFETIME = timedelta(seconds=60)
_OURS = frozenset(Permission)
_SIGNER = signing.Signer(salt="jokkerit_plugin.exports")


class LinkRefused(Refused):
    """A link that is forged, of something else, used already or too old."""

    code = "LINK_REFUSED"


def issue(actor: Actor, *, export: int | None = None, path: str = "", query: str = "") -> str:
    """Return a signed token for an export, or for a path below our address with its query.

    Asking whether the actor may is the caller's; write it with the row of the log.
    """
    DownloadLink.objects.filter(expires_at__lte=clock.now()).delete()
    made = DownloadLink.objects.create(
        export_id=export, path=path, query=query, holder=actor.key,
        permissions=held(actor.permissions), expires_at=clock.now() + LIFETIME,
    )  # fmt: skip
    return _SIGNER.sign_object([made.pk, export or path, actor.key])


def redeem(
    token: str, *, act: str, export: int | None = None, path: str = ""
) -> tuple[Actor, DownloadLink]:
    """Use a link up, and return whom it was issued to, with what they still may.

    The shop is asked again; the guard is asked by the caller. A link that is refused is gone, and
    its refusal logged, once: neither by it nor by one that was never ours can anybody fill the log.
    """
    refused = LinkRefused("This link has been used, is too old or is not for this file.")
    try:
        link_id, signed_for, holder = _SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise refused from None
    what: dict[str, Any] = {"export": export, "path": path}
    unused = DownloadLink.objects.filter(
        pk=link_id, used_at=None, expires_at__gt=clock.now(), **what
    )
    link = unused.first() if signed_for == (export or path) else None
    if link is None or not unused.update(used_at=clock.now()):
        with transaction.atomic(durable=True):
            if DownloadLink.objects.filter(pk=link_id).delete()[0]:
                unknown = Actor(holder, frozenset())
                rows.append(rows.row(unknown, act, refusal=refused))
        raise refused
    return Actor(link.holder, still_held(link.holder, link.permissions)), link


def held(permissions: frozenset[str]) -> str:
    """Return code names of ours as they are kept with what is done later: sorted, with spaces."""
    return " ".join(sorted(permissions & _OURS))


def still_held(holder: str, permissions: str) -> frozenset[str]:
    """Return those of these permissions that the shop gives somebody today as well."""
    today = {one.key: one.permissions for one in shop().people() if one.active}
    return today.get(holder, frozenset()).intersection(permissions.split())
