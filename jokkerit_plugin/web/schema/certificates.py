"""Proofs of erasure: what was searched, and what still stands by which rule. No personal data."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...models.proof import Origin
from ...policy.permissions import Permission
from ...retention import proof
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import BigInt, enumeration
from .filters import asked, happened, of
from .lists import PAGING, connection, listing
from .mutations import changed, mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

CertificateVerdict = enumeration(
    models.Certificate.Verdict, "CertificateVerdict", "What a proof of erasure comes to.",
    CLEAN="Nothing of the person stands anywhere.", KEPT="What stands is kept by a rule.",
    LEFTOVER="Something stands that nothing keeps: an alarm, until it is settled.",
    MISSED="Nothing was searched: the erasing took too long, or the key is gone.",
)  # fmt: skip
CertificateOrigin = enumeration(
    Origin, "CertificateOrigin", REQUEST="A granted request for erasure.",
    SAMPLE="Drawn from what a night erased.", BY_HAND="The command `register_prove`.",
)  # fmt: skip


class CertificateFinding(graphene.ObjectType):
    """A place where something still stands."""

    table = graphene.String(required=True, description="`file`: a stored file.")
    column = graphene.String(required=True, description="Empty: of a file.")
    key = graphene.String(required=True, description="Of the row; the name of the file.")
    kinds = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="Of what stands there: `email`, `phone`, `name`, `street`, `part`.",
    )  # fmt: skip
    rule = graphene.String(required=True, description="Empty: nothing keeps it.")
    ground = graphene.String(required=True, description="Legal basis of the rule; empty: none.")
    until = graphene.Date(description="The last day; null with a rule: until something ends it.")


class Certificate(graphene.ObjectType):
    """A proof; keys, nobody's name."""

    id = id_of("RegisterCertificate")
    customer = id_of("RegisterCustomer", "customer", "Who may be erased.", required=False)
    purchase = id_of(
        "RegisterPurchase", "purchase", "Of a purchase whose customer was erased before.",
        required=False,
    )  # fmt: skip
    origin = CertificateOrigin(required=True, description="Why it was made.")
    plan = id_of("RegisterErasurePlan", "plan", "That erased; null: none.", required=False)
    made_at = graphene.DateTime(required=True, description="When the search ended.")
    verdict = CertificateVerdict(required=True, description="What it comes to.")
    tables = graphene.Int(required=True, description="Tables that were searched.")
    columns = graphene.Int(required=True, description="Columns that were searched.")
    rows = BigInt(required=True, description="Rows that were read.")
    size = BigInt(required=True, description="Bytes that were read.")
    files = graphene.Int(required=True, description="Stored files that were read.")
    opaque_files = graphene.Int(required=True, description="Files that hold no text.")
    unreadable_tables = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Tables that none may read."
    )
    hits = graphene.Int(required=True, description="How often an identifier stands somewhere.")
    kept = graphene.Int(required=True, description="Hits that a rule keeps.")
    left_over = graphene.Int(required=True, description="Hits that nothing keeps.")
    of_others = graphene.Int(
        required=True, description="Hits in rows of people with the same name, street or telephone."
    )
    findings = graphene.List(
        graphene.NonNull(CertificateFinding), required=True, description="The first thousand."
    )
    settled_at = graphene.DateTime(
        description="When what was left over had been dealt with; null: not yet."
    )
    settled_by = graphene.String(
        required=True, description="Who settled it, `user:<id>`; empty: nobody."
    )

    @staticmethod
    def resolve_unreadable_tables(row: models.Certificate, _info: Any) -> list[str]:
        found: list[str] = row.closed
        return found

    @staticmethod
    def resolve_findings(row: models.Certificate, _info: Any) -> list[CertificateFinding]:
        return [
            CertificateFinding(**one | {"until": one["until"] and date.fromisoformat(one["until"])})
            for one in row.findings
        ]


class CertificateFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = given_id("RegisterCustomer")
    verdict = CertificateVerdict(description="What it comes to.")
    is_settled = graphene.Boolean(description="Only settled ones, or only others.")


class Query(graphene.ObjectType):
    """Reading certificates."""

    certificates = graphene.Field(
        connection("RegisterCertificate", Certificate),
        filter=CertificateFilterInput(description="Left out: all."), **PAGING,
        description="Proofs of erasure, the newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_certificates(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(
            arguments, customer=of("customer"), verdict="verdict",
            is_settled=happened("settled_at"),
        )  # fmt: skip
        return listing(models.Certificate.objects.filter(condition), ORDERS, arguments, list)


def _settle(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterCertificate", id)
    return {"certificate": proof.settle(key, actor=actor)}


class Mutation(graphene.ObjectType):
    """Settling what a proof found left over."""

    certificate_settle = mutation(
        "CertificateSettle", _settle,
        takes={
            "id": given_id(
                "RegisterCertificate", "One that found something left over.", required=True
            ),
        },
        gives={"certificate": changed(Certificate)},
        description="Say that what was left over has been dealt with: the alarm ends.",
    )  # fmt: skip
