"""What the one who asks is in the register, and what is missing."""

from typing import Any

import graphene

from ... import clock
from ...access import agreements, office
from ...access.actor import Actor
from ...models import Signature
from ...policy.categories import Category
from ...policy.purposes import Purpose
from ...policy.roles import Role, allowed
from .agreements import Agreement
from .base import PurposeEnum, usual_purpose

RoleEnum = graphene.Enum.from_enum(Role)
CategoryEnum = graphene.Enum.from_enum(Category)


class Use(graphene.ObjectType):
    """What a role may see for a purpose, a grant not counted."""

    role = RoleEnum(required=True)
    purpose = PurposeEnum(required=True)
    categories = graphene.List(graphene.NonNull(CategoryEnum), required=True)


class Missing(graphene.ObjectType):
    """What keeps somebody out, and how to get it."""

    code = graphene.String(required=True)
    message = graphene.String(required=True)


class Me(graphene.ObjectType):
    """Whoever sent the request."""

    key = graphene.String(required=True)
    permissions = graphene.List(graphene.NonNull(graphene.String), required=True)
    roles = graphene.List(graphene.NonNull(RoleEnum), required=True)
    uses = graphene.List(graphene.NonNull(Use), required=True)
    agreement = graphene.Field(Agreement, description="The one in force; null: none.")
    missing = graphene.Field(Missing, description="Null: nothing.")

    @staticmethod
    def resolve_permissions(actor: Actor, _info: Any) -> list[str]:
        return sorted(permission.upper() for permission in actor.permissions)

    @staticmethod
    def resolve_roles(actor: Actor, _info: Any) -> list[str]:
        return [role.value for role in actor.roles]

    @staticmethod
    def resolve_uses(actor: Actor, _info: Any) -> list[Use]:
        return [
            Use(role=role.value, purpose=purpose.value, categories=sorted(found))
            for role in actor.roles
            for purpose in Purpose
            if (found := allowed(role, purpose))
        ]

    @staticmethod
    def resolve_agreement(actor: Actor, _info: Any) -> Signature | None:
        found = agreements.in_force_at(clock.now()).filter(signer=actor.key)
        return found.order_by("-expires_at").first()

    @staticmethod
    def resolve_missing(actor: Actor, _info: Any) -> Missing | None:
        refusal = office.missing(actor, usual_purpose(actor))
        return Missing(code=refusal.code, message=refusal.message) if refusal else None


class Query(graphene.ObjectType):
    """Asking about oneself."""

    me = graphene.Field(Me, required=True)

    @staticmethod
    def resolve_me(_root: Any, info: Any) -> Actor:
        actor: Actor = info.context.actor
        return actor
