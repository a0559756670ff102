"""The shop's own people and apps: what they are called, and what each may do in the register.

Their names are the shop's, and their own personal data: asked for at each look and never kept,
for those who change the register's data or answer for it.
"""

from collections.abc import Sequence
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
from .base import few
from .enums import RoleEnum


class PersonName(graphene.ObjectType):
    """What a user or app of the shop is called."""

    key = graphene.String(required=True, description="user:<id> or app:<id>.")
    name = graphene.String(required=True, description="Empty: nobody has written one.")
    email = graphene.String(required=True, description="Empty: an app's.")


class RegisterUser(graphene.ObjectType):
    """A user or app that holds any of the register's permissions."""

    key = graphene.String(required=True, description="user:<id> or app:<id>.")
    name = graphene.String(
        required=True, description="As in the shop; empty: nobody has written one."
    )
    email = graphene.String(required=True, description="As in the shop; empty: an app's.")
    permissions = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="The register's own, as Saleor writes them.",
    )  # fmt: skip
    roles = graphene.List(
        graphene.NonNull(RoleEnum), required=True,
        description="That the permissions give, the weakest first.",
    )  # fmt: skip
    is_superuser = graphene.Boolean(required=True, description="Has every permission.")
    is_active = graphene.Boolean(required=True, description="Else the shop lets them in nowhere.")
    signed_until = graphene.DateTime(description="Of the agreement in force; null: none.")


class Query(graphene.ObjectType):
    """Asking who somebody is."""

    person_names = graphene.List(
        graphene.NonNull(PersonName),
        keys=graphene.List(
            graphene.NonNull(graphene.String), required=True,
            description="`user:<id>` or `app:<id>`.",
        ),
        description="Of these keys those that are the shop's staff or apps, 100 keys at most.",
    )  # fmt: skip
    register_users = graphene.List(
        graphene.NonNull(RegisterUser), description="Everybody who holds a permission, by key."
    )

    @staticmethod
    def resolve_person_names(_root: Any, info: Any, keys: Sequence[str]) -> list[PersonName]:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        if not all(is_key(one, "user", "app") for one in few(keys, "keys")):
            raise BadInput("A key is user:<id> or app:<id>.", field="keys")
        found = sorted(shop().named(keys).items())
        return [PersonName(key=key, name=one.name, email=one.email) for key, one in found]

    @staticmethod
    def resolve_register_users(_root: Any, info: Any) -> list[RegisterUser]:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        holders = shop().people()
        keys = [one.key for one in holders]
        names = shop().named(keys)
        signed = agreements.in_force_at(clock.now()).filter(signer__in=keys)
        until = dict(signed.order_by("expires_at").values_list("signer", "expires_at"))
        return [_user(one, names.get(one.key, Named()), until.get(one.key)) for one in holders]


def _user(one: Holder, named: Named, signed_until: datetime | None) -> RegisterUser:
    return RegisterUser(
        key=one.key, name=named.name, email=named.email, signed_until=signed_until,
        permissions=sorted(permission.upper() for permission in one.permissions),
        roles=[role.value for role in Actor(one.key, one.permissions).roles],
        is_superuser=one.superuser, is_active=one.active,
    )  # fmt: skip
