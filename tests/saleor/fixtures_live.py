"""The shops of real processes that the tests of a run share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dev.servers import servers
from dev.shop import Shop
from tests.saleor.live import Live, this_saleor


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """A shop with a history, in which the plugin was installed just now and then backfilled."""
    with servers() as running, Shop(this_saleor(), running) as shop:
        shop.start_web(wait=False)
        shop.start_worker(wait=False)
        shop.manage("migrate", "jokkerit_plugin")
        shop.wait_web()
        shop.wait_worker()
        shop.start_beat()
        shop.manage("register_backfill")
        yield Live(shop)
