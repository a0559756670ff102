"""A shop that may be broken."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from demo.client import Answer
from dev.servers import Servers
from dev.valkey import Valkey
from tests.saleor.live import Live


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
