"""The shops of real processes that the tests of a run share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.load import COMPLETE
from dev.servers import Servers, servers
from tests.saleor.live import Live, breakable_shop, logs_of, ordinary_shop, this_saleor
from tests.saleor.posted import Posted, posted_shop
from tests.saleor.rough import Rough


@pytest.fixture(scope="session")
def live(own_servers: Servers) -> Iterator[Live]:
    """A shop with a history, in which the plugin was installed just now and then backfilled."""
    saleor = this_saleor()
    with ordinary_shop(saleor, own_servers, logs_of(saleor, "live")) as shop:
        here = Live(shop)
        here.commands.start()
        shop.start()
        here.commands.run("migrate", "jokkerit_plugin")
        here.configure(fill_checkouts=True)
        here.commands.run("register_backfill")
        yield here
        here.kill()


@pytest.fixture(scope="session")
def rough() -> Iterator[Rough]:
    """A shop that was opened before anybody migrated the plugin, and mended afterwards."""
    saleor = this_saleor()
    with (
        servers(durable=True, persistent=True) as running,
        breakable_shop(saleor, running, logs_of(saleor, "rough")) as shop,
    ):
        live = Live(shop)
        live.commands.start()
        shop.start()
        baskets = [
            live.stage.fill("sverige", live.stage.person("sverige"), {"JR-PAITA": 1})
            for _ in range(2)
        ]
        answers = [live.stage.guest.post(COMPLETE, {"id": one.id}) for one in baskets]
        live.commands.run("migrate", "jokkerit_plugin")
        live.configure(fill_checkouts=True)
        yield Rough(live, running, answers)
        live.kill()


@pytest.fixture(scope="session")
def posted(own_servers: Servers) -> Iterator[Posted]:
    """A shop whose mail is read."""
    with posted_shop(own_servers) as made:
        yield made
