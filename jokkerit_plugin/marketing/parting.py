"""What holds of somebody's addresses once nobody knows any more that they were one person's.

A no to one address holds at the others only while the register knows whose they are. So before
that goes, each of them is put on the list itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from .. import clock
from ..errors import RegisterError
from ..models import MarketingEvent, Suppression
from ..policy.marketing import GROUPS, OPT_OUTS, Channel, Event, Ground, Kind, Person, Source
from ..policy.marketing_rule import permission
from ..shop.port import shop
from . import contacts, copied, key_checks, owners, store, words
from .contact_keys import ContactKey
from .words import Word


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
    if not (Suppression.objects.exists() or MarketingEvent.objects.filter(kind=_NEVER).exists()):
        return
    try:
        key_checks.hold()
        contacts.all_keys()
    except RegisterError:
        said = [*OPT_OUTS, Kind.NO_PROFILE]
        if MarketingEvent.objects.filter(customer__in=customers, kind__in=said).exists():
            raise
        return
    known = _known(customers)
    _put(known)
    # Who says no while the rest is erased is not seen yet, and then nobody knows whose address it
    # was. (A process that is killed in between leaves that no at the address that it was said of.)
    transaction.on_commit(partial(_put_late, known), robust=True)


_NEVER = Kind.NO_PROFILE
#: A customer, what kind of address, and its keys under every version, newest first.
_Known = tuple[int, str, list[ContactKey]]


def _put_late(known: Sequence[_Known]) -> None:
    with shop().writer(), transaction.atomic():
        _put(known)


def _put(known: Sequence[_Known]) -> None:
    if open_yet := _open(known):
        store.lock([key.digest for key, _ in open_yet])
        # Their own later yes may have come while this waited.
        store.suppress_all(_open(known), reason=Kind.OBJECTION)
        transaction.on_commit(copied.soon, robust=True)
    for keys, channel, at in _profiled(known):
        words.note(keys, channel, Word(_NEVER, Source.TERM, at=at))


def _profiled(known: Sequence[_Known]) -> list[tuple[list[ContactKey], Channel, datetime]]:
    """Return where a no to profiling is not written that they said of another address, and when."""
    each = [(pk, key) for pk, _, keys in known for key in keys]
    said = store.said_of({pk for pk, _ in each}, each)
    found = []
    for pk, group, keys in known:
        own = {key.digest for key in keys}
        for channel in (one for one in Channel if GROUPS[one] == group):
            told = [
                (one.at, digest in own, one.kind) for digest, one in said.get(pk, ())
                if one.channel is channel and one.kind in {_NEVER, Kind.PROFILE}
            ]  # fmt: skip
            if told:
                at, here, kind = max(told)
                if kind is _NEVER and not here:
                    found.append((keys, channel, at))
    return found


def _known(customers: Collection[int]) -> list[_Known]:
    """Return the addresses that the register knows of customers, or an event still does."""
    found = [
        (pk, GROUPS[channel], keys)
        for pk, (channel, _), keys in owners.addresses(customers, set(GROUPS.values()))
    ]
    theirs = {(pk, key) for pk, _, keys in found for key in keys}
    named = MarketingEvent.objects.filter(customer__in=customers).values_list(
        "customer", "channel", "key_version", "digest"
    )
    for pk, channel, version, digest in named.distinct():
        key = ContactKey(version, bytes(digest))
        if pk and (pk, key) not in theirs:
            found.append((pk, GROUPS[Channel(channel)], [key]))
    return found


def _open(known: Sequence[_Known]) -> dict[tuple[ContactKey, Channel], datetime]:
    """Return what does not stand in the list though they are out there, and since when."""
    each = [(pk, key) for pk, _, keys in known for key in keys]
    # Of the address itself also another's yes counts, who has it, too.
    theirs, said = (
        store.said_of({pk for pk, _ in each}, each, others=others) for others in (False, True)
    )
    listed = store.suppressed(store.by_version({key for _, key in each}))
    in_force = {spot for spot, one in listed.items() if one.lifted_at is None}
    person = Person(double_opt_in=shop().config().marketing_double_opt_in)
    now = clock.now()
    found: dict[tuple[ContactKey, Channel], datetime] = {}
    for pk, group, keys in known:
        own = {key.digest for key in keys}
        history = [one for digest, one in theirs.get(pk, ()) if digest not in own]
        history += [
            Event(one.kind, one.channel, one.at, one.source)
            for digest, one in said.get(pk, ()) if digest in own
        ]  # fmt: skip
        for channel in Channel:
            if GROUPS[channel] != group or any((digest, channel) in in_force for digest in own):
                continue
            theirs_now = permission(history, channel=channel, person=person, at=now)
            if theirs_now.ground is Ground.OPTED_OUT and (since := theirs_now.since):
                spot = keys[0], channel
                found[spot] = max(since, found.get(spot, since))
    return found
