"""Fill the register from the shop as it stands."""

from ...models import Sweep
from ._sweep import SweepCommand


class Command(SweepCommand):
    help = (
        "Bring every customer and purchase of the shop into the register. Stop it whenever you"
        " like (Ctrl-C): the next call goes on where this one stopped."
    )
    sweep_name = Sweep.Name.BACKFILL
