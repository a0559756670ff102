"""Plays a mix of journeys in a shop, the same mix for the same seed.

python -m demo.drive --url http://localhost:8000/graphql/ --orders 300 --seed 7
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.client import Client, Login, ShopError
from demo.journeys import JOURNEYS, Journey
from demo.shopfloor import Shop, open_shop
from demo.stage import Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAFF = Login("admin@example.com", "admin")


@dataclass(frozen=True)
class Event:
    """One journey, played or failed. `orders` counts all orders so far."""

    journey: str
    orders: int
    seconds: float
    outcome: Outcome | None
    error: str | None


@dataclass
class Report:
    shop: Shop
    events: list[Event] = field(default_factory=list)

    @property
    def outcomes(self) -> list[Outcome]:
        return [event.outcome for event in self.events if event.outcome]

    @property
    def failures(self) -> list[Event]:
        return [event for event in self.events if event.error]

    @property
    def orders(self) -> int:
        return sum(len(outcome.orders) for outcome in self.outcomes)


def staff_client(url: str, login: Login = STAFF) -> Client:
    return Client(url, login=login)


def drive(
    client: Client,
    *,
    orders: int,
    seed: int,
    on_event: Callable[[Event], None] | None = None,
    shop: Shop | None = None,
) -> Report:
    """Plays journeys until `orders` orders are placed. `client` is a superuser's.

    A journey that the shop refuses is reported and left there; the others go on.
    """
    report = Report(shop or open_shop(client))
    stage = Stage(report.shop, seed, _tag(report.shop))
    for journey in deck(seed):
        if report.orders >= orders or _hopeless(report):
            return report
        _next(report, stage, journey, on_event)
    raise AssertionError("the deck is endless")


def drive_each(
    client: Client,
    *,
    seed: int,
    on_event: Callable[[Event], None] | None = None,
    shop: Shop | None = None,
) -> Report:
    """Plays every journey once, in the order in which they are listed."""
    report = Report(shop or open_shop(client))
    stage = Stage(report.shop, seed, _tag(report.shop))
    for journey in JOURNEYS.values():
        _next(report, stage, journey, on_event)
    return report


def deck(seed: int) -> Iterator[Journey]:
    """Every journey as often as it weighs, shuffled, again and again."""
    chance = random.Random(f"deck {seed}")
    while True:
        cards = [journey for journey in JOURNEYS.values() for _ in range(journey.weight)]
        chance.shuffle(cards)
        yield from cards


def _next(
    report: Report, stage: Stage, journey: Journey, on_event: Callable[[Event], None] | None
) -> None:
    event = _play(stage, journey, report.orders)
    report.events.append(event)
    if on_event:
        on_event(event)


def _play(stage: Stage, journey: Journey, before: int) -> Event:
    began = time.monotonic()
    try:
        outcome = journey.play(stage)
    except ShopError as error:
        return Event(journey.name, before, time.monotonic() - began, None, str(error))
    count = before + len(outcome.orders)
    return Event(journey.name, count, time.monotonic() - began, outcome, None)


def _hopeless(report: Report) -> bool:
    """Does the shop refuse everything? Then going on would never end."""
    last = report.events[-10:]
    return len(last) == 10 and all(event.error for event in last)


def _tag(shop: Shop) -> str:
    """Empty in a shop that was never driven, so that e-mail addresses depend on the seed only."""
    query = """query orders($filter: OrderFilterInput) {
        orders(filter: $filter, first: 1) { totalCount } }"""
    channels = list(shop.channels.values())
    count = shop.staff.call(query, {"filter": {"channels": channels}})["orders"]["totalCount"]
    return f"{count}x" if count else ""


def _tell(event: Event) -> None:
    said = f"refused: {event.error}" if event.error else ""
    print(f"{event.orders:5d}  {event.seconds:5.1f} s  {event.journey} {said}", flush=True)  # noqa: T201


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.drive")
    parser.add_argument("--url", default="http://localhost:8000/graphql/")
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", action="store_true", help="play every journey once instead")
    parser.add_argument("--email", default=STAFF.email)
    parser.add_argument("--password", default=STAFF.password)
    options = parser.parse_args()
    client = staff_client(options.url, Login(options.email, options.password))
    began = time.monotonic()
    if options.each:
        report = drive_each(client, seed=options.seed, on_event=_tell)
    else:
        report = drive(client, orders=options.orders, seed=options.seed, on_event=_tell)
    seconds = time.monotonic() - began
    played = Counter(event.journey for event in report.events if event.outcome)
    print(  # noqa: T201
        f"{report.orders} orders by {played.total()} journeys in {seconds:.0f} s, "
        f"{report.orders / seconds:.2f} orders/s, {len(report.failures)} refused"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
