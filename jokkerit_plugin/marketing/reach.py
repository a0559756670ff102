"""By which addresses somebody is reached: where a yes goes, and all that a no must cover."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from django.db.models import Q

from ..models import Customer, FormerCustomer, KnownIdentifier, MarketingEvent, PostalAddress
from ..policy.marketing import Channel
from ..shop.snapshots import Buyer, CheckoutSnapshot, CustomerSnapshot, OrderSnapshot, Party
from . import contact_keys, store
from .contact_keys import Account, Address, BadAddress, ContactKey, Place, Postal, normalise

#: Addresses by channel, the one in use first; what is no address on its channel is left out.
Reach = Mapping[Channel, list[Place]]
_CHANNELS: Mapping[str, Channel] = {
    KnownIdentifier.Kind.EMAIL: Channel.EMAIL, KnownIdentifier.Kind.PHONE: Channel.PHONE,
}  # fmt: skip


def of_customer(customer: Customer) -> Reach:
    """Return every address that the register knows of a customer, former ones too.

    Two queries, none where `identifiers` and `addresses` were fetched before.
    """
    known = customer.identifiers.all()
    places = sorted(customer.addresses.all(), key=lambda one: (not one.default_billing, -one.pk))
    kinds = KnownIdentifier.Kind
    return _reach(
        emails=[
            customer.email, customer.guest_email or "",
            *(one.value for one in known if one.kind == kinds.EMAIL),
        ],
        phones=[
            customer.phone, *(one.value for one in known if one.kind == kinds.PHONE),
            *(one.phone for one in places),
        ],
        places=places,
    )  # fmt: skip


def of_account(account: CustomerSnapshot) -> Reach:
    """Return every address that the shop's account has."""
    book = sorted(account.addresses, key=lambda one: not one.default_billing)
    return _reach(
        emails=[account.email, *account.former_emails],
        phones=[one.party.phone for one in book],
        places=[one.party for one in book],
    )


def of_order(order: OrderSnapshot | CheckoutSnapshot, *, buyer: bool = False) -> Reach:
    """Return every address that an order has, or a checkout; or the buyer's alone.

    Goods go to others, too.
    """
    parties = [one for one in (order.billing, None if buyer else order.shipping) if one]
    phones = [one.phone for one in parties]
    return _reach(emails=[order.email], phones=phones, places=parties)


def of_buyer(buyer: Buyer) -> Reach:
    """Return every address that the bare columns of an order have."""
    phones = [one.phone for one in buyer.parties]
    return _reach(emails=[buyer.email], phones=phones, places=buyer.parties)


def each(reached: Reach) -> Iterator[tuple[Channel, Place]]:
    """Yield the addresses one by one, each with its channel."""
    return ((channel, one) for channel, some in reached.items() for one in some)


def together(*reaches: Reach) -> Reach:
    """Return the addresses of all, those of the first in front."""
    return {
        channel: _distinct(channel, (one for reach in reaches for one in reach[channel]))
        for channel in Channel
    }


def closes(reached: Reach, channel: Channel) -> list[tuple[Channel, Address]]:
    """Return under which addresses a no to a channel is kept, each with a channel that it is of.

    Who has none there yet is known by another one: the no holds for a number that comes later.
    """
    if reached[channel]:
        return [(channel, one) for one in reached[channel]]
    return next(([(other, some[0])] for other, some in reached.items() if some), [])


def as_account(user: int | None) -> list[tuple[Channel, Address]]:
    """Return under what else a no is kept of an account that never bought, as `closes`."""
    return [(Channel.EMAIL, Account(user))] if user else []


def siblings(key: ContactKey, customer: int | None = None) -> tuple[list[ContactKey], int | None]:
    """Return the keys of the same address under every version, and whose it is.

    Found by way of a customer's address; of who is in the register no more, the key alone.
    `customer`: to whom a message there was sent, of whom perhaps nothing was said yet.
    """
    known = store.alias(key)
    events = MarketingEvent.objects.filter(
        key_version__in=[one.version for one in known], digest__in=[one.digest for one in known]
    )
    customers = events.exclude(customer=None).order_by("-at").values_list("customer", flat=True)
    told = _present(customer) if customer else ()
    theirs = list(dict.fromkeys([*told, *customers[:20]]))
    named = KnownIdentifier.objects.filter(customer__in=theirs, kind__in=_CHANNELS)
    for kind, value in named.values_list("kind", "value"):
        channel = _CHANNELS[kind]
        try:
            found = contact_keys.keys(channel, value)
        except BadAddress:
            continue
        if key in found:
            return found, theirs[0]
    return known, theirs[0] if theirs else None


def _present(customer: int) -> list[int]:
    """Return the customer who has this number, or who has absorbed the one who had it."""
    heirs = FormerCustomer.objects.filter(pk=customer).values("customer")
    rows = Customer.objects.filter(Q(pk=customer) | Q(pk__in=heirs))
    return list(rows.values_list("pk", flat=True))


def _reach(
    *, emails: Iterable[str], phones: Iterable[str], places: Iterable[PostalAddress | Party]
) -> Reach:
    numbers = [phone for phone in phones if phone]
    return {
        Channel.EMAIL: _distinct(Channel.EMAIL, emails),
        Channel.SMS: _distinct(Channel.SMS, numbers),
        Channel.PHONE: _distinct(Channel.PHONE, numbers),
        Channel.POST: _distinct(Channel.POST, (one for at in places for one in _posts(at))),
    }


def posts(place: PostalAddress | Party) -> Iterator[str]:
    """Yield the addresses of post at a place, as `contact_keys.normalise` returns them."""
    return map(partial(normalise, Channel.POST), _distinct(Channel.POST, _posts(place)))


def _posts(place: PostalAddress | Party) -> Iterator[Postal]:
    """Name the person and the company at a place: post to either is the same person's."""
    for name in (f"{place.first_name} {place.last_name}".strip(), place.company_name):
        yield Postal(name, place.street_1, place.postal_code, place.country)


def _distinct(channel: Channel, addresses: Iterable[Place]) -> list[Place]:
    found: dict[str, Place] = {}
    for one in addresses:
        try:
            found.setdefault(normalise(channel, one), one)
        except BadAddress:
            continue
    return list(found.values())
