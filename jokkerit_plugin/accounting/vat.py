"""VAT of a period by currency, country, treatment and rate, and the boxes of the return."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..access.actor import Actor
from ..models import Posting, Purchase
from ..policy import vat
from ..policy.purposes import Purpose
from ..policy.vat import Cause, Treatment
from ..register.rows import fetch, table
from ..shop.port import shop
from . import books, door
from .entries import EntryKind
from .periods import Period

#: The return is in euros; sales in other currencies are told apart, for their conversion.
EURO = "EUR"
#: Boxes for sales, of the self-assessed VAT return (Finnish Tax Administration).
BOXES = ("301", "302", "303", "309", "311")
_BASE_BOX = {
    Treatment.EXPORT: "309", Treatment.ZERO_RATED: "309", Treatment.REVERSE_CHARGE: "311",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VatLine:
    """Sales less credits; `rate` is a fraction, None where the shop stored none."""

    currency: str
    country: str
    treatment: Treatment
    rate: Decimal | None
    net: Decimal
    gross: Decimal

    @property
    def vat(self) -> Decimal:
        """VAT as stored."""
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry that a person should look at, and why: a name of `policy.vat.Cause`."""

    cause: Cause
    day: date
    order_number: str
    country: str
    currency: str
    rate: Decimal | None
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class VatReport:
    """A period's VAT.

    `boxes` are euros: 301-303 the tax, 309 and 311 the sales. `oss` are the lines of the One
    Stop Shop return, `apart` those in other currencies, `unboxed` those in euros whose rate no
    box knows. `unbooked` purchases are not in it yet. `gift_cards_unset`: nobody has chosen how
    gift cards are taxed; `gift_card_debt` is by currency what cards sold were not used for.
    """

    period: Period
    lines: tuple[VatLine, ...]
    findings: dict[Cause, int]
    unbooked: int
    gift_cards_unset: bool
    gift_card_debt: dict[str, Decimal]
    boxes: dict[str, Decimal] = field(default_factory=dict)
    oss: tuple[VatLine, ...] = ()
    apart: tuple[VatLine, ...] = ()
    unboxed: tuple[VatLine, ...] = ()


def report(period: Period, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING) -> VatReport:
    """Return the VAT of a period, or raise `Refused`."""
    with door.bookkeeping(actor, period, act="VAT report", purpose=purpose):
        return read(period)


def findings(
    period: Period, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING
) -> list[Finding]:
    """Return what a person should look at in a period, by cause and day, or raise `Refused`."""
    with door.bookkeeping(actor, period, act="VAT findings", purpose=purpose):
        return list(_findings(period))


def read(period: Period) -> VatReport:
    """Return the VAT of a period; not guarded."""
    lines = tuple(_lines(period))
    euro = [line for line in lines if line.currency == EURO]
    boxes, unboxed = _boxes(euro)
    return VatReport(
        period,
        lines,
        findings=_counted(period),
        unbooked=books.unbooked(),
        gift_cards_unset=not shop().config().gift_cards,
        gift_card_debt=_gift_card_debt(period.last),
        boxes=boxes,
        oss=tuple(line for line in euro if line.treatment is Treatment.OSS),
        apart=tuple(line for line in lines if line.currency != EURO),
        unboxed=unboxed,
    )


def _lines(period: Period) -> Iterator[VatLine]:
    rows = fetch(
        f"SELECT currency, country, treatment, rate, sum(net), sum(gross) FROM {table(Posting)}"
        " WHERE day BETWEEN %s AND %s AND treatment <> %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        [period.first, period.last, Treatment.NONE.value],
    )
    for currency, country, how, rate, net, gross in rows:
        yield VatLine(currency, country, Treatment(how), rate, net, gross)


def _boxes(lines: list[VatLine]) -> tuple[dict[str, Decimal], tuple[VatLine, ...]]:
    sums: dict[str, Decimal] = defaultdict(Decimal, dict.fromkeys(BOXES, Decimal(0)))
    unboxed = []
    for line in lines:
        if line.treatment is Treatment.DOMESTIC:
            if name := vat.box(line.rate):
                sums[name] += line.vat
            else:
                unboxed.append(line)
        elif name := _BASE_BOX.get(line.treatment):
            sums[name] += line.net
    return dict(sums), tuple(unboxed)


def _counted(period: Period) -> dict[Cause, int]:
    rows = fetch(
        f"SELECT cause, count(*) FROM (SELECT unnest(string_to_array(cause, ' ')) AS cause"
        f" FROM {table(Posting)} WHERE day BETWEEN %s AND %s AND cause <> '') AS found"
        " GROUP BY 1 ORDER BY 1",
        [period.first, period.last],
    )
    return {Cause(cause): count for cause, count in rows}


def _findings(period: Period) -> Iterator[Finding]:
    rows = fetch(
        "SELECT unnest(string_to_array(p.cause, ' ')) AS cause, p.day, b.number, p.country,"
        f" p.currency, p.rate, p.net, p.gross FROM {table(Posting)} AS p"
        f" JOIN {table(Purchase)} AS b ON b.id = p.purchase_id"
        " WHERE p.day BETWEEN %s AND %s AND p.cause <> '' ORDER BY 1, 2, 3, p.id",
        [period.first, period.last],
    )
    for cause, *rest in rows:
        yield Finding(Cause(cause), *rest)


def _gift_card_debt(day: date) -> dict[str, Decimal]:
    rows = fetch(
        f"SELECT currency, sum(CASE kind WHEN %s THEN gross ELSE -gross END)"
        f" FROM {table(Posting)} WHERE kind IN (%s, %s) AND day <= %s GROUP BY 1 ORDER BY 1",
        [EntryKind.GIFT_CARD_SOLD, EntryKind.GIFT_CARD_SOLD, EntryKind.GIFT_CARD_USED, day],
    )
    return dict(rows)
