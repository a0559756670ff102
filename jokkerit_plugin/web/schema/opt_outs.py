"""Files of old opt-outs: what they look like, and what became of them."""

from typing import Any

import graphene

from ... import models
from ...access import office
from ...marketing import uploads
from ...policy.permissions import Permission
from .. import rejected_lines
from ..errors import NotFound
from ..pagination import Order, number
from .base import from_global_id, to_global_id
from .lists import PAGING, Listing, connection, listing

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class OptOutFile(graphene.ObjectType):
    """A file that was sent, kept encrypted for a day; what it looks like."""

    id = graphene.ID(required=True)
    uploaded_at = graphene.DateTime(required=True)
    size = graphene.String(required=True, description="Bytes.")
    columns = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Of its first line."
    )
    delimiter = graphene.String(required=True)
    encoding = graphene.String(required=True)

    @staticmethod
    def resolve_id(row: models.OptOutFile, _info: Any) -> str:
        return to_global_id("RegisterOptOutFile", row.pk)

    @staticmethod
    def resolve_columns(row: models.OptOutFile, _info: Any) -> list[str]:
        return uploads.look(row).columns

    @staticmethod
    def resolve_delimiter(row: models.OptOutFile, _info: Any) -> str:
        return uploads.look(row).delimiter

    @staticmethod
    def resolve_encoding(row: models.OptOutFile, _info: Any) -> str:
        return uploads.look(row).encoding


OptOutImportState = graphene.Enum(
    "OptOutImportState", [(one.upper(), one) for one in ("waiting", "running", "done", "failed")]
)


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
    state = OptOutImportState(required=True)
    read = graphene.String(required=True, description="Bytes, of `size`; while a worker reads.")
    problem = graphene.String(required=True, description="Why it ended before its end.")
    file = graphene.ID(description="What it reads, while that is here.")
    report = graphene.String(
        required=True,
        description="Where every rejected line is named, as CSV, for 90 days; with the token.",
    )

    @staticmethod
    def resolve_id(row: models.OptOutImport, _info: Any) -> str:
        return to_global_id("RegisterOptOutImport", row.pk)

    @staticmethod
    def resolve_file(row: models.OptOutImport, _info: Any) -> str | None:
        return to_global_id("RegisterOptOutFile", row.file_id) if row.file_id else None

    @staticmethod
    def resolve_report(row: models.OptOutImport, info: Any) -> str:
        return f"{info.context.home}{rejected_lines.file_of(row.pk)}"


class Query(graphene.ObjectType):
    """Reading the reports."""

    opt_out_imports = graphene.Field(connection("RegisterOptOutImport", OptOutImport), **PAGING)

    opt_out_import = graphene.Field(OptOutImport, id=graphene.ID(required=True))
    opt_out_file = graphene.Field(OptOutFile, id=graphene.ID(required=True))

    @staticmethod
    def resolve_opt_out_import(_root: Any, info: Any, id: str) -> models.OptOutImport:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return import_of(id)

    @staticmethod
    def resolve_opt_out_file(_root: Any, info: Any, id: str) -> models.OptOutFile:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return file_of(id)

    @staticmethod
    def resolve_opt_out_imports(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return listing(models.OptOutImport.objects.all(), ORDERS, arguments, list)


def file_of(id: str) -> models.OptOutFile:
    """Return a file that was sent. Raises `NotFound`."""
    row = models.OptOutFile.objects.filter(pk=from_global_id("RegisterOptOutFile", id)).first()
    if row is None:
        raise NotFound("The file is here no more: it is kept for a day. Send it again.", field="id")
    return row


def import_of(id: str) -> models.OptOutImport:
    """Return what became of a file. Raises `NotFound`."""
    row = models.OptOutImport.objects.filter(pk=from_global_id("RegisterOptOutImport", id)).first()
    if row is None:
        raise NotFound("There is no such import.", field="id")
    return row
