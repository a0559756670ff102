"""Checkouts as fast as the shop takes them, for kill tests and measurements.

Every answer to `checkoutComplete` is kept as it came. What fails before that (the shop is
being killed, after all) is kept too, under the name of the step.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from demo import payments, records
from demo.assortment import DOWNLOAD
from demo.client import Answer, Client, Json, ShopError, mutation
from demo.people import People, Person
from demo.records import CHECKOUT, Basket
from demo.shopfloor import Shop

# A channel that takes orders before the money, so that a checkout is two requests.
MARKET = "sverige"
PAUSE_SECONDS = 0.05

START = mutation("checkoutCreate", f"checkout {{ {CHECKOUT} }}", {"input": "CheckoutCreateInput!"})
DELIVER = mutation(
    "checkoutDeliveryMethodUpdate",
    f"checkout {{ {CHECKOUT} }}",
    {"id": "ID", "deliveryMethodId": "ID"},
)
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
    """Runs until `stop` is set, or until `limit` checkouts were answered; never raises for
    what the shop does. `make_client` is called once in each thread."""
    result, ready = Load(), Kind() if kind is None else kind
    began = time.monotonic()

    def shopper(number: int) -> None:
        client, people = make_client(), People(f"load {tag} {number}", f"{tag}l{number}x")
        regulars = [people.next("SE") for _ in range(ready.guests)]
        turn = 0
        while not stop.is_set() and (limit is None or len(result.completed) < limit):
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
    basket = _ready_basket(client, shop, person, kind, result)
    if basket is None:
        time.sleep(PAUSE_SECONDS)
        return
    answer = client.post(COMPLETE, {"id": basket.id})
    order = (None if answer.errors() else _payload(answer, "checkoutComplete", "order")) or {}
    result.completed.append(
        Completed(
            checkout=basket.id,
            email=person.email,
            order=order.get("id"),
            number=order.get("number"),
            answer=answer,
            ended=time.time(),
        )
    )


def _ready_basket(
    client: Client, shop: Shop, person: Person, kind: Kind, result: Load
) -> Basket | None:
    settings: Json = {
        "channel": MARKET,
        "lines": [{"variantId": shop.variants[kind.sku], "quantity": 1}],
        "email": person.email,
        "billingAddress": person.address,
    }
    if shop.is_sent(kind.sku):
        settings["shippingAddress"] = person.address
    basket = _step(client, "checkoutCreate", START, {"input": settings}, shop, result)
    if basket and basket.is_sent:
        chosen = {"id": basket.id, "deliveryMethodId": shop.shipping["Posti"]}
        basket = _step(client, "checkoutDeliveryMethodUpdate", DELIVER, chosen, shop, result)
    if basket and kind.paid:
        try:
            payments.charge(shop.staff, basket)
        except ShopError as error:
            told = Answer(0, str(error), None, 0.0)
            result.broken.append(Broken("transactionCreate", told, time.time()))
            return None
    return basket


def _step(
    client: Client, name: str, document: str, variables: Json, shop: Shop, result: Load
) -> Basket | None:
    answer = client.post(document, variables)
    checkout = None if answer.errors() else _payload(answer, name, "checkout")
    if checkout is None:
        result.broken.append(Broken(name, answer, time.time()))
        return None
    return records.basket(shop.market(MARKET), checkout)


def _payload(answer: Answer, name: str, noun: str) -> Json | None:
    found: Json | None = ((answer.body or {}).get("data") or {}).get(name, {}).get(noun)
    return found
