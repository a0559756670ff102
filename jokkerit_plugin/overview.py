"""The register's status with what every use case finds wrong: for the command and the Dashboard."""

from dataclasses import replace

from django.db import DatabaseError, transaction

from . import checklist
from .access import log
from .access.doors import without_agreement
from .description import status as description
from .disclosure import flows, holds
from .errors import RegisterError, describe
from .marketing import contacts, upkeep
from .policy.problems import Problem, in_order
from .register import scrambled
from .register.status import Status, shortened, summary
from .retention import status as retention
from .rights import status as rights
from .rights.breaches import status as breaches
from .shop.port import shop
from .sitelog import status as sitelog


def overview(*, counts: bool = False) -> Status:
    """Return `register.status.summary` with what the use cases find wrong added.

    Never raises.
    """
    status = summary(counts=counts)
    try:
        with shop().writer(), transaction.atomic():
            unsigned = tuple(door.key for door in without_agreement())
            of_looks = log.problems()
            unmatched = tuple(map(str, flows.alarms()))
            overdue = tuple(holds.overdue().values_list("pk", flat=True))
            destroyed = tuple(map(str, scrambled.purchases()))
            config = shop().config()
            erasing, night = retention.problems(config), retention.line()
            untrue, published = description.problems(config), description.line(config)
            asked, logged = rights.problems(config), sitelog.problems(config)
            breached = breaches.problems(config)
            steps = checklist.steps(config)
            marketing = [*contacts.status(), *upkeep.status(config)] if config.active else []
    except (DatabaseError, RegisterError) as error:
        unread = (
            "Who looked, who has agreed, outward flows, legal holds, scrambled orders, retention,"
            " requests, breaches, marketing, the site log and the register description cannot be"
            " read:"
            f" {describe(error)}."
        )
        found = in_order([*status.problems, Problem("STATUS_UNREADABLE", unread)])
        return replace(status, problems=found)
    problems = [
        *status.problems, *of_looks, *breached, *erasing, *marketing, *asked, *logged, *untrue,
    ]  # fmt: skip
    if unsigned:
        message = (
            "These reach customers' data in the shop itself without a confidentiality agreement"
            f" ({len(unsigned)}): {shortened(unsigned)}."
        )
        problems.append(Problem("NO_AGREEMENT", message))
    if unmatched:
        ways = (
            "Data leaves the shop to nobody who is registered for it"
            f" ({len(unmatched)}): {shortened(unmatched)}."
        )
        problems.append(Problem("FLOW_UNREGISTERED", ways))
    if overdue:
        keys = shortened([str(pk) for pk in overdue])
        held = f"Legal holds are due for review ({len(overdue)}): {keys}."
        problems.append(Problem("HOLD_REVIEW", held))
    if destroyed:
        overwritten = (
            "Saleor's Anonymizer app has overwritten names that bookkeeping needs, of purchases"
            f" ({len(destroyed)}): {shortened(destroyed)}."
        )
        problems.append(Problem("SCRAMBLED", overwritten))
    return replace(
        status, without_agreement=unsigned, unmatched_flows=unmatched, overdue_holds=overdue,
        retention=night, description=published, checklist=steps, problems=in_order(problems),
    )  # fmt: skip
