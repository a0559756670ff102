"""What the tests of a module begin with, made once: each finds it as it was made.

    house = standing(__name__, furnished)     # furnished(shop, monkeypatch) makes and returns it

Its rows stand in a transaction that lasts while the tests that want it follow one another, each
within a savepoint; of the shop on paper and of what was made, each gets a copy. So PostgreSQL's
now() is when it was made. For a test that commits it is made anew.
"""

import copy
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.shop import port
from tests.paper_shop import PaperShop

Build = Callable[[PaperShop, Any], Any]
_BUILDS: dict[str, Build] = {}


class Patches:
    """A monkeypatch that repeats what it was told, for each test that begins with what was made."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._told: list[tuple[str, tuple[Any, ...]]] = []

    def setenv(self, *given: str) -> None:
        """As a monkeypatch does."""
        self._tell("setenv", given)

    def setattr(self, *given: Any) -> None:
        """As a monkeypatch does; of modules."""
        self._tell("setattr", given)

    def _tell(self, what: str, given: tuple[Any, ...]) -> None:
        self._told.append((what, given))
        getattr(self._patch, what)(*given)

    def repeat(self, patch: pytest.MonkeyPatch) -> None:
        """Tell it all to another."""
        for what, given in self._told:
            getattr(patch, what)(*given)


class Stand:
    """What was made, and the transaction in which its rows stand."""

    #: The one whose transaction is open, and the test that is about to be set up.
    now: "Stand | None" = None
    item: pytest.Item

    def __init__(self, build: Build, shops: Path, blocker: Any) -> None:
        self.build, self.shops, self._blocker = build, shops, blocker
        self._atomic = transaction.atomic()
        # As in Django's TestCase: a durable block may stand in it.
        self._atomic._from_testcase = True  # type: ignore[attr-defined]
        with blocker.unblock():
            self._atomic.__enter__()
        Stand.now = self
        try:
            self._make()
        except BaseException:
            self.end()
            raise

    def _make(self) -> None:
        before = port._port
        with self._blocker.unblock(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "APART", timedelta.max)
            self.patches, self.shop = Patches(patch), new_shop(self.shops)
            port.install(self.shop.port)
            try:
                self.made = self.build(self.shop, self.patches)
            finally:
                port.install(before)

    def end(self) -> None:
        """Take the rows back, unless it was done."""
        if Stand.now is self:
            Stand.now = None
            with self._blocker.unblock():
                transaction.set_rollback(True)
                self._atomic.__exit__(None, None, None)


def new_shop(shops: Path) -> PaperShop:
    """Open a shop in a folder of its own (`tmp_path` looks through thousands to make the next)."""
    return PaperShop.at(Path(tempfile.mkdtemp(dir=shops)))


def standing(module: str, build: Build) -> Any:
    """Return the fixture of what a module's tests begin with; `shop` is the shop that it is of."""
    _BUILDS[module] = build

    def made(beginning: tuple[PaperShop, Any] | None, shop: PaperShop, monkeypatch: Any) -> Any:
        return beginning[1] if beginning else build(shop, monkeypatch)

    return pytest.fixture(made)


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all shops."""
    return tmp_path_factory.mktemp("shops")


@pytest.fixture(scope="module")
def stand(
    request: pytest.FixtureRequest, shops: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Stand | None]:
    """What stands for this module's tests; None: those that come now commit."""
    if not begins(Stand.item):
        yield None
        return
    found = Stand(_BUILDS[request.module.__name__], shops, django_db_blocker)
    yield found
    found.end()


@pytest.fixture
def beginning(stand: Stand | None, monkeypatch: pytest.MonkeyPatch) -> tuple[PaperShop, Any] | None:
    """A copy of the shop and of what was made in it; None: nothing stands."""
    if stand is None or Stand.now is not stand:
        return None
    stand.patches.repeat(monkeypatch)
    return copy.deepcopy((stand.shop, stand.made))


def begins(item: Any) -> bool:
    """Tell whether a test begins with what stands."""
    names, mark = set(item.fixturenames), item.get_closest_marker("django_db")
    if names & {"transactional_db", "live_server"}:
        return False
    return "stand" in names and not (mark and mark.kwargs.get("transaction"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Let those of a module that begin with what stands come first."""
    runs = groupby(items, key=lambda item: item.module)
    items[:] = [one for _, run in runs for one in sorted(run, key=lambda item: not begins(item))]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Take back what stands before a test that does not begin with it."""
    Stand.item = item
    if Stand.now and not begins(item):
        Stand.now.end()
