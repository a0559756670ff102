"""Which category claims each field of the register's own tables.

A field that `claims` does not name fails the checks: nobody adds personal data without saying what
kind it is. Several categories: it holds several, and who may not see them all does not see it.
`FREE` says that the field holds a key, a date, a state or a figure of ours alone.
"""

from .categories import Category
from .claims import office, people, purchases, site_log
from .claims.terms import Claims

#: Model to field (Django's field name) to categories.
CLAIMS: Claims = people.CLAIMS | purchases.CLAIMS | site_log.CLAIMS | office.CLAIMS

#: The category of a `KnownIdentifier`, by its kind.
IDENTIFIERS: dict[str, Category] = {
    "email": Category.EMAIL,
    "phone": Category.PHONE,
    "name": Category.NAME,
}


def unclaimed(model: str, fields: list[str]) -> list[str]:
    """Return the fields of a model that no category claims and nobody declared free."""
    claims = CLAIMS.get(model, {})
    return [name for name in fields if name not in claims]


def stale(model: str, fields: list[str]) -> list[str]:
    """Return the claims of a model for fields that it does not have."""
    return [name for name in CLAIMS.get(model, {}) if name not in fields]
