"""What can be corrected, what an error is noticed by, and when a correction is late.

GDPR articles 16 and 19; the register description: "always without delay, or when an error is
noticed otherwise".
"""

from datetime import timedelta
from enum import StrEnum

from .categories import Category
from .languages import Texts


class Field(StrEnum):
    """What a correction is of. An address is corrected as a whole, with the name on it."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    COMPANY_NAME = "company_name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"


#: Of one text; an address has several.
TEXTS = frozenset(Field) - {Field.ADDRESS}
NAMES = frozenset({Field.FIRST_NAME, Field.LAST_NAME, Field.COMPANY_NAME})

CATEGORIES: dict[Field, frozenset[Category]] = {
    **dict.fromkeys(NAMES, frozenset({Category.NAME})),
    Field.EMAIL: frozenset({Category.EMAIL}),
    Field.PHONE: frozenset({Category.PHONE}),
    Field.ADDRESS: frozenset({Category.NAME, Category.POSTAL, Category.PHONE}),
}


class Carried(StrEnum):
    """Where a correction stands in the shop."""

    #: The shop has not agreed yet. What it says meanwhile is not taken in.
    WAITING = "waiting"
    DONE = "done"
    #: The shop has no place of its own for it (a guest, an order that is over): the register
    #: holds it until a newer order says something else.
    HELD = "held"
    #: The shop said something else by then, newer than what was corrected: that stands.
    LEFT = "left"


class Noticed(StrEnum):
    """A field of which an error is noticed otherwise than by its owner."""

    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    VAT_ID = "vat_id"


class Sign(StrEnum):
    """What it was noticed by."""

    #: A mailbox that gave a mail back.
    BOUNCE = "bounce"
    #: A letter of ours that the mail server would not take for this address.
    LETTER = "letter"
    #: A parcel that came back, as staff or the shop say.
    RETURNED = "returned"
    #: A number that exists in no country's plan, a postal code not of its country, a VAT id of
    #: another form than its country's or with a wrong check digit.
    CHECK = "check"
    #: Somebody saw it.
    STAFF = "staff"


class Closed(StrEnum):
    """What became of a task."""

    CORRECTED = "corrected"
    RIGHT = "right"
    GIVEN_UP = "given_up"


#: Corrected by which fields.
CURES: dict[Noticed, frozenset[Field]] = {
    Noticed.EMAIL: frozenset({Field.EMAIL}),
    Noticed.PHONE: frozenset({Field.PHONE}),
    Noticed.ADDRESS: frozenset({Field.ADDRESS}),
    Noticed.VAT_ID: frozenset(),
}

#: What staff write as the reason of a return when nobody was found at the address, as a regular
#: expression without case: a withdrawal from the purchase says nothing of the address.
UNDELIVERED = (
    "undeliver|(wrong|unknown|bad|insufficient) address|address (unknown|wrong|is wrong)"
    "|(väärä|virheellinen|puutteellinen|tuntematon) osoite|osoite (on )?(väärä|tuntematon|virheel)"
    "|ei voitu toimittaa|toimittamatta"
    "|(fel|okänd|felaktig|ofullständig) adress|adress(en)? (är )?(fel|okänd)|obeställbar"
    "|kunde inte levereras"
)

#: Returns are looked for among orders of so long: what an older parcel says is of no address that
#: is in use.
RETURNS_WITHIN = timedelta(days=365)

#: A task that is open for longer, a correction that the shop has not taken, and a recipient who
#: has not been told, each raise an alarm.
TASK_LATE = timedelta(days=14)
SHOP_LATE = timedelta(hours=1)
TELLING_LATE = timedelta(days=7)

#: Longest texts, as Saleor's columns hold them.
LONGEST: dict[str, int] = {
    "first_name": 256, "last_name": 256, "company_name": 256, "street_1": 256, "street_2": 256,
    "postal_code": 20, "city": 256, "city_area": 128, "country_area": 128, "country": 2,
    "phone": 128, "email": 254,
}  # fmt: skip

#: Postal codes by country, as the postal operators write them; of the others nothing is known.
POSTAL_CODES: dict[str, str] = {
    "FI": r"\d{5}", "AX": r"22\d{3}", "SE": r"\d{3} ?\d{2}", "NO": r"\d{4}", "DK": r"\d{4}",
    "EE": r"\d{5}", "LV": r"(LV-)?\d{4}", "LT": r"(LT-)?\d{5}", "DE": r"\d{5}", "FR": r"\d{5}",
    "NL": r"\d{4} ?[A-Z]{2}", "BE": r"\d{4}", "AT": r"\d{4}", "PL": r"\d{2}-\d{3}",
    "ES": r"\d{5}", "IT": r"\d{5}", "PT": r"\d{4}-\d{3}", "CZ": r"\d{3} ?\d{2}",
    "SK": r"\d{3} ?\d{2}", "HU": r"\d{4}", "SI": r"\d{4}", "HR": r"\d{5}", "RO": r"\d{6}",
    "BG": r"\d{4}", "GR": r"\d{3} ?\d{2}", "LU": r"\d{4}", "CY": r"\d{4}",
    "MT": r"[A-Z]{3} ?\d{4}", "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}", "CH": r"\d{4}", "US":
    r"\d{5}(-\d{4})?", "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "IS": r"\d{3}",
}  # fmt: skip


class Told(StrEnum):
    """Of what a recipient is told (article 19)."""

    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    LIFTED = "lifted"


#: What people call it: Finnish, Swedish, English.
TOLD: dict[Told, Texts] = {
    Told.RECTIFICATION: ("oikaisu", "rättelse", "rectification"),
    Told.ERASURE: ("poistaminen", "radering", "erasure"),
    Told.RESTRICTION: (
        "käsittelyn rajoittaminen", "begränsning av behandling", "restriction of processing"
    ),
    Told.LIFTED: (
        "rajoituksen päättyminen", "upphävande av begränsningen", "end of the restriction"
    ),
}  # fmt: skip
