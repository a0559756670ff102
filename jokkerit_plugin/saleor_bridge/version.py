"""Which Saleor versions this plugin was tested with; another one is a warning, never a stop."""

import re
from typing import Any

from django.core import checks

from ..logs import logger_of

logger = logger_of(__name__)

OLDEST, NEXT = (3, 21), (3, 24)
#: What Saleor's main calls itself until its next release. It changes daily: the warning stays.
MAIN = "3.24.0-a.0"


def series(version: str) -> tuple[int, int]:
    """Return (3, 23) of "3.23.28" or "3.23.0-a.0"; (0, 0) of what is no version."""
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def supported(version: str) -> bool:
    """Tell whether `version` is one of the tested series."""
    return OLDEST <= series(version) < NEXT


def tried(version: str) -> bool:
    """Tell whether the tests ran in `version`: one of the tested series, or main."""
    return supported(version) or version == MAIN


def check(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W001: an untested Saleor."""
    from saleor import __version__

    if supported(__version__):
        return []
    text = (
        f"Jokkerit Register was tested with Saleor {OLDEST[0]}.{OLDEST[1]} to "
        f"{NEXT[0]}.{NEXT[1] - 1}; this is {__version__}."
    )
    hint = (
        "Look for a newer jokkerit-plugin. Until then compare the register with the shop "
        "(register_reconcile) and watch register_status."
    )
    return [checks.Warning(text, hint=hint, id="jokkerit_plugin.W001")]


def register_check() -> None:
    """Let Django's checks run `check`, and say it in the log of every process."""
    checks.register(check, checks.Tags.compatibility)
    # Web and worker processes run no checks.
    for message in check():
        logger.warning("%s %s", message.msg, message.hint)
