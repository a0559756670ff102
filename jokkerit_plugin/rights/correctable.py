"""What may be written when something is corrected: as the shop and the register can hold it."""

import re
from collections.abc import Mapping

import phonenumbers

from ..errors import RegisterError
from ..policy.corrections import LONGEST, NAMES, POSTAL_CODES, Field
from ..policy.recipients import EU, OUTSIDE
from ..register.folding import REGION

_MAILBOX = re.compile(r"[^@\s<>,;:\"\\()\[\]]+@[^@\s<>,;:\"\\()\[\]]+\.[^@\s<>,;:\"\\()\[\]]{2,}")
_NEEDED = ("street_1", "city", "country")


class CorrectionError(RegisterError):
    """Something cannot be corrected as asked. The message never quotes it."""

    code = "CORRECTION"


def text(field: Field, value: str) -> str:
    """Return a text as it is stored. Raises `CorrectionError`."""
    found = _plain(field.value, value)
    if field in NAMES:
        return found
    if field is Field.EMAIL:
        if not _MAILBOX.fullmatch(found):
            raise CorrectionError("This is no e-mail address.", field="email")
        return found.lower()
    return phone(found)


def phone(value: str) -> str:
    """Return a number in E.164; empty stays empty. Raises `CorrectionError`."""
    if not value:
        return ""
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise CorrectionError("This is no telephone number of any country.", field="phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def columns(given: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of an address as they are stored. Raises `CorrectionError`."""
    found = {name: _plain(name, value) for name, value in given.items()}
    if "country" in found:
        found["country"] = found["country"].upper()
    if "phone" in found:
        found["phone"] = phone(found["phone"])
    return found


def address(right: Mapping[str, str]) -> None:
    """Raise `CorrectionError` where an address, put together, cannot be right."""
    for name in _NEEDED:
        if not right[name]:
            raise CorrectionError("An address has a street, a town and a country.", field=name)
    if right["country"] not in EU | OUTSIDE:
        message = "Give the country as two letters of ISO 3166-1, for example FI."
        raise CorrectionError(message, field="country")
    if not fits(right["country"], right["postal_code"]):
        message = "This is no postal code of that country."
        raise CorrectionError(message, field="postal_code")


def fits(country: str, postal_code: str) -> bool:
    """Tell whether a postal code may be one of a country; of which none is known, all may."""
    pattern = POSTAL_CODES.get(country)
    code = postal_code.strip().upper().removeprefix(f"{country}-")
    return pattern is None or bool(re.fullmatch(pattern, code))


def _plain(name: str, value: str) -> str:
    found = " ".join(value.split())
    if len(found) > LONGEST[name]:
        raise CorrectionError(f"Write {LONGEST[name]} characters at most.", field=name)
    if not found.isprintable():
        raise CorrectionError("Write letters, digits and signs that can be printed.", field=name)
    return found
