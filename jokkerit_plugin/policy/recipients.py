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

#: The 27 member states (ISO 3166-1). Greece is GR here and EL in a VAT id.
_STATES = "AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
MEMBER_STATES = frozenset(_STATES.split())
_TERRITORIES = "AX GF GP MQ RE YT MF"
#: They and the codes of territories that belong to the Union. Iceland, Liechtenstein and Norway
#: are not the Union; an adequacy decision does not make a country part of it either, and the
#: description promises the Union.
EU = MEMBER_STATES | frozenset(_TERRITORIES.split())

_ELSEWHERE = (
    "AD AE AF AG AI AL AM AO AQ AR AS AU AW AZ BA BB BD BF BH BI BJ BL BM BN BO BQ BR BS BT "
    "BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX DJ DM DO DZ EC EG EH ER "
    "ET FJ FK FM FO GA GB GD GE GG GH GI GL GM GN GQ GS GT GU GW GY HK HM HN HT ID IL IM IN "
    "IO IQ IR IS JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LY MA MC "
    "MD ME MG MH MK ML MM MN MO MP MR MS MU MV MW MX MY MZ NA NC NE NF NG NI NO NP NR NU NZ "
    "OM PA PE PF PG PH PK PM PN PR PS PW PY QA RS RU RW SA SB SC SD SG SH SJ SL SM SN SO SR "
    "SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA "
    "VC VE VG VI VN VU WF WS YE ZA ZM ZW"
)
#: The other codes of ISO 3166-1. What is in neither list (UK and EL, which are no ISO codes, or
#: a slip of the pen) is nowhere: it proves nobody to be outside the Union.
OUTSIDE = frozenset(_ELSEWHERE.split())


class TransferGround(StrEnum):
    """The description's two grounds for a transfer out of the Union, GDPR article 49(1)."""

    CUSTOMER_REQUEST = "customer_request"
    CUSTOMER_LOCATED_OUTSIDE = "customer_located_outside"


def in_eu(country: str) -> bool:
    """Tell whether an ISO 3166-1 alpha-2 code is territory of the European Union."""
    return country.upper() in EU
