"""Registered third parties, and the users and apps that act for them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene

from ... import models
from ...access import members, office, recipients
from ...access.actor import Actor
from ...policy.permissions import Permission
from ...shop.port import shop
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import LanguageEnum, enumeration
from .filters import asked, happened
from .lists import PAGING, connection, listing
from .mutations import changed, mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

RecipientKind = enumeration(
    models.Recipient.Kind, "RecipientKind", "For what a third party may get data.",
    BOOKKEEPING="The accounting firm.", INVOICING="Who sends invoices.",
    COLLECTION="Who collects debts.",
    PROCESSOR="Works for the controller (article 28): hosting, mail; nothing is disclosed to it.",
)  # fmt: skip
RecipientOutcome = enumeration(
    models.Recipient.Outcome, "RecipientOutcome", "What became of the data: article 28(3)(g).",
    RETURNED="It came back.", DELETED="It was deleted there.",
)  # fmt: skip


class Member(graphene.ObjectType):
    """A user or app that acts, or acted, for a recipient."""

    id = id_of("RegisterMember")
    holder = graphene.String(required=True, description="`user:<id>` or `app:<id>`.")
    responsible = graphene.String(required=True, description="Of an app: who answers for it.")
    added_at = graphene.DateTime(required=True, description="From then on they act for it.")
    added_by = graphene.String(required=True, description="Who added them, `user:<id>`.")
    ended_at = graphene.DateTime(description="Null: they act for it.")
    ended_by = graphene.String(
        required=True, description="Who ended it, `user:<id>`; empty: nobody."
    )
    shut_out_at = graphene.DateTime(description="When the shop had ended their access, too.")


class Recipient(graphene.ObjectType):
    """A third party that may get data, or a processor."""

    id = id_of("RegisterRecipient")
    kind = RecipientKind(required=True, description="For what it may get data.")
    name = graphene.String(required=True, description="The company's.")
    business_id = graphene.String(
        required=True,
        description="A Finnish one, or the VAT id of another member state; empty: from outside.",
    )  # fmt: skip
    country = graphene.String(required=True, description="ISO 3166-1 alpha-2: where the data goes.")
    agreement_signed_on = graphene.Date(
        description="Data-processing agreement, GDPR article 28; null: none."
    )
    confidentiality_signed_on = graphene.Date(description="Null: none.")
    registered_at = graphene.DateTime(required=True, description="From then on it may get data.")
    registered_by = graphene.String(required=True, description="Who registered it, `user:<id>`.")
    ended_at = graphene.DateTime(description="Null: it may get data.")
    ended_by = graphene.String(
        required=True, description="Who ended it, `user:<id>`; empty: nobody."
    )
    email = graphene.String(required=True, description="Where it is told of corrections.")
    language = LanguageEnum(required=True, description="In which it is told.")
    data_outcome = RecipientOutcome(
        description="What became of the data once it ended, article 28(3)(g); null: not said."
    )
    data_outcome_on = graphene.Date(description="When; null: not said.")
    members = graphene.List(
        graphene.NonNull(Member), required=True, description="Who acts or acted for it."
    )

    @staticmethod
    def resolve_data_outcome(row: models.Recipient, _info: Any) -> str | None:
        return row.data_outcome or None

    @staticmethod
    def resolve_members(row: models.Recipient, _info: Any) -> list[models.Member]:
        return list(row.members.all())


class RecipientFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    kind = RecipientKind(description="For what it may get data.")
    is_ended = graphene.Boolean(description="Only ended ones, or only others.")


class Query(graphene.ObjectType):
    """Reading recipients."""

    recipients = graphene.Field(
        connection("RegisterRecipient", Recipient),
        filter=RecipientFilterInput(description="Left out: all."), **PAGING,
        description="Registered third parties, the newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_recipients(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(arguments, kind="kind", is_ended=happened("ended_at"))
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

    kind = RecipientKind(required=True, description="For what it may get data.")
    name = graphene.String(required=True, description="The company's, 200 characters at most.")
    business_id = graphene.String(description="Left out: of a company outside the Union.")
    country = graphene.String(required=True, description="ISO 3166-1 alpha-2: where the data goes.")
    agreement_signed_on = graphene.Date(description="Data-processing agreement; not in the future.")
    confidentiality_signed_on = graphene.Date(description="Not in the future.")


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
        "RecipientRegister", _register,
        takes={"input": RecipientRegisterInput(required=True, description="Who it is.")},
        gives={"recipient": changed(Recipient)}, description="Register a third party.",
    )  # fmt: skip
    recipient_record_agreements = mutation(
        "RecipientRecordAgreements", _agree,
        takes={
            "id": given_id("RegisterRecipient", required=True),
            "agreement_signed_on": graphene.Date(
                description="Data-processing agreement, GDPR article 28."
            ),
            "confidentiality_signed_on": graphene.Date(description="Confidentiality agreement."),
        },
        gives={"recipient": changed(Recipient)},
        description="Record when its agreements were signed; left out: there is none.",
    )  # fmt: skip
    recipient_record_contact = mutation(
        "RecipientRecordContact", _contact,
        takes={
            "id": given_id("RegisterRecipient", required=True),
            "email": graphene.String(required=True, description="One address."),
            "language": LanguageEnum(required=True, description="In which it is told."),
        },
        gives={"recipient": changed(Recipient)},
        description="Record where it is told of corrections, erasures and restrictions.",
    )  # fmt: skip
    recipient_end = mutation(
        "RecipientEnd", _end, takes={"id": given_id("RegisterRecipient", required=True)},
        gives=_ENDED, description="End a recipient and all who act for it, at once.",
    )  # fmt: skip
    recipient_record_outcome = mutation(
        "RecipientRecordOutcome", _outcome,
        takes={
            "id": given_id("RegisterRecipient", required=True),
            "outcome": RecipientOutcome(
                required=True, description="What became of the data, article 28(3)(g)."
            ),
            "on": graphene.Date(required=True, description="Not in the future."),
        },
        gives={"recipient": changed(Recipient)},
        description="Record whether an ended recipient returned or deleted the data.",
    )  # fmt: skip
    member_add = mutation(
        "MemberAdd", _add,
        takes={
            "recipient": given_id("RegisterRecipient", "For whom they act.", required=True),
            "holder": graphene.String(
                required=True, description="`user:<id>` or `app:<id>`, who acts for no other."
            ),
            "responsible": graphene.String(
                description="Of an app: `user:<id>` or `paper:<name>`, who has signed."
            ),
        },
        gives={"member": changed(Member)}, description="Let a user or app act for a recipient.",
    )  # fmt: skip
    member_end = mutation(
        "MemberEnd", _end_member, takes={"id": given_id("RegisterMember", required=True)},
        gives=_ENDED, description="End one membership at once.",
    )  # fmt: skip
