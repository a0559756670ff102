"""What tells whether an account or checkout says something else of marketing than it did."""

import hashlib

from ..shop.snapshots import CheckoutSnapshot, CustomerSnapshot


def said(found: CustomerSnapshot | CheckoutSnapshot) -> str:
    """Return the digest of what it says and of the addresses that it says it of; '': nothing."""
    if not found.marketing:
        return ""
    of: tuple[object, ...]
    if isinstance(found, CustomerSnapshot):
        of = found.email, found.former_emails, [one.party for one in found.addresses]
    else:
        of = found.email, (), [found.billing, found.shipping]
    told = repr((sorted(found.marketing.items()), *of))
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
