"""Who is who: the rules by which an order finds its customer. Pure functions.

A Saleor account is one customer. An order without an account belongs to the guest of its
normalised e-mail. Neither address nor phone ever identifies anybody.
"""

import re
import unicodedata
from dataclasses import dataclass

import idna


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """`user` is Saleor's user id, or 0 for a guest; `guest` the normalised e-mail, or ''."""

    user: int = 0
    guest: str = ""

    def __str__(self) -> str:
        return f"user:{self.user}" if self.user else f"guest:{self.guest}"


def normalise_email(text: str) -> str:
    """Return the form under which one mailbox is one guest: '' for an empty text.

    Spaces around are dropped, letter case is folded and the domain is written in ASCII (IDNA
    2008 with UTS 46 mapping). Dots and plus signs stay: other mailboxes at most providers.
    An address that IDNA refuses is kept, folded, as it is.
    """
    folded = unicodedata.normalize("NFC", text.strip()).lower()
    local, at, domain = folded.rpartition("@")
    if not at:
        return folded
    domain = domain.rstrip(".")
    if domain.isascii():
        return f"{local}@{domain}"
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return folded


def normalise_phone(text: str) -> str:
    """Return digits with a leading plus where there was one. Saleor stores valid ones as E.164."""
    return re.sub(r"[^\d+]", "", text)


def owner_of(*, user: int | None, email: str, deleted_account: int | None) -> Identity | None:
    """Return whom an order belongs to, or None for one without account and e-mail.

    `deleted_account` is the account that the register has for the order and the shop no longer
    has: deleting it emptied the order's user, and the person stays the same. (Saleor empties
    it also when staff give the order an e-mail that no account has: another person.)
    """
    if account := user or deleted_account:
        return Identity(user=account)
    guest = normalise_email(email)
    return Identity(guest=guest) if guest else None
