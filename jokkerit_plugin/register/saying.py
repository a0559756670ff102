"""What tells whether an account or checkout says something else of marketing than it did."""

import hashlib

from ..shop.snapshots import CheckoutSnapshot, CustomerSnapshot

#: Hexadecimal digits of the digest of the words, and of that of the addresses.
_HALF = 16


def said(found: CustomerSnapshot | CheckoutSnapshot) -> str:
    """Return the digests of what it says and of the addresses that it says it of; '': nothing."""
    if not found.marketing:
        return ""
    of: tuple[object, ...]
    if isinstance(found, CustomerSnapshot):
        of = found.email, found.former_emails, [one.party for one in found.addresses]
    else:
        of = found.email, (), [found.billing, found.shipping]
    return _digest(sorted(found.marketing.items())) + _digest(of)


def same_words(said: str, heard: str) -> bool:
    """Tell whether it says what was heard of it already, of whatever addresses."""
    return said[:_HALF] == heard[:_HALF]


def _digest(told: object) -> str:
    return hashlib.md5(repr(told).encode(), usedforsecurity=False).hexdigest()[:_HALF]
