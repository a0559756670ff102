"""Known vulnerabilities of what is installed: pip-audit, from its own environment (`make audit`).

It asks PyPI's index of advisories about each distribution in .venv, by name and version; where none
can be reached it says so, and the exit status is 2: nothing is known then, good or bad.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig

from dev import aside
from dev.paths import DevError, say

NEEDS = ("pip-audit>=2.9,<3",)
#: What pip-audit says when it asked and got no answer.
_UNASKED = ("ConnectionError", "ServiceError", "HTTPError", "Max retries exceeded", "Timeout")


def main() -> int:
    """Return 0: nothing known, 1: something is, 2: it could not be asked."""
    try:
        python = aside.python("audit", NEEDS)
    except DevError as error:
        say(str(error))
        return 2
    argv = [
        str(python), "-m", "pip_audit", "--path", sysconfig.get_path("purelib"), "--skip-editable",
        "--progress-spinner", "off", "--timeout", "30",
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr[-3000:])
    if done.returncode and any(one in done.stderr for one in _UNASKED):
        say("audit: no index of advisories could be asked, so nothing is known.")
        return 2
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
