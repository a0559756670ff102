"""Sending files of old opt-outs, having them taken in, and the word that there are none."""

from collections.abc import Mapping
from typing import Any

import graphene
from graphql.language.ast import StringValue

from ...access.actor import Actor
from ...marketing import imports, uploads
from ...marketing.opt_out_files import KINDS, BadFile, Layout
from ...policy.marketing import Channel, Kind
from .. import rejected_lines
from .base import given_id
from .enums import enumeration
from .file_links import LINK, link_to
from .marketing_enums import ChannelEnum
from .mutations import changed, mutation
from .opt_outs import OptOutFile, OptOutImport, file_of, import_of

OptOutKind = enumeration(
    ((one.name, one.value) for one in Kind if one in KINDS), "OptOutKind",
    "What an old opt-out was.", OBJECTION="An objection: GDPR article 21(2).",
    WITHDRAWAL="A consent was taken back.", BOUNCE="The address does not exist.",
    COMPLAINT="Reported as spam.", DECLARED="It is not known which.",
)  # fmt: skip


def _places(description: str) -> Any:
    return graphene.Int(description=f"{description} A column's number, from 1.")


class File(graphene.Scalar):
    """A file: over JSON its text, as much as a request holds; in the console what a form does."""

    @staticmethod
    def serialize(_value: Any) -> None:
        """It only comes in."""

    @staticmethod
    def parse_value(value: Any) -> Any:
        """Return bytes piece by piece, or None: no file."""
        if isinstance(value, str):
            return [value.encode()]
        chunks = getattr(value, "chunks", None)
        return chunks(uploads.CHUNK) if chunks else None

    @staticmethod
    def parse_literal(node: Any) -> Any:
        """Return the bytes of a text that stands in the query."""
        return [node.value.encode()] if isinstance(node, StringValue) else None


class OptOutLayoutInput(graphene.InputObjectType):
    """Where in a line each thing stands; docs/marketing.md."""

    address = graphene.List(
        graphene.NonNull(graphene.Int), required=True,
        description="Columns' numbers from 1: one, of post name, street, code and country.",
    )  # fmt: skip
    channel = ChannelEnum(description="Of every line.")
    channel_column = _places("Or:")
    kind = OptOutKind(description="Of every line; DECLARED, if not said.")
    kind_column = _places("Or:")
    date = _places("Of the day or time, ISO 8601.")
    has_heading = graphene.Boolean(default_value=True, description="The first line has names.")
    delimiter = graphene.String(description="As it looks, if not said.")
    encoding = graphene.String(description="As it looks, if not said.")


def _upload(*, actor: Actor, file: Any) -> Mapping[str, Any]:
    if file is None:
        raise BadFile("Choose a file.", field="file")
    return {"opt_out_file": uploads.store(file, actor=actor)}


def _take_in(
    *, actor: Actor, file: str, layout: Mapping[str, Any], is_dry_run: bool = False
) -> Mapping[str, Any]:
    stored = file_of(file)
    return {"opt_out_import": uploads.order(
        stored.pk, _layout(layout, uploads.look(stored)), actor=actor, dry_run=is_dry_run
    )}  # fmt: skip


def _repeat(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"opt_out_import": uploads.repeat(import_of(id), actor=actor)}


def _layout(given: Mapping[str, Any], seen: uploads.Look) -> Layout:
    channel, kind = given.get("channel"), given.get("kind")
    columns = {
        name: given[name] for name in ("channel_column", "kind_column", "date")
        if given.get(name) is not None
    }  # fmt: skip
    return Layout(
        address=tuple(given["address"]), channel=Channel(channel) if channel else None,
        kind=Kind(kind) if kind else Kind.DECLARED, **columns,
        heading=given.get("has_heading", True),
        delimiter=given.get("delimiter") or seen.delimiter,
        encoding=given.get("encoding") or seen.encoding,
    )  # fmt: skip


def _report_link(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return link_to(rejected_lines.file_of(import_of(id).pk), actor=actor)


def _declare(*, actor: Actor) -> Mapping[str, Any]:
    return {"opt_out_import": imports.declare_none(actor)}


class Mutation(graphene.ObjectType):
    """Opening the audience of a shop that has no old opt-outs."""

    opt_outs_declare_none = mutation(
        "OptOutsDeclareNone", _declare, takes={}, gives={"opt_out_import": changed(OptOutImport)},
        description="Say that there are no opt-outs from before the register.",
    )  # fmt: skip
    opt_outs_upload = mutation(
        "OptOutsUpload", _upload,
        takes={
            "file": File(required=True, description="Its text; 100,000 bytes at most over JSON.")
        },
        gives={"opt_out_file": changed(OptOutFile)},
        description="Send a file of old opt-outs; nothing is taken in yet.",
    )  # fmt: skip
    opt_outs_take_in = mutation(
        "OptOutsTakeIn", _take_in,
        takes={
            "file": given_id(
                "RegisterOptOutFile", "One that was sent within a day.", required=True
            ),
            "layout": OptOutLayoutInput(
                required=True, description="Where in a line each thing stands."
            ),
            "is_dry_run": graphene.Boolean(description="Only the report."),
        },
        gives={"opt_out_import": changed(OptOutImport)},
        description="Have a file that was sent taken in by a worker, or tried.",
    )  # fmt: skip
    opt_outs_repeat = mutation(
        "OptOutsRepeat", _repeat,
        takes={"id": given_id("RegisterOptOutImport", "The dry run.", required=True)},
        gives={"opt_out_import": changed(OptOutImport)},
        description="Have taken in what a dry run has tried, as it was read then.",
    )  # fmt: skip
    opt_out_report_link = mutation(
        "OptOutReportLink", _report_link,
        takes={"id": given_id("RegisterOptOutImport", "Whose rejected lines.", required=True)},
        gives=LINK, description="Get a link by which a browser fetches an import's rejected lines.",
    )  # fmt: skip
