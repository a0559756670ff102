"""One figure of the accounts at its day: what every report and file is made from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry is about. The first four carry VAT; the others move money or liabilities."""

    SALE = "sale"
    SHIPPING = "shipping"
    REFUND = "refund"
    #: Sold as single-purpose: taxed when sold (and its use then is a `GIFT_CARD_USED`).
    GIFT_CARD_TAXED = "gift_card_taxed"
    #: Sold as multi-purpose: a liability, no VAT.
    GIFT_CARD_SOLD = "gift_card_sold"
    GIFT_CARD_USED = "gift_card_used"
    PAYMENT = "payment"
    PAYBACK = "payback"
    #: Money received before the tax point, and its turning into a sale.
    ADVANCE = "advance"
    ADVANCE_USED = "advance_used"


class Treatment(StrEnum):
    """How VAT treats a sale; decides its box in the return and its VAT code."""

    DOMESTIC = "domestic"
    #: Distance sales in the Union, declared in the One Stop Shop, at the buyer's rate.
    OSS = "oss"
    #: To a business with a VAT id in another member state: the buyer pays.
    REVERSE_CHARGE = "reverse_charge"
    #: Out of the Union's VAT territory; Åland is outside it.
    EXPORT = "export"
    ZERO_RATED = "zero_rated"
    #: Money and liabilities: outside VAT.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount that belongs to one day, order, rate and country.

    `day` is a day in Helsinki. `net` and `gross` are signed: a refund is negative; VAT is gross
    minus net as the shop stored them, never computed from the rate. `rate` is a fraction
    (0.255), None where the shop stored none. `voucher` is empty while it is not numbered;
    `original` is the voucher that a credit note credits. There is no name in it.
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

    @property
    def vat(self) -> Decimal:
        """VAT as stored."""
        return self.gross - self.net
