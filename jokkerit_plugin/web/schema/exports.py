"""Files for accounting software: making them, listing them, and links to fetch them."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import members, office, rows
from ...access.actor import Actor
from ...accounting.entries import entries, with_voucher
from ...accounting.exports import files, formats, jobs, links, make
from ...accounting.exports.files import ExportError
from ...policy.permissions import GIVERS
from ...policy.purposes import Purpose
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import BigInt, LanguageEnum, PurposeEnum, enumeration
from .file_links import LINK, linked
from .lists import PAGING, Listing, connection, listing
from .mutations import changed, mutation
from .ranges import PeriodInput, period_of

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

ExportFormat = enumeration(
    ((name.upper(), name) for name in (*formats.JOURNALS, formats.FINVOICE)), "ExportFormat",
    "A form of a file for accounting software; docs/exports.md.",
    JOURNAL_CSV="The journal, every field and currency: CSV in UTF-8.",
    XLSX="The journal, every field and currency: Excel.",
    NETVISOR="For Netvisor: CSV in ISO 8859-15, euros alone.",
    PROCOUNTOR="For Procountor: CSV in ISO 8859-15, euros alone.",
    FINVOICE="One voucher as Finvoice 3.0: XML.",
)  # fmt: skip


class Export(graphene.ObjectType):
    """A file that was made for a recipient, and stays as it was made."""

    id = id_of("RegisterExport")
    format = ExportFormat(required=True, description="Of the file.")
    first_day = graphene.Date(
        required=True, source="first", description="Of its entries, in Helsinki."
    )
    last_day = graphene.Date(required=True, source="last", description="Of its entries; included.")
    filename = graphene.String(required=True, description="As it is saved.")
    account_map = graphene.Int(required=True, description="Version of the accounts.")
    recipient = id_of("RegisterRecipient", "recipient_id", "For whom it was made.")
    purpose = PurposeEnum(required=True, description="As the ledger of disclosures has it.")
    sha256 = graphene.String(required=True, description="Of its bytes, in hexadecimal digits.")
    size = BigInt(required=True, description="Bytes.")
    created_at = graphene.DateTime(required=True, description="When it was made.")
    created_by = graphene.String(required=True, description="Who had it made, `user:<id>`.")
    url = graphene.String(
        required=True, description="Where to GET it, with a token in the Authorization header."
    )

    @staticmethod
    def resolve_url(row: models.Export, info: Any) -> str:
        return f"{info.context.home}{_file_of(row.pk)}"


ExportJobState = enumeration(
    ((one.upper(), one) for one in ("waiting", "running", "done", "failed")), "ExportJobState",
    "Where the making of a file stands.", WAITING="No worker has taken it.",
    RUNNING="A worker is at it.", DONE="`export` is the file.",
    FAILED="No file was made; `code` and `message` say why.",
)  # fmt: skip


class ExportJob(graphene.ObjectType):
    """A file that a worker makes, or made; told of for 30 days."""

    id = id_of("RegisterExportJob")
    format = ExportFormat(required=True, description="Of the file.")
    first_day = graphene.Date(
        required=True, source="first", description="Of its entries, in Helsinki."
    )
    last_day = graphene.Date(required=True, source="last", description="Of its entries; included.")
    state = ExportJobState(required=True, description="Where it stands.")
    total = graphene.Int(description="Entries of the period; null: nobody has begun.")
    entries = graphene.Int(required=True, description="How many of them are written.")
    asked_at = graphene.DateTime(required=True, description="When it was asked for.")
    asked_by = graphene.String(required=True, description="Who asked, `user:<id>`.")
    code = graphene.String(required=True, description="Of a job that failed: its error's.")
    message = graphene.String(required=True, description="And its sentence.")
    export = id_of(
        "RegisterExport", "export", "The file; it may be erased before the job is forgotten.",
        required=False,
    )  # fmt: skip

    @staticmethod
    def resolve_message(row: models.ExportJob, _info: Any) -> str:
        return row.problem


class Query(graphene.ObjectType):
    """Reading exports."""

    export_jobs = graphene.Field(
        connection("RegisterExportJob", ExportJob), **PAGING,
        description="Files that are being made: `exportStart`. As `exports`.",
    )  # fmt: skip

    exports = graphene.Field(
        connection("RegisterExport", Export), **PAGING,
        description="Members of a firm see their own firm's files.",
    )  # fmt: skip

    @staticmethod
    def resolve_exports(_root: Any, info: Any, **arguments: Any) -> Listing:
        return listing(files.listing(actor=info.context.actor), ORDERS, arguments, list)

    @staticmethod
    def resolve_export_jobs(_root: Any, info: Any, **arguments: Any) -> Listing:
        return listing(jobs.listing(actor=info.context.actor), ORDERS, arguments, list)


def _start(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    if input["format"] == formats.FINVOICE:
        raise ExportError("Make a Finvoice by exportCreate.", field="format")
    job = jobs.ask(
        input["format"], period_of(input.get("period") or {}),
        language=input.get("language") or actor.language,
        recipient=_recipient(actor, input.get("recipient")), actor=actor,
        currency=input.get("currency") or "", rounded=bool(input.get("is_rounded")),
    )  # fmt: skip
    return {"export_job": job}


def _create(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    common: dict[str, Any] = {
        "language": input.get("language") or actor.language,
        "recipient": _recipient(actor, input.get("recipient")),
        "actor": actor,
    }
    if input["format"] == formats.FINVOICE:
        voucher = input.get("voucher") or ""
        corrected = bool(input.get("is_corrected"))
        made = make.invoice(voucher, with_voucher(voucher), corrected=corrected, **common)
        return {"export": made}
    period = period_of(input.get("period") or {})
    made = make.journal(
        input["format"], entries(period), period=period, currency=input.get("currency") or "",
        rounded=bool(input.get("is_rounded")), **common,
    )  # fmt: skip
    return {"export": made}


def _recipient(actor: Actor, given: str | None) -> int:
    """Return the key of the recipient that was named, or of the actor's own firm."""
    if given is not None:
        return from_global_id("RegisterRecipient", given, name="recipient")
    member = members.acting(actor.key)
    if member is None:
        if refusal := office.missing(actor, Purpose.BOOKKEEPING):
            rows.refuse(actor, "exportCreate", refusal)
        raise ExportError("Name the recipient: you act for none.", field="recipient")
    return member.recipient_id


def _link(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterExport", id)
    return linked(_file_of(key), links.issue(key, actor=actor))


def _file_of(key: int) -> str:
    return f"downloads/{key}/"


class ExportCreateInput(graphene.InputObjectType):
    """A journal of a period, or the Finvoice of a voucher."""

    format = ExportFormat(required=True, description="Which file.")
    period = PeriodInput(description="Of a journal: within one financial year.")
    voucher = graphene.String(description="Of a Finvoice: its code, for example MYY-2026-000001.")
    is_corrected = graphene.Boolean(
        description="Of a Finvoice: with the buyer as corrected since the voucher was issued, as a"
        " new document."
    )
    currency = graphene.String(
        description="Of a journal: only entries in it. Left out: all, or an error where the"
        " format holds one currency."
    )
    is_rounded = graphene.Boolean(
        description="Of a journal: amounts that are finer than the currency's unit are rounded,"
        " where they would be refused."
    )
    language = LanguageEnum(description="Left out: yours.")
    recipient = given_id("RegisterRecipient", "Left out: the firm that you act for.")


class Mutation(graphene.ObjectType):
    """Making files and links."""

    export_create = mutation(
        "ExportCreate", _create, needs=GIVERS,
        takes={"input": ExportCreateInput(required=True, description="Of what, and for whom.")},
        gives={"export": changed(Export)},
        description="Make a file, whole and balanced, and record that it was disclosed.",
    )  # fmt: skip
    export_start = mutation(
        "ExportStart", _start, needs=GIVERS,
        takes={
            "input": ExportCreateInput(
                required=True, description="Of a journal; a Finvoice is made at once."
            ),
        },
        gives={"export_job": changed(ExportJob)},
        description="Have a journal made by a worker: for periods that outlast a request.",
    )  # fmt: skip
    export_link = mutation(
        "ExportLink", _link, needs=(),
        takes={"id": given_id("RegisterExport", "Which file.", required=True)},
        gives=LINK,
        description="Get a link by which a browser fetches a file without a token.",
    )  # fmt: skip
