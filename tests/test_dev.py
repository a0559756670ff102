"""What `make` says of itself: the report of a run, the layered environment, a lacking python3."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from dev import bootstrap, layers, results
from dev.results import Results, Suite


def held(name: str, outcome: str, *, breaks: bool = False) -> dict[str, object]:
    return {"id": name, "outcome": outcome, "breaks": breaks}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Results:
    """Two suites, one Saleor that is absent, one that nobody asked for."""
    monkeypatch.setattr(results, "REPORT", tmp_path / "cache" / "test-report.json")
    plain = Suite("plain", passed=3, skipped=1, promises=[held("P-EU", "passed")])
    inside = Suite(
        "saleor", "3.23", passed=2, failed=1,
        promises=[
            held("P-EU", "passed"), held("P-EU", "failed"),
            held("P-NAME", "passed", breaks=True), held("P-invented", "passed"),
        ],
    )  # fmt: skip
    return Results([plain, inside], {"3.21": "no checkout"}, {"Saleor 3.22": "SALEOR_VERSIONS"})


def test_the_report_names_what_ran_where_and_what_did_not(run: Results):
    report = json.loads(run.write().read_text())
    names = ("suite", "version", "passed", "failed", "skipped")
    ran = [tuple(suite[name] for name in names) for suite in report["suites"]]
    assert ran == [("plain", "-", 3, 0, 1), ("saleor", "3.23", 2, 1, 0)]
    assert (report["absent"], report["left_out"]) == (["3.21"], ["Saleor 3.22"])
    assert report["promises"]["P-EU"] == {"plain": "passed", "3.23": "failed"}
    assert report["promises_broken"] == {"P-NAME": {"3.23": "passed"}}
    assert "P-EU" not in report["promises_untested"]
    assert "P-NAME" in report["promises_untested"]


def test_the_table_says_what_was_absent_and_ends_with_the_sums(run: Results):
    out = io.StringIO()
    run.show(Console(file=out, width=200))
    said = out.getvalue()
    assert "Saleor 3.21 was ABSENT: no checkout" in said
    assert "Left out by SALEOR_VERSIONS: Saleor 3.22" in said
    assert "Marked, but no promise: P-invented" in said
    assert said.splitlines()[-1] == "5 passed, 1 failed, 1 skipped"


def test_a_layer_that_shadows_saleor_s_own_package_is_named(tmp_path: Path):
    site = tmp_path / "lib" / "python3.12" / "site-packages"
    for name in ("pydantic-3.0.0", "rich-14.0.0", "pip-25.0", "jokkerit_plugin-0.1.0"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    shop = SimpleNamespace(pins={"Pydantic": "2.11.0", "pip": "24.0"})
    assert layers.shadowing(shop, tmp_path) == ["pydantic 2.11.0 with 3.0.0"]  # type: ignore[arg-type]


def test_a_python_without_venv_is_told_what_to_install(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap, "CACHE", tmp_path)
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "logs" / "install.log")
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    assert bootstrap.main() == 1
    said = "".join(capfd.readouterr())
    assert "python3 lacks venv" in said
    assert "apt install python3-venv" in said
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_too_old_is_named(monkeypatch, capfd):
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert bootstrap.main() == 1
    assert "3.11 or newer is needed" in "".join(capfd.readouterr())
