"""One word about marketing: whether it may be written at all, and its event.

What it does to the list is the ledger's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .. import clock
from ..access.actor import Actor
from ..errors import RegisterError
from ..models import MarketingEvent, Suppression
from ..policy.marketing import (
    CLOSING,
    GIVING,
    OPT_OUTS,
    PROFILING,
    Channel,
    Kind,
    Source,
    Text,
    by_the_person,
    gives,
    known_source,
)
from ..register.rows import execute, table
from . import copied, store
from .contact_keys import ContactKey


class NotTheirs(RegisterError):
    """A consent that the person has not shown to be theirs."""

    code = "NOT_THEIRS"


class BadEvent(RegisterError):
    """An event that cannot be: its source, or its time."""

    code = "BAD_EVENT"


@dataclass(frozen=True, slots=True)
class Word:
    """One event to write, without its contact."""

    kind: Kind
    source: str
    actor: Actor | None = None
    #: None: now.
    at: datetime | None = None
    language: str = ""
    text: Text | None = None
    customer: int | None = None
    order: UUID | None = None


def check(word: Word) -> None:
    """Raise `BadEvent` for a word that cannot be, `NotTheirs` for a yes that nobody could prove."""
    if not known_source(word.source):
        raise BadEvent("Say by which door it came; of staff also how.", field="source")
    if word.at and word.at > clock.now():
        raise BadEvent("This is in the future.", field="at")
    if word.kind in GIVING and not gives(word.source):
        raise NotTheirs(
            "Say how the person gave consent: without that it cannot be proved (GDPR art. 7).",
            field="source",
        )
    if word.kind in GIVING - {Kind.CONSENT} and not by_the_person(word.source):
        raise NotTheirs("Only the person can say so, by the link that they got.", field="source")


def note(found: Sequence[ContactKey], channel: Channel, word: Word) -> MarketingEvent:
    """Write the event of a word, under the newest key; what an order says is written once."""
    at = word.at or clock.now()
    event = MarketingEvent(
        key_version=found[0].version, digest=found[0].digest, channel=channel.value,
        kind=word.kind.value, at=at, source=word.source,
        actor=word.actor.key if word.actor else "", language=word.language[:35],
        text_version=word.text.version if word.text else "",
        text_digest=word.text.digest if word.text else None,
        description_id=store.description_at(at), customer=word.customer, saleor_order=word.order,
    )  # fmt: skip
    if word.kind in PROFILING:
        copied.soon()
    if word.order is None:
        event.save(force_insert=True)
        return event
    MarketingEvent.objects.bulk_create([event], ignore_conflicts=True)
    return MarketingEvent.objects.get(
        saleor_order=word.order, channel=channel.value, kind=word.kind.value
    )


def said(found: Sequence[ContactKey], channel: Channel, word: Word) -> MarketingEvent | None:
    """Return the event by which the same was said before.

    By who is known, or signed in, only their own: what others said is not theirs to be told.
    """
    if word.customer is None and word.source == Source.STOREFRONT:
        return None
    rows = MarketingEvent.objects.filter(
        key_version__in=[key.version for key in found], digest__in=[key.digest for key in found],
        channel=channel.value, kind__in=[kind.value for kind in CLOSING],
    )  # fmt: skip
    if word.customer is not None:
        rows = rows.filter(customer=word.customer)
    return rows.order_by("-at", "-pk").first()


def attribute(theirs: Iterable[tuple[int, ContactKey]]) -> int:
    """Write for each opt-out in force at the addresses of customers that it is theirs, once."""
    listed = list(theirs)
    return execute(
        f"INSERT INTO {table(MarketingEvent)}"
        " (key_version, digest, channel, kind, at, source, customer)"
        " SELECT key_version, digest, s.channel, s.reason, s.since, %(source)s, k.customer"
        " FROM unnest(%(pks)s::bigint[], %(versions)s::text[], %(digests)s::bytea[])"
        f"  AS k(customer, key_version, digest) JOIN {table(Suppression)} AS s"
        "  USING (key_version, digest)"
        " WHERE s.lifted_at IS NULL AND s.reason = ANY(%(opt_outs)s::text[]) AND NOT EXISTS ("
        f"  SELECT FROM {table(MarketingEvent)} AS e WHERE e.key_version = k.key_version"
        "   AND e.digest = k.digest AND e.channel = s.channel AND e.customer = k.customer"
        "   AND e.kind = ANY(%(opt_outs)s::text[]))",
        {
            "pks": [pk for pk, _ in listed], "versions": [key.version for _, key in listed],
            "digests": [store.as_bytea(key.digest) for _, key in listed],
            "opt_outs": [one.value for one in OPT_OUTS], "source": Source.IMPORT.value,
        },
    )  # fmt: skip
