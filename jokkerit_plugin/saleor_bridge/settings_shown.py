"""What the Dashboard's form shows of the register: its status as it is read now."""

from datetime import datetime
from typing import Any

from saleor.core.db.connection import allow_writer

from ..clock import HELSINKI
from ..config import Config
from ..logs import logger_of
from .settings_form import FIELDS
from .settings_status import STATUS

logger = logger_of(__name__)

#: Letters that the Dashboard's field shows.
ONE_LINE = 60


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


def _read(config: Config, problems: tuple[str, ...]) -> dict[str, str]:
    from ..description import facts
    from ..overview import overview
    from ..register.status import counted

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
