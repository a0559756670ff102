"""What comes of a stem is a process as if started by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.paths import DevError
from dev.stem import POSSIBLE, BranchProcess, Stem

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="this system has no pidfd")

ENV = {"PATH": os.environ["PATH"], "WHO": "stem"}
TOLD = """
import json, os, sys
print(json.dumps([sys.argv, os.environ["WHO"], os.getcwd(), os.getsid(0) == os.getpid(),
    sys.stdin.read(), "celery" in sys.modules, sys.path[1], os.listdir("/proc/self/fd")]))
print("said", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stem]:
    cwd = tmp_path_factory.mktemp("stem")
    made = Stem(Path(sys.executable), env=ENV, cwd=cwd, log=cwd / "log", of="libraries")
    yield made
    made.close()


def told(stem: Stem, folder: Path, *argv: str, **given: object) -> tuple[object, str]:
    """What a program tells as JSON, and what it says besides."""
    (folder / "in").write_text("hello")
    with (folder / "in").open() as first, (folder / "out").open("w") as out:
        with (folder / "err").open("w") as err:
            files = [first.fileno(), out.fileno(), err.fileno()]
            branch = stem.divide([stem.python, *argv], files, **given)  # type: ignore[arg-type]
        branch.wait(20)
    return json.loads((folder / "out").read_text()), (folder / "err").read_text()


def test_its_files_environment_and_folder_are_its_own(stem: Stem, tmp_path: Path) -> None:
    env = {**ENV, "WHO": "another", "PYTHONPATH": str(tmp_path)}
    found, said = told(stem, tmp_path, "-c", TOLD, "a b", env=env, cwd=tmp_path)

    argv, who, cwd, leads, read, imported, path, files = found  # type: ignore[misc]
    assert (argv, who, cwd) == (["-c", "a b"], "another", str(tmp_path))
    assert (leads, read, imported, path) == (True, "hello", True, str(tmp_path))
    assert said == "said\n"
    # Beside the three the one with which the folder was read.
    assert len(files) == 4
    # Of the next one nothing of this is left.
    found, _ = told(stem, tmp_path, "-c", TOLD)
    assert found[1:3] == ["stem", str(stem.cwd)]  # type: ignore[index]


def test_a_module_runs_as_the_main_one(stem: Stem, tmp_path: Path) -> None:
    (tmp_path / "told_by_itself.py").write_text(
        "import json, sys\nprint(json.dumps([__name__, sys.argv]))\n"
    )
    env = {**ENV, "PYTHONPATH": str(tmp_path)}

    (name, argv), _ = told(stem, tmp_path, "-m", "told_by_itself", "--so", env=env)  # type: ignore[misc]

    assert name == "__main__"
    assert argv == [str(tmp_path / "told_by_itself.py"), "--so"]


def test_it_is_killed_seen_to_have_ended_and_started_again(stem: Stem, tmp_path: Path) -> None:
    argv = [stem.python, "-c", "import time; print('here', flush=True); time.sleep(600)"]
    process = BranchProcess("sleeper", argv, stem=stem, log=tmp_path / "log")
    for times in (1, 2):
        process.start()
        process.until(lambda times=times: process.tail().count("here") == times, 20, "printing")  # type: ignore[misc]
        assert process.alive
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0)
        pid = process.pid
        process.kill()
        assert not process.alive
        state = Path(f"/proc/{pid}/stat")
        assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_it_can_be_killed_as_soon_as_it_has_been_started(stem: Stem, tmp_path: Path) -> None:
    argv = [stem.python, "-c", "import time; time.sleep(600)"]
    process = BranchProcess("sleeper", argv, stem=stem, log=tmp_path / "log")
    for _ in range(50):
        process.start()
        process.kill()
        assert not process.alive


def test_one_of_another_has_its_own_environment(stem: Stem, tmp_path: Path) -> None:
    made = Stem(
        Path(stem.python), env={**ENV, "WHO": "child"}, cwd=tmp_path, log=tmp_path / "log",
        base=stem, of="libraries",
    )  # fmt: skip
    found, _ = told(made, tmp_path, "-c", TOLD)
    made.close()

    assert found[1:3] == ["child", str(tmp_path)]  # type: ignore[index]


def test_what_could_not_be_imported_is_told(tmp_path: Path) -> None:
    made = Stem(Path(sys.executable), env=ENV, cwd=tmp_path, log=tmp_path / "log")
    with pytest.raises(DevError, match="ImproperlyConfigured"):
        made.divide([made.python, "-c", "pass"], [0, 1, 2])
    made.close()
