"""Requests that a customer be erased, for the controller to decide: keys, nobody's name."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import graphene

from ... import clock, models
from ...access import office
from ...access.actor import Actor
from ...policy.permissions import Permission
from ...retention import requests
from ...retention.keeps import Keep, of_customers
from ...shop.port import shop
from ..pagination import Order, number
from .base import from_global_id, to_global_id
from .keeps import DataKeep
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
    keeps = graphene.List(
        graphene.NonNull(DataKeep), required=True,
        description="What keeps the customer's data all the same, and until when. None is known"
        " of a customer who is erased: ask when the request is decided.",
    )  # fmt: skip

    @staticmethod
    def resolve_id(row: models.ErasureRequest, _info: Any) -> str:
        return to_global_id("RegisterErasureRequest", row.pk)

    @staticmethod
    def resolve_customer(row: models.ErasureRequest, _info: Any) -> str:
        return to_global_id("RegisterCustomer", row.customer)

    @staticmethod
    def resolve_keeps(row: Any, _info: Any) -> list[Keep]:
        kept: _Kept = row.kept
        return kept.found[row.customer]


class _Kept:
    """What keeps the customers of a whole page of requests, read when somebody asks."""

    def __init__(self, customers: Collection[int]) -> None:
        self.customers = set(customers)

    @cached_property
    def found(self) -> dict[int, list[Keep]]:
        return of_customers(self.customers, clock.today(), shop().config())


def _shown(rows: list[models.ErasureRequest]) -> list[models.ErasureRequest]:
    kept = _Kept([row.customer for row in rows])
    for row in rows:
        row.kept = kept  # type: ignore[attr-defined]
    return rows


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
        return listing(rows.filter(state=state) if state else rows, ORDERS, arguments, _shown)


def _open(*, actor: Actor, customer: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterCustomer", customer, name="customer")
    return {"erasure_request": _shown([requests.open_request(key, actor=actor)])[0]}


def _decide(*, actor: Actor, id: str, accept: bool) -> Mapping[str, Any]:
    key = from_global_id("RegisterErasureRequest", id)
    return {"erasure_request": _shown([requests.decide(key, accept=accept, actor=actor)])[0]}


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
