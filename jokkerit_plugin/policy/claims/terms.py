"""How claims are written."""

from ..categories import Category

Claim = frozenset[Category]
#: Model to field (Django's field name) to categories.
Claims = dict[str, dict[str, Claim]]

NAME, POSTAL = frozenset({Category.NAME}), frozenset({Category.POSTAL})
EMAIL, PHONE = frozenset({Category.EMAIL}), frozenset({Category.PHONE})
PURCHASE = frozenset({Category.PURCHASE})
LOG = frozenset({Category.LOG})


def each(claim: Claim, names: str) -> dict[str, Claim]:
    """Claim several fields alike; their names are separated by spaces."""
    return dict.fromkeys(names.split(), claim)


#: A name and address as orders and address books have them.
PARTY = {
    **each(NAME, "first_name last_name company_name"),
    **each(POSTAL, "street_1 street_2 postal_code city city_area country_area country"),
}
