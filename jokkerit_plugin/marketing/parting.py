"""What holds of somebody's addresses once nobody knows any more that they were one person's.

A no to one address holds at the others only while the register knows whose they are. So before
that goes, each of them is put on the list itself.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from .. import clock
from ..errors import RegisterError
from ..models import MarketingEvent, Suppression
from ..policy.marketing import GROUPS, OPT_OUTS, Channel, Event, Ground, Kind, Person
from ..policy.marketing_rule import permission
from ..shop.port import shop
from . import contacts, copied, key_checks, owners, store
from .contact_keys import ContactKey


def close(customers: Collection[int]) -> None:
    """Close each address of customers at which they are out by their word about another one.

    In the transaction that erases them, just before. Raises `NoKey` and `KeyGone` if it is about
    somebody of whom an event says that they said no; who else is on the list, only the keys tell.
    Raises `NotReplayed` when the copies of opt-outs cannot be read.
    """
    if not customers:
        return
    # A restored database has forgotten who said no: what its copies know comes first.
    copied.take_in()
    if not Suppression.objects.exists():
        return
    try:
        key_checks.hold()
        contacts.all_keys()
    except RegisterError:
        if MarketingEvent.objects.filter(customer__in=customers, kind__in=OPT_OUTS).exists():
            raise
        return
    if open_yet := _open(customers):
        store.lock([key.digest for key, _ in open_yet])
        # Their own later yes may have come while this waited.
        store.suppress_all(_open(customers), reason=Kind.OBJECTION)
        transaction.on_commit(copied.soon, robust=True)


def _open(customers: Collection[int]) -> dict[tuple[ContactKey, Channel], datetime]:
    """Return what does not stand in the list though they are out there, and since when."""
    known = owners.addresses(customers, set(GROUPS.values()))
    said = store.said_of(customers, [(pk, key) for pk, _, keys in known for key in keys])
    spots = [(pk, GROUPS[channel], keys) for pk, (channel, _), keys in known]
    theirs = {(pk, key) for pk, _, keys in spots for key in keys}
    # Addresses that the register knows no longer, and an event still does.
    named = MarketingEvent.objects.filter(customer__in=customers).values_list(
        "customer", "channel", "key_version", "digest"
    )
    for pk, channel, version, digest in named.distinct():
        key = ContactKey(version, bytes(digest))
        if pk and (pk, key) not in theirs:
            spots.append((pk, GROUPS[Channel(channel)], [key]))
    listed = store.suppressed(store.by_version({key for *_, keys in spots for key in keys}))
    in_force = {spot for spot, one in listed.items() if one.lifted_at is None}
    person = Person(double_opt_in=shop().config().marketing_double_opt_in)
    now = clock.now()
    found: dict[tuple[ContactKey, Channel], datetime] = {}
    for pk, group, keys in spots:
        own = {key.digest for key in keys}
        history = [
            Event(one.kind, one.channel, one.at, one.source, elsewhere=digest not in own)
            for digest, one in said.get(pk, ())
        ]
        for channel in Channel:
            if GROUPS[channel] != group or any((digest, channel) in in_force for digest in own):
                continue
            theirs_now = permission(history, channel=channel, person=person, at=now)
            if theirs_now.ground is Ground.OPTED_OUT and (since := theirs_now.since):
                spot = keys[0], channel
                found[spot] = max(since, found.get(spot, since))
    return found
