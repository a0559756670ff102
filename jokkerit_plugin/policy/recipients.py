"""Third parties that may get data, and where in the world data may go."""

from enum import StrEnum

from .categories import Category
from .purposes import Purpose

_SALE = frozenset(
    {Category.NAME, Category.POSTAL, Category.EMAIL, Category.PHONE, Category.PURCHASE}
)
_VOUCHER = frozenset({Category.NAME, Category.POSTAL, Category.PURCHASE})


class RecipientKind(StrEnum):
    """Register description, "disclosure": these three and no others."""

    BOOKKEEPING = "bookkeeping"
    INVOICING = "invoicing"
    COLLECTION = "debt_collection"


#: For which purpose a recipient gets data, and which categories.
DISCLOSURES: dict[RecipientKind, tuple[Purpose, frozenset[Category]]] = {
    RecipientKind.BOOKKEEPING: (Purpose.BOOKKEEPING, _VOUCHER),
    RecipientKind.INVOICING: (Purpose.INVOICING, _VOUCHER | {Category.EMAIL}),
    RecipientKind.COLLECTION: (Purpose.COLLECTION, _SALE),
}

#: The 27 member states (ISO 3166-1), and codes of territories that belong to the Union.
#: Iceland, Liechtenstein and Norway are not the Union; an adequacy decision does not make a
#: country part of it either, and the description promises the Union.
_MEMBERS = "AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_TERRITORIES = "AX GF GP MQ RE YT MF"
EU = frozenset(f"{_MEMBERS} {_TERRITORIES}".split())


class TransferGround(StrEnum):
    """The description's two grounds for a transfer out of the Union, GDPR article 49(1)."""

    CUSTOMER_REQUEST = "customer_request"
    CUSTOMER_LOCATED_OUTSIDE = "customer_located_outside"


def in_eu(country: str) -> bool:
    """Tell whether an ISO 3166-1 alpha-2 code is territory of the European Union."""
    return country.upper() in EU


def transfer_ground(*, customer_country: str, customer_requested: bool) -> TransferGround | None:
    """Return on which ground data may go to a country outside the Union; None: it may not.

    Asked only where the recipient is outside. `customer_requested` means a stored explicit
    request, made after the risks were told (article 49(1)(a)).
    """
    if customer_requested:
        return TransferGround.CUSTOMER_REQUEST
    if customer_country and not in_eu(customer_country):
        return TransferGround.CUSTOMER_LOCATED_OUTSIDE
    return None
