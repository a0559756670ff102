"""What orders, accounts and checkouts say of marketing, taken in after the drain that wrote them.

By the keys of public metadata in `shop.snapshots.MARKETING_KEYS` (docs/marketing.md). An order
gives soft opt-in only where its own data shows that the opt-out was offered and not taken (Act on
Electronic Communications Services 917/2014, s. 200(3)), and only from the setting's first day on:
so no backfill makes an audience of old orders. An opt-out counts whatever its age. Of whoever has
not bought (an account alone, a checkout) only the no is heard: it makes no customer of anybody, and
the list alone remembers it.

Whatever writes a purchase, an account or a trace that says something marks it; this takes the
marked ones in small batches and reads the shop once more, so nothing is lost while a key is
missing, and a killed worker leaves them marked. Saying the same again changes nothing.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.db.models import F, QuerySet

from .. import clock, keys
from ..config import Config
from ..errors import RegisterError, describe
from ..models import Customer, MarketingEvent, Purchase, Sweep, Trace
from ..policy.marketing import NEEDS_CONSENT, Channel, Kind, Source
from ..register import rounds
from ..shop.port import ShopPort, shop
from ..shop.snapshots import CheckoutSnapshot, CustomerSnapshot, OrderSnapshot
from . import contact_keys, key_checks, ledger, metadata, reach, store
from .contact_keys import Address, ContactKey
from .metadata import Said
from .reach import Reach
from .store import Spot, Standing

logger = logging.getLogger(__name__)

#: Purchases, accounts or traces of one transaction.
BATCH = 100


def keep(*, max_batches: int = 50) -> int:
    """Take in what is marked, oldest first; return how many rows it was.

    What fails alone stays marked, is named by the status, and is tried again each time; so does all
    without a key. Any number may run at once.
    """
    port, done = shop(), 0
    with port.writer():
        config = port.config()
        if not config.active or not _has_key():
            return 0
        for batch in (_orders, _accounts, _traces):
            after = 0
            for _ in range(max_batches):
                with transaction.atomic():
                    taken = batch(port, config, after)
                done += len(taken)
                if len(taken) < BATCH:
                    break
                after = taken[-1]
    return done


def hear_strangers(port: ShopPort, config: Config, *, until: datetime) -> None:
    """Go on with the day's walk over the shop's accounts that never bought and say no.

    It finds who said so before there was a register, or while nobody listened: of them there is no
    trace. A no without its time leaves open what they have opened by a word of their own.
    """
    if not (config.fill_orders and _has_key()):
        return

    def take(after: int) -> Sequence[int]:
        users = port.opted_out(after, BATCH, config)
        accounts = port.customers(users, config)
        _hold(map(reach.of_account, accounts))
        listed = _listed(accounts)
        for one in accounts:
            _alone(_account, one, None, listed)
        return users

    today = rounds.today(Sweep.Name.STRANGERS)
    while today.finished_at is None and clock.now() < until:
        rounds.step_over(today.pk, take, batch=BATCH)
        today.refresh_from_db()


def unheard() -> int:
    """Return how many purchases, accounts and checkouts say something that is not taken in."""
    traces = Trace.objects.exclude(said=F("heard")).count()
    return Purchase.objects.filter(unheard=True).count() + _unheard().count() + traces


def _unheard() -> "QuerySet[Customer]":
    return Customer.objects.exclude(said=F("heard"))


def _orders(port: ShopPort, config: Config, after: int) -> list[int]:
    rows = Purchase.objects.filter(unheard=True, pk__gt=after).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    orders = {one.key: one for one in port.orders([one.saleor_order for one in found], config)}
    _hold(map(reach.of_order, orders.values()))
    heard = [
        one.pk for one in found
        if one.saleor_order not in orders or _alone(_order, orders[one.saleor_order], one, config)
    ]  # fmt: skip
    Purchase.objects.filter(pk__in=heard).update(unheard=False)
    return [one.pk for one in found]


def _accounts(port: ShopPort, config: Config, after: int) -> list[int]:
    rows = _unheard().filter(pk__gt=after).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    users = [one.saleor_user for one in found if one.saleor_user]
    accounts = {one.key: one for one in port.customers(users, config)}
    _hold(map(reach.of_account, accounts.values()))
    heard = [
        one.pk for one in found
        if one.saleor_user not in accounts or _alone(_account, accounts[one.saleor_user], one.pk)
    ]  # fmt: skip
    Customer.objects.filter(pk__in=heard).update(heard=F("said"))
    return [one.pk for one in found]


def _traces(port: ShopPort, config: Config, after: int) -> list[int]:
    rows = Trace.objects.exclude(said=F("heard")).filter(pk__gt=after).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    keys_of = {kind: [one.key for one in found if one.kind == kind] for kind in Trace.Kind}
    accounts = port.customers([int(key) for key in keys_of[Trace.Kind.ACCOUNT]], config)
    checkouts = port.checkouts([UUID(key) for key in keys_of[Trace.Kind.CHECKOUT]], config)
    _hold([*map(reach.of_account, accounts), *map(reach.of_order, checkouts)])
    users = Customer.objects.filter(saleor_user__in=[one.user for one in checkouts if one.user])
    whose = dict(users.values_list("saleor_user", "pk"))
    failed = {str(one.key) for one in accounts if not _alone(_account, one, None)}
    failed |= {
        str(one.key) for one in checkouts if not _alone(_checkout, one, whose.get(one.user))
    }
    heard = [one.pk for one in found if one.key not in failed]
    Trace.objects.filter(pk__in=heard).update(heard=F("said"))
    return [one.pk for one in found]


def _hold(reached: Iterable[Reach]) -> None:
    ledger.hold(
        (channel, one) for some in reached for channel, each in some.items() for one in each
    )


def _alone(take: Callable[..., None], *given: object) -> bool:
    """Take in one, or roll that one back and log why."""
    try:
        with transaction.atomic():
            take(*given)
    except (RegisterError, DataError, IntegrityError) as error:
        logger.warning("marketing: %s of the shop left for later: %s", take.__name__,
                       describe(error))  # fmt: skip
        return False
    return True


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


def _account(
    account: CustomerSnapshot, customer: int | None, listed: Mapping[Spot, Standing] | None = None
) -> None:
    """`customer` None: who has not bought. `listed`: what stands already, of whom is read daily."""
    now, said = clock.now(), metadata.read(account.marketing)
    reached = reach.of_account(account)
    for channel, addresses in reached.items():
        if channel in said.opt_out:
            kind, at = Kind.OBJECTION, min(said.at or now, now)
            those = reach.closes(reached, channel)
        elif customer and channel in said.consent and said.at and said.at <= now:
            # Without its time a consent read again would stand after an opt-out given since.
            kind, at, those = Kind.CONSENT, said.at, [(channel, one) for one in addresses[:1]]
        else:
            continue
        for of, one in those:
            found = contact_keys.keys(of, one)
            if not (_stands(listed, found, channel, said) or _heard(kind, channel, found, at)):
                ledger.record(
                    kind, channel, one, of=of, source=Source.ACCOUNT, at=at, customer=customer,
                    language=account.language, text=said.text,
                )  # fmt: skip


def _checkout(checkout: CheckoutSnapshot, customer: int | None) -> None:
    """Only the no: what else it says counts once it is an order."""
    said, reached = metadata.read(checkout.marketing), reach.of_order(checkout)
    for channel in sorted(said.opt_out):
        for of, one in reach.closes(reached, channel):
            ledger.record(
                Kind.OBJECTION, channel, one, of=of, source=Source.ORDER, customer=customer,
                language=checkout.language, text=said.text,
            )  # fmt: skip


def _listed(accounts: Iterable[CustomerSnapshot]) -> Mapping[Spot, Standing]:
    found = {
        key
        for account in accounts
        for channel, some in reach.of_account(account).items()
        for one in some
        for key in contact_keys.keys(channel, one)
    }
    return store.suppressed(store.by_version(found))


def _stands(
    listed: Mapping[Spot, Standing] | None,
    found: Sequence[ContactKey],
    channel: Channel,
    said: Said,
) -> bool:
    rows = [row for key in found if (row := (listed or {}).get((key.digest, channel)))]
    return any(
        row.reason is not Kind.BOUNCE and (row.lifted_at is None or said.at is None) for row in rows
    )


def _heard(kind: Kind, channel: Channel, found: Sequence[ContactKey], at: datetime) -> bool:
    return MarketingEvent.objects.filter(
        digest__in=[one.digest for one in found], key_version__in=[one.version for one in found],
        kind=kind.value, channel=channel.value, at=at, source=Source.ACCOUNT.value,
    ).exists()  # fmt: skip


def _has_key() -> bool:
    try:
        key_checks.check()
    except keys.NoKey:
        return False
    return True
