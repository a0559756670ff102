"""The shop's own people and apps: what they are called, and what each may do in the register.

Their names are the shop's, and their own personal data: asked for at each look and never kept,
for those who change the register's data or answer for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import graphene

from ... import clock
from ...access import agreements, office
from ...access.actor import Actor, is_key
from ...policy.permissions import CHANGERS, Permission
from ...shop.people import Holder, Named
from ...shop.port import shop
from ..errors import BadInput
from .base import MANY
from .me import RoleEnum


class PersonName(graphene.ObjectType):
    """What a user or app of the shop is called."""

    key = graphene.String(required=True, description="user:<id> or app:<id>.")
    name = graphene.String(required=True, description="Empty: nobody has written one.")
    email = graphene.String(required=True, description="Empty: an app's.")

    @staticmethod
    def resolve_name(one: tuple[str, Named], _info: Any) -> str:
        return one[1].name

    @staticmethod
    def resolve_email(one: tuple[str, Named], _info: Any) -> str:
        return one[1].email

    @staticmethod
    def resolve_key(one: tuple[str, Named], _info: Any) -> str:
        return one[0]


@dataclass(frozen=True, slots=True)
class _Held:
    holder: Holder
    named: Named
    signed_until: datetime | None


class RegisterUser(graphene.ObjectType):
    """A user or app that holds any of the register's permissions."""

    key = graphene.String(required=True, description="user:<id> or app:<id>.")
    name = graphene.String(required=True)
    email = graphene.String(required=True)
    permissions = graphene.List(graphene.NonNull(graphene.String), required=True)
    roles = graphene.List(graphene.NonNull(RoleEnum), required=True)
    is_superuser = graphene.Boolean(required=True)
    is_active = graphene.Boolean(required=True, description="Else the shop lets them in nowhere.")
    signed_until = graphene.DateTime(description="Of the agreement in force; null: none.")

    @staticmethod
    def resolve_key(one: _Held, _info: Any) -> str:
        return one.holder.key

    @staticmethod
    def resolve_name(one: _Held, _info: Any) -> str:
        return one.named.name

    @staticmethod
    def resolve_email(one: _Held, _info: Any) -> str:
        return one.named.email

    @staticmethod
    def resolve_permissions(one: _Held, _info: Any) -> list[str]:
        return sorted(permission.upper() for permission in one.holder.permissions)

    @staticmethod
    def resolve_roles(one: _Held, _info: Any) -> list[str]:
        return [role.value for role in Actor(one.holder.key, one.holder.permissions).roles]

    @staticmethod
    def resolve_is_superuser(one: _Held, _info: Any) -> bool:
        return one.holder.superuser

    @staticmethod
    def resolve_is_active(one: _Held, _info: Any) -> bool:
        return one.holder.active


class Query(graphene.ObjectType):
    """Asking who somebody is."""

    person_names = graphene.List(
        graphene.NonNull(PersonName),
        keys=graphene.List(graphene.NonNull(graphene.String), required=True),
        description="Of these keys those that are the shop's staff or apps, 100 keys at most.",
    )
    register_users = graphene.List(
        graphene.NonNull(RegisterUser), description="Everybody who holds a permission, by key."
    )

    @staticmethod
    def resolve_person_names(_root: Any, info: Any, keys: Sequence[str]) -> list[tuple[str, Named]]:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        if len(keys) > MANY:
            raise BadInput(f"Give {MANY} keys at most.", field="keys")
        if not all(is_key(one, "user", "app") for one in keys):
            raise BadInput("A key is user:<id> or app:<id>.", field="keys")
        return sorted(shop().named(keys).items())

    @staticmethod
    def resolve_register_users(_root: Any, info: Any) -> list[_Held]:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        holders = shop().people()
        keys = [one.key for one in holders]
        names = shop().named(keys)
        signed = agreements.in_force_at(clock.now()).filter(signer__in=keys)
        until = dict(signed.order_by("expires_at").values_list("signer", "expires_at"))
        return [_Held(one, names.get(one.key, Named()), until.get(one.key)) for one in holders]
