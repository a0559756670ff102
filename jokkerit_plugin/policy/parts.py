"""What is erased together: the parts of a customer's data."""

from enum import StrEnum


class Part(StrEnum):
    """The first is of a customer, the others of one purchase each."""

    CONTACT = "contact"
    DETAIL = "detail"
    IDENTITY = "identity"
    FIGURES = "figures"
