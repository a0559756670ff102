"""VAT of a period by currency, country, treatment and rate, and the boxes of the return."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..access.actor import Actor
from ..models import Movement, Posting, Purchase
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
class Taxed:
    """What is taxed in one country; `rate` is a fraction, None where the shop stored none."""

    country: str
    currency: str
    rate: Decimal | None
    net: Decimal
    gross: Decimal

    @property
    def vat(self) -> Decimal:
        """VAT as stored."""
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class VatLine(Taxed):
    """Sales less credits."""

    treatment: Treatment


@dataclass(frozen=True, slots=True)
class OssCorrection(Taxed):
    """What credits and corrections change of an earlier quarter, as the OSS return asks for it."""

    #: The quarter that is corrected, as YYYY-Qn.
    quarter: str


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
    Stop Shop return without what corrects a quarter before that of its day; this is apart in
    `oss_corrections`, in any currency, as directive 2006/112/EC art. 369g(2) asks for it. `lines`
    hold both. `apart` are those in other currencies, `unboxed` those in euros whose rate no
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
    oss_corrections: tuple[OssCorrection, ...] = ()
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
        oss=tuple(_lines(period, _OF_ITS_QUARTER)),
        oss_corrections=tuple(_oss_corrections(period)),
        apart=tuple(line for line in lines if line.currency != EURO),
        unboxed=unboxed,
    )


_EARLIER = f"treatment = '{Treatment.OSS}' AND corrects < date_trunc('quarter', day)"
_OF_ITS_QUARTER = (
    f" AND treatment = '{Treatment.OSS}' AND currency = '{EURO}' AND ({_EARLIER}) IS NOT TRUE"
)


def _oss_corrections(period: Period) -> Iterator[OssCorrection]:
    rows = fetch(
        "SELECT country, currency, rate, sum(net), sum(gross), to_char(corrects, 'YYYY-\"Q\"Q')"
        f" FROM {table(Posting)} WHERE day BETWEEN %s AND %s AND {_EARLIER}"
        " GROUP BY 6, 1, 2, 3 HAVING sum(net) <> 0 OR sum(gross) <> 0 ORDER BY 6, 1, 2, 3",
        [period.first, period.last],
    )
    for row in rows:
        yield OssCorrection(*row)


def _lines(period: Period, which: str = "") -> Iterator[VatLine]:
    rows = fetch(
        f"SELECT currency, country, treatment, rate, sum(net), sum(gross) FROM {table(Posting)}"
        f" WHERE day BETWEEN %s AND %s AND treatment <> %s{which}"
        " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        [period.first, period.last, Treatment.NONE.value],
    )
    for currency, country, how, rate, net, gross in rows:
        yield VatLine(country, currency, rate, net, gross, Treatment(how))


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
        f" FROM {table(Posting)} WHERE day BETWEEN %(first)s AND %(last)s AND cause <> ''"
        f" UNION ALL SELECT '{Cause.CURRENCY}' FROM ({_UNSEEN}) AS unseen) AS found"
        " GROUP BY 1 ORDER BY 1",
        _unseen(period),
    )
    return {Cause(cause): count for cause, count in rows}


def _findings(period: Period) -> Iterator[Finding]:
    rows = fetch(
        "SELECT unnest(string_to_array(p.cause, ' ')) AS cause, p.day, b.number, p.country,"
        f" p.currency, p.rate, p.net, p.gross FROM {table(Posting)} AS p"
        f" JOIN {table(Purchase)} AS b ON b.id = p.purchase_id"
        " WHERE p.day BETWEEN %(first)s AND %(last)s AND p.cause <> ''"
        f" UNION ALL SELECT '{Cause.CURRENCY}', day, number, tax_country, currency, NULL, amount,"
        f" amount FROM ({_UNSEEN}) AS unseen ORDER BY 1, 2, 3",
        _unseen(period),
    )
    for cause, *rest in rows:
        yield Finding(Cause(cause), *rest)


#: Money in another currency than its purchase's, if no entry says so: nothing else is booked.
_UNSEEN = f"""
    SELECT (m.at AT TIME ZONE 'Europe/Helsinki')::date AS day, b.number, b.tax_country, m.currency,
        CASE WHEN m.kind IN ('refund', 'chargeback') THEN -m.amount ELSE m.amount END AS amount
    FROM {table(Movement)} AS m JOIN {table(Purchase)} AS b ON b.id = m.purchase_id
    WHERE m.currency <> b.currency AND m.at >= %(start)s AND m.at < %(end)s AND NOT b.is_test
        AND NOT b.channel = ANY(%(excluded)s) AND NOT b.gateways ?| %(excluded_gateways)s
        AND NOT m.gateway = ANY(%(excluded_gateways)s)
        AND NOT EXISTS (SELECT FROM {table(Posting)} AS p WHERE p.purchase_id = b.id
            AND p.cause LIKE '%%{Cause.CURRENCY}%%')"""


def _unseen(period: Period) -> dict[str, object]:
    return {
        "first": period.first, "last": period.last, "start": period.start, "end": period.end,
        **shop().config().others,
    }  # fmt: skip


def _gift_card_debt(day: date) -> dict[str, Decimal]:
    rows = fetch(
        f"SELECT currency, sum(CASE kind WHEN %s THEN gross ELSE -gross END)"
        f" FROM {table(Posting)} WHERE kind IN (%s, %s) AND day <= %s GROUP BY 1 ORDER BY 1",
        [EntryKind.GIFT_CARD_SOLD, EntryKind.GIFT_CARD_SOLD, EntryKind.GIFT_CARD_USED, day],
    )
    return dict(rows)
