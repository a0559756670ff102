"""Links to files for accounting software, for those who may read them."""

from collections.abc import Iterator

from ...access import links
from ...access.actor import Actor
from ...access.links import LinkRefused
from ...models import DownloadLink, Export
from . import files

__all__ = ["LinkRefused", "issue", "redeem"]


def issue(export_id: int, *, actor: Actor) -> str:
    """Return a signed token with which the actor fetches one file, once, within 60 seconds."""
    export = Export.objects.filter(pk=export_id).first()
    made: list[DownloadLink] = []
    with files.visit(actor, export, act="export link") as inside:
        found = files.mine(export, actor, act=inside.act)
        inside.then(lambda: made.append(links.make(actor, export=found)))
    return links.signed(made[0])


def redeem(token: str, *, export_id: int) -> tuple[Export, Iterator[bytes]]:
    """Use a link up, and return the file as `read` does for the person whom it was issued to.

    The guard is asked again: a permission that was taken away meanwhile, a user who was
    deactivated or an agreement that was revoked ends the link too.
    """
    _, actor = links.redeem(token, of=export_id, act="export download")
    return files.read(export_id, actor=actor)
