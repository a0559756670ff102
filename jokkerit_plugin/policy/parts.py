"""What is erased together: the parts of a customer's and a purchase's data.

A part goes when no rule of `schedule.py` keeps it any longer, and it goes as a whole.
"""

from enum import StrEnum

from .categories import FREE, Category
from .fields import CLAIMS


class Part(StrEnum):
    """The parts, in the order in which they are erased."""

    CONTACT = "contact"
    DETAIL = "detail"
    IDENTITY = "identity"
    FIGURES = "figures"


#: Whose part it is: a key of `Customer` or of `Purchase`.
OF_CUSTOMERS = frozenset({Part.CONTACT})
OF_PURCHASES = frozenset(Part) - OF_CUSTOMERS

#: What each part is called where people read it: Finnish, Swedish, English.
TITLES: dict[Part, tuple[str, str, str]] = {
    Part.CONTACT: (
        "asiakkaan yhteystiedot", "kundens kontaktuppgifter", "the customer's contact details"
    ),
    Part.DETAIL: (
        "tilauksen muut tiedot kuin tositteella olevat",
        "beställningens övriga uppgifter, utom de på verifikatet",
        "details of an order that are not on a voucher",
    ),
    Part.IDENTITY: (
        "ostajan nimi ja osoite tositteella",
        "köparens namn och adress på verifikatet",
        "the buyer's name and address on a voucher",
    ),
    Part.FIGURES: (
        "ostotiedot, joita kirjanpito tarvitsee",
        "inköpsuppgifter som bokföringen behöver",
        "purchase data that bookkeeping needs",
    ),
}  # fmt: skip

_PARTY = (
    "first_name last_name company_name street_1 street_2 postal_code city city_area country_area"
)

#: Model to the fields that go with a part. A field is in one part only.
FIELDS: dict[Part, dict[str, str]] = {
    Part.CONTACT: {
        "Customer": (
            "first_name last_name company_name vat_id language sort_name guest_email email phone"
        ),
        "SearchWords": "words",
        "KnownIdentifier": "value",
        "PostalAddress": f"{_PARTY} country phone",
        "Correction": f"{_PARTY} country phone email sealed",
    },
    Part.DETAIL: {"Purchase": "email language", "Movement": "reference"},
    Part.IDENTITY: {
        "Purchase": " ".join(f"party_{name}" for name in _PARTY.split()) + " vat_id",
        # An invoice as a file names the buyer; a journal does not, and stays with its days.
        "ExportChunk": "data",
        "VoucherNote": " ".join(f"party_{name}" for name in f"{_PARTY} country".split()),
    },
    # The country stays with the figures: it decides how a sale is taxed.
    Part.FIGURES: {
        "Purchase": (
            "number status origin channel currency placed_at paid_at delivered_at cancelled_at net"
            " gross shipping_net shipping_gross shipping_tax_rate shipping_tax_class"
            " gift_card_amount tax_country tax_exempt party_country gateways"
        ),
        "PurchaseLine": "name variant sku product_type quantity net gross tax_rate tax_class"
        " is_gift_card added_at",
        "Delivery": "status quantity at",
        "Movement": "kind amount currency at gateway",
        "Invoice": "number created_at",
        "Posting": "day kind currency country rate net gross gateway corrects",
        "Voucher": "day",
        "BilledLine": "at method path status size duration",
    },
}

#: Tables with personal data that go by a clock of their own (`schedule.OWN`).
OWN_CLOCK = frozenset(
    {
        "Trace", "ProofTicket", "Request", "ArchiveChunk", "Telling",
        "SiteLine", "Incident", "IncidentLine", "DownloadLink", "OptOutChunk",
    }
)  # fmt: skip

_PARTS = {
    (model, field): part
    for part, models in FIELDS.items()
    for model, fields in models.items()
    for field in fields.split()
}


def part_of(model: str, field: str) -> Part | None:
    """Return the part that a field of the register goes with.

    None: it holds nothing about a customer but a key or a figure of ours, or it goes by the clock
    of its table.
    """
    return _PARTS.get((model, field))


def categories_of(part: Part) -> frozenset[Category]:
    """Return the categories of personal data that a part holds."""
    return FREE.union(
        *(CLAIMS[model][field] for (model, field), one in _PARTS.items() if one is part)
    )
