"""What a file of the site log is asked for: its purpose, its month."""

from collections.abc import Mapping
from typing import Any

from ..accounting import periods
from ..accounting.periods import Period
from ..policy.purposes import Purpose
from ..sitelog.search import Wanted
from .errors import BadInput

#: The files, and for what each is; of lines whoever asks says for what.
PURPOSES = {
    "errors.csv": Purpose.ERROR_FIXING,
    "log-ins.csv": Purpose.SECURITY,
    "usage.csv": Purpose.LOG_BILLING,
}
FILES = frozenset({"lines.csv", *PURPOSES})


def purpose_of(name: str, given: Mapping[str, Any]) -> Purpose:
    """Return for what a file is; raises `BadInput`."""
    if name in PURPOSES:
        return PURPOSES[name]
    try:
        return Purpose(str(given.get("purpose")))
    except ValueError:
        message = "Say for what: security, error_fixing or log_billing."
        raise BadInput(message, field="purpose") from None


def month(given: Mapping[str, Any]) -> tuple[Period, Wanted]:
    """Return the month that is asked for; raises `BadInput`, `PeriodError`."""
    if not isinstance(text := given.get("month"), str):
        raise BadInput("Give a month as YYYY-MM, for example 2026-03.", field="month")
    period = periods.month(text)
    return period, Wanted(period.start, period.end)
