"""Grants: customers' data opened to one maintainer, for a reason and a short time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import graphene
from django.db.models import Q

from ... import models
from ...access import grants, office
from ...access.actor import Actor
from ...policy.permissions import Permission
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .filters import asked, either
from .lists import PAGING, connection, listing
from .mutations import changed, mutation
from .ranges import in_utc

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class Grant(graphene.ObjectType):
    """Who was let in, why, by whom and how long."""

    id = id_of("RegisterGrant")
    holder = graphene.String(required=True, description="The maintainer, `user:<id>`.")
    reason = graphene.String(
        required=True, description="A ticket or a sentence, without customers' data."
    )
    granted_by = graphene.String(required=True, description="Who gave it, `user:<id>`.")
    granted_at = graphene.DateTime(required=True, description="From then on it counts.")
    expires_at = graphene.DateTime(required=True, description="When it ends by itself.")
    ended_at = graphene.DateTime(description="When it was ended before; null: it was not.")
    ended_by = graphene.String(
        required=True, description="Who ended it, `user:<id>`; empty: nobody."
    )


class GrantFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    holder = graphene.String(description="The maintainer, `user:<id>`.")
    is_in_force = graphene.Boolean(description="Only those in force now, or only the others.")


class Query(graphene.ObjectType):
    """Reading grants."""

    grants = graphene.Field(
        connection("RegisterGrant", Grant), filter=GrantFilterInput(description="Left out: all."),
        **PAGING, description="The newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_grants(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        valid = either(Q(pk__in=grants.in_force().values("pk")))
        condition = asked(arguments, holder="holder", is_in_force=valid)
        return listing(models.Grant.objects.filter(condition), ORDERS, arguments, list)


def _give(*, actor: Actor, holder: str, reason: str, until: datetime) -> Mapping[str, Any]:
    ends = in_utc(until, "until")
    return {"grant": grants.give(holder, reason=reason, until=ends, actor=actor)}


def _end(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"grant": grants.end(from_global_id("RegisterGrant", id), actor=actor)}


class Mutation(graphene.ObjectType):
    """Changing grants."""

    grant_create = mutation(
        "GrantCreate", _give,
        takes={
            "holder": graphene.String(
                required=True, description="One user of the shop, `user:<id>`."
            ),
            "reason": graphene.String(
                required=True, description="A ticket or a sentence, without customers' data."
            ),
            "until": graphene.DateTime(
                required=True, description="With a time zone; seven days ahead at most."
            ),
        },
        gives={"grant": changed(Grant)},
        description="Open customers' data to a maintainer, for mending errors.",
    )  # fmt: skip
    grant_end = mutation(
        "GrantEnd", _end, takes={"id": given_id("RegisterGrant", required=True)},
        gives={"grant": changed(Grant)}, description="End a grant at once.",
    )  # fmt: skip
