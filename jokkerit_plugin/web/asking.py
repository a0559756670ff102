"""Asking before every message whether it may be sent: by GraphQL, or by a signed call."""

from collections.abc import Collection, Sequence

from ..marketing.contacts import MOST
from ..policy.categories import Category
from ..policy.marketing import Channel
from .errors import BadInput

#: Characters of an address.
LONGEST = 1000
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
