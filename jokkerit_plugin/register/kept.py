"""Whose carts and traces stay beyond their days: of whom a claim, a restriction or a request waits.

As it keeps a customer's contact (`retention/events.py`). Carts are found by account, and by e-mail
where they have none. A hold on one purchase needs no cart.
"""

from ..models import Customer, Hold, KnownIdentifier, Request, Restriction
from .requests import unanswered
from .rows import table as _t

_WHO = (
    f"SELECT customer_id FROM {_t(Hold)} WHERE released_at IS NULL AND customer_id IS NOT NULL"
    f" UNION SELECT customer_id FROM {_t(Restriction)} WHERE lifted_at IS NULL"
    f" UNION SELECT customer FROM {_t(Request)} r WHERE customer IS NOT NULL AND {unanswered('r')}"
)
_USERS = (
    f"SELECT saleor_user FROM {_t(Customer)} WHERE saleor_user IS NOT NULL AND id IN ({_WHO})"
    f" UNION SELECT account FROM {_t(Request)} r WHERE account IS NOT NULL AND {unanswered('r')}"
)
_EMAILS = (
    f"SELECT value FROM {_t(KnownIdentifier)} WHERE kind = 'email' AND customer_id IN ({_WHO})"
)


def kept(user: str, email: str) -> str:
    """Return the SQL condition that what has this account, or else this e-mail, is not to go."""
    return (
        f"coalesce(CASE WHEN {user} IS NULL THEN lower({email}) IN ({_EMAILS})"
        f" ELSE {user} IN ({_USERS}) END, false)"
    )
