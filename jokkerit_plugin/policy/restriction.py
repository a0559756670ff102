"""Restricting the processing of one customer's data: stored, but not used (GDPR article 18)."""

from collections.abc import Collection
from enum import StrEnum

from .categories import Category
from .purposes import Purpose


class RestrictionGround(StrEnum):
    """Article 18(1)(a) to (d)."""

    ACCURACY = "accuracy_contested"
    UNLAWFUL = "unlawful_not_erased"
    CLAIMS = "needed_for_claims"
    OBJECTION = "objection_pending"


#: What tells who somebody is. Figures of purchases stay in every sum.
IDENTITY = frozenset(Category) - {Category.PURCHASE}

#: Article 18(2): legal claims go on, and so does what the Accounting Act demands.
DESPITE = frozenset({Purpose.BOOKKEEPING, Purpose.COLLECTION})


def withheld(purpose: Purpose, categories: Collection[Category]) -> bool:
    """Tell whether a restricted customer is left out of a use of these categories."""
    return purpose not in DESPITE and not IDENTITY.isdisjoint(categories)
