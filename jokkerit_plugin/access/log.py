"""The log of who looked, over the years: expiry, and what somebody should see to."""

from .. import clock, keys
from ..models import AccessEntry
from ..policy.retention import ACCESS_LOG_YEARS
from ..shop.port import shop
from . import agreements, checkpoints, controllers


def expire() -> int:
    """Remove the rows whose retention period is over; return how many. Raises `RegisterError`.

    Needs a key in the environment as soon as there is something to remove.
    """
    now = clock.now()
    year = now.year - ACCESS_LOG_YEARS
    leap_day = (now.month, now.day) == (2, 29)
    before = now.replace(year=year, day=28) if leap_day else now.replace(year=year)
    return checkpoints.prune(AccessEntry, before=before)


def problems() -> list[str]:
    """Return what somebody should see to, a sentence each."""
    found = []
    holders = shop().people()
    permitted = controllers.permitted(holders)
    serving = controllers.serving(permitted)
    people = permitted - serving
    # Where nobody holds anything, nothing has been set up, and nothing can be read.
    if holders and (problem := controllers.problem(people, agreements.signed(people))):
        found.append(problem)
    if serving:
        found.append(
            "These have JOKKERIT_MANAGE_PRIVACY and act for a recipient, so they are refused as"
            " controllers; take the permission away, or end their work for the recipient:"
            f" {', '.join(sorted(serving))}."
        )
    if AccessEntry.objects.exists():
        try:
            keys.current()
        except keys.NoKey as error:
            found.append(f"The log of who looked cannot be proved: {error.message}")
    if due := controllers.due().count():
        found.append(
            f"{due} users or apps act for a recipient no longer, and still have their access in"
            " the shop."
        )
    return found
