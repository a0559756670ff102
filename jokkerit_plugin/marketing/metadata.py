"""What the public metadata of an order, a checkout or an account says of marketing.

By the keys in `shop.snapshots.MARKETING_KEYS` (docs/marketing.md).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..policy.marketing import FIRST_YEAR, Channel, Text

_YES, _NO = frozenset({"true", "yes", "1", "all"}), frozenset({"", "false", "no", "0", "none"})


@dataclass(frozen=True, slots=True)
class Said:
    """What metadata says: channels, when (of an account), and the text's version."""

    consent: frozenset[Channel] = frozenset()
    opt_out: frozenset[Channel] = frozenset()
    offered: bool = False
    at: datetime | None = None
    version: str = ""

    @property
    def text(self) -> Text | None:
        """Return which text was shown; its words nobody told."""
        return Text(self.version, None) if self.version else None


def read(metadata: Mapping[str, str]) -> Said:
    """Read the keys. What cannot be understood is no consent, and an opt-out of everything."""
    return Said(
        consent=_channels(metadata.get("marketingConsent", ""), unclear=frozenset()),
        opt_out=_channels(metadata.get("marketingOptOut", ""), unclear=frozenset(Channel)),
        offered=metadata.get("marketingOptOutOffered", "").strip().lower() in _YES,
        at=_moment(metadata.get("marketingAt", "")),
        version=metadata.get("marketingText", "").strip()[:32],
    )


def _channels(text: str, *, unclear: frozenset[Channel]) -> frozenset[Channel]:
    words = {word for word in re.split(r"[\s,;]+", text.strip().lower()) if word}
    if not words or words <= _NO:
        return frozenset()
    if words <= _YES:
        return frozenset(Channel)
    return frozenset(map(Channel, words)) if words <= set(Channel) else unclear


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    # A customer writes it: a time before our era is one that PostgreSQL keeps and nobody can read.
    return found if found.tzinfo and found.year >= FIRST_YEAR else None
