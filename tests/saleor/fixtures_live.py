"""The shops of real processes that the tests of a run share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from demo.client import Answer
from demo.load import COMPLETE
from dev.servers import Servers, servers
from dev.shop import Shop
from dev.valkey import Valkey
from tests.saleor.live import Live, breakable_shop, this_saleor


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
        here = Live(shop)
        here.configure(fill_checkouts=True)
        shop.manage("register_backfill")
        yield here


@dataclass
class Rough:
    """A shop that may be broken: its servers are its own, its web server takes sabotage.

    `unmigrated`: what checkoutComplete answered before the plugin's tables were there.
    """

    live: Live
    servers: Servers
    unmigrated: list[Answer]

    @property
    def broker(self) -> Valkey:
        """The own broker, or skip where the environment's is used."""
        if self.servers.valkey is None:
            pytest.skip("the broker is not ours to kill")
        return self.servers.valkey

    @contextmanager
    def broker_away(self, how: str) -> Iterator[None]:
        """ "down": refuses connections. "hanging": takes them and never answers."""
        broker = self.broker
        if how == "down":
            broker.kill()
        else:
            broker.process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            if how == "down":
                broker.start()
            else:
                broker.process.send(signal.SIGCONT)


@pytest.fixture(scope="session")
def rough() -> Iterator[Rough]:
    """A shop that was opened before anybody migrated the plugin, and mended afterwards."""
    with servers(durable=True, persistent=True) as running:
        with breakable_shop(this_saleor(), running) as shop:
            shop.start()
            live = Live(shop)
            baskets = [
                live.stage.fill("sverige", live.stage.person("sverige"), {"JR-PAITA": 1})
                for _ in range(2)
            ]
            answers = [live.stage.guest.post(COMPLETE, {"id": one.id}) for one in baskets]
            shop.manage("migrate", "jokkerit_plugin")
            yield Rough(live, running, answers)
