"""What customers have said about marketing: for themselves, and for staff on their behalf."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import graphene
from django.db.models import prefetch_related_objects

from ... import models
from ...access import guard
from ...access.actor import Actor
from ...marketing import choices, contact_keys, contacts, reach
from ...marketing.choices import ChoiceError
from ...marketing.reach import Reach
from ...policy.categories import Category
from ...policy.marketing import Channel, Permission, Source, Text
from ...policy.permissions import CHANGERS
from ...policy.purposes import Purpose
from .base import Shown, from_global_id, given_id
from .marketing_enums import ChannelEnum, How, MarketingEventKind, MarketingGround
from .mutations import mutation

#: By which addresses somebody is reached: who may not see them all may not change this.
_CATEGORIES = (Category.EMAIL, Category.PHONE, Category.POSTAL)


class MarketingPermission(graphene.ObjectType):
    """What holds now for the address in use on a channel."""

    channel = ChannelEnum(required=True, description="By which way.")
    is_allowed = graphene.Boolean(required=True, description="They may be written to now.")
    ground = MarketingGround(required=True, description="Why, or why not.")
    since = graphene.DateTime(description="What the ground goes back to; null: nothing was said.")
    until = graphene.DateTime(description="When it ends by itself.")
    profiling = graphene.Boolean(
        required=True, description="What they bought may decide what they are sent."
    )


class MarketingEvent(graphene.ObjectType):
    """Something that was said about marketing: kept as proof, and never changed."""

    kind = MarketingEventKind(required=True, description="What was said, or happened.")
    channel = ChannelEnum(required=True, description="About which way.")
    at = graphene.DateTime(required=True, description="When it was said.")
    source = graphene.String(
        required=True, description="By which door: `order`, `link`, `staff:telephone` ..."
    )
    actor = graphene.String(required=True, description="Empty: the person.")
    language = graphene.String(
        required=True, description="Of the text, as the shop's language code; empty: not known."
    )
    text_version = graphene.String(
        required=True, description="Of the text shown; empty: not known."
    )
    description = graphene.Int(description="Version of the register description then in force.")

    @staticmethod
    def resolve_description(row: models.MarketingEvent, _info: Any) -> int | None:
        return row.description_id


class MarketingTextInput(graphene.InputObjectType):
    """What was shown to the customer, or read out: its digest is kept, and its version."""

    version = graphene.String(required=True, description="32 characters at most.")
    words = graphene.String(
        required=True, description="All of them: the SHA-256 of these is the proof."
    )


class MarketingChoiceInput(graphene.InputObjectType):
    """Yes or no to one channel."""

    channel = ChannelEnum(required=True, description="Once each.")
    is_allowed = graphene.Boolean(required=True, description="Yes or no.")


def permissions_field() -> Any:
    """Return the field of a customer's permissions."""
    return graphene.List(
        graphene.NonNull(MarketingPermission), resolver=_of_family,
        description="What holds now for the addresses in use. Category: email, phone and postal.",
    )  # fmt: skip


def events_field() -> Any:
    """Return the field of what a customer said, newest first."""
    return graphene.List(
        graphene.NonNull(MarketingEvent), resolver=_events_of,
        description="What was said about marketing, the newest first. Category: as `marketing`.",
    )  # fmt: skip


def _of_family(shown: Shown, _info: Any) -> list[MarketingPermission]:
    """Read the permissions of a customer, and of all its siblings at once."""
    shown.see(*_CATEGORIES)
    if not hasattr(shown.row, "marketing"):
        family = list(shown.family)
        prefetch_related_objects(family, "identifiers", "addresses")
        people = [(one.pk, reach.of_customer(one)) for one in family]
        for one, theirs in zip(family, permissions(people), strict=True):
            one.marketing = theirs
    found: list[MarketingPermission] = shown.row.marketing
    return found


def _events_of(shown: Shown, _info: Any) -> list[models.MarketingEvent]:
    shown.see(*_CATEGORIES)
    if not hasattr(shown.row, "marketing_words"):
        said: dict[int | None, list[models.MarketingEvent]] = {one.pk: [] for one in shown.family}
        rows = models.MarketingEvent.objects.filter(customer__in=said).order_by("-at", "-pk")
        for row in rows:
            said[row.customer].append(row)
        for one in shown.family:
            one.marketing_words = said[one.pk]
    found: list[models.MarketingEvent] = shown.row.marketing_words
    return found


def permissions(people: Iterable[tuple[int, Reach]]) -> list[list[MarketingPermission]]:
    """Return by customer the permissions of the address in use, channel by channel."""
    asked = [
        (pk, [(where, contact_keys.normalise(where, some[0])) for where, some in one.items()
              if some])
        for pk, one in people
    ]  # fmt: skip
    found = iter(contacts.permissions(
        [pair for _, one in asked for pair in one], customers=[pk for pk, one in asked for _ in one]
    ))  # fmt: skip
    return [[told(channel, next(found)) for channel, _ in one] for _, one in asked]


def told(channel: Channel, one: Permission) -> MarketingPermission:
    """Return a permission as GraphQL shows it."""
    return MarketingPermission(
        channel=channel.value, is_allowed=one.allowed, ground=one.ground.value, since=one.since,
        until=one.until, profiling=one.profiling,
    )  # fmt: skip


def wanted(given: Sequence[Mapping[str, Any]]) -> dict[Channel, bool]:
    """Read choices; raise `ChoiceError` for two about one channel."""
    found = {Channel(one["channel"]): bool(one["is_allowed"]) for one in given}
    if len(found) != len(given):
        raise ChoiceError("Choose once for each channel.", field="channels")
    return found


def text_of(given: Mapping[str, str] | None, chosen: Mapping[Channel, bool]) -> Text | None:
    """Read the text of a consent; raise `ChoiceError`, also for a yes without one."""
    if given is None:
        if any(chosen.values()):
            raise ChoiceError("Say which text the customer agreed to.", field="text")
        return None
    if not given["words"].strip() or not 1 <= len(given["version"]) <= 32:
        raise ChoiceError("Give the words, and a version of 32 characters at most.", field="text")
    return Text.of(given["version"], given["words"])


def _update(
    *,
    actor: Actor,
    customer: str,
    channels: Sequence[Mapping[str, Any]],
    how: str,
    profiling: bool | None = None,
    language: str = "",
    text: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    key = from_global_id("RegisterCustomer", customer, name="customer")
    chosen = wanted(channels)
    shown = text_of(text, chosen)
    common: dict[str, Any] = {"source": f"{Source.STAFF}:{how}", "actor": actor, "customer": key}
    with guard.visit(
        actor, Purpose.MARKETING, act="customerMarketingUpdate", asks=_CATEGORIES
    ) as visit:
        row = models.Customer.objects.filter(pk=key).first()
        if row is None:
            raise ChoiceError("There is no such customer.", field="customer")
        # Who they are does not go out, so that the restricted may say no, too.
        visit.saw_figures([key])
        reached = reach.of_customer(row)

        def record() -> None:
            choices.choose(reached, chosen, language=language, text=shown, **common)
            if profiling is not None:
                choices.profile(reached, profiling, **common)

        visit.then(record)
    return {"permissions": permissions([(key, reached)])[0]}


class Mutation(graphene.ObjectType):
    """Recording what customers say to staff."""

    customer_marketing_update = mutation(
        "CustomerMarketingUpdate", _update, needs=CHANGERS,
        takes={
            "customer": given_id("RegisterCustomer", required=True),
            "channels": graphene.List(
                graphene.NonNull(MarketingChoiceInput), required=True,
                description="What is not among them stays.",
            ),
            "profiling": graphene.Boolean(
                description="What they bought may decide what they are sent; left out: stays."
            ),
            "how": How(required=True, description="How the customer told it."),
            "language": graphene.String(
                description="The shop's code of the language in which it was told: `fi`, `et` ..."
            ),
            "text": MarketingTextInput(description="A yes needs it."),
        },
        gives={
            "permissions": graphene.List(
                graphene.NonNull(MarketingPermission),
                description="What holds now, channel by channel.",
            ),
        },
        description="Record what a customer told you about marketing.",
    )  # fmt: skip
