"""Confidentiality agreements: the text in force, signing it, and who holds one."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import agreements, office
from ...access.actor import Actor
from ...policy.permissions import Permission
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import LanguageEnum
from .filters import asked, happened
from .lists import PAGING, connection, listing
from .mutations import changed, mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class AgreementText(graphene.ObjectType):
    """One version of the text in its three languages."""

    version = graphene.Int(required=True, description="Counts from 1; the highest is in force.")
    fi = graphene.String(required=True, description="In Finnish.")
    sv = graphene.String(required=True, description="In Swedish.")
    en = graphene.String(required=True, description="In English.")
    digest = graphene.String(required=True, description="SHA-256 over the three texts.")
    published_at = graphene.DateTime(required=True, description="Since when it is in force.")
    valid_days = graphene.Int(required=True, description="For how many days a signature holds.")


class Agreement(graphene.ObjectType):
    """A signature, or the record of one given on paper."""

    id = id_of("RegisterAgreement")
    signer = graphene.String(
        required=True, description="Who signed: `user:<id>`, `app:<id>` or `paper:<name>`."
    )
    version = graphene.Int(required=True, description="Of the text.")
    language = LanguageEnum(required=True, description="In which it was read.")
    digest = graphene.String(required=True, description="SHA-256 of the text, as it was then.")
    signed_at = graphene.DateTime(required=True, description="When it was signed, or recorded.")
    expires_at = graphene.DateTime(required=True, description="When it ends by itself.")
    recorded_by = graphene.String(required=True, description="Empty: signed in person.")
    revoked_at = graphene.DateTime(description="Null: it was not.")
    revoked_by = graphene.String(
        required=True, description="Who revoked it, `user:<id>`; empty: nobody."
    )
    description = graphene.Int(description="Version of the register description then in force.")

    @staticmethod
    def resolve_description(row: models.Signature, _info: Any) -> int | None:
        return row.description_id

    @staticmethod
    def resolve_version(row: models.Signature, _info: Any) -> int:
        return row.text_id


class AgreementFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    signer = graphene.String(description="user:<id>, app:<id> or paper:<name>.")
    is_revoked = graphene.Boolean(description="Only revoked ones, or only others.")


class Query(graphene.ObjectType):
    """Reading agreements."""

    agreement_text = graphene.Field(
        AgreementText, description="What must be signed now. For everybody with a token."
    )
    agreements = graphene.Field(
        connection("RegisterAgreement", Agreement),
        filter=AgreementFilterInput(description="Left out: all."), **PAGING,
        description="Who has signed, the newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_agreement_text(_root: Any, _info: Any) -> models.AgreementText:
        return agreements.in_force()

    @staticmethod
    def resolve_agreements(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(arguments, signer="signer", is_revoked=happened("revoked_at"))
        return listing(models.Signature.objects.filter(condition), ORDERS, arguments, list)


def _sign(*, actor: Actor, version: int, language: str) -> Mapping[str, Any]:
    return {"agreement": agreements.sign(actor, version=version, language=language)}


def _record(*, actor: Actor, signer: str, version: int, language: str) -> Mapping[str, Any]:
    found = agreements.record(signer, version=version, language=language, actor=actor)
    return {"agreement": found}


def _revoke(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterAgreement", id)
    return {"agreement": agreements.revoke(key, actor=actor)}


def _readmit(*, actor: Actor, signer: str) -> Mapping[str, Any]:
    agreements.readmit(signer, actor=actor)
    return {}


def _publish(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"agreement_text": agreements.publish(**input, actor=actor)}


class AgreementPublishInput(graphene.InputObjectType):
    """A new text."""

    fi = graphene.String(required=True, description="In Finnish.")
    sv = graphene.String(required=True, description="In Swedish.")
    en = graphene.String(required=True, description="In English.")
    valid_days = graphene.Int(required=True, description="For how many days a signature holds.")


_LANGUAGE = LanguageEnum(required=True, description="In which it was read.")


class Mutation(graphene.ObjectType):
    """Changing agreements."""

    agreement_sign = mutation(
        "AgreementSign", _sign, needs=(),
        takes={
            "version": graphene.Int(required=True, description="Of the text that was read."),
            "language": _LANGUAGE,
        },
        gives={"agreement": changed(Agreement)}, description="Sign the text in force, in person.",
    )  # fmt: skip
    agreement_record = mutation(
        "AgreementRecord", _record,
        takes={
            "signer": graphene.String(required=True, description="`paper:<name>` or `app:<id>`."),
            "version": graphene.Int(required=True, description="Of the text that was signed."),
            "language": _LANGUAGE,
        },
        gives={"agreement": changed(Agreement)},
        description="Record an agreement given on paper (paper:<name>), or for an app (app:<id>).",
    )  # fmt: skip
    agreement_revoke = mutation(
        "AgreementRevoke", _revoke,
        takes={"id": given_id("RegisterAgreement", "Whose signature ends.", required=True)},
        gives={"agreement": changed(Agreement)}, description="End somebody's agreement at once.",
    )  # fmt: skip
    agreement_readmit = mutation(
        "AgreementReadmit", _readmit,
        takes={"signer": graphene.String(required=True, description="`user:<id>`.")}, gives={},
        description="Let somebody whose agreement was revoked sign again.",
    )  # fmt: skip
    agreement_publish = mutation(
        "AgreementPublish", _publish,
        takes={
            "input": AgreementPublishInput(
                required=True, description="The text in three languages."
            ),
        },
        gives={"agreement_text": changed(AgreementText)},
        description="Publish a new text: everybody has to sign it.",
    )  # fmt: skip
