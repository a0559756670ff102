"""Known vulnerabilities of what is installed: pip-audit, from its own environment (`make audit`).

It asks PyPI about each distribution in .venv by name and version. Behind an index without
advisories pip-audit finds nothing and says that all is well: here what was not asked about is
named, and the exit status is 2.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from typing import Any

from dev import aside
from dev.paths import DevError, say

NEEDS = ("pip-audit>=2.9,<3",)
#: Our own package is not on PyPI.
OWN = "jokkerit-plugin"


def main() -> int:
    """Return 0: nothing is known, 1: something is, 2: not everything could be asked about."""
    try:
        python = aside.python("audit", NEEDS)
    except DevError as error:
        say(str(error))
        return 2
    argv = [
        str(python), "-m", "pip_audit", "--path", sysconfig.get_path("purelib"),
        "--format", "json", "--progress-spinner", "off", "--timeout", "30",
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        say(f"{done.stderr[-2000:]}\naudit: nothing is known.")
        return 2
    return told(found)


def told(found: Iterable[dict[str, Any]]) -> int:
    """Say what pip-audit found; return the exit status."""
    unasked, known = [], 0
    for one in found:
        if "skip_reason" in one and one["name"] != OWN:
            unasked.append(one["name"])
        for each in one.get("vulns", ()):
            known += 1
            mended = ", ".join(each["fix_versions"]) or "none yet"
            say(f"{one['name']} {one['version']}: {each['id']}, mended in {mended}")
    if unasked:
        say(f"audit: nothing is known of {len(unasked)}: {', '.join(unasked)}")
    say(f"audit: {known} known vulnerabilities")
    return 1 if known else 2 if unasked else 0


if __name__ == "__main__":
    sys.exit(main())
