"""The crowd that shops while the processes are being killed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence

from demo import orders, payments, records
from demo.client import Client, ShopError
from demo.load import Completed, Kind, Load, load
from dev.paths import DevError
from tests.saleor.live import Live

#: Everybody new, and two people who come again and again: events of one customer at once.
KINDS = (Kind(), Kind(guests=2))
PATIENCE_SECONDS = 120.0
LATEST = """query latest { orders(first: 20, sortBy: {field: NUMBER, direction: DESC})
    { edges { node { id } } } }"""


class Crowd:
    """Checkouts from one thread for each of `KINDS`, and staff, as long as the block lasts."""

    def __init__(self, live: Live) -> None:
        self.live, self.stop = live, threading.Event()
        self.loads: list[Load] = []
        self._threads = [
            threading.Thread(target=self._run, args=(number, kind), daemon=True)
            for number, kind in enumerate(KINDS)
        ]
        self._threads.append(threading.Thread(target=self._serve, daemon=True))

    def _run(self, number: int, kind: Kind) -> None:
        store, url = self.live.store, self.live.store.staff.url
        tag = f"chaos{number}"

        def client() -> Client:
            return Client(url, timeout=20)

        self.loads.append(load(client, store, threads=1, stop=self.stop, kind=kind, tag=tag))

    def _serve(self) -> None:
        """Staff changes orders just placed, as far as the shop is there to do it."""
        staff, dice = self.live.store.staff, random.Random("staff")
        acts = (
            lambda order: orders.set_metadata(staff, order.id, {"hylly": str(dice.random())}),
            lambda order: orders.update(staff, order, email=f"oikaistu.{order.email}"),
            lambda order: orders.confirm(staff, order),
            lambda order: payments.charge(staff, order),
            lambda order: orders.cancel(staff, order),
        )
        while not self.stop.wait(0.5):
            try:
                edges = staff.call(LATEST)["orders"]["edges"]
                order = records.look(staff, dice.choice(edges)["node"]["id"])
                dice.choice(acts)(order)
            except ShopError:
                continue

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

    def count(self) -> int:
        """How many orders stand in the shop by now."""
        return len(self.live.order_keys())

    def wait_for_orders(self, more: int) -> int:
        """Wait until that many more orders stand: the shop sells again; how many there are."""
        wanted = self.count() + more
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (now := self.count()) < wanted:
            if time.monotonic() > deadline:
                raise DevError(f"the shop sold nothing for {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.1)
        return now
