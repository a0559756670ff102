"""Compare the register with the whole shop and repair what differs."""

from ...models import Sweep
from ._sweep import SweepCommand


class Command(SweepCommand):
    help = (
        "Compare every row of the shop with the register and repair what is missing, outdated"
        " or gone. Runs by itself every night."
    )
    sweep_name = Sweep.Name.BY_HAND
