"""Makes .venv with what `make` needs, from nothing but python3; nothing to do takes 0.1 s.

    python3 -m dev.bootstrap

Uses the standard library only. Installed again when setup.cfg or the interpreter changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.paths import CACHE, ROOT, say

VENV = ROOT / ".venv"
LOG = CACHE / "logs" / "install.log"
OLDEST = (3, 11)


def main() -> int:
    """Make or renew .venv; the exit status."""
    if sys.version_info < OLDEST:
        say(f"python3 is {sys.version.split()[0]}: 3.11 or newer is needed (make PYTHON=...)")
        return 1
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install()


def _install() -> int:
    text = f"{sys.version} {ROOT} {(ROOT / 'setup.cfg').read_text()}"
    wanted = hashlib.sha256(text.encode()).hexdigest()
    stamp = VENV / "installed"
    python = VENV / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted and python.exists():
        return 0
    if stamp.exists() or not python.exists():
        if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
            say(
                "python3 lacks venv. Install it and run make again:\n"
                "    Debian, Ubuntu: apt install python3-venv\n"
                "    elsewhere: the python3 package of python.org or of pyenv has it"
            )
            return 1
        say(f"Making {VENV} ...")
        shutil.rmtree(VENV, ignore_errors=True)
        if not _run([sys.executable, "-m", "venv", str(VENV)]):
            return 1
    say("Installing what tests, demo and benchmarks need (half a minute) ...")
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    if not _run([*pip, "-e", f"{ROOT}[dev]"]):
        say("Is a package index reachable? pip's own settings and variables are used.")
        return 1
    stamp.write_text(wanted)
    return 0


def _run(argv: list[str]) -> bool:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    with LOG.open("ab") as log:
        done = subprocess.run(
            argv, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        tail = Path(LOG).read_text(errors="replace").splitlines()[-15:]
        say("\n".join([*tail, f"{' '.join(argv[1:4])} failed; the whole output is in {LOG}"]))
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
