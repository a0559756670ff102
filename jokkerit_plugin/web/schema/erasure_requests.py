"""Requests that a customer be erased, for the controller to decide: keys, nobody's name."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...policy.permissions import Permission
from ...retention import requests
from ..pagination import Order, number
from .base import from_global_id, to_global_id
from .lists import PAGING, Listing, connection, listing
from .mutations import mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

Origin = graphene.Enum(
    "ErasureRequestOrigin", [(one.name, one.value) for one in models.ErasureRequest.Origin]
)
State = graphene.Enum(
    "ErasureRequestState", [(one.name, one.value) for one in models.ErasureRequest.State]
)


class ErasureRequest(graphene.ObjectType):
    """A request, or the question whether a deleted account was one."""

    id = graphene.ID(required=True)
    customer = graphene.ID(required=True)
    origin = Origin(required=True)
    state = State(required=True)
    opened_at = graphene.DateTime(required=True)
    decided_at = graphene.DateTime()
    decided_by = graphene.String(required=True, description="`shop`: the customer's own deletion.")
    done_at = graphene.DateTime()

    @staticmethod
    def resolve_id(row: models.ErasureRequest, _info: Any) -> str:
        return to_global_id("RegisterErasureRequest", row.pk)

    @staticmethod
    def resolve_customer(row: models.ErasureRequest, _info: Any) -> str:
        return to_global_id("RegisterCustomer", row.customer)


class Query(graphene.ObjectType):
    """Reading requests."""

    erasure_requests = graphene.Field(
        connection("RegisterErasureRequest", ErasureRequest), state=State(), **PAGING
    )

    @staticmethod
    def resolve_erasure_requests(
        _root: Any, info: Any, state: str | None = None, **arguments: Any
    ) -> Listing:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        rows = models.ErasureRequest.objects.all()
        return listing(rows.filter(state=state) if state else rows, ORDERS, arguments, list)


def _open(*, actor: Actor, customer: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterCustomer", customer, name="customer")
    return {"erasure_request": requests.open_request(key, actor=actor)}


def _decide(*, actor: Actor, id: str, accept: bool) -> Mapping[str, Any]:
    key = from_global_id("RegisterErasureRequest", id)
    return {"erasure_request": requests.decide(key, accept=accept, actor=actor)}


_REQUEST = {"erasure_request": graphene.Field(ErasureRequest)}


class Mutation(graphene.ObjectType):
    """Opening and deciding requests."""

    erasure_request_open = mutation(
        "ErasureRequestOpen", _open, takes={"customer": graphene.ID(required=True)},
        gives=_REQUEST, description="Record that a customer asks to be erased.",
    )  # fmt: skip
    erasure_request_decide = mutation(
        "ErasureRequestDecide", _decide,
        takes={"id": graphene.ID(required=True), "accept": graphene.Boolean(required=True)},
        gives=_REQUEST,
        description="Accept: contact details go in the coming night, if nothing else keeps them.",
    )  # fmt: skip
