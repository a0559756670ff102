"""Links by which a browser fetches an export without a token."""

from collections.abc import Iterator

from ...access import once
from ...access.actor import Actor
from ...access.once import LIFETIME, LinkRefused
from ...models import Export
from . import files

__all__ = ["LIFETIME", "LinkRefused", "issue", "redeem"]


def issue(export_id: int, *, actor: Actor) -> str:
    """Return a signed token with which the actor fetches one file, once, within 60 seconds."""
    export = Export.objects.filter(pk=export_id).first()
    made: list[str] = []
    with files.visit(actor, export, act="export link") as inside:
        found = files.mine(export, actor, act=inside.act)
        inside.then(lambda: made.append(once.issue(actor, export=found.pk)))
    return made[0]


def redeem(token: str, *, export_id: int) -> tuple[Export, Iterator[bytes]]:
    """Use a link up, and return the file as `read` does for the person whom it was issued to.

    The shop and the guard are asked again: a permission that was taken away meanwhile, a user who
    was deactivated or an agreement that was revoked ends the link too.
    """
    actor, _ = once.redeem(token, act="export download", export=export_id)
    return files.read(export_id, actor=actor)
