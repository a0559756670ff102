"""What the books should hold of a purchase: entries that have no voucher yet."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ..policy.vat import Treatment
from .entries import EntryKind

K = EntryKind
#: What a kind adds to what the buyer owes.
OWED: dict[EntryKind, int] = {
    K.SALE: 1, K.SHIPPING: 1, K.REFUND: 1, K.GIFT_CARD_TAXED: 1, K.GIFT_CARD_SOLD: 1,
    K.ADVANCE: 1, K.GIFT_CARD_USED: -1, K.PAYMENT: -1, K.PAYBACK: -1, K.ADVANCE_USED: -1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry without its purchase; `source`: on what is a credit's, the key of what made it."""

    day: date
    kind: EntryKind
    treatment: Treatment
    rate: Decimal | None
    net: Decimal
    gross: Decimal
    gateway: str = ""
    source: str = ""
    cause: str = ""
    country: str = ""
    #: Of a credit or correction in the One Stop Shop: first day of the quarter that it corrects.
    corrects: date | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """All but day and amounts: what makes two entries one when they fall on one day."""
        return (
            self.kind,
            self.treatment,
            self.rate,
            self.country,
            self.gateway,
            self.source,
            self.cause,
            self.corrects,
        )


def merged(entries: Iterable[Booked]) -> list[Booked]:
    """Join entries of one day and identity, drop what is nothing, and order them by day."""
    sums: dict[tuple[object, ...], Booked] = {}
    for one in entries:
        key = (one.day, *one.identity)
        old = sums.get(key)
        sums[key] = replace(old, net=old.net + one.net, gross=old.gross + one.gross) if old else one
    return sorted((one for one in sums.values() if one.net or one.gross), key=lambda one: one.day)
