"""What keeps a customer's data, on which ground and until when, for the controller. Keys only."""

from typing import Any

import graphene

from ... import clock
from ...access import office
from ...policy.parts import TITLES, Part
from ...policy.permissions import CHANGERS, Permission
from ...policy.schedule import ENDED_BY_ERASURE
from ...retention import keeps
from ...shop.port import shop
from .base import from_global_id, given_id, id_of
from .enums import PurposeEnum, enumeration, sentence

#: What is erased by parts.
PART_WORDS = {one.name: sentence(TITLES[one][2]) for one in Part}
PartEnum = enumeration(Part, "ErasurePart", **PART_WORDS)


class DataKeep(graphene.ObjectType):
    """Why a part of a customer's data stays, and until when."""

    purchase = id_of(
        "RegisterPurchase", "purchase", "Null: of the customer as a whole.", required=False
    )
    part = PartEnum(required=True, description="Which part of the data.")
    purpose = PurposeEnum(required=True, description="For what it is kept.")
    rule = graphene.String(required=True, description="Name in the schedule; docs/retention.md.")
    ground = graphene.String(required=True, description="Legal basis, in English.")
    until = graphene.Date(description="The last day; null: until something ends it.")
    is_ended_by_erasure = graphene.Boolean(
        required=True, description="An accepted request for erasure ends it."
    )

    @staticmethod
    def resolve_is_ended_by_erasure(keep: keeps.Keep, _info: Any) -> bool:
        return keep.rule in ENDED_BY_ERASURE


class Query(graphene.ObjectType):
    """Reading what keeps."""

    data_keeps = graphene.List(
        graphene.NonNull(DataKeep), customer=given_id("RegisterCustomer", required=True),
        description="What keeps a customer's data and purchases, and until when.",
    )  # fmt: skip
    erases_in_shop = graphene.Boolean(
        description="Erasure reaches the shop's own tables, too: a setting."
    )

    @staticmethod
    def resolve_erases_in_shop(_root: Any, info: Any) -> bool:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        return shop().config().erase_in_shop

    @staticmethod
    def resolve_data_keeps(_root: Any, info: Any, customer: str) -> list[keeps.Keep]:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        key = from_global_id("RegisterCustomer", customer, name="customer")
        return keeps.of_customers([key], clock.today(), shop().config())[key]
