"""Who sells, as an invoice says it, and how they are paid."""

import re
from dataclasses import dataclass

from ...config import Config
from ...policy.vat import SELLER
from .files import ExportError


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


def terms_of(config: Config) -> Terms:
    """Return the seller's terms by the settings; raise `ExportError` naming what is missing."""
    needed = {
        "controller_name": ("Controller", config.controller_name),
        "business_id": ("Business ID", config.business_id),
        "controller_address": ("Controller's address", config.controller_address),
        "iban": ("IBAN", config.iban),
        "bic": ("BIC", config.bic),
    }
    for field, (label, value) in needed.items():
        if not value:
            message = f"An invoice needs the setting {label}: ask the shop's administrator."
            raise ExportError(message, field=field)
    return Terms(_seller(config), config.business_id, config.iban, config.bic)


def _seller(config: Config) -> InvoiceParty:
    """Read the address: streets, then postal code and town, on lines or between commas."""
    *streets, town = (part.strip() for part in re.split(r"[\n,]+", config.controller_address))
    match = re.fullmatch(r"(?:FI-)?([0-9]{5})\s+(\S.*)", town)
    if not match or not any(streets):
        message = "Write the controller's address as street, postal code and town."
        raise ExportError(message, field="controller_address")
    return InvoiceParty(
        config.controller_name, streets=tuple(filter(None, streets)), postal_code=match[1],
        city=match[2], country=SELLER,
    )  # fmt: skip
