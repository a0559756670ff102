"""One figure of the accounts at its day: what every report and file is made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import transaction

from ..models import Posting, Purchase, Voucher
from ..policy.vat import Treatment
from ..register.rows import fetch, stream, table
from .periods import Period

__all__ = ["Entry", "EntryKind", "Treatment", "entries", "with_voucher"]


class EntryKind(StrEnum):
    """What an entry is about. The first four carry VAT; the others move money or liabilities.

    An amount is above zero in the ordinary direction; `REFUND` and `PAYBACK` are below it. What a
    buyer still owes for a purchase is
    SALE + SHIPPING + REFUND + GIFT_CARD_TAXED + GIFT_CARD_SOLD + ADVANCE
    - GIFT_CARD_USED - PAYMENT - PAYBACK - ADVANCE_USED, never below zero.
    """

    SALE = "sale"
    SHIPPING = "shipping"
    REFUND = "refund"
    #: Sold as single-purpose: taxed when sold; its use takes the same off again (below zero),
    #: for the sale that it pays is taxed in full.
    GIFT_CARD_TAXED = "gift_card_taxed"
    #: Sold as multi-purpose: a liability, no VAT.
    GIFT_CARD_SOLD = "gift_card_sold"
    GIFT_CARD_USED = "gift_card_used"
    PAYMENT = "payment"
    PAYBACK = "payback"
    #: Money received before the tax point, and its turning into a sale.
    ADVANCE = "advance"
    ADVANCE_USED = "advance_used"


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount that belongs to one day, order, rate and country.

    `day` is a day in Helsinki. `net` and `gross` are signed: a refund is negative; VAT is gross
    minus net as the shop stored them, never computed from the rate. `rate` is a fraction
    (0.255), None where the shop stored none. `voucher` is empty while it is not numbered;
    `original` is the voucher that a credit note or correction refers to. `cause` says what a
    person should look at: names of `policy.vat.Cause`, sorted, separated by spaces. There is no
    name in it.
    """

    day: date
    kind: EntryKind
    treatment: Treatment
    voucher: str
    original: str
    purchase: int
    order_number: str
    currency: str
    country: str
    rate: Decimal | None
    net: Decimal
    gross: Decimal
    gateway: str = ""
    cause: str = ""

    @property
    def vat(self) -> Decimal:
        """VAT as stored."""
        return self.gross - self.net


_READ = f"""
    SELECT p.day, p.kind, p.treatment, coalesce(v.code, ''), coalesce(o.code, ''), p.purchase_id,
        b.number, p.currency, p.country, p.rate, p.net, p.gross, p.gateway, p.cause
    FROM {table(Posting)} AS p JOIN {table(Purchase)} AS b ON b.id = p.purchase_id
    LEFT JOIN {table(Voucher)} AS v ON v.id = p.voucher_id
    LEFT JOIN {table(Voucher)} AS o ON o.id = v.original_id"""


def entries(period: Period) -> Iterator[Entry]:
    """Yield a period's entries by day and voucher, as they stand at one moment.

    Not guarded: who hands them to people asks the guard first. The transaction stays open while
    it is read, so read it to its end, or close it.
    """
    with transaction.atomic():
        rows = stream(
            "jokkerit_entries",
            f"{_READ} WHERE p.day BETWEEN %s AND %s"
            " ORDER BY p.day, v.code NULLS FIRST, p.purchase_id, p.id",
            [period.first, period.last],
        )
        yield from map(_entry, rows)


def with_voucher(code: str) -> list[Entry]:
    """Return all entries of the purchase that a voucher is of; none: no voucher has this code."""
    rows = fetch(
        f"{_READ} WHERE p.purchase_id = (SELECT purchase_id FROM {table(Voucher)} WHERE code = %s)"
        " ORDER BY p.day, p.id",
        [code],
    )
    return list(map(_entry, rows))


def _entry(row: tuple[Any, ...]) -> Entry:
    day, kind, treatment, *rest = row
    return Entry(day, EntryKind(kind), Treatment(treatment), *rest)
