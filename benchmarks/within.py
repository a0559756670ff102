"""Runs a module of the benchmarks inside a real Saleor."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from dev.paths import ROOT, DevError
from dev.shop import Shop


def within(shop: Shop, module: str, *argv: str) -> dict[str, Any]:
    """Run `benchmarks.<module>` there; return the JSON of its last line."""
    done = subprocess.run(
        [str(shop.python), "-m", f"benchmarks.{module}", *argv],
        cwd=shop.logs,
        env={**shop.environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DevError(f"benchmarks.{module} failed inside Saleor, see above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
