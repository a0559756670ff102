"""Which accounts and VAT code an entry is booked to, as plain data.

No chart of accounts is statutory in Finland; the defaults follow the Liikekirjuri chart. The
days of VAT rates are in `policy.vat`. VAT codes are Netvisor's.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .entries import EntryKind, Treatment

K, T = EntryKind, Treatment

#: Kinds whose entries carry VAT; the others must not have a VAT account.
TAXED = frozenset({K.SALE, K.SHIPPING, K.REFUND, K.GIFT_CARD_TAXED})

Account = Annotated[str, Field(pattern=r"^[1-9][0-9]{3,7}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{0,12}$")]


class Rule(BaseModel):
    """Where the entries of one kind go: gross to `debit`, net to `credit`, VAT to `vat`.

    Negative amounts change sides. What is None or empty (treatment, rate, gateway, starts, ends)
    fits every entry; of the rules that fit, the one that names most decides. `rate` is a
    fraction (0.255); `starts` and `ends` are the first and last day of the entry.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EntryKind
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    treatment: Treatment | None = None
    rate: Annotated[Decimal, Field(ge=0, lt=1, decimal_places=4)] | None = None
    gateway: Annotated[str, Field(max_length=200)] = ""
    starts: date | None = None
    ends: date | None = None
    debit: Account
    credit: Account
    vat: Account | None = None
    vat_code: Code = ""


RECEIVABLES, PAYMENT_SERVICE, ADVANCES, GIFT_CARDS = "1701", "1729", "2861", "2869"
VAT, VAT_OSS = "2939", "2938"

# Without days: credits are booked at the original rate long after it has changed, and a sale at
# a rate that is not in force is listed (`Cause.RATE`), but booked as it stands.
_DOMESTIC: tuple[tuple[str, str, str], ...] = (
    ("0.255", "3001", "3101"),
    ("0.24", "3002", "3102"),
    ("0.14", "3003", "3103"),
    ("0.135", "3004", "3104"),
    ("0.1", "3005", "3105"),
)
_ABROAD: tuple[tuple[Treatment, str, str, str | None, str], ...] = (
    (T.OSS, "3020", "3120", VAT_OSS, "NONE"),
    (T.REVERSE_CHARGE, "3030", "3130", None, "EUMY"),
    (T.EXPORT, "3040", "3140", None, "MUUL"),
    (T.ZERO_RATED, "3006", "3106", None, "NONE"),
)


def _defaults() -> tuple[Rule, ...]:
    rules = []
    for kind in (K.SALE, K.SHIPPING, K.REFUND, K.GIFT_CARD_TAXED):
        freight = kind is K.SHIPPING
        for rate, goods, carriage in _DOMESTIC:
            rules.append(
                Rule(
                    kind=kind, treatment=T.DOMESTIC, rate=Decimal(rate),
                    debit=RECEIVABLES, credit=carriage if freight else goods,
                    vat=VAT, vat_code="KOMY",
                )
            )  # fmt: skip
        rules.append(
            Rule(
                kind=kind, treatment=T.DOMESTIC, rate=Decimal(0), debit=RECEIVABLES,
                credit="3106" if freight else "3006", vat_code="NONE",
            )
        )  # fmt: skip
        for treatment, goods, carriage, vat, code in _ABROAD:
            rules.append(
                Rule(
                    kind=kind, treatment=treatment, debit=RECEIVABLES,
                    credit=carriage if freight else goods, vat=vat, vat_code=code,
                )
            )  # fmt: skip
    money = {
        K.GIFT_CARD_SOLD: (RECEIVABLES, GIFT_CARDS),
        K.GIFT_CARD_USED: (GIFT_CARDS, RECEIVABLES),
        K.PAYMENT: (PAYMENT_SERVICE, RECEIVABLES),
        K.PAYBACK: (PAYMENT_SERVICE, RECEIVABLES),
        K.ADVANCE: (RECEIVABLES, ADVANCES),
        K.ADVANCE_USED: (ADVANCES, RECEIVABLES),
    }
    rules += [Rule(kind=kind, debit=one, credit=other) for kind, (one, other) in money.items()]
    return tuple(rules)


DEFAULTS: tuple[Rule, ...] = _defaults()
