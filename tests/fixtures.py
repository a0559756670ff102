"""Fixtures of the plain suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jokkerit_plugin.shop import port
from tests.paper_shop import PaperShop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PaperShop]:
    """A shop on paper, installed as this process's port."""
    # Models: not before Django is set up.
    from jokkerit_plugin.marketing import remembered

    before = port._port
    paper = PaperShop.at(tmp_path)
    port.install(paper.port)
    # A database that a test emptied is no restored one.
    remembered.forget()
    yield paper
    port.install(before)
