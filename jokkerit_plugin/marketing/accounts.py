"""What accounts and checkouts say of marketing, by the keys in their public metadata.

Of an account that bought its yes and no. Of whoever has not bought (an account alone, a checkout)
the no alone: it makes no customer of anybody, and only the list remembers it (`store.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.db.models import F

from .. import clock
from ..config import Config
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Customer, MarketingEvent, Sweep, Trace
from ..policy.marketing import Channel, Kind, Source
from ..register import customers, rounds
from ..register.saying import same_words
from ..shop.port import ShopPort
from ..shop.snapshots import CheckoutSnapshot, CustomerSnapshot
from . import contact_keys, ledger, metadata, reach, store
from .contact_keys import Address, ContactKey
from .metadata import Said
from .reach import Reach
from .store import Spot, Standing

logger = logger_of(__name__)

#: Rows of one transaction.
BATCH = 100


def of_customers(port: ShopPort, config: Config, after: int) -> list[int]:
    """Take in what the next marked customers' accounts say; return their keys."""
    rows = Customer.objects.exclude(said=F("heard")).filter(pk__gt=after).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    accounts = of_shop(found, port, config)
    hold(map(reach.of_account, accounts.values()))
    take_in(found, accounts)
    return [one.pk for one in found]


def of_shop(
    found: Iterable[Customer], port: ShopPort, config: Config
) -> dict[int, CustomerSnapshot]:
    """Return the accounts of customers by user."""
    users = [one.saleor_user for one in found if one.saleor_user]
    return {one.key: one for one in port.customers(users, config)}


def take_in(found: Sequence[Customer], accounts: dict[int, CustomerSnapshot]) -> None:
    """Take in what these customers' accounts say. What fails alone stays marked.

    In a transaction that holds their addresses.
    """
    heard = [
        one.pk for one in found
        if one.saleor_user not in accounts or alone(_account, accounts[one.saleor_user], one)
    ]  # fmt: skip
    Customer.objects.filter(pk__in=heard).update(heard=F("said"))


def of_traces(port: ShopPort, config: Config, after: int) -> list[int]:
    """Take in the no of the next marked traces, as `of_customers`."""
    found = list(Trace.objects.exclude(said=F("heard")).filter(pk__gt=after).order_by("pk")[:BATCH])
    keys_of = {kind: [one.key for one in found if one.kind == kind] for kind in Trace.Kind}
    accounts = port.customers([int(key) for key in keys_of[Trace.Kind.ACCOUNT]], config)
    checkouts = port.checkouts([UUID(key) for key in keys_of[Trace.Kind.CHECKOUT]], config)
    hold(map(reach.of_order, checkouts), strangers=accounts)
    users = Customer.objects.filter(saleor_user__in=[one.user for one in checkouts if one.user])
    whose = dict(users.values_list("saleor_user", "pk"))
    # What is said anew counts from now; of what was heard the addresses alone are new.
    again = {one.key for one in found if same_words(one.said, one.heard)}
    listed = _listed(
        [reach.of_order(one) for one in checkouts if str(one.key) in again],
        [one for one in accounts if str(one.key) in again],
    )
    stands = dict.fromkeys(again, listed)
    failed = {
        str(one.key) for one in accounts if not alone(_account, one, None, stands.get(str(one.key)))
    } | {
        str(one.key) for one in checkouts
        if not alone(_checkout, one, whose.get(one.user), stands.get(str(one.key)))
    }  # fmt: skip
    heard = {one.pk: one.said for one in found if one.key not in failed}
    # Locked last, and not waited for: an erasure has the locks of the addresses when it drops them.
    rows = Trace.objects.filter(pk__in=heard).select_for_update(skip_locked=True, no_key=True)
    same = [one.pk for one in rows if one.said == heard[one.pk]]
    Trace.objects.filter(pk__in=same).update(heard=F("said"))
    return [one.pk for one in found]


def hear_strangers(port: ShopPort, config: Config, *, until: datetime) -> None:
    """Go on with the day's walk over the shop's accounts that say no and are no customers.

    It finds who said so before there was a register, or while nobody listened: of them there is no
    trace. A no without its time leaves open what they have opened by a word of their own.
    """

    def take(after: int) -> Sequence[int]:
        users = port.opted_out(after, BATCH)
        accounts = port.customers(sorted(customers.users_without(users)), config)
        hold((), strangers=accounts)
        listed = _listed((), accounts)
        for one in accounts:
            alone(_account, one, None, listed)
        return users

    today = rounds.today(Sweep.Name.STRANGERS)
    while today.finished_at is None and clock.now() < until:
        rounds.step_over(today.pk, take, batch=BATCH)
        today.refresh_from_db()


def unheard() -> int:
    """Return how many accounts and checkouts say something that is not taken in."""
    models = (Customer, Trace)
    return sum(model.objects.exclude(said=F("heard")).count() for model in models)


def hold(reached: Iterable[Reach], strangers: Sequence[CustomerSnapshot] = ()) -> None:
    """Take the locks of all these addresses, as `ledger.hold`; `strangers`: who never bought."""
    ledger.hold(_all(reached, strangers))


def alone(take: Callable[..., None], *given: object) -> bool:
    """Take in one, or roll that one back and log why."""
    try:
        with transaction.atomic():
            take(*given)
    except (RegisterError, DataError, IntegrityError) as error:
        logger.warning("marketing: %s of the shop left for later: %s", take.__name__,
                       describe(error))  # fmt: skip
        return False
    return True


def _account(
    account: CustomerSnapshot,
    customer: Customer | None,
    listed: Mapping[Spot, Standing] | None = None,
) -> None:
    """`customer` None: who has not bought. `listed`: what stands already, of what was heard."""
    now, said = clock.now(), metadata.read(account.marketing)
    reached = reach.of_account(account)
    # A no that was heard holds at a customer's new addresses, too; and a later yes ends it.
    heard = customer is not None and same_words(customer.said, customer.heard)
    kept = [] if customer else reach.as_account(account.key)
    for channel, addresses in reached.items():
        if channel in said.opt_out and heard:
            continue
        if channel in said.opt_out:
            # Its time may be that of the yes before it: a no counts from when it is read.
            those = [*reach.closes(reached, channel), *kept]
            kind, at = Kind.OBJECTION, now
        elif customer and channel in said.consent and said.at and said.at <= now:
            # Without its time a consent read again would stand after an opt-out given since.
            kind, at, those = Kind.CONSENT, said.at, [(channel, one) for one in addresses[:1]]
        else:
            continue
        for of, one in those:
            found = contact_keys.keys(of, one)
            if not (_stands(listed, found, channel, said) or _heard(kind, channel, found, at)):
                ledger.record(
                    kind, channel, one, of=of, source=Source.ACCOUNT, at=at,
                    customer=customer.pk if customer else None, language=account.language,
                    text=said.text,
                )  # fmt: skip


def _checkout(
    checkout: CheckoutSnapshot,
    customer: int | None,
    listed: Mapping[Spot, Standing] | None = None,
) -> None:
    """Only the no: what else it says counts once it is an order. `listed`: as of `_account`."""
    said, reached = metadata.read(checkout.marketing), reach.of_order(checkout)
    for channel in sorted(said.opt_out):
        for of, one in reach.closes(reached, channel):
            if not _stands(listed, contact_keys.keys(of, one), channel, said):
                ledger.record(
                    Kind.OBJECTION, channel, one, of=of, source=Source.ORDER, customer=customer,
                    language=checkout.language, text=said.text,
                )  # fmt: skip


def _all(
    reached: Iterable[Reach], strangers: Sequence[CustomerSnapshot]
) -> list[tuple[Channel, Address]]:
    found: list[tuple[Channel, Address]] = [
        one for some in (*reached, *map(reach.of_account, strangers)) for one in reach.each(some)
    ]
    return found + [one for account in strangers for one in reach.as_account(account.key)]


def _listed(
    reached: Iterable[Reach], strangers: Sequence[CustomerSnapshot]
) -> Mapping[Spot, Standing]:
    return store.suppressed(contact_keys.digests(_all(reached, strangers)))


def _stands(
    listed: Mapping[Spot, Standing] | None,
    found: Sequence[ContactKey],
    channel: Channel,
    said: Said,
) -> bool:
    """Tell whether a no is in the list, or was lifted since it was said."""
    rows = [row for key in found if (row := (listed or {}).get((key.digest, channel)))]
    return any(
        row.lifted_at >= (said.at or row.since) if row.lifted_at else row.reason is not Kind.BOUNCE
        for row in rows
    )


def _heard(kind: Kind, channel: Channel, found: Sequence[ContactKey], at: datetime) -> bool:
    return MarketingEvent.objects.filter(
        digest__in=[one.digest for one in found], key_version__in=[one.version for one in found],
        kind=kind.value, channel=channel.value, at=at, source=Source.ACCOUNT.value,
    ).exists()  # fmt: skip
