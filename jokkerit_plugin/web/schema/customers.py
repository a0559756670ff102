"""Customers with their addresses and identifiers."""

from functools import partial
from typing import Any

import graphene

from ... import models
from ...policy.categories import Category
from ...policy.fields import IDENTIFIERS
from ...register import search
from ..errors import BadInput, NotFound
from ..pagination import Order, moment, number, text
from . import marketing, purchases
from .base import (
    CARD,
    Shown,
    claimed,
    from_global_id,
    given_id,
    id_of,
    look_for,
    to_global_id,
    uuid_of,
)
from .enums import PURPOSE, enumeration
from .filters import asked
from .lists import PAGING, connection, listing, order_of, sorting
from .ranges import DateTimeRangeInput, moments

#: Characters of a search.
LONGEST_SEARCH = 254

ORDERS = {
    "NAME": Order("NAME", ("sort_name", "pk"), (text, number)),
    "ENTERED_AT": Order("ENTERED_AT", ("entered_at", "pk"), (moment, number)),
}


IdentifierKind = enumeration(
    models.KnownIdentifier.Kind, "IdentifierKind", "What a customer is known by.", EMAIL="E-mail.",
    PHONE="Phone.", NAME="First and last name, of before.",
)  # fmt: skip


class KnownIdentifier(graphene.ObjectType):
    """An e-mail or phone, now or formerly the customer's, or a name that the account had before."""

    kind = IdentifierKind(required=True, description="Which of these `value` is.")
    value = graphene.String(description="Category: email, phone or name, as `kind` says.")
    first_at = claimed(models.KnownIdentifier, "first_at", "First use, as the shop knows it.")
    last_at = claimed(models.KnownIdentifier, "last_at", "Last use; null: the account's now.")

    @staticmethod
    def resolve_kind(shown: Shown, _info: Any) -> str:
        return str(shown.row.kind)

    @staticmethod
    def resolve_value(shown: Shown, _info: Any) -> str:
        shown.see(IDENTIFIERS[shown.row.kind])
        return str(shown.row.value).replace("\n", " ")


class Address(graphene.ObjectType):
    """A postal address of a customer."""

    id = id_of("RegisterAddress")
    first_name = claimed(models.PostalAddress, "first_name", "First name.")
    last_name = claimed(models.PostalAddress, "last_name", "Last name.")
    company_name = claimed(models.PostalAddress, "company_name", "Company.")
    street_address_1 = claimed(models.PostalAddress, "street_1", "Street and number.")
    street_address_2 = claimed(models.PostalAddress, "street_2", "Second line.")
    postal_code = claimed(models.PostalAddress, "postal_code", "Postal code.")
    city = claimed(models.PostalAddress, "city", "City.")
    city_area = claimed(models.PostalAddress, "city_area", "Part of the city; seldom filled.")
    country_area = claimed(models.PostalAddress, "country_area", "Region or state.")
    country = claimed(models.PostalAddress, "country", "ISO 3166-1 alpha-2.")
    phone = claimed(models.PostalAddress, "phone", "As the shop wrote it.")
    is_in_address_book = claimed(
        models.PostalAddress, "in_book", "It stands in the account's address book now."
    )
    is_default_billing_address = claimed(
        models.PostalAddress, "default_billing", "The account's usual one for bills."
    )
    is_default_shipping_address = claimed(
        models.PostalAddress, "default_shipping", "The account's usual one for parcels."
    )
    first_used_at = claimed(
        models.PostalAddress, "first_used_at",
        "When the first order that used it was placed; null: in the book alone.",
    )  # fmt: skip
    last_used_at = claimed(
        models.PostalAddress, "last_used_at",
        "When the last such order was placed; null: in the book alone.",
    )  # fmt: skip


class Customer(graphene.ObjectType):
    """A person or organisation that bought."""

    id = id_of("RegisterCustomer")
    saleor_user = graphene.ID(description="The shop's account; null: a guest.")
    first_name = claimed(models.Customer, "first_name", "First name.")
    last_name = claimed(models.Customer, "last_name", "Last name.")
    company_name = claimed(models.Customer, "company_name", "Company.")
    vat_id = claimed(models.Customer, "vat_id", "VAT id of a business; empty: none is known.")
    email = claimed(models.Customer, "email", "In use now.")
    phone = claimed(models.Customer, "phone", "In use now.")
    language = claimed(
        models.Customer, "language", "In which the shop writes to them, as its language code."
    )
    is_staff = claimed(models.Customer, "is_staff", "The account is the shop's staff's, too.")
    entered_at = claimed(models.Customer, "entered_at", "When they came into the register.")
    account_gone_at = claimed(
        models.Customer, "account_gone_at",
        "When the account was found deleted in the shop; null: it was not.",
    )  # fmt: skip
    addresses = graphene.List(
        graphene.NonNull(Address),
        description="Every postal address that was used or stands in the book.",
    )  # fmt: skip
    identifiers = graphene.List(
        graphene.NonNull(KnownIdentifier),
        description="E-mails and phones in use and former, and names of before.",
    )  # fmt: skip
    purchases = purchases.field(description="Theirs. Category: purchase.")
    marketing_events = marketing.events_field()
    marketing = marketing.permissions_field()

    @staticmethod
    def resolve_saleor_user(shown: Shown, _info: Any) -> str | None:
        user = shown.row.saleor_user
        return to_global_id("User", user) if user else None

    @staticmethod
    def resolve_addresses(shown: Shown, _info: Any) -> list[Shown]:
        shown.see(Category.POSTAL)
        return shown.children("addresses")

    @staticmethod
    def resolve_identifiers(shown: Shown, _info: Any) -> list[Shown]:
        return shown.children("identifiers")

    @staticmethod
    def resolve_purchases(shown: Shown, _info: Any, **arguments: Any) -> Any:
        shown.see(Category.PURCHASE)
        return purchases.listed(shown.row.purchases.all(), shown.look, arguments)


class CustomerFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    search = graphene.String(
        description="Name, e-mail or phone (beginnings of words), or a whole order number."
    )
    entered_at = DateTimeRangeInput(description="Came into the register between these moments.")
    is_guest = graphene.Boolean(
        description="Only those without an account, or only those with one."
    )


class Query(graphene.ObjectType):
    """Reading customers."""

    customer = graphene.Field(
        Customer, id=given_id("RegisterCustomer", required=True), purpose=PURPOSE,
        description="One customer, or NOT_FOUND.",
    )  # fmt: skip
    customer_of = graphene.Field(
        Customer,
        saleor_user=graphene.ID(
            description="The shop's own id of the account, `User:<number>` in base64."
        ),
        saleor_order=graphene.ID(
            description="The shop's own id of the order, `Order:<UUID>` in base64."
        ),
        purpose=PURPOSE,
        description="Whose account or order of the shop's it is; null: nobody's in the register.",
    )  # fmt: skip
    customers = graphene.Field(
        connection("RegisterCustomer", Customer),
        filter=CustomerFilterInput(description="Left out: all."),
        sort_by=sorting("RegisterCustomer", ORDERS), purpose=PURPOSE, **PAGING,
        description="The customers; those restricted have no place in the order of names.",
    )  # fmt: skip

    @staticmethod
    def resolve_customer(_root: Any, info: Any, id: str, purpose: str | None = None) -> Any:
        look = look_for(info, purpose, *CARD)
        key = from_global_id("RegisterCustomer", id)
        row = models.Customer.objects.filter(pk=key).first()
        if row is None:
            raise NotFound("There is no such customer.", field="id")
        card = Shown(row, look, [row], row.pk)
        card.see(*CARD)
        return card

    @staticmethod
    def resolve_customer_of(
        _root: Any, info: Any, saleor_user: str | None = None, saleor_order: str | None = None,
        purpose: str | None = None,
    ) -> Any:  # fmt: skip
        if (saleor_user is None) == (saleor_order is None):
            raise BadInput("Name an account or an order, and not both.", field="saleorUser")
        asks = CARD if saleor_order is None else (*CARD, Category.PURCHASE)
        look = look_for(info, purpose, *asks)
        if saleor_order is None:
            key = from_global_id("User", saleor_user or "", name="saleorUser")
            rows = models.Customer.objects.filter(saleor_user=key)
        else:
            order = uuid_of("Order", saleor_order, name="saleorOrder")
            rows = models.Customer.objects.filter(purchases__saleor_order=order)
        row = rows.first()
        if row is None:
            return None
        card = Shown(row, look, [row], row.pk)
        card.see(*asks)
        return card

    @staticmethod
    def resolve_customers(
        _root: Any, info: Any, purpose: str | None = None, **arguments: Any
    ) -> Any:
        query = (arguments.get("filter") or {}).get("search")
        if query is not None and len(query) > LONGEST_SEARCH:
            raise BadInput(f"Search for {LONGEST_SEARCH} characters at most.", field="search")
        kinds = search.kinds(query) if query is not None else frozenset()
        look = look_for(info, purpose, *CARD, *kinds)
        condition = asked(
            arguments, entered_at=partial(moments, "entered_at", "enteredAt"),
            search=lambda text: search.matching(text, frozenset(kinds)),
            is_guest="saleor_user__isnull",
        )  # fmt: skip
        rows = models.Customer.objects.filter(condition)
        counted = rows
        if query is not None or order_of(ORDERS, arguments).name == "NAME":
            # What finds somebody tells who they are, and so does a place among the names.
            rows = rows.exclude(pk__in=look.visit.closed())
        if query is not None:
            # How many it finds tells it, too.
            counted = rows

        def show(found: list[Any]) -> list[Shown | None]:
            named = look.name([row.pk for row in found])
            return [Shown(row, look, found, row.pk) if row.pk in named else None for row in found]

        searched = is_selective(query)
        return listing(rows, ORDERS, arguments, show, searched=searched, counted=counted)


def is_selective(query: str | None) -> bool:
    """Tell whether few are found. Two letters find so many that walking the order is quicker."""
    return query is not None and len(query.strip()) > 2
