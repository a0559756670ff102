"""Restricting the processing of one customer's data: stored, but not used (GDPR article 18)."""

from collections.abc import Collection
from enum import StrEnum

from .categories import Category
from .purposes import Purpose
from .roles import Role


class RestrictionGround(StrEnum):
    """Article 18(1)(a) to (d)."""

    ACCURACY = "accuracy_contested"
    UNLAWFUL = "unlawful_not_erased"
    CLAIMS = "needed_for_claims"
    OBJECTION = "objection_pending"


#: What tells who somebody is. Figures of purchases stay in every sum.
IDENTITY = frozenset(Category) - {Category.PURCHASE}

#: What of it stands on vouchers, and who keeps the books: the accounting firm, and the
#: controller, whom the Accounting Act (1336/1997) obliges. Staff who sell do not.
ON_VOUCHERS = frozenset({Category.NAME, Category.POSTAL})
BOOKKEEPERS = frozenset({Role.ACCOUNTING, Role.CONTROLLER})


def withheld(
    purpose: Purpose,
    categories: Collection[Category],
    *,
    roles: Collection[Role],
    claimed: bool = False,
) -> bool:
    """Tell whether a restricted customer is left out of a use of these categories.

    Article 18(2): a legal claim goes on, where there is one (`claimed`), and so does what the
    Accounting Act demands of those who keep the books. What they ask themselves is answered with
    their consent. `roles`: those that admit the use.
    """
    identity = IDENTITY.intersection(categories)
    if purpose is Purpose.RIGHTS or (purpose is Purpose.COLLECTION and claimed):
        return False
    if purpose is Purpose.BOOKKEEPING and not BOOKKEEPERS.isdisjoint(roles):
        return bool(identity - ON_VOUCHERS)
    return bool(identity)
