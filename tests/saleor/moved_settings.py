"""Settings of a shop whose clock a test moves: $MOVED names a file with the seconds it is ahead.

Moved are the register's clock and Django's, by which Saleor dates its rows. Tokens, and the
database's own clock, stay in the present.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from jokkerit_plugin import clock

_file = Path(os.environ["MOVED"])


def now() -> datetime:
    """The shop's present moment."""
    return datetime.now(UTC) + timedelta(seconds=float(_file.read_text()))


# Before the settings, which are read before any module of Saleor's takes the function by name.
clock.now = timezone.now = now

from tests.saleor.media_settings import *  # noqa: E402, F403
