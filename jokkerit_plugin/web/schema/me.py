"""What the one who asks is in the register, and what is missing."""

from typing import Any

import graphene

from ... import clock
from ...access import agreements, office
from ...access.actor import Actor
from ...models import Signature
from ...policy.purposes import Purpose
from ...policy.roles import allowed
from .agreements import Agreement
from .base import usual_purpose
from .enums import CategoryEnum, PurposeEnum, RoleEnum


class PermittedUse(graphene.ObjectType):
    """What a role may see for a purpose, a grant not counted."""

    role = RoleEnum(required=True, description="As whom.")
    purpose = PurposeEnum(required=True, description="For what.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Which kinds of data it gives."
    )


class AccessObstacle(graphene.ObjectType):
    """What keeps somebody out, and how to get it."""

    code = graphene.String(
        required=True, description="`NO_PERMISSION`, `NO_AGREEMENT`, `NO_MEMBERSHIP` ..."
    )
    message = graphene.String(
        required=True, description="A sentence in English that says how to get it."
    )


class Me(graphene.ObjectType):
    """Whoever sent the request."""

    key = graphene.String(required=True, description="`user:<id>` or `app:<id>`.")
    permissions = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="The register's own, as Saleor writes them: `JOKKERIT_VIEW_REGISTER`.",
    )  # fmt: skip
    roles = graphene.List(
        graphene.NonNull(RoleEnum), required=True,
        description="That the permissions give, the weakest first.",
    )  # fmt: skip
    uses = graphene.List(
        graphene.NonNull(PermittedUse),
        required=True,
        description="What each role may see for what.",
    )
    agreement = graphene.Field(Agreement, description="The one in force; null: none.")
    missing = graphene.Field(AccessObstacle, description="Null: nothing.")

    @staticmethod
    def resolve_permissions(actor: Actor, _info: Any) -> list[str]:
        return sorted(permission.upper() for permission in actor.permissions)

    @staticmethod
    def resolve_roles(actor: Actor, _info: Any) -> list[str]:
        return [role.value for role in actor.roles]

    @staticmethod
    def resolve_uses(actor: Actor, _info: Any) -> list[PermittedUse]:
        return [
            PermittedUse(role=role.value, purpose=purpose.value, categories=sorted(found))
            for role in actor.roles
            for purpose in Purpose
            if (found := allowed(role, purpose))
        ]

    @staticmethod
    def resolve_agreement(actor: Actor, _info: Any) -> Signature | None:
        found = agreements.in_force_at(clock.now()).filter(signer=actor.key)
        return found.order_by("-expires_at").first()

    @staticmethod
    def resolve_missing(actor: Actor, _info: Any) -> AccessObstacle | None:
        refusal = office.missing(actor, usual_purpose(actor))
        return AccessObstacle(code=refusal.code, message=refusal.message) if refusal else None


class Query(graphene.ObjectType):
    """Asking about oneself."""

    me = graphene.Field(
        Me, required=True,
        description="Who the token belongs to, what they may see and what is missing.",
    )  # fmt: skip

    @staticmethod
    def resolve_me(_root: Any, info: Any) -> Actor:
        actor: Actor = info.context.actor
        return actor
