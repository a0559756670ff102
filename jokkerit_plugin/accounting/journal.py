"""Balanced journal lines from entries.

Each entry balances by itself: gross on one side, net and VAT on the other. An entry keeps its
order and voucher number and has no name in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..errors import RegisterError
from .accounts import finder
from .amounts import AmountError, exact
from .chart import Rule
from .entries import Entry, EntryKind

K = EntryKind

#: What an entry is called in a line's text.
TITLES: dict[str, dict[EntryKind, str]] = {
    "fi": {
        K.SALE: "Myynti",
        K.SHIPPING: "Toimituskulut",
        K.REFUND: "Hyvitys",
        K.GIFT_CARD_TAXED: "Lahjakortin myynti, verollinen",
        K.GIFT_CARD_SOLD: "Lahjakortin myynti",
        K.GIFT_CARD_USED: "Maksu lahjakortilla",
        K.PAYMENT: "Maksu",
        K.PAYBACK: "Maksun palautus",
        K.ADVANCE: "Ennakkomaksu",
        K.ADVANCE_USED: "Ennakkomaksun tuloutus",
    },
    "sv": {
        K.SALE: "Försäljning",
        K.SHIPPING: "Leveranskostnader",
        K.REFUND: "Kreditering",
        K.GIFT_CARD_TAXED: "Sålt presentkort, beskattat",
        K.GIFT_CARD_SOLD: "Sålt presentkort",
        K.GIFT_CARD_USED: "Betalning med presentkort",
        K.PAYMENT: "Betalning",
        K.PAYBACK: "Återbetalning",
        K.ADVANCE: "Förskottsbetalning",
        K.ADVANCE_USED: "Intäktsfört förskott",
    },
    "en": {
        K.SALE: "Sale",
        K.SHIPPING: "Shipping",
        K.REFUND: "Credit",
        K.GIFT_CARD_TAXED: "Gift card sold, taxed",
        K.GIFT_CARD_SOLD: "Gift card sold",
        K.GIFT_CARD_USED: "Paid by gift card",
        K.PAYMENT: "Payment",
        K.PAYBACK: "Payment returned",
        K.ADVANCE: "Payment in advance",
        K.ADVANCE_USED: "Advance recognised as income",
    },
}
_ORDER = {"fi": "tilaus", "sv": "beställning", "en": "order"}


class Unbalanced(RegisterError):
    """Debit and credit differ: such a journal is never written."""

    code = "UNBALANCED"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; exactly one of `debit` and `credit` is above zero, neither is below.

    `vat_rate` is a fraction; code and rate stand on the lines of net and VAT.
    """

    voucher: str
    day: date
    text: str
    account: str
    debit: Decimal
    credit: Decimal
    currency: str
    vat_code: str
    vat_rate: Decimal | None
    order_number: str


def lines(entries: Iterable[Entry], rules: Iterable[Rule], *, language: str) -> Iterator[Line]:
    """Yield two or three lines an entry, in the entries' order; `language` is fi, sv or en.

    Raises `NoAccount`, `Unbalanced`, `AmountError`. Lines of zero are left out.
    """
    find = finder(rules)
    titles, order = TITLES[language], _ORDER[language]
    for entry in entries:
        rule = find(entry)
        try:
            gross, net = exact(entry.gross, entry.currency), exact(entry.net, entry.currency)
        except AmountError as error:
            message = f"Order {entry.order_number}: {error.message}"
            raise AmountError(message, field=error.field) from None
        zero = gross - gross
        if gross != net and rule.vat is None:
            message = f"The VAT of order {entry.order_number} has no account."
            raise Unbalanced(message, field="vat")
        text = f"{titles[entry.kind]}, {order} {entry.order_number}"
        if entry.original:
            text = f"{text} ({entry.original})"
        taxed = (rule.vat_code, entry.rate)
        parts = (
            (rule.debit, gross, ("", None)),
            (rule.credit, -net, taxed),
            (rule.vat or "", net - gross, taxed),
        )
        for account, amount, (code, rate) in parts:
            if amount:
                yield Line(
                    entry.voucher, entry.day, text, account,
                    max(amount, zero), max(-amount, zero), entry.currency,
                    code, rate, entry.order_number,
                )  # fmt: skip


def checked(journal: Iterable[Line]) -> Iterator[Line]:
    """Pass a journal through and raise `Unbalanced` where debit and credit differ.

    Asked for every run of lines of one voucher, order and currency, and so for the file. What
    was yielded before the error is void: writers write to a temporary place.
    """
    run: tuple[str, str, str] | None = None
    saldo = Decimal(0)
    for line in journal:
        now = (line.voucher, line.order_number, line.currency)
        if now != run:
            _settle(run, saldo)
            run, saldo = now, Decimal(0)
        saldo += line.debit - line.credit
        yield line
    _settle(run, saldo)


def _settle(run: tuple[str, str, str] | None, saldo: Decimal) -> None:
    if run and saldo:
        voucher, order, currency = run
        place = f"Voucher {voucher}" if voucher else f"Order {order}"
        message = f"{place}: debit and credit differ by {saldo:f} {currency}."
        raise Unbalanced(message, field="journal")
