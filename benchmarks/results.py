"""Figures, the machine they were measured on, the table and the JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Literal

import psycopg
from rich.console import Console
from rich.table import Table

from dev.paths import CACHE, ROOT


@dataclass(frozen=True)
class Figure:
    """One measured figure. `aim` with `better` "lower" is a ceiling, with "higher" a floor."""

    benchmark: str
    name: str
    value: float
    unit: str
    aim: float | None = None
    better: Literal["lower", "higher"] = "lower"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is met, None without one."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.better == "lower" else self.value >= self.aim


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of values that were measured in pairs."""
    return median(a / b for a, b in zip(above, below, strict=True))


def machine(database_url: str) -> dict[str, str]:
    """What the figures depend on."""
    with psycopg.connect(database_url.replace("postgres://", "postgresql://", 1)) as connection:
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
        shown = {name: _show(connection, name) for name in names}
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory() / 2**30:.0f} GiB",
        "processor": _processor(),
        "python": platform.python_version(),
        "postgresql": shown.pop("server_version"),
        **shown,
        "load before": " ".join(f"{part:.1f}" for part in os.getloadavg()),
        "commit": _commit(),
        "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def memory() -> int:
    """The machine's, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _show(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((s.partition(":")[2].strip() for s in lines if s.startswith("model name")), "")


def _commit() -> str:
    argv = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def show(figures: Iterable[Figure], about: dict[str, str]) -> None:
    """Print the table."""
    table = Table(title="Benchmarks", caption=", ".join(f"{k} {v}" for k, v in about.items()))
    for heading in ("benchmark", "figure", "value", "aim", "", "note"):
        table.add_column(heading, justify="right" if heading in ("value", "aim") else "left")
    last = ""
    for one in figures:
        if last and one.benchmark != last:
            table.add_section()
        sign = {"lower": "≤", "higher": "≥"}[one.better]
        aim = "" if one.aim is None else f"{sign} {one.aim:g}"
        verdict = {True: "[green]met", False: "[red]missed", None: ""}[one.met]
        first = one.benchmark if one.benchmark != last else ""
        table.add_row(first, one.name, number(one), aim, verdict, one.note)
        last = one.benchmark
    Console(width=None if os.isatty(1) else 160).print(table)


def number(figure: Figure) -> str:
    """The value with its unit, as precise as it deserves."""
    value = figure.value
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text} {figure.unit}".rstrip()


def save(figures: Iterable[Figure], about: dict[str, str]) -> Path:
    """Write the JSON; returns its path."""
    folder = CACHE / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    rows = [asdict(figure) | {"met": figure.met} for figure in figures]
    path.write_text(json.dumps({"machine": about, "figures": rows}, indent=1) + "\n")
    return path
