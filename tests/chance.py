"""How often the suite tries what chance makes; `make chaos` tries more (JOKKERIT_TRIES)."""

import os


def tries(few: int) -> int:
    """Return for how many examples a test asks, each of which costs a good part of a second."""
    return few * int(os.environ.get("JOKKERIT_TRIES", "1"))
