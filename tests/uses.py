"""The uses of the data that the description names, and what shows them at work."""

import pytest

#: Purpose to the promises that it serves.
USES = {
    "DELIVERY": ("P-USE-DELIVERY", "P-USE-SALE"),
    "SERVICE": ("P-USE-SALE", "P-PURPOSE-RELATION"),
    "COMMUNICATION": ("P-USE-CONTACT", "P-PURPOSE-RELATION"),
    "INVOICING": ("P-USE-INVOICING",),
    "COLLECTION": ("P-USE-COLLECTION",),
    "MARKETING": ("P-USE-MARKETING",),
}
QUERY = """{ purchases(first: 1, purpose: %s) { edges { node {
    number lines { name } party { lastName city } email
    customer { lastName email phone addresses { streetAddress1 } } } } } }"""
#: What the answer holds of the customer Aino.
NAMES = ("Mäkelä", "JUVA", "aino@example.com", "401234567", "Kaskitie")


def uses(*, breaks: bool):
    """Return the purposes, each marked with its promises, for `parametrize`."""
    return [
        pytest.param(purpose, marks=pytest.mark.promise(*promises, breaks=breaks))
        for purpose, promises in USES.items()
    ]
