"""When something that could not be sent is tried again."""

from datetime import timedelta
from typing import Any

from django.db.models import F

from .. import clock
from ..errors import RegisterError
from ..models.acts import Sending

#: Minutes until then: doubled each time, a day at most.
_PAUSE, _LONGEST = 5, 24 * 60


def again(row: Sending, error: RegisterError) -> dict[str, Any]:
    """Return what becomes of the columns of a row whose attempt has failed."""
    minutes = min(_PAUSE * 2 ** min(row.attempts, 10), _LONGEST)
    return {
        "attempts": F("attempts") + 1, "error": error.message[:200],
        "next_at": clock.now() + timedelta(minutes=minutes),
    }  # fmt: skip
