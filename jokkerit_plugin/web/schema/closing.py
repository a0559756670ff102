"""The accountant's month: money by gateway and day, what is open, and closing it."""

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
from .base import id_of, look_for, purpose_of
from .enums import PURPOSE
from .lists import PAGING, Listing, computed, connection, listing
from .mutations import changed, mutation
from .ranges import period_of
from .vat import OVER, VatReport

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class DailyReceipts(graphene.ObjectType):
    """Money of one day, gateway and currency."""

    day = graphene.Date(required=True, description="In Helsinki.")
    gateway = graphene.String(
        required=True, description="The payment service, as the shop calls it."
    )
    currency = graphene.String(required=True, description="ISO 4217, of both amounts.")
    payments = graphene.Decimal(required=True, description="What came in.")
    paybacks = graphene.Decimal(required=True, description="Zero or below.")


class OpenPurchase(graphene.ObjectType):
    """A purchase that is not even."""

    purchase = id_of("RegisterPurchase", "purchase")
    order_number = graphene.String(required=True, description="As the shop counts.")
    currency = graphene.String(required=True, description="ISO 4217, of both amounts.")
    receivable = graphene.Decimal(required=True, description="Owed by the buyer.")
    advance = graphene.Decimal(required=True, description="Owed to the buyer.")
    since = graphene.Date(required=True, description="Day of its first entry.")


class OpenTotal(graphene.ObjectType):
    """Open purchases of one currency in total, at the end of a month."""

    currency = graphene.String(required=True, description="ISO 4217.")
    receivable = graphene.Decimal(required=True, description="Owed by buyers.")
    advance = graphene.Decimal(required=True, description="Owed to buyers.")
    purchases = graphene.Int(required=True, description="How many are open.")


class Undelivered(graphene.ObjectType):
    """What was paid and not delivered at the end of a month, in one currency."""

    currency = graphene.String(required=True, description="ISO 4217.")
    net = graphene.Decimal(required=True, description="Without VAT.")
    gross = graphene.Decimal(required=True, description="With VAT.")
    purchases = graphene.Int(required=True, description="How many it is the sum of.")


class ClosingObstacle(graphene.ObjectType):
    """Why a month cannot be closed."""

    code = graphene.String(required=True, description="What it is, for programs.")
    message = graphene.String(
        required=True, description="A sentence in English that says what to do."
    )


_ReceiptsConnection = connection("RegisterDailyReceipts", DailyReceipts)


class MonthReport(graphene.ObjectType):
    """A month; no obstacles: it can be closed."""

    first_day = graphene.Date(required=True, description="Included.")
    last_day = graphene.Date(required=True, description="Included.")
    financial_year = graphene.String(
        required=True, description="In which its first day lies, as `period` calls it."
    )
    is_closed = graphene.Boolean(
        required=True, source="closed", description="Its entries stand for good."
    )
    obstacles = graphene.List(
        graphene.NonNull(ClosingObstacle), required=True,
        description="What keeps it from being closed; none: it can be.",
    )  # fmt: skip
    vat = graphene.Field(VatReport, required=True, description="Its VAT report.")
    receipts = graphene.Field(
        _ReceiptsConnection, required=True, **PAGING,
        description="Its money, by day, gateway and currency.",
    )  # fmt: skip
    open = graphene.List(
        graphene.NonNull(OpenTotal), required=True,
        description="Unpaid purchases and advances at its end, by currency.",
    )  # fmt: skip
    undelivered = graphene.List(
        graphene.NonNull(Undelivered), required=True,
        description="Sold, since it was paid. `open` has the advances that are no sale yet.",
    )  # fmt: skip

    @staticmethod
    def resolve_first_day(report: close.MonthReport, _info: Any) -> date:
        return report.period.first

    @staticmethod
    def resolve_last_day(report: close.MonthReport, _info: Any) -> date:
        return report.period.last

    @staticmethod
    def resolve_financial_year(report: close.MonthReport, _info: Any) -> str:
        return periods.financial_year(report.period.first, shop().config()).label

    @staticmethod
    def resolve_receipts(report: close.MonthReport, _info: Any, **arguments: Any) -> Listing:
        return computed(report.receipts, arguments)


class Closing(graphene.ObjectType):
    """A month whose entries stand for good."""

    id = id_of("RegisterClosing")
    first_day = graphene.Date(
        required=True,
        source="first",
        description="Included; the first closing also closes all before.",
    )
    last_day = graphene.Date(required=True, source="last", description="Included.")
    closed_at = graphene.DateTime(required=True, description="When it was closed.")
    closed_by = graphene.String(required=True, description="Who closed it, `user:<id>`.")
    figures = graphene.JSONString(required=True, description="The month's report as it stood.")
    entries = graphene.Int(required=True, description="How many it has.")
    digest = graphene.String(required=True, description="SHA-256 over the entries.")
    is_unchanged = graphene.Boolean(
        description="Whether the entries are what they were, counted anew; null: the time of some"
        " is over, and they were erased."
    )

    @staticmethod
    def resolve_is_unchanged(row: models.Closing, _info: Any) -> bool | None:
        return close.unchanged(row)


class Query(graphene.ObjectType):
    """Reading months."""

    receipts = graphene.Field(
        _ReceiptsConnection, **OVER, **PAGING,
        description="Money of a period, by day, gateway and currency.",
    )  # fmt: skip
    open_purchases = graphene.Field(
        connection("RegisterOpenPurchase", OpenPurchase),
        on=graphene.Date(
            required=True, description="In Helsinki; entries of later days do not count."
        ),
        purpose=PURPOSE, **PAGING, description="At the end of a day, the oldest first.",
    )  # fmt: skip
    month_report = graphene.Field(
        MonthReport, month=graphene.String(required=True, description="YYYY-MM."), purpose=PURPOSE,
        description="A month's VAT and money, and what keeps it from being closed.",
    )  # fmt: skip
    closings = graphene.Field(
        connection("RegisterClosing", Closing), purpose=PURPOSE, **PAGING,
        description="Closed months, the newest first.",
    )  # fmt: skip

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
        "MonthClose", _close, needs=(),
        takes={
            "month": graphene.String(
                required=True, description="YYYY-MM; MONTH_NOT_READY names what is in the way."
            ),
        },
        gives={"closing": changed(Closing)},
        description="Close a month (YYYY-MM) for good: the accounting firm's, or the controller's.",
    )  # fmt: skip
