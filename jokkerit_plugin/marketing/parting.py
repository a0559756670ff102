"""What holds of somebody's addresses once nobody knows any more that they were one person's.

A no to one address holds at the others only while the register knows whose they are. So before
that goes, each of them is put on the list itself.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from .. import clock
from ..errors import RegisterError
from ..models import MarketingEvent, Parting, Suppression
from ..policy.marketing import (
    GIVING,
    GROUPS,
    OPT_OUTS,
    PROFILING,
    Channel,
    Event,
    Ground,
    Kind,
    Person,
    Source,
)
from ..policy.marketing_rule import permission
from ..register.requests import granted
from ..shop.port import shop
from . import contact_keys, contacts, copied, key_checks, owners, soft_opt_in, store, words
from .contact_keys import ContactKey
from .words import Word

#: By when everybody who began to say something before an erasure has said it.
OVER = timedelta(minutes=1)


def close(customers: Collection[int], *, replayed: bool = False) -> None:
    """Close each address of customers at which they are out by their word about another one.

    In the transaction that erases them, just before. Raises `NoKey` and `KeyGone` if it is about
    somebody of whom an event says that they said no; who else is on the list, only the keys tell.
    Raises `NotReplayed` when the copies of opt-outs cannot be read. What those gave who had asked
    for it ends; `replayed`: what all gave, since receipts do not say who had asked.
    """
    if not customers:
        return
    # A restored database has forgotten who said no: what its copies know comes first.
    copied.take_in()
    soft_opt_in.hear(customers)
    _end(customers if replayed else granted(customers))
    never = MarketingEvent.objects.filter(kind=Kind.NO_PROFILE)
    if not (Suppression.objects.exists() or never.exists()):
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
    # was: it is left in writing, for after the commit.
    left = Parting.objects.create(at=clock.now(), known=_plain(known))
    transaction.on_commit(partial(_put_late, left.pk), robust=True)


def _end(customers: Collection[int]) -> None:
    """End what customers gave: who asked to be gone is written to no more, GDPR art. 17(1).

    The proof stays as long as that of any consent that ended. What somebody else gave who has the
    same address stands.
    """
    gave = MarketingEvent.objects.filter(kind__in=[*GIVING, Kind.SOFT_OPT_IN])
    others = gave.exclude(customer__in=customers).filter(
        customer__isnull=False, key_version=OuterRef("key_version"),
        digest=OuterRef("digest"), channel=OuterRef("channel"),
    )  # fmt: skip
    theirs = gave.filter(~Exists(others), customer__in=customers)
    MarketingEvent.objects.bulk_create(
        MarketingEvent(
            key_version=version, digest=bytes(digest), channel=channel, kind=Kind.EXPIRED.value,
            at=clock.now(), source=Source.TERM.value,
        )
        for version, digest, channel in theirs.values_list(
            "key_version", "digest", "channel"
        ).distinct()
    )  # fmt: skip


def finish(*, until: datetime) -> None:
    """Carry what was said during erasures of a minute ago, and forget whose the addresses were.

    The process may have been killed when an erasure was committed, and somebody's word not be.
    """
    over = Parting.objects.filter(at__lt=clock.now() - OVER).order_by("pk")
    for pk in list(over.values_list("pk", flat=True)):
        if clock.now() >= until:
            break
        with transaction.atomic():
            for left in over.filter(pk=pk).select_for_update(skip_locked=True):
                known = _read(left.known)
                _put(known)
                gone = {customer for customer, *_ in known}
                MarketingEvent.objects.filter(customer__in=gone).update(customer=None)
                left.delete()


#: A customer, what kind of address, and its keys under every version, newest first.
_Known = tuple[int, str, list[ContactKey]]
#: By customer what was said of their addresses, with the digest.
_Said = Mapping[int, list[tuple[bytes, Event]]]


def _put_late(pk: int) -> None:
    with shop().writer(), transaction.atomic():
        for left in Parting.objects.filter(pk=pk):
            _put(_read(left.known))


def _plain(known: Sequence[_Known]) -> list[Any]:
    return [
        [pk, group, [[key.version, key.digest.hex()] for key in keys]] for pk, group, keys in known
    ]


def _read(plain: Sequence[Any]) -> list[_Known]:
    return [
        (pk, group, [ContactKey(version, bytes.fromhex(digest)) for version, digest in keys])
        for pk, group, keys in plain
    ]


def _put(known: Sequence[_Known]) -> None:
    said = _said(known)
    if open_yet := _open(known, said):
        store.lock([key.digest for key, _ in open_yet])
        # Their own later yes may have come while this waited.
        said = _said(known)
        store.suppress_all(_open(known, said), reason=Kind.OBJECTION)
        copied.soon()
    for keys, channel, at in _profiled(known, said):
        words.note(keys, channel, Word(Kind.NO_PROFILE, Source.TERM, at=at))


def _said(known: Sequence[_Known]) -> _Said:
    each = [(pk, key) for pk, _, keys in known for key in keys]
    return store.said_of({pk for pk, _ in each}, each)


def _profiled(
    known: Sequence[_Known], said: _Said
) -> list[tuple[list[ContactKey], Channel, datetime]]:
    """Return where a no to profiling is not written that they said of another address, and when."""
    found = []
    for pk, group, keys in known:
        own = {key.digest for key in keys}
        for channel in (one for one in Channel if GROUPS[one] == group):
            told = [
                (one.at, digest in own, one.kind) for digest, one in said.get(pk, ())
                if one.channel is channel and one.kind in PROFILING
            ]  # fmt: skip
            if told:
                at, here, kind = max(told)
                if kind is Kind.NO_PROFILE and not here:
                    found.append((keys, channel, at))
    return found


def _known(customers: Collection[int]) -> list[_Known]:
    """Return the addresses that the register knows of customers, or an event still does.

    What was said of an account holds for them, and is not put on it.
    """
    found = [
        (pk, "account" if text.startswith(contact_keys.ACCOUNT) else GROUPS[channel], keys)
        for pk, (channel, text), keys in owners.addresses(customers, set(GROUPS.values()))
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


def _open(known: Sequence[_Known], said: _Said) -> dict[tuple[ContactKey, Channel], datetime]:
    """Return what does not stand in the list though they are out there, and since when."""
    digests = store.by_version({key for *_, keys in known for key in keys})
    # Of the address itself also another's yes counts, who has it, too.
    events, listed = store.events(digests), store.suppressed(digests)
    person = Person(double_opt_in=shop().config().marketing_double_opt_in)
    now = clock.now()
    found: dict[tuple[ContactKey, Channel], datetime] = {}
    for pk, group, keys in known:
        own = {key.digest for key in keys}
        history = [one for digest, one in said.get(pk, ()) if digest not in own]
        history += [one for digest in own for one in events.get(digest, ())]
        for channel in (one for one in Channel if GROUPS[one] == group):
            lifted = [row.lifted_at for digest in own if (row := listed.get((digest, channel)))]
            if None in lifted:
                continue
            again = [Event(Kind.RECONSENT, channel, at, Source.LINK) for at in lifted if at]
            theirs_now = permission([*history, *again], channel=channel, person=person, at=now)
            if theirs_now.ground is Ground.OPTED_OUT and (since := theirs_now.since):
                spot = keys[0], channel
                found[spot] = max(since, found.get(spot, since))
    return found
