"""Whether marketing may be sent now: to anybody at all, and to whom one asks about."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene

from ... import models
from ...marketing import contacts, controller, standing
from ...marketing.contacts import Answer
from ...policy.categories import Category
from ...policy.marketing import Channel
from ...policy.purposes import Purpose
from .. import asking
from .base import look_for
from .controllers import ControllerDeclaration
from .enums import PurposeEnum
from .marketing_enums import ChannelEnum


class MarketingMonth(graphene.ObjectType):
    """Addresses that had said yes and no on a channel at a month's end; of this month now."""

    month = graphene.Date(required=True, description="Its first day.")
    channel = ChannelEnum(required=True, description="By which way.")
    yes = graphene.Int(description="Null: the channel needs no consent.")
    no = graphene.Int(required=True, description="Addresses that had said no.")


class MarketingObstacle(graphene.ObjectType):
    """Why nobody may be contacted."""

    code = graphene.String(required=True, description="See docs/marketing.md.")
    message = graphene.String(
        required=True, description="A sentence in English that says what to do."
    )


class MarketingState(graphene.ObjectType):
    """Marketing as a whole: sums, and nobody's data."""

    closed = graphene.Field(MarketingObstacle, description="Null: each may be asked for.")
    controller = graphene.Field(
        ControllerDeclaration,
        description="Whose the permissions are, as last said; null: not noted.",
    )
    months = graphene.List(
        graphene.NonNull(MarketingMonth), required=True,
        description="The last months, channel by channel, the oldest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_closed(_root: Any, _info: Any) -> MarketingObstacle | None:
        refusal = contacts.closed()
        return MarketingObstacle(code=refusal.code, message=refusal.message) if refusal else None

    @staticmethod
    def resolve_controller(_root: Any, _info: Any) -> models.Controller | None:
        return controller.said()

    @staticmethod
    def resolve_months(_root: Any, _info: Any) -> list[standing.Standing]:
        return standing.over_time()


class MayContact(graphene.ObjectType):
    """Whether one address may be written to at this moment."""

    is_allowed = graphene.Boolean(
        required=True, source="allowed", description="Of this moment: ask before every message."
    )
    reason = graphene.String(
        required=True,
        description="A `MarketingGround` in small letters, `bad_address`, `service`, or what closes"
        " marketing as a whole: `no_key` ...; docs/marketing.md.",
    )  # fmt: skip


class ContactInput(graphene.InputObjectType):
    """An address, and by which channel."""

    channel = ChannelEnum(required=True, description="By which way.")
    address = graphene.String(
        required=True,
        description="E-mail or number; of post name, street, postal code and country, with |"
        " between.",
    )  # fmt: skip


class Query(graphene.ObjectType):
    """Asking before every message."""

    marketing_state = graphene.Field(
        MarketingState, description="May anybody be contacted, and how many have said what."
    )
    may_contact = graphene.List(
        graphene.NonNull(MayContact), required=True,
        purpose=PurposeEnum(
            description="Left out: MARKETING. For a recall (CLAIMS) or a word about orders"
            " (SERVICE) everybody may be written to; BAD_PURPOSE: for this one nobody is.",
        ),
        pairs=graphene.List(
            graphene.NonNull(ContactInput), required=True, description="Addresses and channels."
        ),
        description="In the order of the question; 1,000 at most; TOO_MANY above that.",
    )  # fmt: skip

    @staticmethod
    def resolve_marketing_state(_root: Any, info: Any) -> MarketingState:
        look_for(info, Purpose.MARKETING.value, Category.EMAIL)
        return MarketingState()

    @staticmethod
    def resolve_may_contact(
        _root: Any, info: Any, pairs: Sequence[Mapping[str, str]], purpose: str | None = None
    ) -> list[Answer]:
        asked = [(one["address"], Channel(one["channel"])) for one in pairs]
        meant = Purpose(purpose or Purpose.MARKETING)
        look_for(info, meant.value, *asking.categories(asked))
        return contacts.may_contact(asked, purpose=meant)
