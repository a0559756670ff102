"""Contact keys: an address as a keyed hash, under which opt-outs outlive the person's data.

HMAC-SHA-256 over the channel's group and the normalised address, with a key of JOKKERIT_KEYS made
for this use alone. Without that key a stolen table does not tell whether an address is in it; a
plain hash of an address would be guessed. The newest key writes, all of them are read: a key may
leave the environment only when nothing stands under it any more (`contacts.status`).
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import phonenumbers

from .. import keys as secrets
from ..errors import RegisterError
from ..keys import NoKey
from ..policy.marketing import GROUPS, Channel
from ..policy.vat import SELLER
from ..register.identity import normalise_email

__all__ = [
    "Account", "Address", "BadAddress", "ContactKey", "NoKey", "Place", "Postal", "digests", "keys",
    "many", "normalise",
]  # fmt: skip

_USE = "contact"
#: Begins an account, normalised.
ACCOUNT = "account|"
#: Longest address that is looked at (RFC 5321 allows 254 characters for a mailbox).
_LONGEST = 1000


class BadAddress(RegisterError):
    """What is no address on its channel. The message never quotes it."""

    code = "BAD_ADDRESS"


class ContactKey(NamedTuple):
    """The version of the key, and 32 bytes."""

    version: str
    digest: bytes


class Postal(NamedTuple):
    """Where post goes: a person's or company's name at a place."""

    name: str
    street: str
    postal_code: str
    country: str


class Account(NamedTuple):
    """An account of the shop, as a mailbox that stays whatever e-mail staff give it."""

    user: int


#: An e-mail address, a number, `Postal`, or its four parts in one text: `name|street|code|country`.
#: Where somebody can be written to or called.
Place = str | Postal
Address = Place | Account


def keys(channel: Channel, address: Address) -> list[ContactKey]:
    """Return the keys of an address, newest first; at least one. Raises `BadAddress`, `NoKey`."""
    text = normalise(channel, address)
    return [ContactKey(version, digests[0]) for version, digests in many([(channel, text)]).items()]


def many(normalised: Sequence[tuple[Channel, str]]) -> dict[str, list[bytes]]:
    """Return the digests of addresses that `normalise` returned, by version, newest first.

    Raises `NoKey`.
    """
    messages = [f"{GROUPS[channel]}\0{text}".encode() for channel, text in normalised]
    return {
        version: [hmac.digest(secret, message, hashlib.sha256) for message in messages]
        for version, secret in secrets.derived(_USE).items()
    }


def digests(addresses: Iterable[tuple[Channel, Address]]) -> dict[str, list[bytes]]:
    """Return the digests of addresses as `many` does. Raises `BadAddress`, `NoKey`."""
    return many([(channel, normalise(channel, one)) for channel, one in addresses])


def checks() -> dict[str, bytes]:
    """Return what each key makes of a text that is no address's, by version. Raises `NoKey`."""
    return {
        version: hmac.digest(secret, b"check", hashlib.sha256)
        for version, secret in secrets.derived(_USE).items()
    }


def normalise(channel: Channel, address: Address) -> str:
    """Return the form in which an address is hashed, which must never change. Raises `BadAddress`.

    E-mail as `register.identity` has it; numbers in E.164, those without a country's code Finnish;
    post without anything but letters and digits, the parts of the name in the order of letters, the
    country's two letters. An account is an address of e-mail, and like none.
    """
    if isinstance(address, Account):
        return f"{ACCOUNT}{address.user}"
    if sum(map(len, address)) > _LONGEST:
        raise BadAddress("This is too long for an address.", field="address")
    group = GROUPS[channel]
    if group == "post":
        return _postal(address)
    if not isinstance(address, str):
        raise BadAddress("This channel has addresses of one text.", field="address")
    return _number(address) if group == "number" else _email(address)


def _email(text: str) -> str:
    found = normalise_email(text)
    local, _, domain = found.rpartition("@")
    # One mailbox, and nothing that could be a second header or address.
    if not local or not domain or any(map(_is_foreign, found)):
        raise BadAddress("This is no e-mail address.", field="address")
    return found


def _is_foreign(one: str) -> bool:
    """Tell whether a character is in no mailbox: also what is not seen, or begins `mailto:`."""
    return one.isspace() or one in ',;:<>"\\' or unicodedata.category(one) in {"Cc", "Cf"}


def _number(text: str) -> str:
    try:
        number = phonenumbers.parse(text, SELLER)
    except phonenumbers.NumberParseException:
        raise BadAddress("This is no telephone number.", field="address") from None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _postal(address: str | Postal) -> str:
    parts = address.split("|") if isinstance(address, str) else list(address)
    if len(parts) == len(Postal._fields):
        # Lists have the last name first, and the shop has not.
        parts[0] = "".join(sorted(map(_folded, parts[0].replace(",", " ").split())))
    folded = [_folded(part) for part in parts]
    if (
        len(folded) != len(Postal._fields) or not all(folded)
        or folded[-1].upper() not in phonenumbers.SUPPORTED_REGIONS
    ):  # fmt: skip
        message = "Give name, street, postal code and country (FI), separated by vertical bars."
        raise BadAddress(message, field="address")
    return "|".join(folded)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in plain if one.isalnum())
