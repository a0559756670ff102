"""The ledger: what people said about marketing, and what it does at once.

An opt-out stands in the list of suppressions when the caller's transaction commits; nothing is
left for a task to do before the person is out. Two words of one contact wait for each other here.
A consent takes somebody off the list only where the policy says that it is theirs and the later
word; no import, order or app ever does.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from .. import clock, telemetry
from ..access.actor import Actor
from ..models import MarketingEvent
from ..policy.marketing import (
    CLOSING,
    GIVING,
    GROUPS,
    OPT_OUTS,
    Channel,
    Event,
    Ground,
    Kind,
    Permission,
    Person,
    Source,
    Text,
    by_the_person,
)
from ..policy.marketing_rule import permission
from ..shop.port import shop
from . import contact_keys, controller, copied, key_checks, owners, reach, store, words
from .contact_keys import Address, ContactKey
from .words import Word

_MOMENT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


def record(
    kind: Kind,
    channel: Channel,
    address: Address,
    *,
    source: str,
    actor: Actor | None = None,
    at: datetime | None = None,
    language: str = "",
    text: Text | None = None,
    customer: int | None = None,
    order: UUID | None = None,
    of: Channel | None = None,
) -> MarketingEvent:
    """Write what was said of an address, in the caller's transaction, with all that it does.

    `source`: a `Source`, of staff with how they were told: `staff:telephone`. `order`: what an
    order says is written once. Whoever is out already and says so again gets no second event, but
    of an order.
    `of`: of which channel the address is, where it is not of this one (`reach.closes`).
    Raises `BadAddress`, `NoKey`, `BadEvent`, `NotTheirs`.
    """
    word = Word(kind, source, actor, at, language, text, customer, order)
    return _write(contact_keys.keys(of or channel, address), [channel], word)[0]


def hold(
    addresses: Iterable[tuple[Channel, Address]], *, beside: Sequence[ContactKey] = ()
) -> None:
    """Take the locks of several contacts at once, before the first word about any of them.

    Taken one by one, in whatever order, two transactions would wait for each other in a circle.
    Raises `BadAddress`, `NoKey`.
    """
    digests = {key.digest for key in beside}
    digests.update(*contact_keys.digests(addresses).values())
    if digests:
        store.lock(sorted(digests))


def oppose(
    digest: bytes,
    version: str,
    channel: Channel | None,
    *,
    source: str,
    actor: Actor | None = None,
    language: str = "",
    kind: Kind = Kind.OBJECTION,
    customer: int | None = None,
) -> list[MarketingEvent]:
    """Write the opt-out of who is known by contact key alone, in the caller's transaction.

    `channel` None: every channel; which of them the address serves, its key does not tell.
    `customer`: to whom the link went.
    """
    found, customer = reach.siblings(ContactKey(version, bytes(digest)), customer)
    word = Word(kind, source, actor, language=language, customer=customer)
    return _write(found, list(Channel) if channel is None else [channel], word)


def reconsent(
    digest: bytes,
    version: str,
    channel: Channel,
    *,
    language: str = "",
    text: Text | None = None,
    kind: Kind = Kind.RECONSENT,
    customer: int | None = None,
) -> MarketingEvent:
    """Write the consent of who came by the link that reached the address, as `oppose` does.

    `kind`: also `PROFILE` and `NO_PROFILE`.
    """
    found, customer = reach.siblings(ContactKey(version, bytes(digest)), customer)
    word = Word(kind, Source.LINK, language=language, text=text, customer=customer)
    return _write(found, [channel], word)[0]


def confirm(
    digest: bytes,
    version: str,
    channel: Channel,
    *,
    at: datetime | None,
    language: str = "",
    text: Text | None = None,
) -> Permission:
    """Write that the link of a double opt-in was followed; return what holds now.

    `at`: when the consent was given that it confirms, to the second. `text`: what stood beside the
    button. Where that consent waits no more (it came too late, was opposed since, or is confirmed)
    nothing changes, though another one waits.
    """
    found, customer = reach.siblings(ContactKey(version, bytes(digest)))
    with transaction.atomic():
        store.lock([key.digest for key in found])
        known, now = _known(found, customer), clock.now()
        maybe = [*known, Event(Kind.CONFIRMED, channel, now, Source.LINK)]
        whose = controller.person()
        before, after = (_standing(some, channel, now, whose) for some in (known, maybe))
        opposed = at is None or any(
            one.kind in OPT_OUTS and one.channel is channel and one.at >= at + _SECOND
            for one in known
        )
        if not opposed and not before.allowed and after.ground is Ground.CONSENT:
            word = Word(
                Kind.CONFIRMED, Source.LINK, at=now, language=language, text=text, customer=customer
            )
            _write(found, [channel], word)
            return after
        return before


def standing(
    found: Sequence[ContactKey], *, customer: int | None = None
) -> dict[Channel, Permission]:
    """Return what holds for one contact now, on every channel; one in doubt is a natural person.

    `customer`: whose it is; what they said of their other addresses counts, too.
    """
    events, now, whose = _known(found, customer), clock.now(), controller.person()
    return {
        channel: permission(events, channel=channel, person=whose, at=now) for channel in Channel
    }


def _write(
    found: Sequence[ContactKey], channels: Collection[Channel], word: Word
) -> list[MarketingEvent]:
    words.check(word)
    key_checks.hold()
    with transaction.atomic():
        store.lock([key.digest for key in found])
        act = _close if word.kind in CLOSING else _open if word.kind in GIVING else words.note
        return [act(found, channel, word) for channel in sorted(channels)]


def _close(found: Sequence[ContactKey], channel: Channel, word: Word) -> MarketingEvent:
    standing = [
        one for (_, where), one in store.suppressed(store.by_version(found), lock=True).items()
        if where is channel
    ]  # fmt: skip
    in_force = [one for one in standing if one.lifted_at is None]
    lifted = max((one.lifted_at for one in standing if one.lifted_at), default=None)
    # A web server whose clock is behind must not let a consent of before come after this.
    live = max(clock.now(), lifted + _MOMENT) if lifted else clock.now()
    at = word.at or live
    same = [one for one in in_force if word.kind not in OPT_OUTS or one.reason in OPT_OUTS]
    known = _known(found)
    # Said again it changes nothing, unless a consent waits that this ends. What an order says is
    # written even so: read once more after a later yes, it is known to be of before.
    waits = _standing(known, channel, live).waits
    again = same and not waits and word.order is None
    if again and (old := words.said(found, channel, word)):
        return old
    # What was said before the person's own later consent is proof, and closes nothing.
    said = [*known, Event(word.kind, channel, at, word.source)]
    closes = _standing(said, channel, live).ground in {Ground.OPTED_OUT, Ground.BOUNCED}
    if closes and (lifted is None or in_force or lifted <= at):
        store.suppress(found[0], [channel], at=at, reason=word.kind)
        copied.soon()
        if word.kind in OPT_OUTS:
            said_no = partial(telemetry.measure, "jokkerit.marketing.opt_outs", channel=channel)
            transaction.on_commit(said_no, robust=True)
    return words.note(found, channel, replace(word, at=at))


def _open(found: Sequence[ContactKey], channel: Channel, word: Word) -> MarketingEvent:
    store.suppressed(store.by_version(found), lock=True)
    at = word.at or clock.now()
    event = words.note(found, channel, replace(word, at=at))
    known = _known(found)
    now = _standing(known, channel, at)
    if now.ground not in {Ground.OPTED_OUT, Ground.BOUNCED} and by_the_person(word.source):
        store.lift(found, channel, at=at)
    return event


def _known(found: Sequence[ContactKey], customer: int | None = None) -> list[Event]:
    """Return all that is known of a contact: events, and suppressions in force as events too.

    With a customer also what they said of their other addresses.
    """
    digests = store.by_version(found)
    events = [one for some in store.events(digests).values() for one in some]
    closed = [
        Event(one.reason, channel, one.since, Source.IMPORT)
        for (_, channel), one in store.suppressed(digests).items()
        if one.lifted_at is None
    ]
    if customer is None:
        return [*events, *closed]
    own = {key.digest for key in found}
    others = owners.elsewhere([customer], set(GROUPS.values())).get(customer, ())
    return [*events, *closed, *(one for digest, one in others if digest not in own)]


def _standing(
    events: Collection[Event], channel: Channel, at: datetime, whose: Person | None = None
) -> Permission:
    return permission(events, channel=channel, person=whose or _natural(), at=at)


def _natural() -> Person:
    return Person(double_opt_in=shop().config().marketing_double_opt_in)
