"""Balanced journal lines from entries.

Each entry balances by itself: gross on one side, net and VAT on the other. An entry keeps its
order and voucher number and has no name in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..errors import RegisterError
from .accounts import NoAccount, finder
from .amounts import AmountError, exact, nearest
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


def lines(
    entries: Iterable[Entry], rules: Iterable[Rule], *, language: str, rounded: bool = False
) -> Iterator[Line]:
    """Yield two or three lines an entry, in the entries' order; `language` is fi, sv or en.

    Raises `NoAccount`, `Unbalanced`, `AmountError`: at the end, for all entries at once; what was
    yielded is void then. Lines of zero are left out. `rounded`: gross and net that are finer than
    the currency's unit are rounded half up, and VAT is what is between them, so that each entry
    still balances.
    """
    find = finder(rules)
    titles, order = TITLES[language], _ORDER[language]
    problems = _Problems()
    for entry in entries:
        try:
            rule = find(entry)
            gross, net = _amounts(entry, rule, rounded=rounded)
        except (NoAccount, AmountError, Unbalanced) as error:
            problems.note(error, entry)
        if problems.found:
            continue
        zero = gross - gross
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
    problems.tell()


def _amounts(entry: Entry, rule: Rule, *, rounded: bool) -> tuple[Decimal, Decimal]:
    write = nearest if rounded else exact
    try:
        gross, net = write(entry.gross, entry.currency), write(entry.net, entry.currency)
    except AmountError as error:
        message = f"Order {entry.order_number}: {error.message}"
        raise AmountError(message, field=error.field) from None
    if gross != net and rule.vat is None:
        message = f"The VAT of order {entry.order_number} has no account."
        raise Unbalanced(message, field="vat")
    return gross, net


class _Problems:
    """Why a journal cannot be written: each reason once, with the orders; memory is flat."""

    def __init__(self) -> None:
        self.found: dict[tuple[object, ...], tuple[RegisterError, list[str]]] = {}

    def note(self, error: RegisterError, entry: Entry) -> None:
        key: tuple[object, ...] = (error.code, error.field, entry.currency)
        if not isinstance(error, AmountError):
            key += (entry.kind, entry.treatment, entry.rate)
        if len(self.found) < NAMED or key in self.found:
            orders = self.found.setdefault(key, (error, []))[1]
            if entry.order_number not in orders and len(orders) <= NAMED:
                orders.append(entry.order_number)

    def tell(self) -> None:
        """Raise the first one's error, in the words of all."""
        if not self.found:
            return
        said = []
        for error, orders in self.found.values():
            said.append(error.message)
            if others := orders[1:NAMED]:
                more = " and more" if len(orders) > NAMED else ""
                said.append(f"So it is with orders {', '.join(others)}{more}.")
        errors = [error for error, _ in self.found.values()]
        said += [mend for kind, mend in _MENDS.items() if any(type(one) is kind for one in errors)]
        raise type(errors[0])(" ".join(said), field=errors[0].field)


#: How many orders a reason names, and how many reasons there are at most.
NAMED = 10
_MENDS: dict[type[RegisterError], str] = {
    NoAccount: (
        "Add rules for these to the accounts: one without a rate fits every rate and those that"
        " have none."
    ),
    Unbalanced: "Name an account for the VAT in the rule, or set the tax right in the shop.",
    AmountError: "Set these amounts right in the shop, or ask for the file with rounded amounts.",
}


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
