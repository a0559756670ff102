"""The register description: its draft, its versions, and what makes it untrue."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...description import document, facts, protection, versions
from ...description.facts import Facts
from ...policy.permissions import Permission
from ..errors import NotFound
from ..pagination import Order, number
from .base import id_of
from .enums import LanguageEnum, enumeration
from .lists import PAGING, connection, listing
from .mutations import changed, mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

DescriptionKind = enumeration(
    (("NOTICE", "notice"), ("RECORD", "record")), "DescriptionKind", "A document of the register.",
    NOTICE="What customers read: GDPR articles 13 and 14.",
    RECORD="Of processing activities, for the authority: article 30.",
)  # fmt: skip
_TEXT = {
    "kind": DescriptionKind(required=True, description="Which document."),
    "language": LanguageEnum(required=True, description="In which language."),
}  # fmt: skip


class DescriptionChange(graphene.ObjectType):
    """A fact that became another; empty: there was, or is, none."""

    fact = graphene.String(required=True, description="Which fact, by name.")
    was = graphene.String(required=True, description="In the version before.")
    now = graphene.String(required=True, description="Now.")


def _changes(found: list[versions.Change]) -> list[DescriptionChange]:
    return [DescriptionChange(one.fact, one.was, one.now) for one in found]


class Description(graphene.ObjectType):
    """A published version; version 0 is the text that the shop had before."""

    id = id_of("RegisterDescription")
    version = graphene.Int(required=True, description="Counts from 1; the highest is in force.")
    digest = graphene.String(required=True, description="SHA-256 over its documents.")
    published_at = graphene.DateTime(required=True, description="Since when.")
    published_by = graphene.String(required=True, description="Who published it, `user:<id>`.")
    note = graphene.String(
        required=True, description="Why, as the controller wrote; empty: nothing."
    )
    changes = graphene.List(
        graphene.NonNull(DescriptionChange), required=True,
        description="What changed since the version before.",
    )  # fmt: skip
    text = graphene.String(description="Null: there is none in this language.", **_TEXT)

    @staticmethod
    def resolve_changes(row: models.Description, _info: Any) -> list[DescriptionChange]:
        return [DescriptionChange(*one) for one in row.changes]

    @staticmethod
    def resolve_text(row: models.Description, _info: Any, kind: str, language: str) -> str | None:
        held = row.documents.get(kind, {}).get(language)
        return document.read(held).plain() if held else None


class DescriptionProblem(graphene.ObjectType):
    """What keeps the description from being published."""

    field = graphene.String(description="The setting that is missing.")
    message = graphene.String(
        required=True, description="A sentence in English that says what is missing."
    )


class DescriptionDraft(graphene.ObjectType):
    """What would be published now. The digest is what `descriptionPublish` is given."""

    digest = graphene.String(required=True, description="SHA-256 over its documents.")
    problems = graphene.List(
        graphene.NonNull(DescriptionProblem), required=True,
        description="What keeps it from being published; none: it can be.",
    )  # fmt: skip
    changes = graphene.List(
        graphene.NonNull(DescriptionChange), required=True,
        description="What has made the published text untrue; empty while there is none.",
    )  # fmt: skip
    text = graphene.String(
        required=True, **_TEXT, description="Plain text of one document in one language."
    )

    @staticmethod
    def resolve_digest(found: Facts, _info: Any) -> str:
        return versions.digest(found)

    @staticmethod
    def resolve_problems(found: Facts, _info: Any) -> list[DescriptionProblem]:
        empty = [*facts.missing(found.config), *found.config.unusable]
        alarms = [DescriptionProblem(None, one.sentence) for one in protection.alarms(found.config)]
        return [*(DescriptionProblem(*one) for one in empty), *alarms]

    @staticmethod
    def resolve_changes(found: Facts, _info: Any) -> list[DescriptionChange]:
        return _changes(versions.drift(found))

    @staticmethod
    def resolve_text(found: Facts, _info: Any, kind: str, language: str) -> str:
        written = {(one.kind, one.language): one for one in versions.draft(found)}
        return written[kind, language].plain()


class Query(graphene.ObjectType):
    """Reading the description, in the controller's office; the public reads its page."""

    description = graphene.Field(
        Description, version=graphene.Int(description="Left out: the one in force."),
        description="The version in force, or the one named.",
    )  # fmt: skip
    descriptions = graphene.Field(
        connection("RegisterDescription", Description), **PAGING,
        description="All versions, the newest first.",
    )  # fmt: skip
    description_draft = graphene.Field(
        DescriptionDraft, required=True,
        description="What would be published, from the settings and the policy as they are.",
    )  # fmt: skip
    description_drift = graphene.List(
        graphene.NonNull(DescriptionChange), required=True,
        description="What has made the published text untrue.",
    )  # fmt: skip

    @staticmethod
    def resolve_description(
        _root: Any, info: Any, version: int | None = None
    ) -> models.Description | None:
        _enter(info)
        if version is None:
            return versions.in_force()
        if found := models.Description.objects.filter(version=max(version, -1)).first():
            return found
        raise NotFound("There is no such version of the register description.", field="version")

    @staticmethod
    def resolve_descriptions(_root: Any, info: Any, **arguments: Any) -> Any:
        _enter(info)
        return listing(models.Description.objects.all(), ORDERS, arguments, list)

    @staticmethod
    def resolve_description_draft(_root: Any, info: Any) -> Facts:
        _enter(info)
        return facts.present()

    @staticmethod
    def resolve_description_drift(_root: Any, info: Any) -> list[DescriptionChange]:
        _enter(info)
        return _changes(versions.drift(facts.present()))


def _enter(info: Any) -> None:
    office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)


def _publish(*, actor: Actor, digest: str, note: str = "") -> Mapping[str, Any]:
    return {"description": versions.publish(digest=digest, note=note, actor=actor)}


class Mutation(graphene.ObjectType):
    """Publishing."""

    description_publish = mutation(
        "DescriptionPublish", _publish,
        takes={
            "digest": graphene.String(required=True, description="Of the draft that was read."),
            "note": graphene.String(description="Why, for whoever reads the versions later."),
        },
        gives={"description": changed(Description)},
        description="Publish the draft: from now on it is what customers read.",
    )  # fmt: skip
