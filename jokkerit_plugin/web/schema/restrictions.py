"""Restrictions of processing, GDPR article 18."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene
from django.db import transaction

from ... import models
from ...access import office, restrictions
from ...access.actor import Actor
from ...access.controllers import controller_only
from ...policy.permissions import Permission
from ...policy.restriction import RestrictionGround
from ...rights import lifting, tellings
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import enumeration
from .filters import asked, happened, of
from .lists import PAGING, connection, listing
from .mutations import changed, mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

Ground = enumeration(
    RestrictionGround, about="Why the use of data is restricted: GDPR article 18(1).",
    ACCURACY="(a): the customer contests that it is right.",
    UNLAWFUL="(b): its use is unlawful, and the customer does not want it erased.",
    CLAIMS="(c): nobody needs it but the customer, for a legal claim.",
    OBJECTION="(d): the customer has objected, and that is being weighed.",
)  # fmt: skip


class Restriction(graphene.ObjectType):
    """A customer whose data is kept but not used; a key, nobody's name."""

    id = id_of("RegisterRestriction")
    customer = id_of("RegisterCustomer", "customer_id", "Whose.")
    ground = Ground(required=True, description="Which letter of article 18(1).")
    since = graphene.DateTime(required=True, description="From then on the data is not used.")
    restricted_by = graphene.String(required=True, description="Who restricted it, `user:<id>`.")
    told_on = graphene.Date(
        description="When the customer was told that it will be lifted (article 18(3)); null: not"
        " yet.",
    )  # fmt: skip
    lifted_at = graphene.DateTime(description="Null: in force.")
    lifted_by = graphene.String(
        required=True, description="Who lifted it, `user:<id>`; empty: nobody."
    )


class RestrictionFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = given_id("RegisterCustomer")
    is_lifted = graphene.Boolean(description="Only lifted ones, or only those in force.")


class Query(graphene.ObjectType):
    """Reading restrictions."""

    restrictions = graphene.Field(
        connection("RegisterRestriction", Restriction),
        filter=RestrictionFilterInput(description="Left out: all."), **PAGING,
        description="The newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_restrictions(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(arguments, customer=of("customer"), is_lifted=happened("lifted_at"))
        return listing(models.Restriction.objects.filter(condition), ORDERS, arguments, list)


def _restrict(*, actor: Actor, customer: str, ground: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterCustomer", customer, name="customer")
    # Its refusal is logged, which a transaction would take back.
    controller_only(actor, "restrict")
    with transaction.atomic():
        found = restrictions.restrict(key, ground=RestrictionGround(ground), actor=actor)
        tellings.restricted(found)
    return {"restriction": found}


def _announce(*, actor: Actor, id: str, reason: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRestriction", id)
    return {"restriction": lifting.announce(key, reason=reason, actor=actor)}


def _lift(*, actor: Actor, id: str, told_on: date | None = None) -> Mapping[str, Any]:
    key = from_global_id("RegisterRestriction", id)
    return {"restriction": lifting.lift(key, told_on=told_on, actor=actor)}


class Mutation(graphene.ObjectType):
    """Changing restrictions."""

    restriction_create = mutation(
        "RestrictionCreate", _restrict,
        takes={
            "customer": given_id("RegisterCustomer", required=True),
            "ground": Ground(required=True, description="Which letter of article 18(1)."),
        },
        gives={"restriction": changed(Restriction)},
        description="Restrict the use of a customer's data from now on.",
    )  # fmt: skip
    restriction_announce = mutation(
        "RestrictionAnnounce", _announce,
        takes={
            "id": given_id("RegisterRestriction", required=True),
            "reason": graphene.String(required=True, description="For the letter."),
        },
        gives={"restriction": changed(Restriction)},
        description="Tell the customer by a letter that it will be lifted; then lift it.",
    )  # fmt: skip
    restriction_lift = mutation(
        "RestrictionLift", _lift,
        takes={
            "id": given_id("RegisterRestriction", required=True),
            "told_on": graphene.Date(description="When it was told, if not by our letter."),
        },
        gives={"restriction": changed(Restriction)},
        description="Lift a restriction, once the customer has been told. Recipients are told.",
    )  # fmt: skip
