"""That somebody has looked at the clock, and it is right: one row of the log."""

from django.db import transaction

from ..models import AccessEntry
from ..register import believed
from . import chain, rows
from .actor import Actor

ACT = "believe clock"


def believe(*, actor: Actor) -> None:
    """Believe the clock from now on, since whoever has the server has looked at it.

    Raises `ClockDoubted` where the database's differs.
    """
    with transaction.atomic():
        believed.anew()
        # Last: it locks the head of the log.
        chain.append(AccessEntry, rows.row(actor, ACT))
