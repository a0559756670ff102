"""What an invoice says: seller, buyer, rows and terms, from a purchase and its entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ...models import Purchase
from ..accounts import finder
from ..amounts import exact, percent
from ..chart import TAXED, Rule
from ..entries import Entry, EntryKind, Treatment
from ..journal import TITLES
from ..references import national
from .files import ExportError

#: Kinds that stand on an invoice; the others are money.
INVOICED = TAXED | {EntryKind.GIFT_CARD_SOLD}
_CASH_BUYER = {"fi": "Käteisasiakas", "sv": "Kontantkund", "en": "Cash customer"}


@dataclass(frozen=True, slots=True)
class InvoiceParty:
    """A name and postal address as they stand on the voucher."""

    name: str
    vat_id: str = ""
    streets: tuple[str, ...] = ()
    postal_code: str = ""
    city: str = ""
    #: ISO 3166-1 alpha-2, may be empty.
    country: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The seller and how it is paid: business id, IBAN and BIC are checked on writing."""

    seller: InvoiceParty
    business_id: str
    iban: str
    bic: str
    days: int = 14


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One row; amounts are of the row as a whole, with the invoice's sign."""

    name: str
    quantity: Decimal
    treatment: Treatment
    rate: Decimal | None
    net: Decimal
    gross: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice, or with `credits` (the original's number) a credit note of negative rows."""

    number: str
    credits: str
    day: date
    due: date
    order_number: str
    currency: str
    buyer: InvoiceParty
    terms: Terms
    rows: tuple[InvoiceRow, ...]
    paid: Decimal
    reference: str

    @property
    def net(self) -> Decimal:
        """Sum without VAT."""
        return sum((row.net for row in self.rows), Decimal(0))

    @property
    def gross(self) -> Decimal:
        """Sum with VAT."""
        return sum((row.gross for row in self.rows), Decimal(0))


def invoice_of(
    purchase: Purchase, entries: Iterable[Entry], rules: Iterable[Rule], *, terms: Terms,
    language: str,
) -> Invoice:  # fmt: skip
    """Put together the invoice of one voucher's entries; the buyer is the voucher party.

    An order that the shop holds for paid gives a paid invoice; a gift card pays its part.
    """
    own = [entry for entry in entries if entry.kind in INVOICED]
    if not own or len({(one.voucher, one.purchase, one.currency) for one in own}) != 1:
        raise ExportError("A voucher with an invoice is of one purchase.", field="voucher")
    if len({one.kind is EntryKind.REFUND for one in own}) != 1:
        raise ExportError("A voucher is an invoice or a credit note, not both.", field="voucher")
    one = own[0]
    credit = one.kind is EntryKind.REFUND
    rows = _rows(purchase, own, rules, language)
    total = sum((row.gross for row in rows), Decimal(0))
    paid = total if purchase.paid_at and not credit else purchase.gift_card_amount * (not credit)
    return Invoice(
        number=one.voucher,
        credits=one.original if credit else "",
        day=one.day,
        due=one.day + timedelta(days=terms.days),
        order_number=one.order_number,
        currency=one.currency,
        buyer=_buyer(purchase, language),
        terms=terms,
        rows=rows,
        paid=exact(paid, one.currency),
        reference=national("".join(filter(str.isdecimal, one.voucher))),
    )


def _rows(
    purchase: Purchase, entries: Sequence[Entry], rules: Iterable[Rule], language: str
) -> tuple[InvoiceRow, ...]:
    """Return the goods by name where they are what the entries book, else a row an entry."""
    find = finder(rules)
    sold = [one for one in entries if one.kind is EntryKind.SALE]
    goods = [line for line in purchase.lines.order_by("pk") if not line.is_gift_card]
    booked = _sums((one.rate, one.net, one.gross) for one in sold)
    named = booked == _sums((line.tax_rate, line.net, line.gross) for line in goods)
    sales = {one.rate: one for one in sold}
    rows = []
    if named:
        for line in goods:
            entry = sales[line.tax_rate]
            title = f"{line.name} {line.variant}".strip()
            rows.append(_row(title, line.quantity, entry, line.net, line.gross, find(entry).credit))
    for entry in entries:
        if named and entry.kind is EntryKind.SALE:
            continue
        title = f"{TITLES[language][entry.kind]} {percent(entry.rate)} %".replace("  %", "")
        sign = -1 if entry.kind is EntryKind.REFUND else 1
        rows.append(_row(title, sign, entry, entry.net, entry.gross, find(entry).credit))
    return tuple(rows)


def _sums(parts: Iterable[tuple[Decimal | None, Decimal, Decimal]]) -> dict[object, object]:
    found: dict[object, tuple[Decimal, Decimal]] = {}
    for rate, net, gross in parts:
        before = found.get(rate, (Decimal(0), Decimal(0)))
        found[rate] = (before[0] + net, before[1] + gross)
    return dict(found)


def _row(
    name: str, quantity: int, entry: Entry, net: Decimal, gross: Decimal, account: str
) -> InvoiceRow:
    return InvoiceRow(
        name=name, quantity=Decimal(quantity), treatment=entry.treatment, rate=entry.rate,
        net=exact(net, entry.currency), gross=exact(gross, entry.currency), account=account,
    )  # fmt: skip


def _buyer(purchase: Purchase, language: str) -> InvoiceParty:
    person = f"{purchase.party_first_name} {purchase.party_last_name}".strip()
    streets = (purchase.party_street_1, purchase.party_street_2)
    return InvoiceParty(
        name=purchase.party_company_name or person or _CASH_BUYER[language],
        vat_id=purchase.vat_id,
        streets=tuple(street for street in streets if street),
        postal_code=purchase.party_postal_code,
        city=purchase.party_city,
        country=purchase.party_country,
    )
