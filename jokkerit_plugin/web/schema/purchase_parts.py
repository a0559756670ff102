"""What a purchase is made of: the buyer on its voucher, lines, money, deliveries, invoices."""

import graphene

from ... import models
from ...shop.snapshots import MovementKind
from .base import claimed
from .enums import enumeration


class PurchaseParty(graphene.ObjectType):
    """Name and address as they stand on the voucher."""

    first_name = claimed(models.Purchase, "party_first_name", "First name.")
    last_name = claimed(models.Purchase, "party_last_name", "Last name.")
    company_name = claimed(models.Purchase, "party_company_name", "Company.")
    street_address_1 = claimed(models.Purchase, "party_street_1", "Street and number.")
    street_address_2 = claimed(models.Purchase, "party_street_2", "Second line.")
    postal_code = claimed(models.Purchase, "party_postal_code", "Postal code.")
    city = claimed(models.Purchase, "party_city", "City.")
    city_area = claimed(models.Purchase, "party_city_area", "Part of the city; seldom filled.")
    country_area = claimed(models.Purchase, "party_country_area", "Region or state.")
    country = claimed(models.Purchase, "party_country", "ISO 3166-1 alpha-2.")


class PurchaseLine(graphene.ObjectType):
    """A line; net and gross are totals of the line as the shop stored them."""

    name = claimed(models.PurchaseLine, "name", "The product's, as it was sold.")
    variant = claimed(models.PurchaseLine, "variant", "The variant's name.")
    sku = claimed(models.PurchaseLine, "sku", "Empty: the shop had none.")
    quantity = claimed(models.PurchaseLine, "quantity", "Pieces.")
    net = claimed(models.PurchaseLine, "net", "Of the whole line, without VAT.")
    gross = claimed(models.PurchaseLine, "gross", "Of the whole line, with VAT.")
    tax_rate = claimed(
        models.PurchaseLine, "tax_rate", "A fraction (0.255); null: the shop stored none."
    )
    tax_class = claimed(models.PurchaseLine, "tax_class", "The shop's name of it; empty: none.")
    is_gift_card = claimed(models.PurchaseLine, "is_gift_card", "A gift card was sold.")


MovementKindEnum = enumeration(
    MovementKind, "MoneyMovementKind", PAYMENT="In.", REFUND="Out.", REFUND_REVERSED="In again.",
    CHARGEBACK="Out, taken back by the payer's bank.",
)  # fmt: skip


class MoneyMovement(graphene.ObjectType):
    """Money that moved; `kind` gives the direction."""

    kind = claimed(models.Movement, "kind", "Which way it moved.", MovementKindEnum)
    amount = claimed(models.Movement, "amount", "Above zero, in `currency`.")
    currency = claimed(models.Movement, "currency", "ISO 4217; may be another than the order's.")
    at = claimed(models.Movement, "at", "When it moved.")
    gateway = claimed(models.Movement, "gateway", "The payment service, as the shop calls it.")
    reference = claimed(models.Movement, "reference", "The payment service's own; no card number.")


class Delivery(graphene.ObjectType):
    """Goods that went out or came back."""

    status = claimed(
        models.Delivery, "status",
        "Of the fulfilment, as Saleor writes it: `fulfilled`, `returned` ...",
    )  # fmt: skip
    quantity = claimed(models.Delivery, "quantity", "Pieces of one line.")
    at = claimed(models.Delivery, "at", "When the fulfilment was made.")


class Invoice(graphene.ObjectType):
    """An invoice of the shop."""

    number = claimed(models.Invoice, "number", "The shop's; may be empty, and need not be unique.")
    created_at = claimed(models.Invoice, "created_at", "When it was made.")
