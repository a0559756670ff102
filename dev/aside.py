"""Virtual environments under .cache: for tools that disagree with ours or need not lie in it."""

from __future__ import annotations

import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

from dev.paths import CACHE, LOGS, DevError, say


def python(name: str, needs: Sequence[str]) -> Path:
    """Return the Python of an environment that has these; made where it is missing.

    Raises `DevError` where pip cannot get them.
    """
    folder = CACHE / name
    found, stamp = folder / "bin" / "python", folder / "installed"
    wanted = "\n".join(needs)
    if found.exists() and stamp.exists() and stamp.read_text() == wanted:
        return found
    say(f"Making {folder} ...")
    venv.create(folder, with_pip=True, clear=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{name}-install.log"
    with path.open("w") as log:
        pip = [str(found), "-m", "pip", "install", "--disable-pip-version-check", *needs]
        done = subprocess.run(pip, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise DevError(f"pip could not install {', '.join(needs)}: its output is in {path}")
    stamp.write_text(wanted)
    return found
