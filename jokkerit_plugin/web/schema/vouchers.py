"""Vouchers and the entries that are booked by them."""

from collections.abc import Mapping
from typing import Any

import graphene
from django.db.models import Q, prefetch_related_objects

from ... import models
from ...accounting.entries import EntryKind
from ...policy.categories import Category
from ..pagination import Order, text
from .base import Shown, claimed, given_id, id_of, look_for
from .enums import PURPOSE, enumeration
from .filters import asked, happened, of, one_of
from .lists import PAGING, Listing, connection, listing
from .purchase_parts import PurchaseParty
from .purchases import Purchase
from .ranges import PeriodInput, period_of
from .vat_enums import CauseEnum, TreatmentEnum

ORDERS = {"CODE": Order("CODE", ("code",), (text,), descending=True)}

VoucherKind = enumeration(
    models.Voucher.Kind, "VoucherKind", "What a voucher is of.",
    SALE="The sale and its money, one in each financial year.", CREDIT="One refund.",
    CORRECTION="What changed of days that were closed by then.",
)  # fmt: skip
EntryKindEnum = enumeration(
    EntryKind, SALE="Goods and services.", SHIPPING="Delivery.", REFUND="A credit; below zero.",
    GIFT_CARD_TAXED="A single-purpose gift card: taxed when sold; its use takes it off again.",
    GIFT_CARD_SOLD="A multi-purpose gift card: a liability, no VAT.",
    GIFT_CARD_USED="A multi-purpose gift card paid.", PAYMENT="Money that came.",
    PAYBACK="Money that went back; below zero.", ADVANCE="Money before the tax point.",
    ADVANCE_USED="An advance that became a sale.",
)  # fmt: skip


class Entry(graphene.ObjectType):
    """A figure of the books."""

    day = claimed(models.Posting, "day", "Of the tax point or of the money, in Helsinki.")
    kind = EntryKindEnum(description="What it is about; null: refused.")
    treatment = TreatmentEnum(description="How VAT treats it.")
    country = claimed(
        models.Posting, "country",
        "Where it is taxed, ISO 3166-1 alpha-2; empty: not known, or money.",
    )  # fmt: skip
    currency = claimed(models.Posting, "currency", "ISO 4217.")
    rate = claimed(models.Posting, "rate", "A fraction (0.255); null: none.")
    net = claimed(models.Posting, "net", "Without VAT, signed; see `kind`.")
    gross = claimed(models.Posting, "gross", "With VAT, signed; VAT is `gross` less `net`.")
    gateway = claimed(
        models.Posting, "gateway", "Of money: the payment service, as the shop calls it."
    )
    causes = graphene.List(graphene.NonNull(CauseEnum), description="What to look at, and why.")

    @staticmethod
    def resolve_kind(shown: Shown, _info: Any) -> str:
        shown.see(Category.PURCHASE)
        return str(shown.row.kind)

    @staticmethod
    def resolve_treatment(shown: Shown, _info: Any) -> str:
        return str(shown.row.treatment)

    @staticmethod
    def resolve_causes(shown: Shown, _info: Any) -> list[str]:
        return list(shown.row.cause.split())


class VoucherNote(graphene.ObjectType):
    """What is right of the buyer, whom the voucher names as it was issued."""

    at = claimed(models.VoucherNote, "at", "When it was corrected.")
    by = claimed(models.VoucherNote, "by", "Who corrected it, `user:<id>`.")
    request = id_of(
        "RegisterRequest", "request", "The customer's own; null: noticed otherwise.", required=False
    )
    party = graphene.Field(PurchaseParty, description="What is right, on the whole.")

    @staticmethod
    def resolve_party(shown: Shown, _info: Any) -> Shown:
        return shown


class Voucher(graphene.ObjectType):
    """A voucher of a purchase: its sale, one refund, or a correction of closed days."""

    id = id_of("RegisterVoucher")
    code = claimed(
        models.Voucher, "code",
        "As people read it: MYY-2026-000123; without a gap in a financial year.",
    )  # fmt: skip
    kind = VoucherKind(description="What it is of.")
    day = claimed(models.Voucher, "day", "Of its first entry when it was numbered, in Helsinki.")
    year_end = claimed(models.Voucher, "year_end", "Last day of its financial year.")
    made_at = claimed(models.Voucher, "made_at", "When it was numbered.")
    voided_at = claimed(
        models.Voucher, "voided_at", "When nothing was booked by it any more; null: it stands."
    )
    original = graphene.String(description="The voucher that it credits or corrects.")
    entries = graphene.List(graphene.NonNull(Entry), description="What is booked by it.")
    purchase = graphene.Field(Purchase, description="Of which it is.")
    notes = graphene.List(
        graphene.NonNull(VoucherNote), description="Corrections of the buyer since it was issued."
    )

    @staticmethod
    def resolve_kind(shown: Shown, _info: Any) -> str:
        return str(shown.row.kind)

    @staticmethod
    def resolve_original(shown: Shown, _info: Any) -> str | None:
        return shown.row.original.code if shown.row.original else None

    @staticmethod
    def resolve_entries(shown: Shown, _info: Any) -> list[Shown]:
        return shown.children("postings")

    @staticmethod
    def resolve_notes(shown: Shown, _info: Any) -> list[Shown]:
        prefetch_related_objects(list(shown.family), "purchase__voucher_notes")
        rows = sorted(shown.row.purchase.voucher_notes.all(), key=lambda one: one.pk)
        return [Shown(row, shown.look, rows, shown.subject) for row in rows]

    @staticmethod
    def resolve_purchase(shown: Shown, _info: Any) -> Shown | None:
        return shown.parent("purchase", models.Purchase.objects.all())


class VoucherFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    codes = graphene.List(graphene.NonNull(graphene.String), description="Whole: MYY-2026-000123.")
    kind = VoucherKind(description="What it is of.")
    period = PeriodInput(description="Whose day lies in it.")
    is_voided = graphene.Boolean(description="Only voided ones, or only those that stand.")
    purchase = given_id("RegisterPurchase", "Of which purchase.")
    customer = given_id("RegisterCustomer", "Whose purchases.")
    search = graphene.String(
        description="A code (MYY-2026-000123), the number in it (123), or an order's number."
    )


class Query(graphene.ObjectType):
    """Reading vouchers."""

    vouchers = graphene.Field(
        connection("RegisterVoucher", Voucher),
        filter=VoucherFilterInput(description="Left out: all."), purpose=PURPOSE, **PAGING,
        description="Vouchers by code, the last first.",
    )  # fmt: skip

    @staticmethod
    def resolve_vouchers(
        _root: Any, info: Any, purpose: str | None = None, **arguments: Any
    ) -> Listing:
        look = look_for(info, purpose, Category.PURCHASE)
        rows = models.Voucher.objects.select_related("original", "purchase")

        def show(found: list[Any]) -> list[Shown]:
            look.met(row.purchase.customer_id for row in found if row.purchase.customer_id)
            return [Shown(row, look, found, row.purchase.customer_id) for row in found]

        condition = asked(
            arguments, codes=one_of("code", "codes"), kind="kind", period=_within,
            is_voided=happened("voided_at"), purchase=of("purchase"),
            customer=of("customer", "purchase__customer"), search=_numbered,
        )  # fmt: skip
        return listing(rows.filter(condition), ORDERS, arguments, show)


def _within(given: Mapping[str, str | None]) -> Q:
    period = period_of(given)
    return Q(day__range=(period.first, period.last))


def _numbered(text: str) -> Q:
    """Return the condition that a voucher or its order has this number; each by its index."""
    if not (text := text.strip()):
        return Q()
    found = Q(code=text.upper()) | Q(purchase__in=models.Purchase.objects.filter(number=text))
    if text.isdecimal() and len(text) < 9:
        for prefix, end in models.VoucherSeries.objects.values_list("prefix", "year_end"):
            found |= Q(prefix=prefix, year_end=end, number=int(text))
    return found
