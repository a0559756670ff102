"""The part of the Dashboard's form that only tells: how the register is, and what it lacks."""

from datetime import datetime
from typing import Any

from saleor.core.db.connection import allow_writer
from saleor.plugins.base_plugin import ConfigurationTypeField as Type

from ..clock import HELSINKI
from ..config import Config
from ..logs import logger_of

logger = logger_of(__name__)

#: As `settings_form.FIELDS`.
STATUS: dict[str, tuple[str, Any, str, str]] = {
    "status_problems": (
        Type.OUTPUT,
        "",
        "What needs attention",
        "Empty when all is well.",
    ),
    "status_missing": (
        Type.OUTPUT,
        "",
        "Settings that are missing",
        "What must be filled in below before the register description can be published.",
    ),
    "status_backlog": (
        Type.OUTPUT,
        "",
        "Waiting",
        "Events of the shop that are not in the register yet.",
    ),
    "status_complete_to": (
        Type.OUTPUT,
        "",
        "Complete to",
        (
            "Everything that happened in the shop before this moment is in the register, by "
            "comparison with the whole shop. A comparison runs every night."
        ),
    ),
    "status_last_error": (
        Type.OUTPUT,
        "",
        "Last error",
        "Why the latest row that could not be taken in was set aside.",
    ),
    "status_without_agreement": (
        Type.OUTPUT,
        "",
        "Without agreement",
        (
            "How many users and apps can see customers in Saleor itself and have not signed the "
            "confidentiality agreement in force, and which."
        ),
    ),
    "status_outward_flows": (
        Type.OUTPUT,
        "",
        "Unmatched outward flows",
        (
            "How many ways lead data out of Saleor (webhooks, apps, payment services, mail, file "
            "storage, error tracking, hosting) to nobody who is registered for it in the European "
            "Union, and which."
        ),
    ),
    "status_retention": (
        Type.OUTPUT,
        "",
        "Erasing",
        "What is due, what was erased last, and what waits for the controller.",
    ),
    "status_description": (
        Type.OUTPUT,
        "",
        "Register description",
        (
            "Which version is published, what is missing before one can be, and what has made the "
            "published text untrue."
        ),
    ),
}


def status(config: Config, problems: tuple[str, ...]) -> dict[str, str]:
    """Return the value of each field; `problems` come before what the register finds wrong."""
    try:
        return _read(config, problems)
    except Exception as error:  # noqa: BLE001 - the settings page must open
        # Only the class: a database error's text may quote a row.
        logger.warning("the register's status could not be read: %s", type(error).__name__)
        unread = "The register's status could not be read."
        return dict.fromkeys(STATUS, "") | {"status_problems": "\n".join((*problems, unread))}


def told(field: dict[str, Any], value: str) -> dict[str, Any]:
    """Return a field with its value, and where that is long also in the help below it.

    The Dashboard shows a value in one line, and cuts it.
    """
    lines = value.splitlines()
    if len(lines) < 2 and len(value) <= ONE_LINE:
        return {**field, "value": value}
    listed = " ".join(f"({n}) {one}" for n, one in enumerate(lines, 1)) if lines[1:] else value
    return {**field, "value": value, "help_text": f"{listed} – {field['help_text']}"}


#: Letters that the Dashboard's field shows.
ONE_LINE = 60


def _read(config: Config, problems: tuple[str, ...]) -> dict[str, str]:
    from ..description import facts
    from ..overview import overview
    from ..register.status import counted
    from .settings_form import FIELDS

    with allow_writer():
        found = overview()
    backlog = str(found.waiting)
    if found.oldest_waiting:
        backlog += f", the oldest since {_when(found.oldest_waiting)}"
    if found.set_aside:
        backlog += f"; set aside: {found.set_aside}"
    if found.followed_to:
        backlog += f"; followed to {_when(found.followed_to)}"
    missing = dict.fromkeys(FIELDS[name][2] for name, _ in facts.missing(config))
    return {
        "status_problems": "\n".join((*problems, *(one.marked for one in found.problems))),
        "status_missing": ", ".join(missing),
        "status_backlog": backlog,
        "status_complete_to": _when(found.complete_to) if found.complete_to else "",
        "status_last_error": found.last_error,
        "status_without_agreement": counted(found.without_agreement),
        "status_outward_flows": counted(found.unmatched_flows),
        "status_retention": found.retention,
        "status_description": found.description,
    }


def _when(moment: datetime) -> str:
    return moment.astimezone(HELSINKI).strftime("%Y-%m-%d %H:%M:%S %Z")
