"""By which addresses somebody is reached: where a yes goes, and all that a no must cover."""

from collections.abc import Iterable, Iterator, Mapping

from ..models import Customer, KnownIdentifier, PostalAddress
from ..policy.marketing import Channel
from ..shop.snapshots import CustomerSnapshot, OrderSnapshot, Party
from .contact_keys import Address, BadAddress, Postal, normalise

#: Addresses by channel, the one in use first; what is no address on its channel is left out.
Reach = Mapping[Channel, list[Address]]


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


def of_order(order: OrderSnapshot, *, buyer: bool = False) -> Reach:
    """Return every address that an order has, or the buyer's alone: goods go to others, too."""
    parties = [one for one in (order.billing, None if buyer else order.shipping) if one]
    phones = [one.phone for one in parties]
    return _reach(emails=[order.email], phones=phones, places=parties)


def together(*reaches: Reach) -> Reach:
    """Return the addresses of all, those of the first in front."""
    return {
        channel: _distinct(channel, (one for reach in reaches for one in reach[channel]))
        for channel in Channel
    }


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


def _posts(place: PostalAddress | Party) -> Iterator[Postal]:
    """Name the person and the company at a place: post to either is the same person's."""
    for name in (f"{place.first_name} {place.last_name}".strip(), place.company_name):
        yield Postal(name, place.street_1, place.postal_code, place.country)


def _distinct(channel: Channel, addresses: Iterable[Address]) -> list[Address]:
    found: dict[str, Address] = {}
    for one in addresses:
        try:
            found.setdefault(normalise(channel, one), one)
        except BadAddress:
            continue
    return list(found.values())
