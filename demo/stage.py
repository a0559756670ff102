"""Where journeys are played: the shop, a row of invented people and a source of chance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo import accounts, checkouts, orders, payments, records
from demo.assortment import GOODS, MARKETS
from demo.people import People, Person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from demo.accounts import Account
    from demo.client import Client, Json
    from demo.records import Basket, Placed
    from demo.shopfloor import Shop


@dataclass(frozen=True)
class Outcome:
    """What a journey left. `orders` as they stood at its end, `emails` every address used,
    `gone` the ids of what was deleted, `checkouts` the ids of baskets nobody completed."""

    orders: tuple[Placed, ...] = ()
    accounts: tuple[Account, ...] = ()
    emails: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    checkouts: tuple[str, ...] = ()


class Stage:
    """Chance is drawn alike in every shop: what Saleor answers never decides what comes next."""

    def __init__(self, shop: Shop, seed: int | str, tag: str = "") -> None:
        self.shop = shop
        self.staff = shop.staff
        self.guest = shop.guest()
        self.tag = tag
        self.pick = random.Random(f"stage {seed}")
        self.people = People(seed, tag)
        self._references = 0

    def market(self) -> str:
        """Most people buy in Finland."""
        return self.pick.choices(list(MARKETS), weights=(60, 20, 10, 10))[0]

    def person(self, market: str) -> Person:
        countries = MARKETS[market].countries
        weights = [len(countries) * 2, *[1] * (len(countries) - 1)]
        return self.people.next(self.pick.choices(countries, weights)[0])

    def wanted(self, kinds: int = 0) -> dict[str, int]:
        """Some goods to be sent; at least two kinds if `kinds` says so."""
        count = kinds or self.pick.randint(1, 3)
        return {sku: self.pick.randint(1, 4) for sku in self.pick.sample(GOODS, count)}

    def reference(self) -> str:
        self._references += 1
        return f"VK-{self.tag}{self._references}"

    def account(self, market: str = "suomi") -> Account:
        return accounts.register(self.shop, self.person(market), market)

    def fill(
        self,
        market: str,
        person: Person,
        wanted: Mapping[str, int] | None = None,
        *,
        client: Client | None = None,
        email: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Basket:
        """A basket with addresses and a way of delivery, ready to be paid."""
        goods = self.wanted() if wanted is None else wanted
        method = self.pick.choice(("Posti", "Posti", "Nouto"))
        actor = client or self.guest
        basket = checkouts.start(
            actor, self.shop, market, goods, person, email=email, metadata=metadata
        )
        return checkouts.choose_delivery(actor, self.shop, basket, method)

    def pay_and_place(self, basket: Basket, client: Client | None = None) -> Placed:
        """By the older payments or by a transaction, as chance and the market have it."""
        legacy = basket.market.legacy_payments and self.pick.random() < 0.5
        actor = client or self.guest
        if not basket.total:
            pass  # a gift card pays for all of it
        elif legacy and self.shop.legacy_gateway:
            payments.pay_legacy(actor, self.shop, basket)
        else:
            payments.charge(self.staff, basket)
        return self.confirmed(checkouts.complete(actor, self.shop, basket))

    def place_with(self, basket: Basket, *, legacy: bool) -> Placed:
        """Paid on one path for certain (on the other where Saleor has no dummy gateway)."""
        if legacy and self.shop.legacy_gateway:
            payments.pay_legacy(self.guest, self.shop, basket)
        else:
            payments.charge(self.staff, basket)
        return self.confirmed(checkouts.complete(self.guest, self.shop, basket))

    def confirmed(self, order: Placed) -> Placed:
        """Staff confirms the order where the channel asks for it."""
        return orders.confirm(self.staff, order) if order.status == "UNCONFIRMED" else order

    def buy(
        self,
        market: str,
        person: Person,
        wanted: Mapping[str, int] | None = None,
        *,
        client: Client | None = None,
        email: str | None = None,
    ) -> Placed:
        basket = self.fill(market, person, wanted, client=client, email=email)
        return self.pay_and_place(basket, client)

    def give_back(self, order: Placed, amount: Decimal) -> Placed:
        """A refund on the path by which the order was paid."""
        if order.transactions:
            payments.refund(self.staff, order, amount)
            return records.look(self.staff, order.id)
        return payments.refund_legacy(self.staff, order, amount)


def outcome(
    order: Placed, *, accounts: tuple[Account, ...] = (), also: tuple[str, ...] = ()
) -> Outcome:
    """The common case: one order, its e-mail and the accounts' ones."""
    emails = dict.fromkeys((order.email, *(a.email for a in accounts), *also))
    return Outcome((order,), accounts, tuple(filter(None, emails)))


def moved(person: Person, street: str) -> Json:
    return person.at(streetAddress1=street, streetAddress2="")
