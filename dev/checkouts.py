"""Saleor source checkouts with the .venv that Saleor's own instructions make. Only read."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dev.paths import DevError, user_cache

EXPECTED = ("3.21", "3.22", "3.23")


@dataclass(frozen=True)
class Checkout:
    """One checkout; `version` is its folder's name, as in "3.23"."""

    version: str
    folder: Path

    @property
    def python(self) -> Path:
        """Saleor's own interpreter."""
        return self.folder / ".venv" / "bin" / "python"

    @cached_property
    def commit(self) -> str:
        """Saleor's commit, with a mark of uncommitted changes; the cache key."""
        head = self._git("rev-parse", "HEAD").strip()
        changes = self._git("diff", "HEAD")
        return f"{head}-{_digest(changes)}" if changes else head

    @cached_property
    def pins(self) -> dict[str, str]:
        """What is installed in Saleor's .venv: distribution name -> version."""
        program = (
            "import importlib.metadata as m, json;"
            "print(json.dumps({d.name: d.version for d in m.distributions() if d.name}))"
        )
        done = subprocess.run(
            [str(self.python), "-c", program], capture_output=True, text=True, check=True
        )
        found: dict[str, str] = json.loads(done.stdout)
        return found

    def _git(self, *argv: str) -> str:
        # The checkout may belong to another user, whom git would refuse.
        done = subprocess.run(
            ["git", "-C", str(self.folder), "-c", "safe.directory=*", *argv],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DevError(f"{self.folder} is not a git checkout of Saleor: {done.stderr.strip()}")
        return done.stdout


_DROPPED = {
    "DJANGO_SETTINGS_MODULE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def checkouts_folder() -> Path:
    """$SALEOR_CHECKOUTS, else ~/saleor."""
    return Path(os.environ.get("SALEOR_CHECKOUTS") or Path.home() / "saleor")


def find_checkouts() -> dict[str, Checkout]:
    """Every usable checkout by version, limited to $SALEOR_VERSIONS (commas) when set."""
    base = checkouts_folder()
    wanted = [v for v in os.environ.get("SALEOR_VERSIONS", "").split(",") if v]
    found = {}
    for folder in sorted(base.iterdir()) if base.is_dir() else []:
        checkout = Checkout(folder.name, folder.resolve())
        usable = checkout.python.exists() and (folder / "manage.py").exists()
        if usable and (not wanted or folder.name in wanted):
            found[folder.name] = checkout
    return found


def checkout(which: str) -> Checkout:
    """The checkout of a version, or at a path (`make demo SALEOR=<checkout>`).

    Raises DevError that says what is missing.
    """
    folder = Path(which).expanduser() if os.sep in which else checkouts_folder() / which
    found = Checkout(folder.name, folder.resolve())
    if not (folder / "manage.py").exists():
        raise DevError(f"no Saleor checkout at {folder}")
    if not found.python.exists():
        raise DevError(f"{folder} has no .venv: make it as Saleor's own instructions say")
    return found


def python_environment() -> dict[str, str]:
    """This process's environment for a Python of a checkout, whose folder stays clean.

    Byte code goes to the user's cache, not into the checkout: without any, each
    process spends 8 of its 18 s of starting on compiling Saleor.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**kept, "PYTHONPYCACHEPREFIX": str(user_cache() / "pycache"), "PYTHONUNBUFFERED": "1"}
