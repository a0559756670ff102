"""The accountant's month: money by gateway and day, what is open, and closing it."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene

from ... import models
from ...access.actor import Actor
from ...accounting import close, periods, receivables
from ...policy.categories import Category
from ...shop.port import shop
from ..pagination import Order, number
from .base import PurposeEnum, look_for, purpose_of, to_global_id
from .lists import PAGING, Listing, computed, connection, listing
from .mutations import mutation
from .ranges import period_of
from .vat import OVER, VatReport

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class Receipts(graphene.ObjectType):
    """Money of one day, gateway and currency."""

    day = graphene.Date(required=True)
    gateway = graphene.String(required=True)
    currency = graphene.String(required=True)
    payments = graphene.Decimal(required=True)
    paybacks = graphene.Decimal(required=True, description="Zero or below.")


class OpenPurchase(graphene.ObjectType):
    """A purchase that is not even."""

    purchase = graphene.ID(required=True)
    order_number = graphene.String(required=True)
    currency = graphene.String(required=True)
    receivable = graphene.Decimal(required=True, description="Owed by the buyer.")
    advance = graphene.Decimal(required=True, description="Owed to the buyer.")
    since = graphene.Date(required=True, description="Day of its first entry.")

    @staticmethod
    def resolve_purchase(found: receivables.Open, _info: Any) -> str:
        return to_global_id("RegisterPurchase", found.purchase)


class OpenTotal(graphene.ObjectType):
    """Open purchases of one currency in total, at the end of a month."""

    currency = graphene.String(required=True)
    receivable = graphene.Decimal(required=True)
    advance = graphene.Decimal(required=True)
    purchases = graphene.Int(required=True)


class Undelivered(graphene.ObjectType):
    """What was paid and not delivered at the end of a month, in one currency."""

    currency = graphene.String(required=True)
    net = graphene.Decimal(required=True)
    gross = graphene.Decimal(required=True)
    purchases = graphene.Int(required=True)


class Obstacle(graphene.ObjectType):
    """Why a month cannot be closed."""

    code = graphene.String(required=True)
    message = graphene.String(required=True)


_ReceiptsConnection = connection("RegisterReceipts", Receipts)


class MonthReport(graphene.ObjectType):
    """A month; no obstacles: it can be closed."""

    first = graphene.Date(required=True)
    last = graphene.Date(required=True)
    financial_year = graphene.String(
        required=True, description="In which its first day lies, as `period` calls it."
    )
    closed = graphene.Boolean(required=True)
    obstacles = graphene.List(graphene.NonNull(Obstacle), required=True)
    vat = graphene.Field(VatReport, required=True)
    receipts = graphene.Field(_ReceiptsConnection, required=True, **PAGING)
    open = graphene.List(graphene.NonNull(OpenTotal), required=True)
    undelivered = graphene.List(
        graphene.NonNull(Undelivered), required=True,
        description="Sold, since it was paid. `open` has the advances that are no sale yet.",
    )  # fmt: skip

    @staticmethod
    def resolve_first(report: close.MonthReport, _info: Any) -> date:
        return report.period.first

    @staticmethod
    def resolve_last(report: close.MonthReport, _info: Any) -> date:
        return report.period.last

    @staticmethod
    def resolve_financial_year(report: close.MonthReport, _info: Any) -> str:
        return periods.financial_year(report.period.first, shop().config()).label

    @staticmethod
    def resolve_receipts(report: close.MonthReport, _info: Any, **arguments: Any) -> Listing:
        return computed(report.receipts, arguments)


class Closing(graphene.ObjectType):
    """A month whose entries stand for good."""

    id = graphene.ID(required=True)
    first = graphene.Date(required=True)
    last = graphene.Date(required=True)
    closed_at = graphene.DateTime(required=True)
    closed_by = graphene.String(required=True)
    figures = graphene.String(required=True, description="The month's report as it stood: JSON.")
    entries = graphene.Int(required=True)
    digest = graphene.String(required=True, description="SHA-256 over the entries.")
    unchanged = graphene.Boolean(
        description="Whether the entries are what they were, counted anew; null: the time of some"
        " is over, and they were erased."
    )

    @staticmethod
    def resolve_id(row: models.Closing, _info: Any) -> str:
        return to_global_id("RegisterClosing", row.pk)

    @staticmethod
    def resolve_figures(row: models.Closing, _info: Any) -> str:
        return json.dumps(row.figures)

    @staticmethod
    def resolve_unchanged(row: models.Closing, _info: Any) -> bool | None:
        return close.unchanged(row)


class Query(graphene.ObjectType):
    """Reading months."""

    receipts = graphene.Field(_ReceiptsConnection, **OVER, **PAGING)
    open_purchases = graphene.Field(
        connection("RegisterOpenPurchase", OpenPurchase), on=graphene.Date(required=True),
        purpose=PurposeEnum(), **PAGING, description="At the end of a day, the oldest first.",
    )  # fmt: skip
    month_report = graphene.Field(
        MonthReport, month=graphene.String(required=True), purpose=PurposeEnum(),
        description="`month` as YYYY-MM.",
    )  # fmt: skip
    closings = graphene.Field(
        connection("RegisterClosing", Closing), purpose=PurposeEnum(), **PAGING
    )

    @staticmethod
    def resolve_receipts(
        _root: Any, info: Any, period: Any, purpose: str | None = None, **arguments: Any
    ) -> Listing:
        why = purpose_of(info, purpose)
        found = receivables.receipts(period_of(period), actor=info.context.actor, purpose=why)
        return computed(found, arguments)

    @staticmethod
    def resolve_open_purchases(
        _root: Any, info: Any, on: date, purpose: str | None = None, **arguments: Any
    ) -> Listing:
        why = purpose_of(info, purpose)
        found = receivables.open_items(on, actor=info.context.actor, purpose=why)
        return computed(found, arguments)

    @staticmethod
    def resolve_month_report(
        _root: Any, info: Any, month: str, purpose: str | None = None
    ) -> close.MonthReport:
        return close.report(month, actor=info.context.actor, purpose=purpose_of(info, purpose))

    @staticmethod
    def resolve_closings(
        _root: Any, info: Any, purpose: str | None = None, **arguments: Any
    ) -> Listing:
        look_for(info, purpose, Category.PURCHASE)
        return listing(models.Closing.objects.all(), ORDERS, arguments, list)


def _close(*, actor: Actor, month: str) -> Mapping[str, Any]:
    return {"closing": close.close(month, actor=actor)}


class Mutation(graphene.ObjectType):
    """Closing months."""

    month_close = mutation(
        "MonthClose", _close, needs=(), takes={"month": graphene.String(required=True)},
        gives={"closing": graphene.Field(Closing)},
        description="Close a month (YYYY-MM) for good: the accounting firm's, or the controller's.",
    )  # fmt: skip
