"""The steps of the first hour, by name: `checklist.py` tells which are done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StepName(StrEnum):
    """In the order in which they are done."""

    CONTROLLER = "controller"
    REGISTER_NAME = "register_name"
    FINANCIAL_YEARS = "financial_years"
    HOSTING_COUNTRY = "hosting_country"
    AGREEMENT = "agreement"
    BACKFILL = "backfill"
    MAIL = "mail"
    RECIPIENTS = "recipients"
    OPT_OUTS = "opt_outs"
    DRY_RUN = "dry_run"
    DESCRIPTION = "description"


#: For those who read the status on the server.
TITLES = {
    StepName.CONTROLLER: "The controller is named",
    StepName.REGISTER_NAME: "The register has a name",
    StepName.FINANCIAL_YEARS: "The end of the financial year is said, and can be used",
    StepName.HOSTING_COUNTRY: "The country of the servers is in the Union",
    StepName.AGREEMENT: "The controller's people have signed the agreement",
    StepName.BACKFILL: "The whole shop has been read",
    StepName.MAIL: "Mail has been tested",
    StepName.RECIPIENTS: "Every company that gets data is registered",
    StepName.OPT_OUTS: "Old opt-outs are in, or there are none",
    StepName.DESCRIPTION: "The register description is published, and true",
    StepName.DRY_RUN: "A dry run of the erasing is approved",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `at`: when it was done, where that is known.

    `what`: what is missing, or is to be looked at: names of settings, ways out, facts, a number;
    nobody's data.
    """

    name: StepName
    done: bool
    at: datetime | None = None
    what: tuple[str, ...] = ()
