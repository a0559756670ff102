"""Whom a copy is for, and what they are known by."""

from dataclasses import dataclass

from ...models import KnownIdentifier, Purchase, Request
from ...register import identifiers, subjects
from ...register.identity import normalise_email
from ...shop.port import shop
from ...shop.snapshots import CustomerSnapshot
from .. import scope


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a copy is for. `purchases` None: everything; else these alone, and who is in them.

    `account`: of the shop, whose owner is no customer (0): what the shop holds, and baskets.
    """

    customer: int
    purchases: tuple[int, ...] | None = None
    account: int | None = None

    @classmethod
    def of(cls, row: Request) -> "Whose":
        """Return whom a request reaches."""
        if row.customer is None:
            if row.account is None:
                raise ValueError("a request of nobody known")
            return cls(0, account=row.account)
        return cls(row.customer, None if row.purchases is None else tuple(row.purchases))


def mailboxes_of(whose: Whose) -> list[str]:
    """Return the person's e-mails in small letters: those that nobody else has, or had later."""
    if whose.purchases is not None:
        return []
    if owner := _owner(whose):
        mailbox = normalise_email(owner.email)
        known = KnownIdentifier.objects.filter(kind=KnownIdentifier.Kind.EMAIL, value=mailbox)
        return [] if known.exists() else sorted({mailbox, owner.email.lower()} - {""})
    alone = identifiers.emails_of([whose.customer])
    every = subjects.emails([whose.customer]).get(whose.customer, [])
    # The account and the guest of one mailbox are two customers.
    now = [one for one in every if one in alone or whose.customer in scope.customers_of(one)]
    return sorted({one.lower() for one in now})


def names_of(whose: Whose) -> list[str]:
    """Return the person's first and last names together, in small letters."""
    if whose.purchases is not None:
        return []
    found = identifiers.names_of([whose.customer])
    if owner := _owner(whose):
        found = {f"{owner.first_name} {owner.last_name}"}
    return sorted({one.strip().lower() for one in found})


def _owner(whose: Whose) -> CustomerSnapshot | None:
    """Return the account of who is no customer, as the shop has it."""
    found = shop().customers([whose.account], shop().config()) if whose.account else []
    return found[0] if found else None


def purchases_of(whose: Whose) -> list[int]:
    """Return the keys of the purchases that it reaches, ascending."""
    rows = Purchase.objects.filter(customer=whose.customer)
    if whose.purchases is not None:
        rows = rows.filter(pk__in=whose.purchases)
    return list(rows.order_by("pk").values_list("pk", flat=True))
