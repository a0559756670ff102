"""What `make` says of itself: suites side by side, the report of a run, the layered
environment, a lacking python3."""

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from dev import audit, bootstrap, databases, layers, results, together
from dev.paths import ROOT
from dev.results import Results, Suite
from dev.test import PARTS, chosen_by, files_of, joined
from dev.together import Job


def held(name: str, outcome: str, *, breaks: bool = False) -> dict[str, object]:
    return {"id": name, "outcome": outcome, "breaks": breaks}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Results:
    """Two suites, one Saleor that is absent, one that nobody asked for."""
    monkeypatch.setattr(results, "REPORT", tmp_path / "cache" / "test-report.json")
    plain = Suite("plain", passed=3, skipped=1, promises=[held("P-EU", "passed")])
    inside = Suite(
        "saleor", "3.23", passed=2, failed=1, whole=True,
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
    assert list(report["promises_untested"]) == ["3.23"]


def test_a_whole_suite_leaves_no_promise_without_a_test_that_holds_and_one_that_breaks_it(
    run: Results, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(results, "known_promises", lambda: ["P-LAW", "P-NAME", "P-EU"])
    lacking = ["P-LAW held", "P-LAW broken", "P-NAME held", "P-EU held", "P-EU broken"]
    assert run.untested() == {"3.23": lacking}
    out = io.StringIO()
    run.show(Console(file=out, width=200))
    assert f"Without a passed test in 3.23 (5): {', '.join(lacking)}" in out.getvalue()
    run.suites[1].whole = False
    assert run.untested() == {}
    names = ("P-LAW", "P-NAME", "P-EU")
    both = [held(name, "passed", breaks=breaks) for name in names for breaks in (False, True)]
    run.suites[0].whole, run.suites[0].promises = True, both
    assert run.untested() == {}
    both[0]["outcome"] = "skipped"
    assert run.untested() == {"plain": ["P-LAW held"]}


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


#: Suites as `dev.test` starts them: the last argument is where to tell what was found.
FOUND = "import json, sys; json.dump({'suite': 'plain', 'passed': 3}, open(sys.argv[1], 'w'))"
WAITS = (
    "import pathlib, signal, sys, time; print('--- waiting', flush=True);"
    "pathlib.Path(sys.argv[1]).with_suffix('.up').touch(); time.sleep(600)"
)


def job(suite: str, program: str, *argv: str) -> Job:
    return Job(suite, "-", [sys.executable, "-c", program, *argv])


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(together, "LOGS", tmp_path)
    return tmp_path / "suites"


def test_a_suite_that_dies_is_a_failure_and_hides_no_other(logs: Path, capfd) -> None:
    dies = job("gates", "import os; print('its last word', flush=True); os.abort()")

    found = together.together([dies, job("plain", FOUND)], 2)

    assert [(one.suite, one.passed, one.failed) for one in found] == [
        ("gates", 0, 1),
        ("plain", 3, 0),
    ]
    assert "ended with status -6" in found[0].note
    said = capfd.readouterr()
    assert "its last word" in said.out
    assert "plain ended: 3 passed, 0 failed, 0 skipped" in said.err


def test_no_more_suites_run_at_once_than_asked(logs: Path) -> None:
    alone = (
        "import json, pathlib, sys; it = pathlib.Path(sys.argv[1]); one = it.with_name('one');"
        "one.mkdir(); json.dump({'suite': it.stem, 'passed': 1}, it.open('w')); one.rmdir()"
    )
    names = ("gates", "plain", "saleor")

    found = together.together([job(name, alone) for name in names], 1)

    assert [(one.suite, one.passed) for one in found] == [(name, 1) for name in names]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_suite_and_begins_none(logs: Path, number: signal.Signals) -> None:
    program = (
        "import pathlib, sys; from dev import together;"
        "together.LOGS = pathlib.Path(sys.argv[1]);"
        "together.together([together.Job(name, '-', [sys.executable, '-c', sys.argv[2]])"
        " for name in ('gates', 'plain', 'saleor')], 2)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program, str(logs.parent), WAITS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    while run.poll() is None and len(list(logs.glob("*.up"))) < 2:
        time.sleep(0.02)
    run.send_signal(number)
    said = run.communicate(timeout=60)[1]

    assert run.returncode == 128 + number
    assert "saleor began" not in said
    assert said.count("began") == 2


def test_a_suite_tells_how_far_it_is(logs: Path) -> None:
    logs.mkdir()
    one = job("plain", "")
    told = []
    for text in ("", "--- plain suite\n", "--- plain suite\n..... [  7%]\n... [ 42%]\n..."):
        one.log.write_text(text)
        told.append(one.step())

    assert told == ["plain ...", "plain plain suite", "plain 42%"]


def test_with_servers_of_the_environment_suites_run_one_at_a_time(monkeypatch) -> None:
    monkeypatch.setenv("JOBS", "4")
    for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    assert together.at_once() == 4
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1/0")
    assert together.at_once() == 1


def test_every_module_of_the_plain_suite_is_in_one_part_and_their_sums_are_one_row() -> None:
    dealt = [file for part in PARTS for file in files_of(part)]
    assert sorted(dealt) == sorted(
        f"tests/{file.name}" for file in (ROOT / "tests").glob("test_*.py")
    )

    [plain, gates] = joined([
        Suite("plain", passed=3, seconds=1.5, promises=[{"id": "a"}]),
        Suite("gates", passed=6),
        Suite("plain", passed=4, failed=1, promises=[{"id": "b"}], note="pytest ended"),
    ])  # fmt: skip

    assert (plain.passed, plain.failed, plain.seconds, plain.note) == (7, 1, 1.5, "pytest ended")
    assert plain.promises == [{"id": "a"}, {"id": "b"}]
    assert gates.passed == 6
    assert (plain.whole, gates.whole) == (True, False)


@pytest.mark.parametrize(
    ("made", "version", "base"),
    [
        (["3.9", "3.22"], "3.23", "3.22"),
        (["3.9", "3.23"], "3.22", "3.9"),
        (["3.22", "3.23"], "main", "3.23"),
        (["3.22", "main"], "3.21", None),
        ([], "3.23", None),
    ],
)
def test_a_saleor_is_migrated_from_the_nearest_older_one_that_is_there(
    tmp_path: Path, monkeypatch, made: list[str], version: str, base: str | None
) -> None:
    versions = ("3.9", "3.21", "3.22", "3.23", "main")
    shops: Any = {one: SimpleNamespace(version=one, commit="abc") for one in versions}
    monkeypatch.setattr(databases, "user_cache", lambda: tmp_path)
    monkeypatch.setattr(databases, "find_checkouts", lambda: shops)
    (tmp_path / "dumps").mkdir()
    dumps = {one: databases.dump_path(shops[one], "migrated", 17) for one in versions}
    for one in made:
        dumps[one].touch()
    assert databases._older(shops[version], 17) == dumps.get(base or "")


@pytest.mark.parametrize(
    ("asked", "plain", "saleor"),
    [
        ("", ["tests"], ["tests/saleor"]),
        ("-k mail -x", ["-k", "mail", "-x", "tests"], ["-k", "mail", "-x", "tests/saleor"]),
        ("tests/test_dev.py -q", ["tests/test_dev.py", "-q"], None),
        ("tests/saleor/test_mail.py::test_a", None, ["tests/saleor/test_mail.py::test_a"]),
    ],
)
def test_tests_that_are_named_run_alone(asked: str, plain: object, saleor: object) -> None:
    words = asked.split()
    assert (chosen_by(words, saleor=False), chosen_by(words, saleor=True)) == (plain, saleor)


@pytest.mark.parametrize(
    ("found", "status", "says"),
    [
        ({"version": "5.2", "vulns": []}, 0, "0 known"),
        ({"skip_reason": "Dependency not found on PyPI"}, 2, "nothing is known of 1: django"),
        ({"name": audit.OWN, "skip_reason": "Dependency not found on PyPI"}, 0, "0 known"),
        ({"version": "5.2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2.1"]}]}, 1,
         "django 5.2: PYSEC-1, mended in 5.2.1"),
    ],
)  # fmt: skip
def test_an_audit_that_asked_nothing_is_no_good_news(found, status, says, capsys):
    assert audit.told([{"name": "django", **found}]) == status
    assert says in capsys.readouterr().err
