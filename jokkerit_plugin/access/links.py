"""Links by which a browser fetches a file without a token: for one person, one file, once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction

from .. import clock
from ..models import DownloadLink
from . import guard, rows
from .actor import Actor
from .held import held, still_held

LIFETIME = timedelta(seconds=60)
_SIGNER = signing.Signer(salt="jokkerit_plugin.links")


class LinkRefused(guard.Refused):
    """A download link that is forged, of another file, used already or too old."""

    code = "LINK_REFUSED"


def make(actor: Actor, **what: Any) -> DownloadLink:
    """Return a link for the actor to what the row says: `export`, or `file` with `asked`."""
    sweep()
    return DownloadLink.objects.create(
        **what, holder=actor.key, permissions=held(actor.permissions),
        expires_at=clock.now() + LIFETIME,
    )  # fmt: skip


def sweep() -> None:
    """Delete links that are over, with what they ask for."""
    DownloadLink.objects.filter(expires_at__lte=clock.now()).delete()


def signed(link: DownloadLink) -> str:
    """Return the token with which its holder redeems a link within 60 seconds."""
    return _SIGNER.sign_object([link.pk, link.export_id or link.file, link.holder])


def redeem(token: str, *, of: int | Collection[str], act: str) -> tuple[DownloadLink, Actor]:
    """Use a link up: of an export's key, or of one of these files. Return it, and whose it is.

    The shop is asked again: the actor has the permissions that it gives today as well. A link that
    is refused is gone, and its refusal logged, once: neither by it nor by one that was never ours
    can anybody fill the log.
    """
    refused = LinkRefused("This link has been used, is too old or is not for this file.")
    try:
        key, signed_for, holder = _SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise refused from None
    unused = DownloadLink.objects.filter(pk=key, used_at=None, expires_at__gt=clock.now())
    fits = signed_for == of if isinstance(of, int) else signed_for in of
    link = unused.first() if fits else None
    if link is None or not unused.update(used_at=clock.now()):
        with transaction.atomic(durable=True):
            if DownloadLink.objects.filter(pk=key).delete()[0]:
                rows.append(rows.row(Actor(holder, frozenset()), act, refusal=refused))
        raise refused
    return link, Actor(link.holder, still_held(link.holder, link.permissions))
