"""The test run (`make test`): gates, the plain suite, the Saleor suite in every checkout.

Every suite runs whatever the others find, as many at a time as there are cores, the plain one
in parts (JOBS=1: one at a time, whole, and its output as it comes). Limited by the environment:
ONLY=gates,plain,saleor   SALEOR_VERSIONS=3.22,3.23   ARGS='-k name' (handed to pytest)
COVERAGE=1: the plain suite's, line by line
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from dev.checkouts import (
    EXPECTED,
    Checkout,
    checkout,
    checkouts_folder,
    find_checkouts,
    python_environment,
)
from dev.databases import make_dump
from dev.gates import GATES, check
from dev.layers import layer
from dev.paths import CACHE, LOGS, QUICK, ROOT, DevError, say
from dev.results import Results, Suite
from dev.servers import run, servers
from dev.together import Job, at_once, together

SUITES = ("gates", "plain", "saleor")
#: Of the plain suite: alone it would take as long as two others.
PARTS = ("1", "2", "3")
#: pytest's exit status when it collected nothing, as with a narrow -k.
NOTHING_COLLECTED = 5


def main() -> int:
    """Run what was asked for; 0 when nothing failed and no promise was left untested."""
    os.chdir(ROOT)
    wanted = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(SUITES)
    if unknown := set(wanted) - set(SUITES):
        say(f"ONLY={','.join(sorted(unknown))}: there are {', '.join(SUITES)}")
        return 2
    results = Results()
    places: list[tuple[str, str]] = [(name, "-") for name in ("gates", "plain") if name in wanted]
    if "saleor" in wanted:
        found = find_checkouts()
        look_for_expected(found, results)
        places += [("saleor", version) for version in found]
    most = at_once()
    if most > 1 and "plain" in wanted and not _whole():
        at = places.index(("plain", "-"))
        # All but one come last: the shorter what is left at the end, the less a core idles.
        first, *rest = (("plain", part) for part in PARTS)
        places = [*places[:at], first, *places[at + 1 :], *rest]
    most = min(most, len(places))
    if most > 1:
        program = [sys.executable, "-m", "dev.test"]
        jobs = [Job(name, version, [*program, name, version]) for name, version in places]
        results.suites += joined(together(jobs, most))
    else:
        results.suites += [suite(name, version) for name, version in places]
    results.left_out |= {f"suite {name}": "ONLY" for name in SUITES if name not in wanted}
    path = results.write()
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(f"\nThe same as JSON: {path.relative_to(ROOT)}", highlight=False)
    results.show(console)
    return 1 if results.total("failed") or results.untested() else 0


def suite(name: str, version: str) -> Suite:
    """Run one suite; `version` is the Saleor's beside which it runs, "-" for none, or a part."""
    if name == "saleor":
        return beside(checkout(version))
    return gates() if name == "gates" else plain(version)


def joined(suites: Sequence[Suite]) -> list[Suite]:
    """Make one row of what ran in parts."""
    found: dict[tuple[str, str], Suite] = {}
    for suite in suites:
        if suite.suite == "plain":
            # A part that died says its own name.
            suite.version = "-"
        if (first := found.setdefault((suite.suite, suite.version), suite)) is suite:
            continue
        for what in ("passed", "failed", "skipped", "seconds", "promises"):
            setattr(first, what, getattr(first, what) + getattr(suite, what))
        first.note = ", ".join(filter(None, (first.note, suite.note)))
        # Nobody asked for less: else there were no parts.
        first.whole = True
    return list(found.values())


def for_another(name: str, version: str, path: str) -> int:
    """Run one suite for the run that started this process, which reads what was found at `path`."""
    os.chdir(ROOT)
    found = suite(name, version)
    Path(path).write_text(json.dumps(asdict(found)))
    return 1 if found.failed else 0


def gates() -> Suite:
    """One row for all gates, each counted as a test."""
    suite = Suite("gates")
    failed = []
    for gate, passed, seconds in check():
        suite.seconds += seconds
        suite.passed += passed
        suite.failed += not passed
        if not passed:
            failed.append(gate.name)
    suite.note = ", ".join(failed) or f"{len(GATES)} gates"
    return suite


def plain(part: str = "-") -> Suite:
    """The suite without Saleor, or a part; with COVERAGE=1 it says which lines ran, and is slow."""
    say("--- plain suite")
    argv = ["--cov", "--cov-report=term"] if os.environ.get("COVERAGE") else []
    return _pytest(Suite("plain"), Path(sys.executable), argv, {}, part)


def files_of(part: str) -> list[str]:
    """The plain suite's modules, dealt out to the parts; those with a browser take the longest."""
    files = sorted(
        (ROOT / "tests").glob("test_*.py"), key=lambda file: (file.stem.endswith("_browser"), file)
    )
    return [str(file.relative_to(ROOT)) for file in files[PARTS.index(part) :: len(PARTS)]]


def beside(shop: Checkout) -> Suite:
    """The suite in `tests/saleor` beside one Saleor."""
    say(f"--- Saleor {shop.version} ({shop.commit[:12]})")
    suite = Suite("saleor", shop.version)
    try:
        python = layer(shop)
        with servers() as running:
            make_dump(shop, "populated", server=running.database_url)
    except DevError as error:
        say(f"Saleor {shop.version}: {error}")
        suite.failed, suite.note = 1, "could not be set up"
        return suite
    # Saleor's .venv brings plugins for its own tests.
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(QUICK)}
    environment = {**python_environment(), **own}
    return _pytest(suite, python, [], environment)


def look_for_expected(found: dict[str, Checkout], results: Results) -> None:
    """Note each expected version that cannot run or that was not asked for."""
    for version in EXPECTED:
        folder = checkouts_folder() / version
        if version in found:
            continue
        if (folder / ".venv").exists():
            results.left_out[f"Saleor {version}"] = "SALEOR_VERSIONS"
        elif folder.exists():
            results.absent[version] = f"{folder} has no .venv as Saleor's instructions make it"
        else:
            results.absent[version] = f"no checkout at {folder}"


def _whole() -> bool:
    """Tell whether the plain suite is one: few tests were asked for, or its lines are counted."""
    return bool(os.environ.get("ARGS") or os.environ.get("COVERAGE"))


def _pytest(
    suite: Suite, python: Path, argv: list[str], environment: dict[str, str], part: str = "-"
) -> Suite:
    record = CACHE / f"record-{suite.place}{part}.json"
    record.unlink(missing_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    asked = shlex.split(os.environ.get("ARGS", ""))
    if (chosen := chosen_by(asked, saleor=suite.suite == "saleor")) is None:
        suite.note = "nothing matched ARGS"
        return suite
    if part in PARTS:
        chosen = files_of(part)
    base = [str(python), "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--durations=10"]
    command = [*base, "--continue-on-collection-errors", *argv, *chosen]
    suite.whole = not asked and part not in PARTS
    status = run(command, {**environment, "JOKKERIT_RECORD": str(record)})
    suite.seconds = round(time.monotonic() - started, 1)
    counts: dict[str, Any] = json.loads(record.read_text()) if record.exists() else {}
    suite.passed = counts.get("passed", 0)
    suite.failed = counts.get("failed", 0)
    suite.skipped = counts.get("skipped", 0)
    suite.promises = counts.get("promises", [])
    if status == NOTHING_COLLECTED and asked:
        suite.note = "nothing matched ARGS"
    elif status and not suite.failed:
        suite.failed, suite.note = 1, f"pytest ended with status {status}"
    return suite


def chosen_by(asked: Sequence[str], *, saleor: bool) -> list[str] | None:
    """pytest's arguments: those asked for, and the suite's folder unless tests are named there.

    None when all the tests that are named are another suite's.
    """
    named = {arg for arg in asked if arg.startswith("tests/")}
    mine = {arg for arg in named if arg.startswith("tests/saleor") is saleor}
    if named and not mine:
        return None
    kept = [arg for arg in asked if arg not in named - mine]
    return kept if mine else [*kept, "tests/saleor" if saleor else "tests"]


if __name__ == "__main__":
    sys.exit(for_another(*sys.argv[1:]) if sys.argv[1:] else main())
