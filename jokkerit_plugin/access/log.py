"""The log of who looked, over the years: expiry, and what somebody should see to."""

from django.db.models import Model

from .. import clock, keys
from ..models import AccessEntry, Disclosure, Erasure
from ..policy.problems import Problem
from ..policy.retention import ACCESS_LOG_YEARS
from ..register import believed
from ..shop.port import shop
from . import agreements, chain, checkpoints, controllers

#: The chains, and what a sentence calls each.
RECORDS: dict[type[Model], str] = {
    AccessEntry: "The log of who looked",
    Disclosure: "The ledger of disclosures",
    Erasure: "The ledger of erasures",
}


def expire() -> int:
    """Remove the rows whose retention period is over; return how many. Raises `RegisterError`.

    Needs a key in the environment as soon as there is something to remove, and a clock that is
    believed.
    """
    believed.check()
    now = clock.now()
    year = now.year - ACCESS_LOG_YEARS
    leap_day = (now.month, now.day) == (2, 29)
    before = now.replace(year=year, day=28) if leap_day else now.replace(year=year)
    return checkpoints.prune(AccessEntry, before=before)


def problems() -> list[Problem]:
    """Return what somebody should see to, a sentence each."""
    found = [
        Problem("CHAIN_BROKEN", f"{what} is broken at row {fault.seq}: {fault.what}.")
        for model, what in RECORDS.items()
        for fault in chain.tail(model)
    ]
    holders = shop().people()
    permitted = controllers.permitted(holders)
    serving = controllers.serving(permitted)
    people = permitted - serving
    # Where nobody holds anything, nothing has been set up, and nothing can be read.
    if holders and (problem := controllers.problem(people, agreements.signed(people))):
        found.append(Problem("NO_CONTROLLER", problem))
    if serving:
        message = (
            "These have JOKKERIT_MANAGE_PRIVACY and act for a recipient, so they are refused as"
            " controllers; take the permission away, or end their work for the recipient:"
            f" {', '.join(sorted(serving))}."
        )
        found.append(Problem("CONTROLLER_SERVES", message))
    if AccessEntry.objects.exists():
        try:
            keys.current()
        except keys.NoKey as error:
            unproved = f"The log of who looked cannot be proved: {error.message}"
            found.append(Problem(error.code, unproved))
    if due := controllers.due().count():
        message = (
            f"{due} users or apps act for a recipient no longer, and still have their access in"
            " the shop."
        )
        found.append(Problem("ACCESS_LEFT", message))
    return found
