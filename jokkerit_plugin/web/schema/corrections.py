"""What was corrected of customers, and correcting it; lists hold keys, dates and codes."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...policy.corrections import TEXTS, Carried, Field
from ...policy.permissions import CHANGERS
from ...register.addresses import FIELDS
from ...rights import rectification
from ...rights.rectification import Wanted
from ..errors import field_name
from ..pagination import Order, number
from .base import few, from_global_id, given_id, id_of
from .enums import enumeration
from .filters import asked, of
from .lists import PAGING, Listing, connection, listing
from .mutations import changed, mutation

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

FieldEnum = enumeration(
    Field, "CorrectedField", FIRST_NAME="First name.", LAST_NAME="Last name.",
    COMPANY_NAME="Company.", EMAIL="E-mail.", PHONE="Phone.",
    ADDRESS="A postal address with the name on it, as a whole.",
)  # fmt: skip
CarriedEnum = enumeration(
    Carried, "CorrectionCarried",
    WAITING="The shop has not agreed yet, and is asked again; what it says meanwhile is not taken"
    " in.",
    DONE="The shop agrees.",
    HELD="The shop has no place for it: it holds here until a newer order says something else.",
    LEFT="The shop said something newer by then: that stands.",
)  # fmt: skip


class Correction(graphene.ObjectType):
    """One correction; what was wrong and what is right is behind `correctionContent`."""

    id = id_of("RegisterCorrection")
    customer = id_of("RegisterCustomer", "customer_id", "Whose.")
    field = FieldEnum(required=True, description="What was wrong.")
    at = graphene.DateTime(required=True, description="When it was corrected in the register.")
    by = graphene.String(required=True, description="Who corrected it, `user:<id>`.")
    request = id_of(
        "RegisterRequest", "request", "The customer's own; null: noticed otherwise.", required=False
    )
    carried = CarriedEnum(required=True, description="Where it stands in the shop.")
    carried_at = graphene.DateTime(
        description="When the shop agreed, or had no place for it; null: waiting."
    )
    error = graphene.String(
        required=True,
        description="Why the shop has not taken it, without the value; empty: nothing.",
    )  # fmt: skip


class CorrectedText(graphene.ObjectType):
    """One column of what was corrected."""

    name = graphene.String(
        required=True, description="As in `CustomerDetailsInput`: `lastName`, `streetAddress1` ..."
    )
    was = graphene.String(description="Null: it is forgotten by now, or was not kept apart.")
    right = graphene.String(required=True, description="What is right.")


class CorrectionFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = given_id("RegisterCustomer")
    request = given_id("RegisterRequest", "Of which request.")
    field = FieldEnum(description="What was wrong.")
    carried = CarriedEnum(description="Where it stands in the shop.")


class Query(graphene.ObjectType):
    """Reading corrections."""

    corrections = graphene.Field(
        connection("RegisterCorrection", Correction),
        filter=CorrectionFilterInput(description="Left out: all."), **PAGING,
        description="What was corrected, the newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_corrections(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        condition = asked(
            arguments, field="field", carried="carried", customer=of("customer"),
            request=of("request"),
        )  # fmt: skip
        return listing(models.Correction.objects.filter(condition), ORDERS, arguments, list)


class AddressDetailsInput(graphene.InputObjectType):
    """An address of the customer's, and what is right of it; what is left out stays."""

    id = given_id("RegisterAddress", "Which of the customer's addresses.", required=True)
    first_name = graphene.String(description="First name.")
    last_name = graphene.String(description="Last name.")
    company_name = graphene.String(description="Company.")
    street_1 = graphene.String(name="streetAddress1", description="Street and number.")
    street_2 = graphene.String(name="streetAddress2", description="Second line.")
    postal_code = graphene.String(description="Postal code, of the form of its country.")
    city = graphene.String(description="City.")
    city_area = graphene.String(description="Part of the city.")
    country_area = graphene.String(description="Region or state.")
    country = graphene.String(description="ISO 3166-1 alpha-2.")
    phone = graphene.String(description="With the country code, or as its country writes it.")


class CustomerDetailsInput(graphene.InputObjectType):
    """What is right; what is left out stays."""

    first_name = graphene.String(description="First name.")
    last_name = graphene.String(description="Last name.")
    company_name = graphene.String(description="Company.")
    email = graphene.String(description="E-mail.")
    phone = graphene.String(description="With the country code, or as in Finland.")
    addresses = graphene.List(
        graphene.NonNull(AddressDetailsInput), description="Each named by its id; 100 at most."
    )


def _wanted(right: Mapping[str, Any], was: Mapping[str, Any]) -> Wanted:
    return Wanted(_texts(right), _addresses(right), _texts(was), _addresses(was))


def _texts(given: Mapping[str, Any]) -> dict[Field, str]:
    return {one: given[one.value] for one in sorted(TEXTS) if given.get(one.value) is not None}


def _addresses(given: Mapping[str, Any]) -> dict[int, dict[str, str]]:
    return {
        from_global_id("RegisterAddress", one["id"], name="addresses"): {
            name: one[name] for name in FIELDS if one.get(name) is not None
        }
        for one in few(given.get("addresses") or (), "addresses")
    }


def _rectify(
    *,
    actor: Actor,
    customer: str,
    right: Mapping[str, Any],
    reason: str,
    was: Mapping[str, Any] | None = None,
    request: str | None = None,
) -> Mapping[str, Any]:
    made = rectification.rectify(
        from_global_id("RegisterCustomer", customer, name="customer"), _wanted(right, was or {}),
        reason=reason, actor=actor,
        request=from_global_id("RegisterRequest", request, name="request") if request else None,
    )  # fmt: skip
    rows = models.Correction.objects.filter(pk__in=made.corrections)
    return {
        "corrections": list(rows.order_by("pk")), "vouchers": made.vouchers,
        "recipients": made.tellings,
    }  # fmt: skip


def _content(*, actor: Actor, id: str) -> Mapping[str, Any]:
    row, was, why = rectification.read(from_global_id("RegisterCorrection", id), actor=actor)
    names = [row.field] if row.field != Field.ADDRESS else list(FIELDS)
    texts = [
        CorrectedText(name=field_name(one), was=was.get(one), right=getattr(row, one))
        for one in names
    ]
    return {"correction": row, "texts": texts, "reason": why}


class Mutation(graphene.ObjectType):
    """Correcting."""

    customer_rectify = mutation(
        "CustomerRectify", _rectify,
        takes={
            "customer": given_id("RegisterCustomer", required=True),
            "right": CustomerDetailsInput(required=True, description="What is right."),
            "was": CustomerDetailsInput(description="What you saw: else nothing is corrected."),
            "reason": graphene.String(required=True, description="For the record."),
            "request": given_id("RegisterRequest", "The request that is done with it."),
        },
        gives={
            "corrections": graphene.List(
                graphene.NonNull(Correction), description="What was corrected, field by field."
            ),
            "vouchers": graphene.List(
                graphene.NonNull(graphene.String),
                description="Codes of vouchers that stay as issued, with a note of what is right.",
            ),
            "recipients": graphene.Int(description="How many who had the data are told."),
        },
        needs=CHANGERS,
        description="Correct name, e-mail, phone or addresses, in the register at once and in the"
        " shop until it agrees. Through the guard, and logged.",
    )  # fmt: skip
    correction_content = mutation(
        "CorrectionContentRead", _content,
        takes={"id": given_id("RegisterCorrection", required=True)},
        gives={
            "correction": changed(Correction),
            "texts": graphene.List(
                graphene.NonNull(CorrectedText),
                description="What was wrong and what is right, column by column.",
            ),
            "reason": graphene.String(
                description="Why, as whoever corrected it wrote; empty: forgotten by now."
            ),
        },
        needs=CHANGERS,
        description="Read what was wrong and why it was corrected. Through the guard, and logged.",
    )  # fmt: skip
