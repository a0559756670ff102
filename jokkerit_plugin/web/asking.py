"""Asking before every message whether it may be sent: by GraphQL, or by a signed call."""

from collections.abc import Collection, Sequence

from ..marketing import contacts
from ..marketing.contacts import Answer
from ..policy.categories import Category
from ..policy.marketing import Channel
from ..policy.purposes import Purpose
from .errors import BadInput

#: Addresses of one question.
MOST = 1000
#: Characters of an address.
LONGEST = 1000
#: For what a message is: marketing, or what no opt-out stops (orders, deliveries, recalls).
PURPOSES = {"marketing": Purpose.MARKETING, "service": Purpose.SERVICE}
_CATEGORIES = {
    Channel.EMAIL: Category.EMAIL,
    Channel.SMS: Category.PHONE,
    Channel.PHONE: Category.PHONE,
    Channel.POST: Category.POSTAL,
}

Pairs = Sequence[tuple[str, Channel]]


def categories(pairs: Pairs) -> Collection[Category]:
    """Return the kinds of data that the addresses are. Raises `BadInput` for too many."""
    if not 1 <= len(pairs) <= MOST:
        raise BadInput(f"Ask for 1 to {MOST} addresses.", field="pairs")
    if any(len(address) > LONGEST for address, _ in pairs):
        raise BadInput(f"An address has {LONGEST} characters at most.", field="pairs")
    return {_CATEGORIES[channel] for _, channel in pairs}


def answers(pairs: Pairs, purpose: str) -> list[Answer]:
    """Return what may be sent, in the same order. The guard has been asked for `categories`."""
    return contacts.may_contact(pairs, purpose=purpose)
