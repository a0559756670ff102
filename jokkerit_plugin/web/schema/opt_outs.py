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
from .base import from_global_id, given_id, id_of
from .enums import BigInt, enumeration
from .lists import PAGING, Listing, connection, listing

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class OptOutFile(graphene.ObjectType):
    """A file that was sent, kept encrypted for a day; what it looks like."""

    id = id_of("RegisterOptOutFile")
    uploaded_at = graphene.DateTime(
        required=True, description="When it was sent; it is kept for a day."
    )
    size = BigInt(required=True, description="Bytes.")
    columns = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Of its first line."
    )
    delimiter = graphene.String(required=True, description="Between columns, as it looks.")
    encoding = graphene.String(required=True, description="Of the text, as it looks.")

    @staticmethod
    def resolve_columns(row: models.OptOutFile, _info: Any) -> list[str]:
        return uploads.look(row).columns

    @staticmethod
    def resolve_delimiter(row: models.OptOutFile, _info: Any) -> str:
        return uploads.look(row).delimiter

    @staticmethod
    def resolve_encoding(row: models.OptOutFile, _info: Any) -> str:
        return uploads.look(row).encoding


OptOutImportState = enumeration(
    ((one.upper(), one) for one in ("waiting", "running", "done", "failed")), "OptOutImportState",
    "Where the taking in of a file stands.", WAITING="No worker has taken it.",
    RUNNING="A worker reads it.", DONE="It was read to its end.",
    FAILED="It ended before; `problem` says why, and the lines before count.",
)  # fmt: skip


class OptOutImport(graphene.ObjectType):
    """A file that was taken in, or tried; `isDeclared`: the word that there is none."""

    id = id_of("RegisterOptOutImport")
    started_at = graphene.DateTime(required=True, description="When it was asked for.")
    started_by = graphene.String(
        required=True, description="Who asked: `user:<id>` or `command:<name>`."
    )
    finished_at = graphene.DateTime(description="Null: it did not come to its end.")
    is_declared = graphene.Boolean(
        required=True,
        source="declared",
        description="No file: the word that there are no old opt-outs.",
    )
    is_dry_run = graphene.Boolean(
        required=True,
        source="dry_run",
        description="Nothing was stored: only the report is wanted.",
    )
    sha256 = graphene.String(
        required=True, description="Of the file, in hexadecimal digits; empty: no file."
    )
    size = BigInt(required=True, description="Bytes.")
    lines = BigInt(required=True, description="That were read.")
    added = BigInt(required=True, description="New opt-outs.")
    known = BigInt(required=True, description="Out already.")
    older = BigInt(required=True, description="The person has consented since.")
    rejected = BigInt(required=True, description="Lines that name nobody; see `report`.")
    state = OptOutImportState(required=True, description="Where it stands.")
    read = BigInt(required=True, description="Bytes, of `size`; while a worker reads.")
    problem = graphene.String(required=True, description="Why it ended before its end.")
    file = id_of(
        "RegisterOptOutFile", "file_id", "What it reads, while that is here.", required=False
    )
    report = graphene.String(
        required=True,
        description="Where every rejected line is named, as CSV, for 90 days; with the token.",
    )

    @staticmethod
    def resolve_report(row: models.OptOutImport, info: Any) -> str:
        return f"{info.context.home}{rejected_lines.file_of(row.pk)}"


class Query(graphene.ObjectType):
    """Reading the reports."""

    opt_out_imports = graphene.Field(
        connection("RegisterOptOutImport", OptOutImport), **PAGING,
        description="Files of old opt-outs, the newest first.",
    )  # fmt: skip

    opt_out_import = graphene.Field(
        OptOutImport, id=given_id("RegisterOptOutImport", required=True),
        description="One of them, or NOT_FOUND.",
    )  # fmt: skip
    opt_out_file = graphene.Field(
        OptOutFile, id=given_id("RegisterOptOutFile", required=True),
        description="A file that was sent, or NOT_FOUND: it is kept for a day.",
    )  # fmt: skip

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
