"""Billing by the site log: usage by customer and month, and what invoices rest on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import graphene

from ...access.actor import Actor
from ...accounting import periods
from ...models import BilledLine, Voucher
from ...policy.categories import Category
from ...policy.purposes import Purpose
from ...sitelog import billing, views
from ...sitelog.search import Wanted
from ..pagination import Order, decode, encode, number
from .base import from_global_id, given_id, look_for, to_global_id
from .enums import BigInt
from .lists import PAGING, Edge, Listing, PageInfo, connection, listing, slice_of
from .mutations import mutation
from .ranges import in_utc
from .site_views import plot, times

_USERS = Order("CUSTOMER", ("customer",), (number,))
_VOUCHERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}


class SiteUsage(graphene.ObjectType):
    """What a customer used in a month."""

    customer = graphene.ID(required=True, description="Whose.")
    month = graphene.String(required=True, description="YYYY-MM.")
    requests = graphene.Int(required=True, description="Lines of the log.")
    bytes = BigInt(required=True, description="Of all answers.")
    duration = BigInt(required=True, description="Milliseconds.")


class BilledUsage(graphene.ObjectType):
    """What an invoice rests on."""

    voucher = graphene.String(required=True, description="Its code.")
    customer = graphene.ID(description="Null: erased.")
    requests = graphene.Int(required=True, description="Lines that are held.")
    first_at = graphene.DateTime(required=True, description="Time of the first.")
    last_at = graphene.DateTime(required=True, description="Time of the last.")
    bytes = BigInt(required=True, description="Of all answers.")
    duration = BigInt(required=True, description="Milliseconds.")


class SiteUsageByDay(graphene.ObjectType):
    """What all customers, or one, used in a month, by day of Helsinki."""

    times = times()
    plot = plot("usage")


class Query(graphene.ObjectType):
    """Reading usage, for LOG_BILLING."""

    site_usage_by_day = graphene.Field(
        SiteUsageByDay, month=graphene.String(required=True, description="YYYY-MM."),
        customer=given_id("RegisterCustomer", "Left out: all."), description="For LOG_BILLING.",
    )  # fmt: skip

    site_usage = graphene.Field(
        connection("RegisterSiteUsage", SiteUsage),
        month=graphene.String(required=True, description="YYYY-MM."),
        customer=given_id("RegisterCustomer", "Left out: all."), **PAGING,
        description="For LOG_BILLING, by customer.",
    )  # fmt: skip
    billed_usage = graphene.Field(
        connection("RegisterBilledUsage", BilledUsage),
        **PAGING,
        description="For LOG_BILLING: vouchers that lines are held with.",
    )

    @staticmethod
    def resolve_site_usage_by_day(_root: Any, info: Any, **arguments: Any) -> Any:
        look = look_for(info, Purpose.LOG_BILLING, Category.LOG)
        _, wanted = _wanted(**arguments)
        found = views.use(wanted, closed=look.visit.closed())
        look.visit.saw(found.customers)
        return wanted, found

    @staticmethod
    def resolve_site_usage(_root: Any, info: Any, **arguments: Any) -> Listing:
        look = look_for(info, Purpose.LOG_BILLING, Category.LOG)
        period, wanted = _wanted(**arguments)
        part = slice_of(arguments)
        after = None if part.cursor is None else decode(_USERS, part.cursor)[0]
        closed = look.visit.closed()
        found = views.usage(
            wanted, after=after, size=part.size + 1, backwards=part.backwards, closed=closed
        )
        more, found = len(found) > part.size, found[: part.size]
        if part.backwards:
            found.reverse()
        look.visit.saw(one.customer for one in found)
        cursors = [encode(_USERS, one) for one in found]
        edges = [
            Edge(
                SiteUsage(
                    customer=to_global_id("RegisterCustomer", one.customer),
                    month=f"{period.first:%Y-%m}", requests=one.requests, bytes=one.size,
                    duration=one.duration,
                ),
                at,
            )
            for one, at in zip(found, cursors, strict=True)
        ]  # fmt: skip
        page_info = PageInfo(
            has_next_page=after is not None if part.backwards else more,
            has_previous_page=more if part.backwards else after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )
        return Listing(edges, page_info, lambda: views.users(wanted, closed=closed))

    @staticmethod
    def resolve_billed_usage(_root: Any, info: Any, **arguments: Any) -> Listing:
        look = look_for(info, Purpose.LOG_BILLING, Category.LOG)
        closed = look.visit.closed()
        held = BilledLine.objects.values("voucher")
        rows = Voucher.objects.filter(pk__in=held)
        if closed:
            rows = rows.exclude(purchase__customer__in=closed)

        def show(page: list[Voucher]) -> list[Any]:
            found = billing.sums([row.pk for row in page])
            shown = [found.get(row.pk) for row in page]
            look.visit.saw(one.customer for one in shown if one and one.customer is not None)
            return [one and _billed(one) for one in shown]

        return listing(rows, _VOUCHERS, arguments, show)


def _wanted(month: str, customer: str | None = None, **_: Any) -> tuple[periods.Period, Wanted]:
    period = periods.month(month)
    key = customer and from_global_id("RegisterCustomer", customer, name="customer")
    return period, Wanted(period.start, period.end, customer=key or None)


def _billed(one: billing.Billed) -> BilledUsage:
    customer = None if one.customer is None else to_global_id("RegisterCustomer", one.customer)
    return BilledUsage(
        voucher=one.voucher, customer=customer, requests=one.requests, first_at=one.first,
        last_at=one.last, bytes=one.size, duration=one.duration,
    )  # fmt: skip


def _hold(*, actor: Actor, voucher: str, since: datetime, until: datetime) -> Mapping[str, Any]:
    first, last = in_utc(since, "since"), in_utc(until, "until")
    return {"lines": billing.hold(voucher, since=first, until=last, actor=actor)}


def _release(*, actor: Actor, voucher: str) -> Mapping[str, Any]:
    return {"lines": billing.release(voucher, actor=actor)}


_LINES = {"lines": graphene.Int(description="How many lines.")}
_VOUCHER = {"voucher": graphene.String(required=True, description="Its code.")}


class Mutation(graphene.ObjectType):
    """Holding lines with the invoice that rests on them."""

    invoice_lines_hold = mutation(
        "InvoiceLinesHold", _hold, gives=_LINES,
        takes={
            **_VOUCHER, "since": graphene.DateTime(required=True, description="With a time zone."),
            "until": graphene.DateTime(required=True, description="Not included; it is over."),
        },
        description="Keep the lines of the voucher's customer as long as the voucher.",
    )  # fmt: skip
    invoice_lines_release = mutation(
        "InvoiceLinesRelease", _release, takes=_VOUCHER, gives=_LINES,
        description="Let go of them.",
    )  # fmt: skip
