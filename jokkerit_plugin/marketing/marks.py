"""What is left on an account in the shop, so that other apps see which channels are closed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from ..models import Customer
from ..policy.marketing import Channel, Ground, Permission
from ..shop.port import ShopPort
from . import contact_keys, contacts, reach
from .reach import Reach


@dataclass(frozen=True, slots=True)
class Known:
    """A customer's addresses in use, and all of them, by channel."""

    customer: Customer
    now: Mapping[Channel, str]
    ever: Sequence[tuple[Channel, str]]


def known(people: Collection[Customer]) -> list[Known]:
    """Return these customers with their addresses."""
    people = list(people)
    prefetch_related_objects(people, "identifiers", "addresses")
    found = []
    for one in people:
        reached = reach.of_customer(one)
        ever = [
            (channel, contact_keys.normalise(channel, address))
            for channel, address in reach.each(reached)
        ]
        now: dict[Channel, str] = {}
        for channel, text in ever:
            now.setdefault(channel, text)
        ever += [
            (channel, contact_keys.normalise(channel, address))
            for channel, address in reach.as_account(one.saleor_user)
        ]
        found.append(Known(one, now, ever))
    return found


def leave(people: Sequence[Known], port: ShopPort) -> None:
    """Leave on each account which channels are closed, so that other apps see it."""
    accounts = [one for one in people if one.customer.saleor_user]
    pairs = [pair for one in accounts for pair in one.now.items()]
    if not pairs:
        return
    whose = [one.customer.pk for one in accounts for _ in one.now]
    answers = iter(contacts.permissions(pairs, customers=whose))
    closed = {}
    for one in accounts:
        theirs = [(channel, next(answers)) for channel in one.now]
        closed[int(one.customer.saleor_user or 0)] = _shut(theirs)
    port.mark_opt_outs(closed)


def leave_stranger(user: int, reached: Reach, port: ShopPort) -> None:
    """Leave the same on an account that never bought, in the transaction of its owner's word.

    The list does not know whose a contact is, so nobody would do it afterwards.
    """
    now = [
        (channel, contact_keys.normalise(channel, some[0]))
        for channel, some in reached.items()
        if some
    ]
    theirs = zip((channel for channel, _ in now), contacts.permissions(now), strict=True)
    port.mark_opt_outs({user: _shut(theirs)})


def _shut(found: Iterable[tuple[Channel, Permission]]) -> str:
    """Return the channels that are closed, as apps read them."""
    closed = {Ground.OPTED_OUT, Ground.BOUNCED, Ground.RESTRICTED}
    return " ".join(sorted(channel.value for channel, one in found if one.ground in closed))
