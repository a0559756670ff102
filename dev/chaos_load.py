"""The crowd that shops while the processes are being killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from demo.client import Client
from demo.load import Completed, Kind, Load, load
from dev.paths import DevError
from tests.saleor.live import Live

#: Everybody new, and two people who come again and again: events of one customer at once.
KINDS = (Kind(), Kind(guests=2))
PATIENCE_SECONDS = 120.0


class Crowd:
    """Checkouts from one thread for each of `KINDS`, as long as the block lasts."""

    def __init__(self, live: Live) -> None:
        self.live, self.stop = live, threading.Event()
        self.loads: list[Load] = []
        self._threads = [
            threading.Thread(target=self._run, args=(number, kind), daemon=True)
            for number, kind in enumerate(KINDS)
        ]

    def _run(self, number: int, kind: Kind) -> None:
        store, url = self.live.store, self.live.store.staff.url
        tag = f"chaos{number}"

        def client() -> Client:
            return Client(url, timeout=20)

        self.loads.append(load(client, store, threads=1, stop=self.stop, kind=kind, tag=tag))

    def __enter__(self) -> Crowd:
        _ = self.live.store
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    @property
    def completed(self) -> Sequence[Completed]:
        """Every answer to checkoutComplete; after the block."""
        return [one for each in self.loads for one in each.completed]

    @property
    def placed(self) -> Sequence[Completed]:
        """Those that told of an order; after the block."""
        return [one for one in self.completed if one.order]

    def orders(self) -> int:
        """How many orders stand in the shop by now."""
        return len(self.live.order_keys())

    def wait_for_orders(self, more: int) -> int:
        """Wait until that many more orders stand: the shop sells again; how many there are."""
        wanted = self.orders() + more
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (now := self.orders()) < wanted:
            if time.monotonic() > deadline:
                raise DevError(f"the shop sold nothing for {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.1)
        return now
