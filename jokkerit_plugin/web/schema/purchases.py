"""Purchases with their lines, money and deliveries."""

from functools import partial
from typing import Any

import graphene
from django.db.models import QuerySet

from ... import models
from ...policy.categories import Category
from ..errors import NotFound
from ..pagination import Order, moment, number, text
from ..reading import Look
from .base import CARD, Shown, claimed, from_global_id, given_id, id_of, look_for
from .enums import PURPOSE
from .filters import asked, of, one_of
from .lists import PAGING, connection, listing, sorting
from .purchase_parts import Delivery, Invoice, MoneyMovement, PurchaseLine, PurchaseParty
from .ranges import DateRangeInput, DateTimeRangeInput, days, moments

ORDERS = {
    "PLACED_AT": Order("PLACED_AT", ("placed_at", "pk"), (moment, number), descending=True),
    "NUMBER": Order("NUMBER", ("number", "pk"), (text, number)),
}


class Purchase(graphene.ObjectType):
    """An order that was placed; amounts are decimal numbers as text, in `currency`."""

    id = id_of("RegisterPurchase")
    saleor_order = graphene.UUID(required=True, description="The order's key in the shop.")
    number = claimed(models.Purchase, "number", "The order's number in the shop.")
    status = claimed(
        models.Purchase, "status", "As Saleor writes it: `unfulfilled`, `fulfilled`, `canceled` ..."
    )
    origin = claimed(
        models.Purchase, "origin",
        "As Saleor writes it: `checkout`, `draft`, `reissue`, `bulk_create`.",
    )  # fmt: skip
    channel = claimed(models.Purchase, "channel", "Slug of the channel.")
    currency = claimed(
        models.Purchase, "currency", "ISO 4217, of all amounts but those of movements."
    )
    language = claimed(
        models.Purchase, "language", "In which it was bought, as the shop's language code."
    )
    placed_at = claimed(models.Purchase, "placed_at", "When it was placed.")
    paid_at = claimed(models.Purchase, "paid_at", "When it was paid in full; null: it is not.")
    delivered_at = claimed(
        models.Purchase, "delivered_at", "When all of it had gone out; null: it has not."
    )
    cancelled_at = claimed(
        models.Purchase, "cancelled_at", "When it was cancelled or expired; null: it was not."
    )
    net = claimed(models.Purchase, "net", "Without VAT, less what gift cards paid.")
    gross = claimed(
        models.Purchase, "gross",
        "With VAT, less what gift cards paid: lines + shipping = `gross` + `giftCardAmount`.",
    )  # fmt: skip
    shipping_net = claimed(models.Purchase, "shipping_net", "Of the delivery, without VAT.")
    shipping_gross = claimed(models.Purchase, "shipping_gross", "Of the delivery, with VAT.")
    shipping_tax_rate = claimed(
        models.Purchase, "shipping_tax_rate", "A fraction (0.255); null: the shop stored none."
    )
    shipping_tax_class = claimed(
        models.Purchase, "shipping_tax_class", "The shop's name of it; empty: none."
    )
    gift_card_amount = claimed(
        models.Purchase, "gift_card_amount", "What gift cards paid; zero: nothing."
    )
    tax_country = claimed(
        models.Purchase, "tax_country", "Where it is taxed, ISO 3166-1 alpha-2; empty: not known."
    )
    is_tax_exempt = claimed(models.Purchase, "tax_exempt", "The shop sold it without VAT.")
    vat_id = claimed(
        models.Purchase, "vat_id", "The buyer's at the sale; once the buyer is erased, `DE*`."
    )
    email = claimed(models.Purchase, "email", "As given with the order.")
    is_test = claimed(models.Purchase, "is_test", "Of a test channel or gateway: in no books.")
    absent_since = claimed(
        models.Purchase, "absent_since",
        "Since when the shop has it no more, or its channel is left out; null: it has.",
    )  # fmt: skip
    party = graphene.Field(PurchaseParty, description="The buyer, as on the voucher.")
    lines = graphene.List(
        graphene.NonNull(PurchaseLine), description="What was bought, in the order's own order."
    )
    movements = graphene.List(
        graphene.NonNull(MoneyMovement), description="Money that came and went."
    )
    deliveries = graphene.List(
        graphene.NonNull(Delivery), description="What went out and came back."
    )
    invoices = graphene.List(
        graphene.NonNull(Invoice),
        description="That the shop made; the register's own are vouchers.",
    )  # fmt: skip
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

    customer = given_id("RegisterCustomer")
    numbers = graphene.List(graphene.NonNull(graphene.String), description="Of orders, whole.")
    status = graphene.List(
        graphene.NonNull(graphene.String), description="As Saleor writes it: `fulfilled` ..."
    )
    channels = graphene.List(graphene.NonNull(graphene.String), description="Slugs.")
    currency = graphene.String(description="ISO 4217.")
    placed_on = DateRangeInput(description="On these days of Helsinki.")
    placed_at = DateTimeRangeInput(description="Between these moments.")
    is_test = graphene.Boolean(description="Only tests, or only real ones.")


_SORTED = sorting("RegisterPurchase", ORDERS)
_PurchaseConnection = connection("RegisterPurchase", Purchase)


def field(**more: Any) -> Any:
    """Return a field that lists purchases."""
    return graphene.Field(
        _PurchaseConnection, filter=PurchaseFilterInput(description="Left out: all."),
        sort_by=_SORTED, **PAGING, **more,
    )  # fmt: skip


def listed(rows: QuerySet[Any], look: Look, arguments: dict[str, Any]) -> Any:
    """Read a page of purchases with a look that sees purchases."""

    def show(found: list[Any]) -> list[Shown]:
        look.met(row.customer_id for row in found if row.customer_id)
        return [Shown(row, look, found, row.customer_id) for row in found]

    condition = asked(
        arguments, placed_on=partial(days, "placed_at", "placedOn"),
        placed_at=partial(moments, "placed_at", "placedAt"), customer=of("customer"),
        numbers=one_of("number", "numbers"), status=one_of("status", "status"),
        channels=one_of("channel", "channels"), currency="currency", is_test="is_test",
    )  # fmt: skip
    return listing(rows.filter(condition), ORDERS, arguments, show)


class Query(graphene.ObjectType):
    """Reading purchases."""

    purchase = graphene.Field(
        Purchase, id=given_id("RegisterPurchase", required=True), purpose=PURPOSE,
        description="One purchase, or NOT_FOUND.",
    )  # fmt: skip
    purchases = field(purpose=PURPOSE, description="The purchases.")

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
