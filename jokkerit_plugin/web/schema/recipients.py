"""Registered third parties, and the users and apps that act for them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene
from django.db.models import Q

from ... import models
from ...access import members, office, recipients
from ...access.actor import Actor
from ...policy.permissions import Permission
from ...shop.port import shop
from ..pagination import Order, number
from .base import from_global_id, to_global_id
from .lists import PAGING, connection, listing
from .mutations import mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

RecipientKind = graphene.Enum(
    "RecipientKind", [(one.name, one.value) for one in models.Recipient.Kind]
)
RecipientOutcome = graphene.Enum(
    "RecipientOutcome", [(one.name, one.value) for one in models.Recipient.Outcome]
)


class Member(graphene.ObjectType):
    """A user or app that acts, or acted, for a recipient."""

    id = graphene.ID(required=True)
    holder = graphene.String(required=True)
    responsible = graphene.String(required=True, description="Of an app: who answers for it.")
    added_at = graphene.DateTime(required=True)
    added_by = graphene.String(required=True)
    ended_at = graphene.DateTime()
    ended_by = graphene.String(required=True)
    shut_out_at = graphene.DateTime(description="When the shop had ended their access, too.")

    @staticmethod
    def resolve_id(row: models.Member, _info: Any) -> str:
        return to_global_id("RegisterMember", row.pk)


class Recipient(graphene.ObjectType):
    """A third party that may get data, or a processor."""

    id = graphene.ID(required=True)
    kind = RecipientKind(required=True)
    name = graphene.String(required=True)
    business_id = graphene.String(required=True)
    country = graphene.String(required=True)
    agreement_signed_on = graphene.Date()
    confidentiality_signed_on = graphene.Date()
    registered_at = graphene.DateTime(required=True)
    registered_by = graphene.String(required=True)
    ended_at = graphene.DateTime()
    ended_by = graphene.String(required=True)
    email = graphene.String(required=True, description="Where it is told of corrections.")
    language = graphene.String(required=True)
    data_outcome = RecipientOutcome()
    data_outcome_on = graphene.Date()
    members = graphene.List(graphene.NonNull(Member), required=True)

    @staticmethod
    def resolve_id(row: models.Recipient, _info: Any) -> str:
        return to_global_id("RegisterRecipient", row.pk)

    @staticmethod
    def resolve_data_outcome(row: models.Recipient, _info: Any) -> str | None:
        return row.data_outcome or None

    @staticmethod
    def resolve_members(row: models.Recipient, _info: Any) -> list[models.Member]:
        return list(row.members.all())


class RecipientFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    kind = RecipientKind()
    is_ended = graphene.Boolean()


class Query(graphene.ObjectType):
    """Reading recipients."""

    recipients = graphene.Field(
        connection("RegisterRecipient", Recipient), filter=RecipientFilterInput(), **PAGING
    )

    @staticmethod
    def resolve_recipients(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        given = arguments.get("filter") or {}
        condition = Q()
        if given.get("kind") is not None:
            condition &= Q(kind=given["kind"])
        if given.get("is_ended") is not None:
            condition &= Q(ended_at__isnull=not given["is_ended"])
        rows = models.Recipient.objects.filter(condition).prefetch_related("members")
        return listing(rows, ORDERS, arguments, list)


def _register(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"recipient": recipients.register(**input, actor=actor)}


def _agree(
    *,
    actor: Actor,
    id: str,
    agreement_signed_on: date | None = None,
    confidentiality_signed_on: date | None = None,
) -> Mapping[str, Any]:
    found = recipients.record_agreements(
        from_global_id("RegisterRecipient", id), agreement_signed_on=agreement_signed_on,
        confidentiality_signed_on=confidentiality_signed_on, actor=actor,
    )  # fmt: skip
    return {"recipient": found}


def _contact(*, actor: Actor, id: str, email: str, language: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRecipient", id)
    found = recipients.record_contact(key, email=email, language=language, actor=actor)
    return {"recipient": found}


def _end(*, actor: Actor, id: str) -> Mapping[str, Any]:
    holders = recipients.end(from_global_id("RegisterRecipient", id), actor=actor)
    return {"holders": holders, "still_open": sorted(members.shut_out(shop().end_access))}


def _outcome(*, actor: Actor, id: str, outcome: str, on: date) -> Mapping[str, Any]:
    key = from_global_id("RegisterRecipient", id)
    return {"recipient": recipients.record_outcome(key, outcome=outcome, on=on, actor=actor)}


def _add(*, actor: Actor, recipient: str, holder: str, responsible: str = "") -> Mapping[str, Any]:
    key = from_global_id("RegisterRecipient", recipient, name="recipient")
    found = members.add(key, holder, responsible=responsible, actor=actor)
    return {"member": found}


def _end_member(*, actor: Actor, id: str) -> Mapping[str, Any]:
    holder = members.end(from_global_id("RegisterMember", id), actor=actor)
    failed = members.shut_out(shop().end_access)
    return {"holders": [holder], "still_open": sorted(failed)}


class RecipientRegisterInput(graphene.InputObjectType):
    """A third party."""

    kind = RecipientKind(required=True)
    name = graphene.String(required=True)
    business_id = graphene.String(description="Left out: of a company outside the Union.")
    country = graphene.String(required=True)
    agreement_signed_on = graphene.Date()
    confidentiality_signed_on = graphene.Date()


_ENDED: dict[str, Any] = {
    "holders": graphene.List(graphene.NonNull(graphene.String), description="Who is out now."),
    "still_open": graphene.List(
        graphene.NonNull(graphene.String),
        description="Out of the register, but the shop has not ended their access: tried again.",
    ),
}


class Mutation(graphene.ObjectType):
    """Changing recipients and members."""

    recipient_register = mutation(
        "RecipientRegister", _register, takes={"input": RecipientRegisterInput(required=True)},
        gives={"recipient": graphene.Field(Recipient)}, description="Register a third party.",
    )  # fmt: skip
    recipient_record_agreements = mutation(
        "RecipientRecordAgreements", _agree,
        takes={
            "id": graphene.ID(required=True),
            "agreement_signed_on": graphene.Date(),
            "confidentiality_signed_on": graphene.Date(),
        },
        gives={"recipient": graphene.Field(Recipient)},
        description="Record when its agreements were signed; left out: there is none.",
    )  # fmt: skip
    recipient_record_contact = mutation(
        "RecipientRecordContact", _contact,
        takes={
            "id": graphene.ID(required=True), "email": graphene.String(required=True),
            "language": graphene.String(required=True, description="fi, sv or en."),
        },
        gives={"recipient": graphene.Field(Recipient)},
        description="Record where it is told of corrections, erasures and restrictions.",
    )  # fmt: skip
    recipient_end = mutation(
        "RecipientEnd", _end, takes={"id": graphene.ID(required=True)}, gives=_ENDED,
        description="End a recipient and all who act for it, at once.",
    )  # fmt: skip
    recipient_record_outcome = mutation(
        "RecipientRecordOutcome", _outcome,
        takes={
            "id": graphene.ID(required=True),
            "outcome": RecipientOutcome(required=True),
            "on": graphene.Date(required=True),
        },
        gives={"recipient": graphene.Field(Recipient)},
        description="Record whether an ended recipient returned or deleted the data.",
    )  # fmt: skip
    member_add = mutation(
        "MemberAdd", _add,
        takes={
            "recipient": graphene.ID(required=True),
            "holder": graphene.String(required=True),
            "responsible": graphene.String(),
        },
        gives={"member": graphene.Field(Member)},
        description="Let a user or app act for a recipient.",
    )  # fmt: skip
    member_end = mutation(
        "MemberEnd", _end_member, takes={"id": graphene.ID(required=True)}, gives=_ENDED,
        description="End one membership at once.",
    )  # fmt: skip
