"""Proofs of erasure: what was searched, and what still stands by which rule. No personal data."""

from collections.abc import Mapping
from typing import Any

import graphene
from django.db.models import Q

from ... import models
from ...access import office
from ...access.actor import Actor
from ...models.proof import Origin
from ...policy.permissions import Permission
from ...retention import proof
from ..pagination import Order, number
from .base import from_global_id, to_global_id
from .lists import PAGING, connection, listing
from .mutations import mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

CertificateVerdict = graphene.Enum(
    "CertificateVerdict", [(one.name, one.value) for one in models.Certificate.Verdict]
)
ProofOrigin = graphene.Enum("ProofOrigin", [(one.name, one.value) for one in Origin])


class Finding(graphene.ObjectType):
    """A place where something still stands."""

    table = graphene.String(required=True, description="`file`: a stored file.")
    column = graphene.String(required=True)
    key = graphene.String(required=True, description="Of the row; the name of the file.")
    kinds = graphene.List(graphene.NonNull(graphene.String), required=True)
    rule = graphene.String(required=True, description="Empty: nothing keeps it.")
    ground = graphene.String(required=True)
    until = graphene.String(description="The last day; null with a rule: until something ends it.")


class Certificate(graphene.ObjectType):
    """A proof; keys, nobody's name."""

    id = graphene.ID(required=True)
    customer = graphene.ID(description="Who may be erased.")
    purchase = graphene.ID(description="Of a purchase whose customer was erased before.")
    origin = ProofOrigin(required=True)
    plan = graphene.String()
    made_at = graphene.DateTime(required=True)
    verdict = CertificateVerdict(required=True)
    tables = graphene.Int(required=True)
    columns = graphene.Int(required=True)
    rows = graphene.String(required=True)
    size = graphene.String(required=True, description="Bytes that were read.")
    files = graphene.Int(required=True)
    opaque_files = graphene.Int(required=True, description="Files that hold no text.")
    closed = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Tables that none may read."
    )
    hits = graphene.Int(required=True)
    kept = graphene.Int(required=True)
    left_over = graphene.Int(required=True)
    of_others = graphene.Int(required=True)
    findings = graphene.List(
        graphene.NonNull(Finding), required=True, description="The first thousand."
    )
    settled_at = graphene.DateTime()
    settled_by = graphene.String(required=True)

    @staticmethod
    def resolve_id(row: models.Certificate, _info: Any) -> str:
        return to_global_id("RegisterCertificate", row.pk)

    @staticmethod
    def resolve_customer(row: models.Certificate, _info: Any) -> str | None:
        return to_global_id("RegisterCustomer", row.customer) if row.customer else None

    @staticmethod
    def resolve_purchase(row: models.Certificate, _info: Any) -> str | None:
        return to_global_id("RegisterPurchase", row.purchase) if row.purchase else None

    @staticmethod
    def resolve_findings(row: models.Certificate, _info: Any) -> list[Finding]:
        return [Finding(**one) for one in row.findings]


class CertificateFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = graphene.ID()
    verdict = CertificateVerdict()
    is_settled = graphene.Boolean()


class Query(graphene.ObjectType):
    """Reading certificates."""

    certificates = graphene.Field(
        connection("RegisterCertificate", Certificate), filter=CertificateFilterInput(), **PAGING
    )

    @staticmethod
    def resolve_certificates(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        rows = models.Certificate.objects.filter(_condition(arguments.get("filter") or {}))
        return listing(rows, ORDERS, arguments, list)


def _condition(given: Mapping[str, Any]) -> Q:
    condition = Q()
    if given.get("customer") is not None:
        key = from_global_id("RegisterCustomer", given["customer"], name="customer")
        condition &= Q(customer=key)
    if given.get("verdict") is not None:
        condition &= Q(verdict=given["verdict"])
    if given.get("is_settled") is not None:
        condition &= Q(settled_at__isnull=not given["is_settled"])
    return condition


def _settle(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterCertificate", id)
    return {"certificate": proof.settle(key, actor=actor)}


class Mutation(graphene.ObjectType):
    """Settling what a proof found left over."""

    certificate_settle = mutation(
        "CertificateSettle", _settle, takes={"id": graphene.ID(required=True)},
        gives={"certificate": graphene.Field(Certificate)},
        description="Say that what was left over has been dealt with: the alarm ends.",
    )  # fmt: skip
