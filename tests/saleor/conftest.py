"""The Saleor suite. Its shops: `fixtures_live.py` (processes), `fixtures_inside.py` (in here)."""

from collections.abc import Iterator

import pytest

from dev.servers import Servers, servers
from tests.conftest import BESIDE_SALEOR


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run where there is no Saleor: a skipped suite would look like a passed one."""
    if not BESIDE_SALEOR:
        raise pytest.UsageError(
            "tests/saleor runs in an environment layered over Saleor: make test ONLY=saleor"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the journeys come first: what they leave in the shop the books are made of."""
    items.sort(key=lambda item: item.path.stem != "test_journeys")


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Servers]:
    """The servers of all shops that nobody breaks."""
    with servers() as running:
        yield running
