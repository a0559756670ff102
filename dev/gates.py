"""The quality gates: each is a command, and what to do when it fails.

python -m dev.gates        all of them, with their whole output (`make lint`)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from dev.paths import ROOT, say
from dev.servers import run


@dataclass(frozen=True)
class Gate:
    """One check of the source."""

    name: str
    argv: tuple[str, ...]
    advice: str


def _python(*argv: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *argv)


GATES = (
    Gate(
        "ruff check",
        _python("ruff", "check", "."),
        "mend what it names; `.venv/bin/ruff check --fix .` does a part",
    ),
    Gate(
        "ruff format",
        _python("ruff", "format", "--check", "--quiet", "."),
        "run `.venv/bin/ruff format .`",
    ),
    Gate("mypy", _python("mypy"), "mend the types it names"),
    Gate(
        "docs",
        _python("dev.docs", "--check"),
        "run `make docs` for what is made from the code, and mend the links it names",
    ),
    Gate(
        "layers",
        (sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
        "an import goes up the layers of pyproject.toml: move the code, not the contract",
    ),
    Gate(
        "migrations",
        _python(
            "dev.servers", "--", sys.executable, "-m", "dev.host",
            "makemigrations", "--check", "--dry-run", "jokkerit_plugin",
        ),
        "run `.venv/bin/python -m dev.servers -- .venv/bin/python -m dev.host makemigrations"
        " jokkerit_plugin`",
    ),
)  # fmt: skip


def check() -> Iterator[tuple[Gate, bool, float]]:
    """Run every gate, whatever the earlier ones say: the gate, whether it passed, seconds."""
    for gate in GATES:
        say(f"--- {gate.name}")
        started = time.monotonic()
        passed = run(gate.argv, {"PYTHONWARNINGS": "ignore::SyntaxWarning"}) == 0
        if not passed:
            say(f"{gate.name} failed: {gate.advice}")
        yield gate, passed, time.monotonic() - started


def main() -> int:
    """Run all; 0 when all passed."""
    results = [passed for _, passed, _ in check()]
    say(f"{sum(results)} of {len(results)} gates passed in {ROOT}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
