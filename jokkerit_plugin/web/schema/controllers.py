"""Whose register it is: the word of who the controller is, when the business id has changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene

from ... import models
from ...access.actor import Actor
from ...marketing import controller
from .enums import enumeration
from .mutations import changed, mutation

ControllerDeclarationKind = enumeration(
    models.Controller.Word, "ControllerDeclarationKind", "What was said of the controller.",
    FIRST="The settings, as the register first met them.",
    SAME="Another business id of the same controller.",
    NEW="Another controller: what was given to the one before does not pass to it.",
)  # fmt: skip


class ControllerDeclaration(graphene.ObjectType):
    """What was said of the controller; kept for good."""

    kind = ControllerDeclarationKind(required=True, description="What was said.")
    business_id = graphene.String(required=True, description="As in the settings then.")
    name = graphene.String(required=True, description="As in the settings then.")
    since = graphene.DateTime(description="Of a new one: what was given before does not count.")
    at = graphene.DateTime(required=True, description="When it was said.")
    by = graphene.String(
        required=True, description="Who said it, `user:<id>`; `shop`: as first met."
    )

    @staticmethod
    def resolve_kind(row: models.Controller, _info: Any) -> str:
        return row.word


def _declare(*, actor: Actor, business_id: str, new_from: date | None = None) -> Mapping[str, Any]:
    return {"controller": controller.declare(business_id, new_from=new_from, actor=actor)}


class Mutation(graphene.ObjectType):
    """Saying whose the register is."""

    controller_declare = mutation(
        "ControllerDeclare", _declare,
        takes={
            "business_id": graphene.String(required=True, description="As in the settings."),
            "new_from": graphene.Date(
                description="Another company's, from this day: consents and soft opt-ins of before"
                " are void, for good. Null: the same controller's.",
            ),
        },
        gives={"controller": changed(ControllerDeclaration)},
        description="Say whose the business id in the settings is; docs/closing.md.",
    )  # fmt: skip
