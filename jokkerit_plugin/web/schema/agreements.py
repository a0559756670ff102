"""Confidentiality agreements: the text in force, signing it, and who holds one."""

from collections.abc import Mapping
from typing import Any

import graphene
from django.db.models import Q

from ... import models
from ...access import agreements, office
from ...access.actor import Actor
from ...policy.permissions import Permission
from ..pagination import Order, number
from .base import from_global_id, to_global_id
from .lists import PAGING, connection, listing
from .mutations import mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class AgreementText(graphene.ObjectType):
    """One version of the text in its three languages."""

    version = graphene.Int(required=True)
    fi = graphene.String(required=True)
    sv = graphene.String(required=True)
    en = graphene.String(required=True)
    digest = graphene.String(required=True, description="SHA-256 over the three texts.")
    published_at = graphene.DateTime(required=True)
    valid_days = graphene.Int(required=True)


class Agreement(graphene.ObjectType):
    """A signature, or the record of one given on paper."""

    id = graphene.ID(required=True)
    signer = graphene.String(required=True)
    version = graphene.Int(required=True)
    language = graphene.String(required=True)
    digest = graphene.String(required=True)
    signed_at = graphene.DateTime(required=True)
    expires_at = graphene.DateTime(required=True)
    recorded_by = graphene.String(required=True, description="Empty: signed in person.")
    revoked_at = graphene.DateTime()
    revoked_by = graphene.String(required=True)
    description = graphene.Int(description="Version of the register description then in force.")

    @staticmethod
    def resolve_description(row: models.Signature, _info: Any) -> int | None:
        return row.description_id

    @staticmethod
    def resolve_id(row: models.Signature, _info: Any) -> str:
        return to_global_id("RegisterAgreement", row.pk)

    @staticmethod
    def resolve_version(row: models.Signature, _info: Any) -> int:
        return row.text_id


class AgreementFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    signer = graphene.String(description="user:<id>, app:<id> or paper:<name>.")
    is_revoked = graphene.Boolean()


class Query(graphene.ObjectType):
    """Reading agreements."""

    agreement_text = graphene.Field(
        AgreementText, description="What must be signed now. For everybody with a token."
    )
    agreements = graphene.Field(
        connection("RegisterAgreement", Agreement), filter=AgreementFilterInput(), **PAGING
    )

    @staticmethod
    def resolve_agreement_text(_root: Any, _info: Any) -> models.AgreementText:
        return agreements.in_force()

    @staticmethod
    def resolve_agreements(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        given = arguments.get("filter") or {}
        condition = Q()
        if given.get("signer") is not None:
            condition &= Q(signer=given["signer"])
        if given.get("is_revoked") is not None:
            condition &= Q(revoked_at__isnull=not given["is_revoked"])
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

    fi = graphene.String(required=True)
    sv = graphene.String(required=True)
    en = graphene.String(required=True)
    valid_days = graphene.Int(required=True)


_LANGUAGE = graphene.String(required=True, description="In which it was read: fi, sv or en.")


class Mutation(graphene.ObjectType):
    """Changing agreements."""

    agreement_sign = mutation(
        "AgreementSign", _sign, needs=(),
        takes={"version": graphene.Int(required=True), "language": _LANGUAGE},
        gives={"agreement": graphene.Field(Agreement)},
        description="Sign the text in force, in person.",
    )  # fmt: skip
    agreement_record = mutation(
        "AgreementRecord", _record,
        takes={
            "signer": graphene.String(required=True),
            "version": graphene.Int(required=True),
            "language": _LANGUAGE,
        },
        gives={"agreement": graphene.Field(Agreement)},
        description="Record an agreement given on paper (paper:<name>), or for an app (app:<id>).",
    )  # fmt: skip
    agreement_revoke = mutation(
        "AgreementRevoke", _revoke, takes={"id": graphene.ID(required=True)},
        gives={"agreement": graphene.Field(Agreement)},
        description="End somebody's agreement at once.",
    )  # fmt: skip
    agreement_readmit = mutation(
        "AgreementReadmit", _readmit, takes={"signer": graphene.String(required=True)}, gives={},
        description="Let somebody whose agreement was revoked sign again.",
    )  # fmt: skip
    agreement_publish = mutation(
        "AgreementPublish", _publish, takes={"input": AgreementPublishInput(required=True)},
        gives={"agreement_text": graphene.Field(AgreementText)},
        description="Publish a new text: everybody has to sign it.",
    )  # fmt: skip
