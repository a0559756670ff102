"""What an invoice says: seller, buyer, rows and terms, from a purchase and its entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ...clock import HELSINKI
from ...models import Purchase, Voucher, VoucherNote
from ..accounts import finder
from ..amounts import exact, percent
from ..chart import TAXED, Rule
from ..entries import Entry, EntryKind, Treatment
from ..journal import TITLES
from ..references import national
from .files import ExportError
from .seller import InvoiceParty, Terms

K = EntryKind

#: Kinds that stand on an invoice; the others are money.
INVOICED = TAXED | {K.GIFT_CARD_SOLD}
#: What pays an invoice or, below zero, is taken back.
_PAYS = frozenset({K.PAYMENT, K.PAYBACK, K.GIFT_CARD_USED})
#: On an invoice whose buyer was corrected since it was issued: as it was issued, and as corrected.
_NOTES = {
    "fi": (
        "Ostajan tietoja on oikaistu {day}. Laskun voi saada oikaistuin tiedoin.",
        "Ostajan tiedot on oikaistu {day}; lasku on muutoin ennallaan.",
    ),
    "sv": (
        "Köparens uppgifter har rättats {day}. Fakturan kan fås med de rättade uppgifterna.",
        "Köparens uppgifter har rättats {day}; fakturan är i övrigt oförändrad.",
    ),
    "en": (
        "The buyer's details were corrected on {day}. The invoice is to be had with them.",
        "The buyer's details were corrected on {day}; nothing else of the invoice has changed.",
    ),
}
_CASH_BUYER = {"fi": "Käteisasiakas", "sv": "Kontantkund", "en": "Cash customer"}


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
    """An invoice, or a credit note if its sum is below zero; `original` is what it corrects."""

    number: str
    original: str
    purchase: int
    day: date
    due: date
    order_number: str
    currency: str
    buyer: InvoiceParty
    terms: Terms
    rows: tuple[InvoiceRow, ...]
    paid: Decimal
    reference: str
    #: That the buyer was corrected since the voucher was issued.
    note: str = ""

    @property
    def net(self) -> Decimal:
        """Sum without VAT."""
        return sum((row.net for row in self.rows), Decimal(0))

    @property
    def gross(self) -> Decimal:
        """Sum with VAT."""
        return sum((row.gross for row in self.rows), Decimal(0))


def invoice_of(
    voucher: str, entries: Iterable[Entry], rules: Iterable[Rule], *, terms: Terms,
    language: str, corrected: bool = False,
) -> Invoice:  # fmt: skip
    """Put together the invoice of one voucher; the buyer is the purchase's voucher party.

    An order that the shop holds for paid gives a paid invoice; money and gift cards pay their
    part. `entries` are all of the purchase, or more. `corrected`: with the buyer as corrected
    since, as a new document; the voucher itself stays.
    """
    made = Voucher.objects.filter(code=voucher).first()
    if made is None:
        raise ExportError("There is no such voucher.", field="voucher")
    found = [one for one in entries if voucher == one.voucher or one.purchase == made.purchase_id]
    own = [one for one in found if one.voucher == voucher and one.kind in INVOICED]
    if not own:
        raise ExportError("There is no such voucher.", field="voucher")
    if len({(one.purchase, one.currency) for one in own}) != 1:
        raise ExportError("The voucher is not of one purchase.", field="voucher")
    first = own[0]
    purchase = Purchase.objects.filter(pk=first.purchase).first()
    if purchase is None:
        raise ExportError("The voucher's purchase is no longer there.", field="voucher")
    if purchase.identity_erased_at:
        message = "The buyer's name and address are no longer kept: no invoice can be made of it."
        raise ExportError(message, field="voucher")
    right = purchase.voucher_notes.order_by("pk").last()
    if corrected and right is None:
        message = "Nothing of this voucher's buyer has been corrected."
        raise ExportError(message, field="corrected")
    rows = _rows(purchase, own, rules, language)
    total = sum((row.gross for row in rows), Decimal(0))
    paid = total
    if not purchase.paid_at:
        paid = _paid(voucher, [one for one in found if one.purchase == purchase.pk])
    return Invoice(
        number=voucher,
        original=first.original,
        purchase=purchase.pk,
        day=first.day,
        due=first.day + timedelta(days=terms.days),
        order_number=first.order_number,
        currency=first.currency,
        buyer=_buyer(right if corrected and right else purchase, purchase.vat_id, language),
        note=_note(right, corrected=corrected, language=language) if right else "",
        terms=terms,
        rows=rows,
        paid=exact(Decimal(0) if total < 0 else paid, first.currency),
        # Of the key: codes with other letters have the same digits.
        reference=national(f"{1000 + made.pk}"),
    )


def _paid(voucher: str, entries: Sequence[Entry]) -> Decimal:
    """Return what of a voucher is paid: what came in goes to the purchase's oldest first."""
    sums: dict[str, Decimal] = {}
    for one in sorted(entries, key=lambda one: one.day):
        if one.kind in INVOICED:
            sums[one.voucher] = sums.get(one.voucher, Decimal(0)) + one.gross
    # Money that goes back with a credit note leaves the invoice paid.
    left = sum(
        (one.gross for one in entries if one.kind in _PAYS and sums.get(one.voucher, 0) >= 0),
        Decimal(0),
    )
    for other, total in sums.items():
        paid = max(min(left, total), Decimal(0))
        if other == voucher:
            return paid
        left -= paid
    return Decimal(0)


def _rows(
    purchase: Purchase, entries: Sequence[Entry], rules: Iterable[Rule], language: str
) -> tuple[InvoiceRow, ...]:
    """Return the goods by name where they are what the entries book, else a row an entry."""
    find = finder(rules)
    sold = [one for one in entries if one.kind is K.SALE]
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
        if named and entry.kind is K.SALE:
            continue
        title = f"{TITLES[language][entry.kind]} {percent(entry.rate)} %".replace("  %", "")
        sign = -1 if entry.gross < 0 else 1
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


def _note(right: VoucherNote, *, corrected: bool, language: str) -> str:
    day = right.at.astimezone(HELSINKI).date()
    return _NOTES[language][corrected].format(day=f"{day.day}.{day.month}.{day.year}")


def _buyer(purchase: Purchase | VoucherNote, vat_id: str, language: str) -> InvoiceParty:
    person = f"{purchase.party_first_name} {purchase.party_last_name}".strip()
    streets = (purchase.party_street_1, purchase.party_street_2)
    return InvoiceParty(
        name=purchase.party_company_name or person or _CASH_BUYER[language],
        vat_id=vat_id,
        streets=tuple(street for street in streets if street),
        postal_code=purchase.party_postal_code,
        city=purchase.party_city,
        country=purchase.party_country,
    )
