"""Purchases with their lines, money and deliveries."""

from typing import Any

import graphene
from django.db.models import Q, QuerySet

from ... import models
from ...policy.categories import Category
from ..errors import NotFound
from ..pagination import Order, moment, number, text
from ..reading import Look
from .base import CARD, PurposeEnum, Shown, claimed, few, from_global_id, look_for, row_id
from .lists import PAGING, connection, listing, sorting
from .ranges import DateRangeInput, DateTimeRangeInput, days, moments

ORDERS = {
    "PLACED_AT": Order("PLACED_AT", ("placed_at", "pk"), (moment, number), descending=True),
    "NUMBER": Order("NUMBER", ("number", "pk"), (text, number)),
}


class PurchaseParty(graphene.ObjectType):
    """Name and address as they stand on the voucher."""

    first_name = claimed(models.Purchase, "party_first_name")
    last_name = claimed(models.Purchase, "party_last_name")
    company_name = claimed(models.Purchase, "party_company_name")
    street_1 = claimed(models.Purchase, "party_street_1")
    street_2 = claimed(models.Purchase, "party_street_2")
    postal_code = claimed(models.Purchase, "party_postal_code")
    city = claimed(models.Purchase, "party_city")
    city_area = claimed(models.Purchase, "party_city_area")
    country_area = claimed(models.Purchase, "party_country_area")
    country = claimed(models.Purchase, "party_country")


class PurchaseLine(graphene.ObjectType):
    """A line; net and gross are totals of the line as the shop stored them."""

    name = claimed(models.PurchaseLine, "name")
    variant = claimed(models.PurchaseLine, "variant")
    sku = claimed(models.PurchaseLine, "sku")
    quantity = claimed(models.PurchaseLine, "quantity")
    net = claimed(models.PurchaseLine, "net")
    gross = claimed(models.PurchaseLine, "gross")
    tax_rate = claimed(models.PurchaseLine, "tax_rate")
    tax_class = claimed(models.PurchaseLine, "tax_class")
    is_gift_card = claimed(models.PurchaseLine, "is_gift_card")


class Movement(graphene.ObjectType):
    """Money that moved; `kind` gives the direction."""

    kind = claimed(models.Movement, "kind")
    amount = claimed(models.Movement, "amount")
    currency = claimed(models.Movement, "currency")
    at = claimed(models.Movement, "at")
    gateway = claimed(models.Movement, "gateway")
    reference = claimed(models.Movement, "reference")


class Delivery(graphene.ObjectType):
    """Goods that went out or came back."""

    status = claimed(models.Delivery, "status")
    quantity = claimed(models.Delivery, "quantity")
    at = claimed(models.Delivery, "at")


class Invoice(graphene.ObjectType):
    """An invoice of the shop."""

    number = claimed(models.Invoice, "number")
    created_at = claimed(models.Invoice, "created_at")


class Purchase(graphene.ObjectType):
    """An order that was placed; amounts are decimal numbers as text, in `currency`."""

    id = row_id("RegisterPurchase")
    saleor_order = graphene.UUID(required=True)
    number = claimed(models.Purchase, "number")
    status = claimed(models.Purchase, "status")
    origin = claimed(models.Purchase, "origin")
    channel = claimed(models.Purchase, "channel")
    currency = claimed(models.Purchase, "currency")
    language = claimed(models.Purchase, "language")
    placed_at = claimed(models.Purchase, "placed_at")
    paid_at = claimed(models.Purchase, "paid_at")
    delivered_at = claimed(models.Purchase, "delivered_at")
    cancelled_at = claimed(models.Purchase, "cancelled_at")
    net = claimed(models.Purchase, "net")
    gross = claimed(models.Purchase, "gross")
    shipping_net = claimed(models.Purchase, "shipping_net")
    shipping_gross = claimed(models.Purchase, "shipping_gross")
    shipping_tax_rate = claimed(models.Purchase, "shipping_tax_rate")
    shipping_tax_class = claimed(models.Purchase, "shipping_tax_class")
    gift_card_amount = claimed(models.Purchase, "gift_card_amount")
    tax_country = claimed(models.Purchase, "tax_country")
    tax_exempt = claimed(models.Purchase, "tax_exempt")
    vat_id = claimed(models.Purchase, "vat_id")
    email = claimed(models.Purchase, "email")
    is_test = claimed(models.Purchase, "is_test")
    absent_since = claimed(models.Purchase, "absent_since")
    party = graphene.Field(PurchaseParty)
    lines = graphene.List(graphene.NonNull(PurchaseLine))
    movements = graphene.List(graphene.NonNull(Movement))
    deliveries = graphene.List(graphene.NonNull(Delivery))
    invoices = graphene.List(graphene.NonNull(Invoice))
    customer = graphene.Field(
        "jokkerit_plugin.web.schema.customers.Customer",
        description="Null: sold over the counter, to nobody known, or the customer was erased.",
    )

    @staticmethod
    def resolve_saleor_order(shown: Shown, _info: Any) -> Any:
        return shown.row.saleor_order

    @staticmethod
    def resolve_party(shown: Shown, _info: Any) -> Shown:
        return shown

    @staticmethod
    def resolve_lines(shown: Shown, _info: Any) -> list[Shown]:
        return shown.children("lines")

    @staticmethod
    def resolve_movements(shown: Shown, _info: Any) -> list[Shown]:
        return shown.children("movements")

    @staticmethod
    def resolve_deliveries(shown: Shown, _info: Any) -> list[Shown]:
        return shown.children("deliveries")

    @staticmethod
    def resolve_invoices(shown: Shown, _info: Any) -> list[Shown]:
        return shown.children("invoices")

    @staticmethod
    def resolve_customer(shown: Shown, _info: Any) -> Shown | None:
        shown.see(*CARD)
        return shown.parent("customer", models.Customer.objects.all())


class PurchaseFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = graphene.ID()
    numbers = graphene.List(graphene.NonNull(graphene.String))
    status = graphene.List(graphene.NonNull(graphene.String))
    channels = graphene.List(graphene.NonNull(graphene.String), description="Slugs.")
    currency = graphene.String()
    placed_on = DateRangeInput()
    placed_at = DateTimeRangeInput()
    is_test = graphene.Boolean()


_PurchaseSorting = sorting("RegisterPurchase", ORDERS)
_PurchaseConnection = connection("RegisterPurchase", Purchase)


def field(**more: Any) -> Any:
    """Return a field that lists purchases."""
    return graphene.Field(
        _PurchaseConnection, filter=PurchaseFilterInput(), sort_by=_PurchaseSorting(), **PAGING,
        **more,
    )  # fmt: skip


def listed(rows: QuerySet[Any], look: Look, arguments: dict[str, Any]) -> Any:
    """Read a page of purchases with a look that sees purchases."""

    def show(found: list[Any]) -> list[Shown]:
        look.met(row.customer_id for row in found if row.customer_id)
        return [Shown(row, look, found, row.customer_id) for row in found]

    return listing(rows.filter(_condition(arguments.get("filter") or {})), ORDERS, arguments, show)


class Query(graphene.ObjectType):
    """Reading purchases."""

    purchase = graphene.Field(Purchase, id=graphene.ID(required=True), purpose=PurposeEnum())
    purchases = field(purpose=PurposeEnum())

    @staticmethod
    def resolve_purchase(_root: Any, info: Any, id: str, purpose: str | None = None) -> Any:
        look = look_for(info, purpose, Category.PURCHASE)
        row = models.Purchase.objects.filter(pk=from_global_id("RegisterPurchase", id)).first()
        if row is None:
            raise NotFound("There is no such purchase.", field="id")
        look.met([row.customer_id] if row.customer_id else [])
        return Shown(row, look, [row], row.customer_id)

    @staticmethod
    def resolve_purchases(
        _root: Any, info: Any, purpose: str | None = None, **arguments: Any
    ) -> Any:
        look = look_for(info, purpose, Category.PURCHASE)
        return listed(models.Purchase.objects.all(), look, arguments)


def _condition(given: dict[str, Any]) -> Q:
    condition = days("placed_at", "placedOn", given.get("placed_on"))
    condition &= moments("placed_at", "placedAt", given.get("placed_at"))
    if given.get("customer") is not None:
        key = from_global_id("RegisterCustomer", given["customer"], name="customer")
        condition &= Q(customer=key)
    for name, column in (("numbers", "number"), ("status", "status"), ("channels", "channel")):
        if given.get(name) is not None:
            condition &= Q(**{f"{column}__in": few(given[name], name)})
    for name in ("currency", "is_test"):
        if given.get(name) is not None:
            condition &= Q(**{name: given[name]})
    return condition
