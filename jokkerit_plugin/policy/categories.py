"""The categories of personal data that the register description names; there are no others."""

from enum import StrEnum


class Category(StrEnum):
    """Register description, "data in the register": six kinds."""

    NAME = "name"
    POSTAL = "postal_address"
    EMAIL = "email"
    PHONE = "phone"
    LOG = "site_log"
    PURCHASE = "purchase"


#: Declares that a field holds nothing about a customer beyond a key or a figure of ours.
FREE: frozenset[Category] = frozenset()

#: What each category is called where people read it: Finnish, Swedish, English.
TITLES: dict[Category, tuple[str, str, str]] = {
    Category.NAME: ("nimi", "namn", "name"),
    Category.POSTAL: ("postiosoite", "postadress", "postal address"),
    Category.EMAIL: ("sähköpostiosoite", "e-postadress", "e-mail address"),
    Category.PHONE: ("puhelinnumero", "telefonnummer", "phone number"),
    Category.LOG: ("sivustojen lokitiedot", "webbplatsernas logguppgifter", "site log data"),
    Category.PURCHASE: ("ostotiedot", "inköpsuppgifter", "purchase data"),
}
