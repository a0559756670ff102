"""Whose data a request may reach: what a mailbox proves, and what it does not.

A mailbox proves its address alone. The register's customers of that address are its account as
it is now and its guest; who had the address before is another person. What is theirs is told by a
name with a postcode that stands on it, or, for an order, by its number with its postcode. So
nobody gets what a relative ordered from a shared mailbox, and a neighbour who has read the label
of a parcel has nothing without the mailbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..models import Customer, KnownIdentifier, PostalAddress, Purchase, Request
from ..policy.requests import Proof
from ..register.folding import fold
from ..register.identity import normalise_email
from ..register.rows import fetch, table
from . import content
from .content import Content


@dataclass(frozen=True, slots=True)
class Reach:
    """What a customer's request may reach; `purchases` None: all that is held of the customer."""

    customer: int
    proof: Proof
    purchases: tuple[int, ...] | None = None


def of_mailbox(written: Content) -> list[Reach]:
    """Return the customers of a proved mailbox, and what of theirs the one who asks may have."""
    return [reach(customer, written) for customer in customers_of(written.email)]


def renew(row: Request) -> None:
    """Ask again what a matched proof reaches, just before it is acted on; the caller saves the row.

    Since it was given a guest may have gone up in somebody else, the mailbox may be another's, or
    a relative may have ordered from it. Raises `NoKey`.
    """
    if row.proof != Proof.MATCHED:
        return
    found = {one.customer: one for one in of_mailbox(content.read(row))}
    now = found.get(row.customer or 0)
    if now is None or now.proof is not Proof.MATCHED:
        row.proof, row.purchases = Proof.MAILBOX, []
    else:
        row.purchases = None if now.purchases is None else list(now.purchases)


def customers_of(email: str) -> list[int]:
    """Return the account that has this address now, and its guest: by key, two at most."""
    mailbox = normalise_email(email)
    if not mailbox:
        return []
    wrong = KnownIdentifier.objects.filter(
        kind=KnownIdentifier.Kind.EMAIL, value=mailbox, wrong_at__isnull=False
    )
    guests = Customer.objects.filter(guest_email=mailbox).exclude(pk__in=wrong.values("customer"))
    found = set(guests.values_list("pk", flat=True))
    accounts = KnownIdentifier.objects.filter(
        kind=KnownIdentifier.Kind.EMAIL, value=mailbox, last_at=None, wrong_at=None,
        customer__saleor_user__isnull=False, customer__account_gone_at=None,
    )  # fmt: skip
    return sorted(found | set(accounts.values_list("customer", flat=True)))


_PARTIES = f"""
    SELECT p.id, p.number, p.party_first_name, p.party_last_name, p.party_company_name,
        p.party_postal_code, s.first_name, s.last_name, s.company_name, s.postal_code,
        b.postal_code
    FROM {table(Purchase)} p
    LEFT JOIN {table(PostalAddress)} s ON s.id = p.shipping_address_id
    LEFT JOIN {table(PostalAddress)} b ON b.id = p.billing_address_id
    WHERE p.customer_id = %s ORDER BY p.id"""


def reach(customer: int, written: Content) -> Reach:
    """Return what of one customer of a proved mailbox the one who asks may have."""
    name, code = _name(written.name), _code(written.postal_code)
    orders = {(_number(number), _code(at)) for number, at in written.orders} - {("", "")}
    theirs, others = [], 0
    for pk, number, *parties in fetch(_PARTIES, [customer]):
        billed, shipped, also = parties[:4], parties[4:8], parties[8]
        matches = bool(name and code) and any(
            name in _names(*one[:3]) and code == _code(one[3]) for one in (billed, shipped)
        )
        codes = {_code(one) for one in (billed[3], shipped[3], also)} - {""}
        if matches or any((_number(number), at) in orders for at in codes):
            theirs.append(pk)
        else:
            others += 1
    if not theirs:
        return Reach(customer, Proof.MAILBOX, ())
    return Reach(customer, Proof.MATCHED, tuple(theirs) if others else None)


def _names(first: str | None, last: str | None, company: str | None) -> set[str]:
    return {_name(f"{first or ''} {last or ''}"), _name(company or "")} - {""}


def _name(text: str) -> str:
    return " ".join(sorted(_words(fold(text))))


def _words(text: str) -> Iterable[str]:
    return text.replace("-", " ").replace(",", " ").split()


def _code(text: str | None) -> str:
    return "".join(filter(str.isalnum, (text or "").upper())).removeprefix("FI")


def _number(text: str) -> str:
    return text.strip().removeprefix("#").strip()
