"""Asks at random, by the schema, for every field and path, over HTTP, from its own environment.

python -m dev.fuzz [--seconds 600] [--seed N]      `make fuzz`; a part of `make chaos`

hypothesis-graphql wants graphql-core 3, Saleor and the plugin have 2: so who asks runs in a virtual
environment under .cache. A full house answers, and judges each of its answers (tests/fuzzing.py).
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import venv
from pathlib import Path

from dev.paths import CACHE, LOGS, ROOT, DevError, say
from dev.servers import servers

VENV = CACHE / "fuzz"
#: What it needs, within which the code below was seen to work.
NEEDS = ("hypothesis-graphql>=0.13,<0.14", "hypothesis>=6.120", "graphql-core>=3.2,<3.3")
CLIENT = ROOT / "dev" / "fuzz_client.py"
SECONDS, SEED = "JOKKERIT_FUZZ_SECONDS", "JOKKERIT_FUZZ_SEED"


def environment() -> Path:
    """Return the Python of who asks; made where it is missing. Raises `DevError`."""
    python, stamp = VENV / "bin" / "python", VENV / "installed"
    if stamp.exists() and stamp.read_text() == " ".join(NEEDS) and python.exists():
        return python
    say(f"Making {VENV} ...")
    venv.create(VENV, with_pip=True, clear=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *NEEDS]
    with (LOGS / "fuzz-install.log").open("w") as log:
        done = subprocess.run(pip, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise DevError(f"pip failed; its output is in {LOGS / 'fuzz-install.log'}")
    stamp.write_text(" ".join(NEEDS))
    return python


def main() -> int:
    """Run for a time; 0 when every answer was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    say(f"fuzz: seconds {options.seconds}, seed {options.seed}")
    with servers() as running:
        told = {SECONDS: str(options.seconds), SEED: str(options.seed)}
        test = [sys.executable, "-m", "pytest", "-q", "-s", "-k", "random", "tests/test_fuzz.py"]
        return subprocess.run(
            test, cwd=ROOT, env={**os.environ, **running.environment, **told}, check=False
        ).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DevError as error:
        say(str(error))
        sys.exit(1)
