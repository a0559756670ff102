"""Retention for the controller: dry runs, receipts, orders that never get done. Keys only."""

import json
from collections.abc import Mapping
from typing import Any

import graphene
from django.db.models import Sum

from ... import clock, models
from ...access import office
from ...access.actor import Actor
from ...policy.parts import Part
from ...policy.permissions import Permission
from ...retention import plans, stale
from ...retention.forecasts import Forecast
from ...shop.erasers import ShopPart
from ...shop.port import shop
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import enumeration
from .keeps import PART_WORDS
from .lists import PAGING, Listing, computed, connection, listing
from .mutations import changed, mutation

NEWEST = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}
LAST = {"NEWEST": Order("NEWEST", ("seq",), (number,), descending=True)}

DuePartEnum = enumeration(
    (*((one.name, one.value) for one in Part), ("ACCOUNT", ShopPart.ACCOUNT.value)),
    "ErasureDuePart", "What falls due as one.", **PART_WORDS,
    ACCOUNT="Accounts of the shop that never bought.",
)  # fmt: skip
PlanState = enumeration(
    models.Plan.State, "ErasurePlanState", "Where a dry run stands.",
    WAITING="For the controller's approval.", APPROVED="Runs in the next night.",
    RUNNING="Its night has begun.", DONE="All of it was done, or left over.",
    LEFT="Its night ended before it did, or another plan took its place.",
)  # fmt: skip


class ErasureCount(graphene.ObjectType):
    """How many of a part, by the rule that kept them last."""

    part = graphene.String(
        required=True,
        description="`contact`, `detail`, `identity` or `figures`; of the shop's alone `account`,"
        " `checkout`, `address`, `mention` or `payload`; `notice`: to be told before.",
    )
    rule = graphene.String(required=True, description="Name in the schedule; docs/retention.md.")
    count = graphene.Int(required=True, description="Customers or purchases; of `notice` people.")


class ErasurePlan(graphene.ObjectType):
    """A dry run: what was due on a day. Once approved, what runs."""

    id = id_of("RegisterErasurePlan")
    day = graphene.Date(required=True, description="What was due on it, in Helsinki.")
    made_at = graphene.DateTime(required=True, description="When it was made.")
    state = PlanState(required=True, description="Where it stands.")
    counts = graphene.List(
        graphene.NonNull(ErasureCount), required=True, description="How many, by part and rule."
    )
    digest = graphene.String(required=True, description="SHA-256 of the rows; to approve by.")
    approved_at = graphene.DateTime(description="Null: it waits.")
    approved_by = graphene.String(
        required=True, description="`schedule`: by the approval that stands for these settings."
    )
    night = graphene.Date(description="When it ran.")
    finished_at = graphene.DateTime(description="When its night ended; null: not yet.")
    due = graphene.Int(required=True, description="How many it holds.")
    erased = graphene.Int(required=True, description="How many of them by now.")
    left_over = graphene.Int(required=True, description="Kept after all, or not to be touched.")
    problem = graphene.String(
        required=True, description="What kept the night from doing all of it; empty: nothing."
    )

    @staticmethod
    def resolve_counts(row: models.Plan, _info: Any) -> list[Mapping[str, Any]]:
        return [
            {"part": part, "rule": rule, "count": count}
            for part, rules in sorted(row.counts.items())
            for rule, count in sorted(rules.items())
        ]

    @staticmethod
    def resolve_due(row: models.Plan, _info: Any) -> int:
        return sum(sum(rules.values()) for part, rules in row.counts.items() if part != "notice")

    @staticmethod
    def resolve_erased(row: models.Plan, _info: Any) -> int:
        return _sum(row, "erased")

    @staticmethod
    def resolve_left_over(row: models.Plan, _info: Any) -> int:
        return _sum(row, "left_over")


class ErasureForecast(graphene.ObjectType):
    """How many fall due in a month, as things stand."""

    month = graphene.Date(required=True, description="Its first day.")
    part = DuePartEnum(required=True, description="Which part.")
    count = graphene.Int(required=True, description="Customers, purchases or accounts.")


class Erasure(graphene.ObjectType):
    """The receipt of one batch."""

    seq = graphene.ID(required=True, description="Counts from 1 without a gap.")
    at = graphene.DateTime(
        required=True, description="When the batch was erased, in its transaction."
    )
    plan = id_of("RegisterErasurePlan", "plan")
    part = graphene.String(required=True, description="As in a plan's `counts`.")
    count = graphene.Int(required=True, description="Customers or purchases whose part was erased.")
    subjects = graphene.String(
        required=True, description="Their keys, as PostgreSQL writes an int8multirange."
    )
    rows = graphene.JSONString(required=True, description="Table to rows.")
    is_in_shop = graphene.Boolean(
        required=True, source="in_shop", description="In Saleor's own tables, too."
    )

    @staticmethod
    def resolve_rows(row: models.Erasure, _info: Any) -> Any:
        return json.loads(row.rows)


class StaleOrder(graphene.ObjectType):
    """An order that was not done within a year, and keeps its customer until it is let go.

    Or a draft that nobody touched for as long: it is finished or deleted in Saleor.
    """

    purchase = id_of(
        "RegisterPurchase", "purchase", "Null: a draft, which the register does not know.",
        required=False,
    )  # fmt: skip
    saleor_order = graphene.UUID(required=True, description="The order's key in the shop.")
    order_number = graphene.String(required=True, description="As the shop counts.")
    placed_on = graphene.Date(required=True, description="Of a draft: when it was last touched.")
    status = graphene.String(required=True, description="As Saleor writes it.")
    is_unpaid = graphene.Boolean(required=True, description="It was never paid in full.")

    @staticmethod
    def resolve_order_number(order: stale.StaleOrder, _info: Any) -> str:
        return order.number


class Query(graphene.ObjectType):
    """Reading what is kept, due and gone."""

    erasure_plans = graphene.Field(
        connection("RegisterErasurePlan", ErasurePlan), **PAGING,
        description="Dry runs, the newest first.",
    )  # fmt: skip
    erasure_forecast = graphene.List(
        graphene.NonNull(ErasureForecast), description="The next twelve months."
    )
    erasures = graphene.Field(
        connection("RegisterErasure", Erasure), **PAGING, description="The ledger of erasures."
    )
    stale_orders = graphene.Field(
        connection("RegisterStaleOrder", StaleOrder), **PAGING,
        description="The first 1,000 orders, and as many drafts; `totalCount` counts all.",
    )  # fmt: skip

    @staticmethod
    def resolve_erasure_plans(_root: Any, info: Any, **arguments: Any) -> Listing:
        _office(info)
        return listing(models.Plan.objects.all(), NEWEST, arguments, list)

    @staticmethod
    def resolve_erasure_forecast(_root: Any, info: Any) -> list[Forecast]:
        _office(info)
        return plans.forecast(shop().config())

    @staticmethod
    def resolve_erasures(_root: Any, info: Any, **arguments: Any) -> Listing:
        _office(info)
        return listing(models.Erasure.objects.all(), LAST, arguments, list)

    @staticmethod
    def resolve_stale_orders(_root: Any, info: Any, **arguments: Any) -> Listing:
        _office(info)
        today = clock.today()
        found = [*stale.stale_orders(today), *stale.drafts(today)]
        total = stale.count(today) + stale.count_drafts(today)
        return computed(found, arguments, total=total)


def _office(info: Any) -> None:
    office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)


def _sum(row: models.Plan, name: str) -> int:
    return int(row.batches.aggregate(sum=Sum(name))["sum"] or 0)


def _make(*, actor: Actor) -> Mapping[str, Any]:  # noqa: ARG001 - every act takes it
    plan = plans.make(shop().config())
    if plan is None:
        raise plans.PlanError("Another process is making a plan: try again.")
    return {"plan": plan}


def _approve(*, actor: Actor, id: str, digest: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterErasurePlan", id)
    return {"plan": plans.approve(key, digest=digest, actor=actor)}


def _let_go(*, actor: Actor, purchase: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterPurchase", purchase, name="purchase")
    stale.let_go(key, actor=actor)
    return {"let_go_on": clock.today()}


_PLAN = {"plan": changed(ErasurePlan)}


class Mutation(graphene.ObjectType):
    """Deciding what may be erased."""

    erasure_plan_make = mutation(
        "ErasurePlanMake", _make, takes={}, gives=_PLAN,
        description="Make a dry run of today, in place of one that waits. Nothing is erased.",
    )  # fmt: skip
    erasure_plan_approve = mutation(
        "ErasurePlanApprove", _approve,
        takes={
            "id": given_id("RegisterErasurePlan", "The one that waits.", required=True),
            "digest": graphene.String(
                required=True,
                description="Of the plan that was looked at; PLAN: it is another by now.",
            ),
        },
        gives=_PLAN,
        description="Let a dry run be erased in the coming night, and later ones under the same"
        " settings.",
    )  # fmt: skip
    stale_order_let_go = mutation(
        "StaleOrderLetGo", _let_go,
        takes={"purchase": given_id("RegisterPurchase", "One of `staleOrders`.", required=True)},
        gives={
            "let_go_on": graphene.Field(
                graphene.Date, description="In Helsinki; null where there are `errors`."
            ),
        },
        description="Say that nobody will pay or deliver an order: it keeps nobody any longer.",
    )  # fmt: skip
