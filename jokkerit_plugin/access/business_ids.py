"""Companies' numbers: the Finnish business id, and VAT ids of the Union."""

from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from ..policy.recipients import in_eu


def business_id_of(text: str, country: str) -> str:
    """Return the id in its one form, or raise `ValueError` with a sentence for a person.

    Finnish for FI and AX; a VAT id or nothing elsewhere in the Union; anything short outside it.
    """
    try:
        if country in {"FI", "AX"}:
            compact = str(ytunnus.validate(text))
            return f"{compact[:7]}-{compact[7:]}"
        if text and in_eu(country):
            return str(vat.validate(text))
    except NumberError:
        message = (
            "This is not a Finnish business id: seven digits, a hyphen and a check digit."
            if country in {"FI", "AX"}
            else "This is not a VAT id of the Union: the country's letters and its number."
        )
        raise ValueError(message) from None
    if len(text) > 20:
        raise ValueError("Give 20 characters at most.")
    return text
