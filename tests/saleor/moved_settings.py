"""Settings of a shop whose clock a test moves: $MOVED names a file with the seconds it is ahead.

Moved are the register's clock and Django's, by which Saleor dates its rows. Tokens, and the
database's own clock, stay in the present.
"""

import datetime as dt
import os
from pathlib import Path as _Path

from django.utils import timezone as _timezone

from jokkerit_plugin import clock as _clock

# Saleor's settings, which come last, have names of their own for much of this.
_moved = _Path(os.environ["MOVED"])
_present = dt.datetime.now


def _now() -> dt.datetime:
    return _present(dt.UTC) + dt.timedelta(seconds=float(_moved.read_text()))


# Before any module of Saleor's takes the function by name.
_clock.now = _timezone.now = _now
# The database's clock is not moved, and years pass at once: nothing would go for being old.
_clock.APART = _clock.LEAP = dt.timedelta(days=40_000)

from tests.saleor.media_settings import *  # noqa: E402, F403
