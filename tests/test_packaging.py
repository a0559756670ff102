"""The wheel, the sdist and the editable install carry the package, migrations and all."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENTRY_POINT = "jokkerit_plugin = jokkerit_plugin.saleor_bridge.plugin:RegisterPlugin"
LOAD = """
import importlib.metadata, sys
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "jokkerit_plugin"],
    DATABASES={"default": {"ENGINE": "django.db.backends.dummy"}},
)
django.setup()
from django.db.migrations.loader import MigrationLoader
import jokkerit_plugin, jokkerit_plugin.migrations
assert ("jokkerit_plugin", "0001_initial") in MigrationLoader(None).disk_migrations
(found,) = importlib.metadata.entry_points(group="saleor.plugins", name="jokkerit_plugin")
print(found.value)
print(jokkerit_plugin.__file__)
print(jokkerit_plugin.migrations.__file__)
"""


def python(*argv: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *argv], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def modules() -> set[str]:
    """Every module of the clone, as its file's path inside a wheel."""
    package = ROOT / "jokkerit_plugin"
    found = {str(file.relative_to(ROOT)) for file in package.rglob("*.py")}
    migrations = (ROOT / "migrations").glob("*.py")
    return found | {f"jokkerit_plugin/migrations/{file.name}" for file in migrations}


def data() -> set[str]:
    """Everything else in the package that is kept in git."""
    listed = subprocess.run(
        ["git", "ls-files", "jokkerit_plugin"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name for name in listed.stdout.split("\n") if name and not name.endswith(".py")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist; the wheel is built from the sdist."""
    folder = tmp_path_factory.mktemp("built")
    python("-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    return folder


def test_the_wheel_carries_every_module_and_the_entry_point(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (points,) = (name for name in names if name.endswith("/entry_points.txt"))
        told = archive.read(points).decode()
    assert modules() - names == set(), "name the missing packages in setup.cfg"
    assert data() - names == set(), "name the missing files in setup.cfg's package_data"
    assert ENTRY_POINT in told
    assert {name.split("/")[0].split("-")[0] for name in names} == {"jokkerit_plugin"}


def test_the_sdist_carries_every_module(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {n.replace("jokkerit_plugin/migrations/", "migrations/") for n in modules()} <= names
    assert {"LICENSE", "setup.cfg", "pyproject.toml", "migrations/0001_initial.py"} <= names


def test_an_installed_wheel_is_a_django_app_with_migrations(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    pip = ("-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path / "site"))
    python(*pip, str(wheel), cwd=tmp_path)
    # -S and -I would hide the dependencies too; the target folder comes first instead.
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n{LOAD}"
    value, package, migrations = python("-P", "-c", code, cwd=tmp_path).splitlines()
    assert ENTRY_POINT.endswith(value)
    assert Path(package).is_relative_to(tmp_path / "site")
    assert Path(migrations).is_relative_to(tmp_path / "site")


def test_the_editable_install_finds_the_migrations_at_the_root(tmp_path: Path) -> None:
    value, package, migrations = python("-P", "-c", LOAD, cwd=tmp_path).splitlines()
    assert ENTRY_POINT.endswith(value)
    assert Path(package) == ROOT / "jokkerit_plugin" / "__init__.py"
    assert Path(migrations) == ROOT / "migrations" / "__init__.py"
