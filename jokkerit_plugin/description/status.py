"""What the controller should know of the description: sentences for status, settings and log."""

from .. import clock
from ..config import Config
from ..logs import logger_of
from ..policy.problems import Problem
from . import facts, protection, versions
from .versions import Change

logger = logger_of(__name__)


def problems(config: Config) -> list[Problem]:
    """Return what is wrong, a sentence each; of a register that was never used, nothing."""
    published = versions.in_force()
    if published is None and not config.active:
        return []
    found = [
        Problem("UNPROTECTED", f"The register's protection: {one}")
        for one in protection.alarms(config)
    ]
    if published is None:
        return [Problem("UNPUBLISHED", _unpublished(config)), *found]
    if changed := versions.compare(published, facts.present()):
        found.insert(0, Problem("UNTRUE", _untrue(published.version, changed)))
    return found


def line(config: Config) -> str:
    """Return one line for the settings' page."""
    published = versions.in_force()
    if published is None:
        return _unpublished(config)
    day = published.published_at.astimezone(clock.HELSINKI)
    told = f"Version {published.version} of {day:%Y-%m-%d} is published"
    changed = versions.compare(published, facts.present())
    if not changed:
        return f"{told}, and true."
    return f"{told}. {_untrue(published.version, changed)}"


def log(config: Config) -> None:
    """Write what is wrong into the log: names of facts and checks, no values."""
    for one in protection.alarms(config):
        logger.warning("the register's protection: %s", one)
    if changed := versions.drift(facts.present()):
        names = ", ".join(one.fact for one in changed)
        logger.warning("the published register description is not true any more: %s", names)


def _unpublished(config: Config) -> str:
    empty = [f"{why} ({name})" for name, why in facts.missing(config)]
    what = f" Missing: {' '.join(empty)}" if empty else " Read it and publish it."
    return f"The register description is not published.{what}"


def _untrue(version: int, changed: list[Change]) -> str:
    told = "; ".join(map(str, changed[:5]))
    more = f"; and {len(changed) - 5} more" if len(changed) > 5 else ""
    return (
        f"Version {version} of the register description is not true any more. {told}{more}."
        " Publish a new one, or undo the change."
    )
