"""VAT of a period, what to look at in it, and whether the books tie out with the shop."""

from typing import Any

import graphene

from ...accounting import tieout, vat
from .base import purpose_of
from .enums import PURPOSE
from .lists import PAGING, Listing, computed, connection
from .ranges import PeriodInput, period_of
from .vat_enums import CauseEnum, TieOutReasonEnum, TieOutSubjectEnum, TreatmentEnum

#: Arguments of a field that reports on a period.
OVER: dict[str, Any] = {
    "period": PeriodInput(required=True, description="Over which days."),
    "purpose": PURPOSE,
}


class VatLine(graphene.ObjectType):
    """Sales less credits at one rate; VAT is gross minus net as the shop stored them."""

    currency = graphene.String(required=True, description="ISO 4217.")
    country = graphene.String(
        required=True, description="Where it is taxed, ISO 3166-1 alpha-2; empty: not known."
    )
    treatment = TreatmentEnum(required=True, description="How VAT treats it.")
    rate = graphene.Decimal(description="A fraction; null: the shop stored none.")
    net = graphene.Decimal(required=True, description="Without VAT.")
    vat = graphene.Decimal(
        required=True, description="`gross` less `net`, never computed from the rate."
    )
    gross = graphene.Decimal(required=True, description="With VAT.")


class OssCorrection(graphene.ObjectType):
    """What credits and corrections change of an earlier quarter's One Stop Shop return."""

    quarter = graphene.String(required=True, description="The corrected one, as YYYY-Qn.")
    country = graphene.String(required=True, description="Where it was taxed, ISO 3166-1 alpha-2.")
    currency = graphene.String(required=True, description="ISO 4217.")
    rate = graphene.Decimal(description="A fraction; null: the shop stored none.")
    net = graphene.Decimal(required=True, description="Change without VAT; below zero: less.")
    vat = graphene.Decimal(required=True, description="Change of the VAT.")
    gross = graphene.Decimal(required=True, description="Change with VAT.")


class VatBox(graphene.ObjectType):
    """A box of the return, in euros."""

    box = graphene.String(required=True, description="301-303: the tax; 309, 311: the sales.")
    amount = graphene.Decimal(required=True, description="In euros; below zero: to get back.")


class VatFindingCount(graphene.ObjectType):
    """How many entries a person should look at, and why."""

    cause = CauseEnum(required=True, description="Why.")
    count = graphene.Int(required=True, description="How many entries.")


class CurrencySum(graphene.ObjectType):
    """A sum."""

    currency = graphene.String(required=True, description="ISO 4217.")
    amount = graphene.Decimal(required=True, description="In `currency`.")


def _lines(description: str) -> Any:
    return graphene.List(graphene.NonNull(VatLine), required=True, description=description)


class VatReport(graphene.ObjectType):
    """A period's VAT."""

    first_day = graphene.Date(required=True, description="Included.")
    last_day = graphene.Date(required=True, description="Included.")
    lines = _lines("By currency, country, treatment and rate.")
    boxes = graphene.List(
        graphene.NonNull(VatBox), required=True,
        description="Of the Finnish VAT return, as far as sales fill them.",
    )  # fmt: skip
    oss = _lines("Of the One Stop Shop return, without corrections of earlier quarters.")
    oss_corrections = graphene.List(
        graphene.NonNull(OssCorrection), required=True,
        description="Of the One Stop Shop return: earlier quarters, in any currency.",
    )  # fmt: skip
    apart = _lines("In other currencies than the return's.")
    unboxed = _lines("In euros, at a rate that no box knows.")
    findings = graphene.List(
        graphene.NonNull(VatFindingCount), required=True, description="`vatFindings` names them."
    )
    unbooked = graphene.Int(required=True, description="Purchases that are not in it yet.")
    is_gift_card_tax_unset = graphene.Boolean(
        required=True,
        source="gift_cards_unset",
        description="Nobody has chosen how gift cards are taxed.",
    )
    gift_card_debt = graphene.List(
        graphene.NonNull(CurrencySum), required=True,
        description="What gift cards that were sold have not been used for.",
    )  # fmt: skip

    @staticmethod
    def resolve_first_day(report: vat.VatReport, _info: Any) -> Any:
        return report.period.first

    @staticmethod
    def resolve_last_day(report: vat.VatReport, _info: Any) -> Any:
        return report.period.last

    @staticmethod
    def resolve_boxes(report: vat.VatReport, _info: Any) -> list[VatBox]:
        return [VatBox(box=box, amount=amount) for box, amount in report.boxes.items()]

    @staticmethod
    def resolve_findings(report: vat.VatReport, _info: Any) -> list[VatFindingCount]:
        return [VatFindingCount(cause=cause, count=n) for cause, n in report.findings.items()]

    @staticmethod
    def resolve_gift_card_debt(report: vat.VatReport, _info: Any) -> list[CurrencySum]:
        return [CurrencySum(currency=one, amount=n) for one, n in report.gift_card_debt.items()]


class VatFinding(graphene.ObjectType):
    """An entry that a person should look at. Nothing is corrected by itself."""

    cause = CauseEnum(required=True, description="Why.")
    day = graphene.Date(required=True, description="Tax point, in Helsinki.")
    order_number = graphene.String(required=True, description="As the shop counts.")
    country = graphene.String(
        required=True, description="Where it is taxed, ISO 3166-1 alpha-2; empty: not known."
    )
    currency = graphene.String(required=True, description="ISO 4217.")
    rate = graphene.Decimal(description="A fraction; null: the shop stored none.")
    net = graphene.Decimal(required=True, description="Without VAT; below zero: a credit.")
    gross = graphene.Decimal(required=True, description="With VAT; below zero: a credit.")


class TieOutTotal(graphene.ObjectType):
    """Sales, money or refunds of one currency on both sides."""

    what = TieOutSubjectEnum(required=True, description="What is compared.")
    currency = graphene.String(required=True, description="ISO 4217.")
    books_gross = graphene.Decimal(required=True, description="In the register's books.")
    shop_gross = graphene.Decimal(required=True, description="In the shop's own tables.")


class TieOutDifference(graphene.ObjectType):
    """An order of which books and shop say different things."""

    order_number = graphene.String(required=True, description="As the shop counts.")
    currency = graphene.String(required=True, description="ISO 4217.")
    what = TieOutSubjectEnum(required=True, description="What is compared.")
    books_net = graphene.Decimal(required=True, description="In the books, without VAT.")
    books_gross = graphene.Decimal(required=True, description="In the books, with VAT.")
    shop_net = graphene.Decimal(
        description="Null: of a refund that no pieces explain, the shop does not say."
    )
    shop_gross = graphene.Decimal(required=True, description="In the shop, with VAT.")
    reason = TieOutReasonEnum(required=True, description="The first reason that explains it.")


class TieOut(graphene.ObjectType):
    """The books beside an independent reading of the shop's own tables."""

    is_exact = graphene.Boolean(required=True, source="exact", description="Alike to the cent.")
    is_explained = graphene.Boolean(
        required=True,
        source="explained",
        description="What differs is as it should be: nobody need look at it.",
    )
    orders = graphene.Int(required=True, description="How many were compared.")
    totals = graphene.List(
        graphene.NonNull(TieOutTotal), required=True,
        description="Both sides, by what and currency.",
    )  # fmt: skip
    differences = graphene.Field(
        connection("RegisterTieOutDifference", TieOutDifference), required=True, **PAGING,
        description="Order by order.",
    )  # fmt: skip

    @staticmethod
    def resolve_differences(found: tieout.TieOut, _info: Any, **arguments: Any) -> Listing:
        return computed(found.differences, arguments)


class Query(graphene.ObjectType):
    """Reading the VAT."""

    vat_report = graphene.Field(VatReport, **OVER, description="The VAT of a period.")
    vat_findings = graphene.Field(
        connection("RegisterVatFinding", VatFinding), **OVER, **PAGING,
        description="Rates not in force at the tax point, refunds that no line explains, ...",
    )  # fmt: skip
    tie_out = graphene.Field(
        TieOut, **OVER, description="Do the books agree with the shop's own tables?"
    )

    @staticmethod
    def resolve_vat_report(
        _root: Any, info: Any, period: Any, purpose: str | None = None
    ) -> vat.VatReport:
        why = purpose_of(info, purpose)
        return vat.report(period_of(period), actor=info.context.actor, purpose=why)

    @staticmethod
    def resolve_vat_findings(
        _root: Any, info: Any, period: Any, purpose: str | None = None, **arguments: Any
    ) -> Listing:
        why = purpose_of(info, purpose)
        found = vat.findings(period_of(period), actor=info.context.actor, purpose=why)
        return computed(found, arguments)

    @staticmethod
    def resolve_tie_out(
        _root: Any, info: Any, period: Any, purpose: str | None = None
    ) -> tieout.TieOut:
        why = purpose_of(info, purpose)
        return tieout.run(period_of(period), actor=info.context.actor, purpose=why)
