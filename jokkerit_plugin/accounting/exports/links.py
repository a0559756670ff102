"""Links by which a browser fetches a file without a token: for one person, one file, once."""

from collections.abc import Iterator
from datetime import timedelta

from django.core import signing
from django.db import transaction

from ... import clock
from ...access import guard, rows
from ...access.actor import Actor
from ...models import DownloadLink, Export
from ...policy.permissions import Permission
from ...shop.port import shop
from . import files

LIFETIME = timedelta(seconds=60)
_OURS = frozenset(Permission)
_SIGNER = signing.Signer(salt="jokkerit_plugin.exports")


class LinkRefused(guard.Refused):
    """A download link that is forged, of another file, used already or too old."""

    code = "LINK_REFUSED"


def issue(export_id: int, *, actor: Actor) -> str:
    """Return a signed token with which the actor fetches one file, once, within 60 seconds."""
    export = Export.objects.filter(pk=export_id).first()
    made: list[DownloadLink] = []
    with files.visit(actor, export, act="export link") as inside:
        found = files.mine(export, actor, act=inside.act)
        inside.then(lambda: made.append(_make(found, actor)))
    return _SIGNER.sign_object([made[0].pk, export_id, actor.key])


def _make(export: Export, actor: Actor) -> DownloadLink:
    DownloadLink.objects.filter(expires_at__lte=clock.now()).delete()
    return DownloadLink.objects.create(
        export=export, holder=actor.key, permissions=" ".join(sorted(actor.permissions & _OURS)),
        expires_at=clock.now() + LIFETIME,
    )  # fmt: skip


def redeem(token: str, *, export_id: int) -> tuple[Export, Iterator[bytes]]:
    """Use a link up, and return the file as `read` does for the person whom it was issued to.

    The shop and the guard are asked again: a permission that was taken away meanwhile, a user who
    was deactivated or an agreement that was revoked ends the link too. A link that is refused is
    gone, and its refusal logged, once: neither by it nor by one that was never ours can anybody
    fill the log.
    """
    refused = LinkRefused("This link has been used, is too old or is not for this file.")
    try:
        link_id, signed_for, holder = _SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise refused from None
    unused = DownloadLink.objects.filter(
        pk=link_id, export=export_id, used_at=None, expires_at__gt=clock.now()
    )
    link = unused.first() if signed_for == export_id else None
    if link is None or not unused.update(used_at=clock.now()):
        with transaction.atomic(durable=True):
            if DownloadLink.objects.filter(pk=link_id).delete()[0]:
                unknown = Actor(holder, frozenset())
                rows.append(rows.row(unknown, "export download", refusal=refused))
        raise refused
    return files.read(export_id, actor=Actor(link.holder, _still_held(link)))


def _still_held(link: DownloadLink) -> frozenset[str]:
    """Return the permissions of the issue that the shop gives its holder today as well."""
    today = {one.key: one.permissions for one in shop().people() if one.active}
    return today.get(link.holder, frozenset()).intersection(link.permissions.split())
