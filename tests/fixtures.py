"""Fixtures of the plain suite."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.shop import port
from tests.paper_shop import PaperShop
from tests.standing import new_shop


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests set the clock of this process; the database's is taken to go with it."""
    monkeypatch.setattr(clock, "APART", timedelta.max)


@pytest.fixture
def shop(request: pytest.FixtureRequest, shops: Path) -> Iterator[PaperShop]:
    """A shop on paper, installed as this process's port."""
    # Models: not before Django is set up.
    from jokkerit_plugin.marketing import remembered

    before = port._port
    beginning = (
        request.getfixturevalue("beginning") if "beginning" in request.fixturenames else None
    )
    paper = beginning[0] if beginning else new_shop(shops)
    port.install(paper.port)
    # A database that a test emptied is no restored one.
    remembered.forget()
    yield paper
    port.install(before)


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment."""
    from tests.asking import KEYS

    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)


@pytest.fixture
def aino(shop: PaperShop) -> int:
    """An account with a delivered order, and those who deal with it; the customer's key."""
    from tests.asking import somebody

    return somebody(shop)
