"""What a test run found: the table on the screen and .cache/test-report.json."""

from __future__ import annotations

import importlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dev.paths import CACHE, ROOT

REPORT = CACHE / "test-report.json"
#: The worst of several tests' outcomes stands for the promise.
ORDER = ("failed", "passed", "skipped")


@dataclass
class Suite:
    """One suite in one place; `version` is Saleor's, "-" without."""

    suite: str
    version: str = "-"
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""
    promises: list[dict[str, Any]] = field(default_factory=list)
    #: Whether all its tests were asked for, so that what none of them shows is shown by none.
    whole: bool = False

    @property
    def place(self) -> str:
        """Where it ran, as the promise table's column names it."""
        return "plain" if self.version == "-" else self.version


@dataclass
class Results:
    """All suites of a run.

    absent: expected Saleor versions that are not on this machine, with what is missing.
    left_out: suites and versions that nobody asked for, with the setting that says so.
    """

    suites: list[Suite] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def total(self, what: str) -> int:
        """The sum over the suites of passed, failed or skipped."""
        return sum(getattr(suite, what) for suite in self.suites)

    def promises(self, *, breaks: bool) -> dict[str, dict[str, str]]:
        """Promise id -> place -> outcome, of the tests that hold it or of those that break it."""
        found: dict[str, dict[str, str]] = {}
        for suite in self.suites:
            for row in suite.promises:
                if row["breaks"] is breaks:
                    seen = found.setdefault(row["id"], {})
                    both = (row["outcome"], seen.get(suite.place, row["outcome"]))
                    seen[suite.place] = min(both, key=ORDER.index)
        return found

    def write(self) -> Path:
        """Write .cache/test-report.json."""
        changes = _git("status", "--porcelain")
        keys = ("suite", "version", "passed", "failed", "skipped", "seconds")
        report = {
            "commit": _git("rev-parse", "HEAD"),
            "dirty": bool(changes),
            "suites": [{key: getattr(suite, key) for key in keys} for suite in self.suites],
            "absent": sorted(self.absent),
            "left_out": sorted(self.left_out),
            "promises": self.promises(breaks=False),
            "promises_broken": self.promises(breaks=True),
            "promises_untested": self.untested(),
        }
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
        return REPORT

    def untested(self) -> dict[str, list[str]]:
        """Place -> what no passed test shows there (`P-EU held`, `P-EU broken`), in whole suites.

        Each of `tests.promises.PROMISES` wants a test that holds it and one that breaks it.
        """
        shown = {"held": self.promises(breaks=False), "broken": self.promises(breaks=True)}
        found = {
            place: [
                f"{name} {what}"
                for name in known_promises()
                for what, outcomes in shown.items()
                if outcomes.get(name, {}).get(place) != "passed"
            ]
            for place in (suite.place for suite in self.suites if suite.whole)
        }
        return {place: lacking for place, lacking in found.items() if lacking}

    def show(self, console: Console) -> None:
        """Print the tables, and as the last line the sums."""
        table = Table(title="What ran where", title_justify="left")
        for name in ("suite", "Saleor"):
            table.add_column(name)
        for name in ("passed", "failed", "skipped", "seconds"):
            table.add_column(name, justify="right")
        table.add_column("")
        for suite in self.suites:
            style = "red" if suite.failed else None
            counts = (str(suite.passed), str(suite.failed), str(suite.skipped))
            row = (suite.suite, suite.version, *counts, f"{suite.seconds:.0f}", suite.note)
            table.add_row(*row, style=style)
        console.print(table)
        for version, why in self.absent.items():
            console.print(f"Saleor {version} was ABSENT: {why}", highlight=False)
        for what, why in self.left_out.items():
            console.print(f"Left out by {why}: {what}", highlight=False)
        self._show_promises(console)
        sums = [f"{self.total(what)} {what}" for what in ("passed", "failed", "skipped")]
        console.print(", ".join(sums), highlight=False)

    def _show_promises(self, console: Console) -> None:
        held, broken = self.promises(breaks=False), self.promises(breaks=True)
        places = list(dict.fromkeys(s.place for s in self.suites if s.promises))
        table = Table(title="Promises of the description (held / broken on purpose)")
        table.add_column("promise")
        for place in places:
            table.add_column(place)
        for name in [n for n in known_promises() if n in held or n in broken]:
            cells = [
                f"{held.get(name, {}).get(place, '·')} / {broken.get(name, {}).get(place, '·')}"
                for place in places
            ]
            table.add_row(name, *cells)
        if places:
            console.print(table)
        if unknown := sorted((held.keys() | broken.keys()) - set(known_promises())):
            console.print(f"Marked, but no promise: {', '.join(unknown)}", highlight=False)
        for place, lacking in self.untested().items():
            said = f"Without a passed test in {place} ({len(lacking)}): {', '.join(lacking)}"
            console.print(said, highlight=False)


def known_promises() -> list[str]:
    """The ids in the order of the description; [] while there is no list."""
    try:
        module = importlib.import_module("tests.promises")
    except ModuleNotFoundError:
        return []
    return [promise.id for promise in module.PROMISES]


def _git(*argv: str) -> str:
    done = subprocess.run(["git", *argv], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
