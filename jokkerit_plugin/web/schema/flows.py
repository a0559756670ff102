"""Ways on which data leaves the shop by itself, and the companies at their other end."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...disclosure import flows
from ...policy.permissions import Permission
from ...shop.flows import FlowKind
from ...shop.port import shop
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import enumeration, sentence
from .filters import asked, happened
from .lists import PAGING, connection, listing
from .mutations import changed, mutation
from .recipients import Recipient

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

FlowKindEnum = enumeration(
    FlowKind, about="What sends data out of the shop by itself.", WEBHOOK="A webhook of an app.",
    APP="An app with a permission that shows customers.", PAYMENT="A payment gateway.",
    PLUGIN="A plugin of Saleor's.", MAIL="The mail server.", STORAGE="Storage of files.",
    ERRORS="Tracking of errors.", TELEMETRY="Traces and metrics.",
    HOSTING="Whoever has the servers.",
)  # fmt: skip
FlowProblem = enumeration(
    flows.Why, "FlowProblem", **{one.name: sentence(one.value) for one in flows.Why}
)


class OutwardFlow(graphene.ObjectType):
    """A way out that the shop has now."""

    kind = FlowKindEnum(required=True, description="What sends.")
    name = graphene.String(required=True, description="What the shop calls it.")
    host = graphene.String(required=True, description="Empty: the shop does not know it.")
    target = graphene.String(required=True, description="What `flowRegister` matches it with.")
    recipient = graphene.Field(Recipient, description="Who is registered at the other end.")
    problem = FlowProblem(description="Null: it leads to somebody who may get data.")

    @staticmethod
    def resolve_kind(one: flows.Judged, _info: Any) -> str:
        return one.flow.kind.value

    @staticmethod
    def resolve_name(one: flows.Judged, _info: Any) -> str:
        return one.flow.name

    @staticmethod
    def resolve_host(one: flows.Judged, _info: Any) -> str:
        return one.flow.host

    @staticmethod
    def resolve_target(one: flows.Judged, _info: Any) -> str:
        return one.flow.target

    @staticmethod
    def resolve_problem(one: flows.Judged, _info: Any) -> str | None:
        return one.why.value if one.why else None


class RegisteredFlow(graphene.ObjectType):
    """Flows of one kind to one target go to this company."""

    id = id_of("RegisterFlow")
    kind = FlowKindEnum(required=True, description="What sends.")
    target = graphene.String(
        required=True,
        description="A host, `*.` and a domain, or the name of a flow without a host.",
    )  # fmt: skip
    recipient = graphene.Field(
        Recipient, required=True, description="The company at the other end."
    )
    registered_at = graphene.DateTime(required=True, description="From then on it counts.")
    registered_by = graphene.String(required=True, description="Who registered it, `user:<id>`.")
    ended_at = graphene.DateTime(description="Null: it counts.")
    ended_by = graphene.String(
        required=True, description="Who ended it, `user:<id>`; empty: nobody."
    )


class RegisteredFlowFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    kind = FlowKindEnum(description="What sends.")
    is_ended = graphene.Boolean(description="Only ended ones, or only those that count.")


class Query(graphene.ObjectType):
    """Reading flows."""

    outward_flows = graphene.List(
        graphene.NonNull(OutwardFlow),
        has_problem=graphene.Boolean(description="Only those with a problem, or only the others."),
        description="What the shop's tables and settings say now.",
    )  # fmt: skip
    registered_flows = graphene.Field(
        connection("RegisterFlow", RegisteredFlow),
        filter=RegisteredFlowFilterInput(description="Left out: all."), **PAGING,
        description="To whom flows lead, as the controller said; the newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_outward_flows(
        _root: Any, info: Any, has_problem: bool | None = None
    ) -> list[flows.Judged]:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        found = flows.judge(shop().flows())
        return [one for one in found if has_problem in {None, one.why is not None}]

    @staticmethod
    def resolve_registered_flows(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(arguments, kind="kind", is_ended=happened("ended_at"))
        rows = models.RegisteredFlow.objects.filter(condition).select_related("recipient")
        return listing(rows.prefetch_related("recipient__members"), ORDERS, arguments, list)


def _register(*, actor: Actor, kind: str, target: str, recipient: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRecipient", recipient, name="recipient")
    return {"registered_flow": flows.register(kind, target, recipient=key, actor=actor)}


def _end(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"registered_flow": flows.end(from_global_id("RegisterFlow", id), actor=actor)}


_FLOW = {"registered_flow": changed(RegisteredFlow)}


class Mutation(graphene.ObjectType):
    """Changing registered flows."""

    flow_register = mutation(
        "FlowRegister", _register,
        takes={
            "kind": FlowKindEnum(required=True, description="What sends."),
            "target": graphene.String(
                required=True,
                description="As `outwardFlows` has it, or `*.` and a domain of two parts or more.",
            ),
            "recipient": given_id(
                "RegisterRecipient", "The company at the other end.", required=True
            ),
        },
        gives=_FLOW,
        description="Say that flows to a target (a host, *. and a domain, or a name) lead to a"
        " registered company.",
    )  # fmt: skip
    flow_end = mutation(
        "FlowEnd", _end, takes={"id": given_id("RegisterFlow", required=True)}, gives=_FLOW,
        description="End a registration: a flow that still exists is an alarm from now on.",
    )  # fmt: skip
