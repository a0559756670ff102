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

from dev.paths import ROOT, say
from dev.servers import servers

#: What it needs, within which the code below was seen to work.
NEEDS = ("hypothesis-graphql>=0.13,<0.14", "hypothesis>=6.120", "graphql-core>=3.2,<3.3")
CLIENT = ROOT / "dev" / "fuzz_client.py"
SECONDS, SEED = "JOKKERIT_FUZZ_SECONDS", "JOKKERIT_FUZZ_SEED"


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
    sys.exit(main())
