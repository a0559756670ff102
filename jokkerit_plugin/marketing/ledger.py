"""The ledger: what people said about marketing, and what it does at once.

An opt-out stands in the list of suppressions when the caller's transaction commits; nothing is
left for a task to do before the person is out. Two words of one contact wait for each other here.
A consent takes somebody off the list only where the policy says that it is theirs and the later
word; no import, order or app ever does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from .. import clock
from ..access.actor import Actor
from ..errors import RegisterError
from ..models import KnownIdentifier, MarketingEvent
from ..policy.marketing import (
    CLOSING,
    GIVING,
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
    gives,
    known_source,
    permission,
)
from ..register.rows import fetch
from ..shop.port import shop
from . import contact_keys, store
from .contact_keys import Address, BadAddress, ContactKey

#: Class id of PostgreSQL's two-key advisory locks, of one contact.
_CONTACT = 0x4A52_0005


class NotTheirs(RegisterError):
    """A consent that the person has not shown to be theirs."""

    code = "NOT_THEIRS"


class BadEvent(RegisterError):
    """An event that cannot be: its source, or its time."""

    code = "BAD_EVENT"


@dataclass(frozen=True, slots=True)
class _Word:
    """One event to write, without its contact."""

    kind: Kind
    source: str
    actor: Actor | None = None
    at: datetime = field(default_factory=clock.now)
    language: str = ""
    text: Text | None = None
    customer: int | None = None
    order: UUID | None = None


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
) -> MarketingEvent:
    """Write what was said of an address, in the caller's transaction, with all that it does.

    `source`: a `Source`, of staff with how they were told: `staff:telephone`. `order`: what an
    order says is written once. Whoever is out already and says so again gets no second event.
    Raises `BadAddress`, `NoKey`, `BadEvent`, `NotTheirs`.
    """
    word = _Word(kind, source, actor, at or clock.now(), language, text, customer, order)
    return _write(contact_keys.keys(channel, address), [channel], word)[0]


def oppose(
    digest: bytes,
    version: str,
    channel: Channel | None,
    *,
    source: str,
    actor: Actor | None = None,
    language: str = "",
    kind: Kind = Kind.OBJECTION,
) -> list[MarketingEvent]:
    """Write the opt-out of who is known by contact key alone, in the caller's transaction.

    `channel` None: every channel; which of them the address serves, its key does not tell.
    """
    found, customer = _siblings(ContactKey(version, bytes(digest)))
    word = _Word(kind, source, actor, language=language, customer=customer)
    return _write(found, list(Channel) if channel is None else [channel], word)


def reconsent(
    digest: bytes,
    version: str,
    channel: Channel,
    *,
    language: str = "",
    text: Text | None = None,
    kind: Kind = Kind.RECONSENT,
) -> MarketingEvent:
    """Write the consent of who came by the link that reached the address, as `oppose` does.

    `kind`: also `PROFILE` and `NO_PROFILE`.
    """
    found, customer = _siblings(ContactKey(version, bytes(digest)))
    word = _Word(kind, Source.LINK, language=language, text=text, customer=customer)
    return _write(found, [channel], word)[0]


def confirm(digest: bytes, version: str, channel: Channel, *, language: str = "") -> Permission:
    """Write that the link of a double opt-in was followed; return what holds now.

    Where no consent waits (it came too late, was opposed since, or is confirmed) nothing changes.
    """
    found, customer = _siblings(ContactKey(version, bytes(digest)))
    with transaction.atomic():
        _lock(found)
        known = _known(found)
        now = clock.now()
        maybe = [*known, Event(Kind.CONFIRMED, channel, now, Source.LINK)]
        before, after = (_standing(some, channel, now) for some in (known, maybe))
        if not before.allowed and after.ground is Ground.CONSENT:
            word = _Word(Kind.CONFIRMED, Source.LINK, at=now, language=language, customer=customer)
            _write(found, [channel], word)
            return after
        return before


def standing(
    found: Sequence[ContactKey], *, person: Person | None = None
) -> dict[Channel, Permission]:
    """Return what holds for one contact now, on every channel; one in doubt is a natural person."""
    events, now = _known(found), clock.now()
    return {
        channel: permission(events, channel=channel, person=person or _natural(), at=now)
        for channel in Channel
    }


def _write(
    found: Sequence[ContactKey], channels: Collection[Channel], word: _Word
) -> list[MarketingEvent]:
    _check(word)
    with transaction.atomic():
        _lock(found)
        act = _close if word.kind in CLOSING else _open if word.kind in GIVING else _note
        return [act(found, channel, word) for channel in sorted(channels)]


def _check(word: _Word) -> None:
    if not known_source(word.source):
        raise BadEvent("Say by which door it came; of staff also how.", field="source")
    if word.at > clock.now():
        raise BadEvent("This is in the future.", field="at")
    if word.kind in GIVING and not gives(word.source):
        raise NotTheirs(
            "Say how the person gave consent: without that it cannot be proved (GDPR art. 7).",
            field="source",
        )
    if word.kind in GIVING - {Kind.CONSENT} and not by_the_person(word.source):
        raise NotTheirs("Only the person can say so, by the link that they got.", field="source")


def _close(found: Sequence[ContactKey], channel: Channel, word: _Word) -> MarketingEvent:
    standing = [
        one for (_, where), one in store.suppressed(store.by_version(found), lock=True).items()
        if where is channel
    ]  # fmt: skip
    in_force = [one for one in standing if one.lifted_at is None]
    same = [one for one in in_force if word.kind not in OPT_OUTS or one.reason in OPT_OUTS]
    if same and (old := _latest(found, channel, CLOSING)):
        return old
    if not any(one.lifted_at and one.lifted_at > word.at for one in standing):
        store.suppress(found[0], [channel], at=word.at, reason=word.kind)
    return _note(found, channel, word)


def _open(found: Sequence[ContactKey], channel: Channel, word: _Word) -> MarketingEvent:
    store.suppressed(store.by_version(found), lock=True)
    event = _note(found, channel, word)
    known = _known(found)
    now = _standing(known, channel, word.at)
    if now.ground not in {Ground.OPTED_OUT, Ground.BOUNCED} and by_the_person(word.source):
        store.lift(found, channel, at=word.at)
    return event


def _note(found: Sequence[ContactKey], channel: Channel, word: _Word) -> MarketingEvent:
    event = MarketingEvent(
        key_version=found[0].version, digest=found[0].digest, channel=channel.value,
        kind=word.kind.value, at=word.at, source=word.source,
        actor=word.actor.key if word.actor else "", language=word.language[:35],
        text_version=word.text.version if word.text else "",
        text_digest=word.text.digest if word.text else None,
        customer=word.customer, saleor_order=word.order,
    )  # fmt: skip
    if word.order is None:
        event.save(force_insert=True)
        return event
    MarketingEvent.objects.bulk_create([event], ignore_conflicts=True)
    return MarketingEvent.objects.get(
        saleor_order=word.order, channel=channel.value, kind=word.kind.value
    )


def _known(found: Sequence[ContactKey]) -> list[Event]:
    """Return all that is known of a contact: events, and suppressions in force as events too."""
    digests = store.by_version(found)
    events = [one for some in store.events(digests).values() for one in some]
    closed = [
        Event(one.reason, channel, one.since, Source.IMPORT)
        for (_, channel), one in store.suppressed(digests).items()
        if one.lifted_at is None
    ]
    return [*events, *closed]


def _standing(events: Collection[Event], channel: Channel, at: datetime) -> Permission:
    return permission(events, channel=channel, person=_natural(), at=at)


def _natural() -> Person:
    return Person(double_opt_in=shop().config().marketing_double_opt_in)


def _latest(
    found: Sequence[ContactKey], channel: Channel, kinds: Collection[Kind]
) -> MarketingEvent | None:
    rows = MarketingEvent.objects.filter(
        key_version__in=[key.version for key in found], digest__in=[key.digest for key in found],
        channel=channel.value, kind__in=[kind.value for kind in kinds],
    )  # fmt: skip
    return rows.order_by("-at", "-pk").first()


def _lock(found: Sequence[ContactKey]) -> None:
    """Let two words of one contact wait for each other, in the same order everywhere."""
    fetch(
        "SELECT pg_advisory_xact_lock(%s, hash) FROM (SELECT DISTINCT hashtext(name) AS hash"
        " FROM unnest(%s::text[]) AS name ORDER BY 1) AS hashes",
        [_CONTACT, [key.digest.hex() for key in found]],
    )


def _siblings(key: ContactKey) -> tuple[list[ContactKey], int | None]:
    """Return the keys of the same address under every version, and whose it is.

    Found by way of a customer's address; of who is in the register no more, the key alone.
    """
    events = MarketingEvent.objects.filter(key_version=key.version, digest=key.digest)
    customers = events.exclude(customer=None).order_by("-at").values_list("customer", flat=True)
    theirs = list(dict.fromkeys(customers[:20]))
    for kind, value in KnownIdentifier.objects.filter(customer__in=theirs).values_list(
        "kind", "value"
    ):
        channel = Channel.EMAIL if kind == KnownIdentifier.Kind.EMAIL else Channel.PHONE
        try:
            found = contact_keys.keys(channel, value)
        except BadAddress:
            continue
        if key in found:
            return found, theirs[0]
    return [key], theirs[0] if theirs else None
