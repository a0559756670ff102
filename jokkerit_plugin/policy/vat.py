"""Value added tax as plain data: Finnish rates with their days, territory, and treatment.

The seller is Finnish. Rates: VAT Act 1501/1993 s. 84 (standard), 85 (reduced) and 85 a (10 %).
Territory: Directive 2006/112/EC articles 5-8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from stdnum.eu import vat as vat_number

from .recipients import MEMBER_STATES

SELLER = "FI"

#: Åland (AX) and the French overseas departments are the Union's but outside its VAT territory.
#: They have ISO codes of their own, which `MEMBER_STATES` lacks; the Canaries, Livigno or
#: Büsingen have none and cannot be told from their states.
#: Monaco is treated as France (article 7); Northern Ireland, in VAT ids XI, as a member state
#: for goods (protocol to the withdrawal agreement), but in addresses it is GB.
_TREATED_AS = {"MC": "FR", "XI": "XI"}
#: What a VAT id of another member state begins with.
_ID_STATES = (MEMBER_STATES | {"EL", "XI"}) - {SELLER}


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


#: To these the cash basis applies: sales abroad have tax points of their own.
AT_HOME = frozenset({Treatment.DOMESTIC, Treatment.ZERO_RATED, Treatment.NONE})


class Cause(StrEnum):
    """What a person should look at in an entry. Nothing is corrected by itself."""

    #: The stored rate was not in force at the tax point.
    RATE = "rate"
    #: VAT was charged on a sale out of the VAT territory.
    TERRITORY = "territory"
    #: Sold without VAT to another member state, and there is no VAT id that can be one.
    EXEMPT = "exempt"
    #: Sold without VAT in Finland.
    ZERO = "zero"
    #: Sold with VAT to another member state, to a buyer with a VAT id.
    BUSINESS = "business"
    #: What was given as a VAT id in another member state cannot be one.
    VAT_ID = "vat_id"
    #: The shop knows no country of taxation.
    COUNTRY = "country"
    #: The VAT stored of a gift card contradicts the setting.
    GIFT_CARD = "gift_card"
    #: Money came in another currency than the order's: it is not in the books.
    CURRENCY = "currency"
    #: Money in advance of a business in another member state, for what was not delivered: goods are
    #: taxed on delivery, but a service was on that day.
    ADVANCE = "advance"
    #: No returned lines explain a refund: it was split in proportion to the purchase.
    PROPORTIONAL = "proportional"
    #: It belongs to a day that is closed.
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Rate:
    """A Finnish rate as a fraction, the box of the return for its tax, and its days."""

    value: Decimal
    box: str
    first: date
    last: date | None = None


_2013 = date(2013, 1, 1)
RATES = (
    Rate(Decimal("0.24"), "301", _2013, date(2024, 8, 31)),
    Rate(Decimal("0.255"), "301", date(2024, 9, 1)),
    Rate(Decimal("0.14"), "302", _2013, date(2025, 12, 31)),
    Rate(Decimal("0.135"), "302", date(2026, 1, 1)),
    Rate(Decimal("0.10"), "303", _2013),
)
_BY_VALUE = {rate.value: rate for rate in RATES}


def box(rate: Decimal | None) -> str | None:
    """Return the box for the tax of a domestic rate, also of one no longer in force."""
    known = _BY_VALUE.get(rate) if rate is not None else None
    return known.box if known else None


def in_force(rate: Decimal | None, day: date) -> bool:
    """Tell whether a Finnish rate was in force on a day."""
    known = _BY_VALUE.get(rate) if rate is not None else None
    return known is not None and known.first <= day and (known.last is None or day <= known.last)


def member_state(country: str, vat_id: str = "") -> str | None:
    """Return the member state whose VAT a country's sales fall under; None: outside."""
    code = country.upper()
    if code == "GB" and is_business(vat_id) and vat_id.strip().upper().startswith("XI"):
        return "XI"
    return code if code in MEMBER_STATES else _TREATED_AS.get(code)


def is_business(vat_id: str) -> bool:
    """Tell whether a text can be a VAT id of another member state: its form and check digits.

    Of an erased buyer's, what `remains` of it tells.
    """
    text = vat_id.strip()
    known = text[:2].upper() in _ID_STATES
    return known and (text[2:] == _ERASED or vat_number.is_valid(text))


def is_company(vat_id: str) -> bool:
    """Tell whether a text can be a VAT id of the EU, Finland's too: its form and check digits."""
    return bool(vat_number.is_valid(vat_id.strip()))


#: Stands for the rest of a VAT id once its buyer is erased.
_ERASED = "*"


def remains(vat_id: str) -> str:
    """Return what stays of a VAT id when its buyer is erased: it decides the tax, names nobody.

    `DE*` was one of Germany; `*` is left of a text that could be none. A star that somebody typed
    counts for nothing.
    """
    text = vat_id.replace(_ERASED, "").strip()
    if is_business(text):
        return text[:2].upper() + _ERASED
    return _ERASED if text else ""


def treatment(
    country: str, *, vat: Decimal, order_vat: Decimal, vat_id: str, oss: bool
) -> Treatment:
    """Return the treatment of a part of an order; `vat` is the part's, `order_vat` the whole's.

    A sale to another member state without any VAT to a buyer with a VAT id of another member
    state is a reverse charge.
    `oss`: the shop declares distance sales in the One Stop Shop; else (below the threshold of
    10,000 euros a year, VAT Act s. 63 a) they are taxed in Finland. VAT stated on a sale
    out of the territory is owed to Finland until the sale is corrected.
    """
    state = member_state(country, vat_id) if country else SELLER
    if state == SELLER or (state is None and vat):
        return Treatment.DOMESTIC if vat else Treatment.ZERO_RATED
    if state is None:
        return Treatment.EXPORT
    if is_business(vat_id) and not order_vat:
        return Treatment.REVERSE_CHARGE
    if oss:
        return Treatment.OSS
    return Treatment.DOMESTIC if vat else Treatment.ZERO_RATED


def causes(country: str, *, vat: Decimal, order_vat: Decimal, vat_id: str) -> list[Cause]:
    """Return what a person should look at in a sale with this treatment."""
    state = member_state(country, vat_id)
    if not country:
        return [Cause.COUNTRY]
    if state is None:
        return [Cause.TERRITORY] if vat else []
    if state == SELLER:
        return [] if vat else [Cause.ZERO]
    if is_business(vat_id):
        return [Cause.BUSINESS] if order_vat else []
    found = [] if vat else [Cause.EXEMPT]
    return [*found, Cause.VAT_ID] if vat_id.strip() else found


def join(causes: Iterable[Cause]) -> str:
    """Write causes as one text: sorted, separated by spaces."""
    return " ".join(sorted(set(causes)))
