"""Checkouts as fast as the shop takes them, for kill tests and measurements.

Every answer to `checkoutComplete` is kept as it came. What fails before that (the shop is
being killed, after all) is kept too, under the name of the step.
"""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo import payments, records
from demo.assortment import DOWNLOAD
from demo.client import Answer, Argument, Client, Json, ShopError, mutation
from demo.people import People, Person
from demo.records import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.shopfloor import Shop

# A channel that takes orders before the money, so that a checkout is two requests.
MARKET = "sverige"
PAUSE_SECONDS = 0.05

COMPLETE = mutation("checkoutComplete", "order { id number }", {"id": "ID"})


@dataclass(frozen=True)
class Completed:
    """An answer to checkoutComplete. `order` is None if it was an error or none came; the
    order may stand all the same: ask Saleor for the one whose checkout it is."""

    checkout: str
    email: str
    order: str | None
    number: str | None
    answer: Answer
    ended: float  # time.time()


@dataclass(frozen=True)
class Broken:
    """A step before checkoutComplete that failed."""

    step: str
    answer: Answer
    ended: float


@dataclass
class Load:
    completed: list[Completed] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def placed(self) -> list[Completed]:
        return [one for one in self.completed if one.order]

    @property
    def refused(self) -> list[Completed]:
        return [one for one in self.completed if not one.order]


@dataclass(frozen=True)
class Kind:
    """What each shopper does: goods that are sent cost one more request, paying another one."""

    sku: str = DOWNLOAD
    paid: bool = False
    guests: int = 0  # that many different people take turns; 0: everybody is new


def load(
    make_client: Callable[[], Client],
    shop: Shop,
    *,
    threads: int,
    stop: threading.Event,
    kind: Kind | None = None,
    tag: str = "",
    limit: int | None = None,
) -> Load:
    """Runs until `stop` is set, or until `limit` checkouts were begun; never raises for what
    the shop does. `make_client` is called once in each thread."""
    result, ready = Load(), Kind() if kind is None else kind
    tickets = itertools.count()  # next() on it is atomic
    began = time.monotonic()

    def shopper(number: int) -> None:
        client, people = make_client(), People(f"load {tag} {number}", f"{tag}l{number}x")
        regulars = [people.next("SE") for _ in range(ready.guests)]
        turn = 0
        while not stop.is_set() and (limit is None or next(tickets) < limit):
            person = regulars[turn % len(regulars)] if regulars else people.next("SE")
            turn += 1
            _shop_once(client, shop, person, ready, result)

    workers = [threading.Thread(target=shopper, args=(n,), daemon=True) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    result.seconds = time.monotonic() - began
    return result


def _shop_once(client: Client, shop: Shop, person: Person, kind: Kind, result: Load) -> None:
    checkout = _ready_checkout(client, shop, person, kind, result)
    if checkout is None:
        time.sleep(PAUSE_SECONDS)
        return
    answer = client.post(COMPLETE, {"id": checkout})
    order = (None if answer.errors() else _payload(answer, "checkoutComplete", "order")) or {}
    result.completed.append(
        Completed(
            checkout=checkout,
            email=person.email,
            order=order.get("id"),
            number=order.get("number"),
            answer=answer,
            ended=time.time(),
        )
    )


def _ready_checkout(
    client: Client, shop: Shop, person: Person, kind: Kind, result: Load
) -> str | None:
    """The id of a checkout that can be completed, or None when a step failed."""
    settings: Json = {
        "channel": MARKET,
        "lines": [{"variantId": shop.variants[kind.sku], "quantity": 1}],
        "email": person.email,
        "billingAddress": person.address,
    }
    if shop.is_sent(kind.sku):
        settings["shippingAddress"] = person.address
    given: dict[str, Argument] = {"input": ("CheckoutCreateInput!", settings)}
    checkout = _step(client, "checkoutCreate", given, kind, result)
    if checkout and shop.is_sent(kind.sku):
        given = {"id": ("ID", checkout["id"]), "deliveryMethodId": ("ID", shop.shipping["Posti"])}
        checkout = _step(client, "checkoutDeliveryMethodUpdate", given, kind, result)
    if checkout and kind.paid and not _pay(shop, checkout, result):
        return None
    return str(checkout["id"]) if checkout else None


def _step(
    client: Client, name: str, given: dict[str, Argument], kind: Kind, result: Load
) -> Json | None:
    # Asking for prices makes Saleor compute them: only when they are needed.
    select = f"checkout {{ {CHECKOUT if kind.paid else 'id'} }}"
    document = mutation(name, select, {key: typed for key, (typed, _) in given.items()})
    answer = client.post(document, {key: value for key, (_, value) in given.items()})
    checkout = None if answer.errors() else _payload(answer, name, "checkout")
    if checkout is None:
        result.broken.append(Broken(name, answer, time.time()))
    return checkout


def _pay(shop: Shop, checkout: Json, result: Load) -> bool:
    try:
        payments.charge(shop.staff, records.basket(shop.market(MARKET), checkout))
    except ShopError as error:
        told = Answer(0, str(error), None, 0.0)
        result.broken.append(Broken("transactionCreate", told, time.time()))
        return False
    return True


def _payload(answer: Answer, name: str, noun: str) -> Json | None:
    found: Json | None = ((answer.body or {}).get("data") or {}).get(name, {}).get(noun)
    return found
