"""Folders of the clone and of the user, and one way to say something."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
LOGS = CACHE / "logs"
#: On PYTHONPATH it lets Saleor start sooner; for tests, not for the demo and benchmarks.
QUICK = ROOT / "dev" / "quick"


def user_cache() -> Path:
    """The folder outside the clone, shared by all clones of this user; made when missing."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "jokkerit-register"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def say(text: str) -> None:
    """Print one line of progress at once, on stderr so that piped output stays clean."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class DevError(Exception):
    """Something a person has to put right; the text says what and how."""
