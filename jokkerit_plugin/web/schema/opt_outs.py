"""Files of old opt-outs: what became of them, and the word that there are none."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...marketing import imports
from ...policy.permissions import Permission
from ..pagination import Order, number
from .base import to_global_id
from .lists import PAGING, Listing, connection, listing
from .mutations import mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class OptOutImport(graphene.ObjectType):
    """A file that was taken in, or tried; `declared`: the word that there is none."""

    id = graphene.ID(required=True)
    started_at = graphene.DateTime(required=True)
    started_by = graphene.String(required=True)
    finished_at = graphene.DateTime(description="Null: it did not come to its end.")
    declared = graphene.Boolean(required=True)
    dry_run = graphene.Boolean(required=True)
    sha256 = graphene.String(required=True)
    size = graphene.String(required=True, description="Bytes.")
    lines = graphene.String(required=True)
    added = graphene.String(required=True)
    known = graphene.String(required=True)
    older = graphene.String(required=True, description="The person has consented since.")
    rejected = graphene.String(required=True)
    report = graphene.String(
        required=True,
        description="Where every rejected line is named, as CSV, for 90 days; with the token.",
    )

    @staticmethod
    def resolve_id(row: models.OptOutImport, _info: Any) -> str:
        return to_global_id("RegisterOptOutImport", row.pk)

    @staticmethod
    def resolve_report(row: models.OptOutImport, info: Any) -> str:
        return f"{info.context.home}opt-outs/{row.pk}/rejected/"


class Query(graphene.ObjectType):
    """Reading the reports."""

    opt_out_imports = graphene.Field(connection("RegisterOptOutImport", OptOutImport), **PAGING)

    @staticmethod
    def resolve_opt_out_imports(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return listing(models.OptOutImport.objects.all(), ORDERS, arguments, list)


def _declare(*, actor: Actor) -> Mapping[str, Any]:
    return {"opt_out_import": imports.declare_none(actor)}


class Mutation(graphene.ObjectType):
    """Opening the audience of a shop that has no old opt-outs."""

    opt_outs_declare_none = mutation(
        "OptOutsDeclareNone", _declare, takes={},
        gives={"opt_out_import": graphene.Field(OptOutImport)},
        description="Say that there are no opt-outs from before the register.",
    )  # fmt: skip
