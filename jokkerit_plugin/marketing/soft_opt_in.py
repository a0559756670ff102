"""What orders, accounts and checkouts say of marketing, taken in after the drain that wrote them.

By the keys of public metadata in `shop.snapshots.MARKETING_KEYS` (docs/marketing.md). An order
gives soft opt-in only where its own data shows that the opt-out was offered and not taken (Act on
Electronic Communications Services 917/2014, s. 200(3)), and only from the setting's first day on:
so no backfill makes an audience of old orders. An opt-out counts whatever its age. What accounts
and checkouts say is `accounts.py`'s.

Whatever writes a purchase, an account or a trace that says something marks it; this takes the
marked ones in small batches and reads the shop once more, so nothing is lost while a key is
missing, and a killed worker leaves them marked. Saying the same again changes nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F

from .. import clock, keys
from ..config import Config
from ..models import Customer, MarketingEvent, Purchase
from ..policy.marketing import NEEDS_CONSENT, Channel, Kind, Source
from ..shop.port import ShopPort, shop
from ..shop.snapshots import OrderSnapshot
from . import accounts, key_checks, ledger, metadata, reach
from .accounts import BATCH, alone, hold
from .contact_keys import Address
from .metadata import Said


def keep(*, max_batches: int = 50) -> int:
    """Take in what is marked, oldest first; return how many rows it was.

    What fails alone stays marked, is named by the status, and is tried again each time; so does all
    without a key. Any number may run at once.
    """
    port, done = shop(), 0
    with port.writer():
        config = port.config()
        if not config.active or not has_key():
            return 0
        for batch in (_orders, accounts.of_customers, accounts.of_traces):
            after = 0
            for _ in range(max_batches):
                with transaction.atomic():
                    taken = batch(port, config, after)
                done += len(taken)
                if len(taken) < BATCH:
                    break
                after = taken[-1]
    return done


def unheard() -> int:
    """Return how many purchases, accounts and checkouts say something that is not taken in."""
    return Purchase.objects.filter(unheard=True).count() + accounts.unheard()


def hear(customers: Collection[int]) -> None:
    """Take in what customers who are about to be erased say, if one of them says no.

    In a transaction that has them locked. Raises `NoKey`.
    """
    purchases = list(Purchase.objects.filter(unheard=True, customer__in=customers).order_by("pk"))
    people = list(Customer.objects.filter(pk__in=customers).exclude(said=F("heard")).order_by("pk"))
    if not purchases and not people:
        return
    port = shop()
    config = port.config()
    orders = _of_shop(purchases, port, config)
    users = accounts.of_shop(people, port, config)
    said = [one.marketing for one in orders.values()]
    said += [one.marketing for one in users.values()]
    if any(metadata.read(one).opt_out for one in said):
        key_checks.check()
        hold([*map(reach.of_order, orders.values()), *map(reach.of_account, users.values())])
        _take_in(purchases, orders, config)
        accounts.take_in(people, users)


def _orders(port: ShopPort, config: Config, after: int) -> list[int]:
    rows = Purchase.objects.filter(unheard=True, pk__gt=after).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    orders = _of_shop(found, port, config)
    hold(map(reach.of_order, orders.values()))
    _take_in(found, orders, config)
    return [one.pk for one in found]


def _of_shop(
    found: Sequence[Purchase], port: ShopPort, config: Config
) -> Mapping[UUID, OrderSnapshot]:
    return {one.key: one for one in port.orders([one.saleor_order for one in found], config)}


def _take_in(
    found: Sequence[Purchase], orders: Mapping[UUID, OrderSnapshot], config: Config
) -> None:
    heard = [
        one.pk for one in found
        if one.saleor_order not in orders or alone(_order, orders[one.saleor_order], one, config)
    ]  # fmt: skip
    Purchase.objects.filter(pk__in=heard).update(unheard=False)


def _order(order: OrderSnapshot, purchase: Purchase, config: Config) -> None:
    gone = purchase.contact_erased_at is not None or purchase.identity_erased_at is not None
    out = purchase.is_test or gone or order.cancelled_at
    counts = not out and _begun(order, config)
    said = metadata.read(order.marketing)
    heard = MarketingEvent.objects.filter(saleor_order=order.key, kind=Kind.OBJECTION.value)
    before = set(heard.values_list("channel", flat=True)) if said.opt_out else set()
    for kind, channel, (of, address) in _of_order(order, said, counts=counts):
        ledger.record(
            kind, channel, address, of=of, source=Source.ORDER,
            # It may be written into the order later: a no is as late as it is first read.
            at=None if kind is Kind.OBJECTION and channel not in before
            else min(order.placed_at, clock.now()),
            order=order.key, language=order.language, text=said.text,
            customer=purchase.customer_id,
        )  # fmt: skip


def _begun(order: OrderSnapshot, config: Config) -> bool:
    day = order.placed_at.astimezone(clock.HELSINKI).date()
    return config.soft_opt_in_from is not None and day >= config.soft_opt_in_from


def _of_order(
    order: OrderSnapshot, said: Said, *, counts: bool
) -> Iterator[tuple[Kind, Channel, tuple[Channel, Address]]]:
    own, everybody = reach.of_order(order, buyer=True), reach.of_order(order)
    for channel, addresses in own.items():
        if channel in said.opt_out:
            yield from ((Kind.OBJECTION, channel, one) for one in reach.closes(everybody, channel))
        elif addresses and counts and channel in said.consent:
            yield Kind.CONSENT, channel, (channel, addresses[0])
        elif addresses and counts and said.offered and channel in NEEDS_CONSENT:
            yield Kind.SOFT_OPT_IN, channel, (channel, addresses[0])


def has_key() -> bool:
    """Tell whether anything can be taken in now."""
    try:
        key_checks.check()
    except keys.NoKey:
        return False
    return True
