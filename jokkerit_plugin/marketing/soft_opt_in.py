"""What orders and accounts themselves say of marketing, taken in after the drain that wrote them.

By the keys of public metadata in `shop.snapshots.MARKETING_KEYS` (docs/marketing.md). An order
gives soft opt-in only where its own data shows that the opt-out was offered and not taken (Act on
Electronic Communications Services 917/2014, s. 200(3)), and only from the setting's first day on:
so no backfill makes an audience of old orders. An opt-out counts whatever its age.

Whatever writes a purchase or an account that says something marks it; this takes the marked ones
in small batches and reads the shop once more, so nothing is lost while a key is missing, and a
killed worker leaves them marked. Saying the same again changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DataError, IntegrityError, transaction
from django.db.models import F, QuerySet

from .. import clock, keys
from ..config import Config
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Customer, MarketingEvent, Purchase
from ..policy.marketing import FIRST_YEAR, NEEDS_CONSENT, Channel, Kind, Source, Text
from ..shop.port import ShopPort, shop
from ..shop.snapshots import CustomerSnapshot, OrderSnapshot
from . import contact_keys, key_checks, ledger, reach
from .contact_keys import Address, ContactKey
from .reach import Reach

logger = logger_of(__name__)

#: Purchases or accounts of one transaction.
BATCH = 100
_YES, _NO = frozenset({"true", "yes", "1", "all"}), frozenset({"", "false", "no", "0", "none"})


@dataclass(frozen=True, slots=True)
class Said:
    """What metadata says: channels, when (of an account), and the text's version."""

    consent: frozenset[Channel] = frozenset()
    opt_out: frozenset[Channel] = frozenset()
    offered: bool = False
    at: datetime | None = None
    text: str = ""


def read(metadata: Mapping[str, str]) -> Said:
    """Read the keys. What cannot be understood is no consent, and an opt-out of everything."""
    return Said(
        consent=_channels(metadata.get("marketingConsent", ""), unclear=frozenset()),
        opt_out=_channels(metadata.get("marketingOptOut", ""), unclear=frozenset(Channel)),
        offered=metadata.get("marketingOptOutOffered", "").strip().lower() in _YES,
        at=_moment(metadata.get("marketingAt", "")),
        text=metadata.get("marketingText", "").strip()[:32],
    )


def keep(*, max_batches: int = 50) -> int:
    """Take in what is marked, oldest first; return how many purchases and accounts it was.

    What fails alone stays marked, is named by the status, and is tried again each time; so does all
    without a key. Any number may run at once.
    """
    port, done = shop(), 0
    with port.writer():
        config = port.config()
        if not config.active or not _has_key():
            return 0
        for batch in (_orders, _accounts):
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
    """Return how many purchases and accounts say something that is not taken in."""
    return Purchase.objects.filter(unheard=True).count() + _unheard().count()


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
    said = read(order.marketing)
    heard = MarketingEvent.objects.filter(saleor_order=order.key, kind=Kind.OBJECTION.value)
    before = set(heard.values_list("channel", flat=True)) if said.opt_out else set()
    for kind, channel, (of, address) in _of_order(order, said, counts=counts):
        ledger.record(
            kind, channel, address, of=of, source=Source.ORDER,
            # It may be written into the order later: a no is as late as it is first read.
            at=None if kind is Kind.OBJECTION and channel not in before
            else min(order.placed_at, clock.now()),
            order=order.key, language=order.language, text=_text(said),
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


def _account(account: CustomerSnapshot, customer: int) -> None:
    now, said = clock.now(), read(account.marketing)
    reached = reach.of_account(account)
    for channel, addresses in reached.items():
        if channel in said.opt_out:
            kind, at = Kind.OBJECTION, min(said.at or now, now)
            those = reach.closes(reached, channel)
        elif channel in said.consent and said.at and said.at <= now:
            # Without its time a consent read again would stand after an opt-out given since.
            kind, at, those = Kind.CONSENT, said.at, [(channel, one) for one in addresses[:1]]
        else:
            continue
        for of, one in those:
            if not _heard(kind, channel, contact_keys.keys(of, one), at):
                ledger.record(
                    kind, channel, one, of=of, source=Source.ACCOUNT, at=at, customer=customer,
                    language=account.language, text=_text(said),
                )  # fmt: skip


def _heard(kind: Kind, channel: Channel, found: Sequence[ContactKey], at: datetime) -> bool:
    return MarketingEvent.objects.filter(
        digest__in=[one.digest for one in found], key_version__in=[one.version for one in found],
        kind=kind.value, channel=channel.value, at=at, source=Source.ACCOUNT.value,
    ).exists()  # fmt: skip


def _text(said: Said) -> Text | None:
    return Text(said.text, None) if said.text else None


def _channels(text: str, *, unclear: frozenset[Channel]) -> frozenset[Channel]:
    words = {word for word in re.split(r"[\s,;]+", text.strip().lower()) if word}
    if not words or words <= _NO:
        return frozenset()
    if words <= _YES:
        return frozenset(Channel)
    return frozenset(map(Channel, words)) if words <= set(Channel) else unclear


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    # A customer writes it: a time before our era is one that PostgreSQL keeps and nobody can read.
    return found if found.tzinfo and found.year >= FIRST_YEAR else None


def _has_key() -> bool:
    try:
        key_checks.check()
    except keys.NoKey:
        return False
    return True
