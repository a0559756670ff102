"""The ledger of disclosures, and who holds one customer's data because of them: keys only."""

from functools import partial
from typing import Any

import graphene

from ... import models
from ...access import office
from ...disclosure import history
from ...policy.permissions import Permission
from ...policy.recipients import TransferGround
from ..pagination import Order, number
from . import subjects
from .base import from_global_id, given_id, id_of
from .enums import CategoryEnum, PurposeEnum, enumeration
from .filters import asked, of
from .lists import PAGING, connection, listing
from .ranges import DateRangeInput, DateTimeRangeInput, days, moments
from .recipients import Recipient

ORDERS = {"NEWEST": Order("NEWEST", ("seq",), (number,), descending=True)}

TransferGroundEnum = enumeration(
    TransferGround,
    CUSTOMER_REQUEST="The customer asked for it, told of the risks: article 49(1)(a).",
    CUSTOMER_LOCATED_OUTSIDE="The customer is there, and the contract needs it: article 49(1)(b).",
)  # fmt: skip
DisclosureOutcome = enumeration(
    models.Disclosure.Outcome, "DisclosureOutcome", "Whether data was given.", DONE="It was.",
    REFUSED="It was not; `reason` says why.",
)  # fmt: skip


class Disclosure(graphene.ObjectType):
    """Data that was given to a third party, or a refusal to give it."""

    seq = graphene.ID(required=True, description="Counts from 1 without a gap.")
    at = graphene.DateTime(required=True, description="When it was given, or refused.")
    actor = graphene.String(
        required=True, description="Who gave it: `user:<id>`, `app:<id>` or `command:<name>`."
    )
    recipient = graphene.Field(Recipient, description="Null: refused, there is no such one.")
    purpose = PurposeEnum(required=True, description="For what.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Which kinds of data."
    )
    count = graphene.Int(required=True, description="Customers.")
    subjects = subjects.field()
    what = graphene.String(required=True, description="A format, or the key of a record.")
    sha256 = graphene.String(required=True, description="Of the bytes that were given.")
    ground = TransferGroundEnum(description="Why it left the European Union; null: it did not.")
    outcome = DisclosureOutcome(required=True, description="Given or refused.")
    reason = graphene.String(required=True, description="The code of a refusal.")

    @staticmethod
    def resolve_categories(row: models.Disclosure, _info: Any) -> list[str]:
        return row.categories.split()

    @staticmethod
    def resolve_ground(row: models.Disclosure, _info: Any) -> str | None:
        return row.ground or None


class DataHolder(graphene.ObjectType):
    """A recipient that was given a customer's data at any time (GDPR articles 15 and 19)."""

    recipient = id_of("RegisterRecipient", "recipient", "Who.")
    name = graphene.String(required=True, description="The company's.")
    country = graphene.String(required=True, description="ISO 3166-1 alpha-2: where the data went.")
    ended_at = graphene.DateTime(
        description="When the recipient ended; null: it is registered now."
    )
    first_at = graphene.DateTime(required=True, description="Of the first disclosure.")
    last_at = graphene.DateTime(required=True, description="Of the last disclosure.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True,
        description="All kinds of data that were given.",
    )  # fmt: skip

    @staticmethod
    def resolve_categories(holder: history.Holder, _info: Any) -> list[str]:
        return sorted(holder.categories)


class DisclosureFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    recipient = given_id("RegisterRecipient", "To whom.")
    purpose = PurposeEnum(description="For what.")
    customer = given_id("RegisterCustomer", "Whose data it was; under a former id too.")
    outcome = DisclosureOutcome(description="Given or refused.")
    at = DateTimeRangeInput(description="Between these moments.")
    on = DateRangeInput(description="On these days of Helsinki.")


class Query(graphene.ObjectType):
    """Reading the ledger."""

    disclosures = graphene.Field(
        connection("RegisterDisclosure", Disclosure),
        filter=DisclosureFilterInput(description="Left out: all."), **PAGING,
        description="The ledger of what went to third parties, the newest first.",
    )  # fmt: skip
    data_holders = graphene.List(
        graphene.NonNull(DataHolder),
        customer=given_id("RegisterCustomer", "Whose data.", required=True),
        description="Whom to tell of a correction, an erasure or a restriction of this customer.",
    )  # fmt: skip

    @staticmethod
    def resolve_disclosures(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(
            arguments, at=partial(moments, "at", "at"), on=partial(days, "at", "on"),
            purpose="purpose", outcome="outcome", recipient=of("recipient"),
            customer=subjects.about,
        )  # fmt: skip
        rows = models.Disclosure.objects.filter(condition).select_related("recipient")
        rows = rows.prefetch_related("recipient__members").defer("subjects")
        # Of one customer there are few, anywhere in the ledger: sorted, not walked for.
        searched = (arguments.get("filter") or {}).get("customer") is not None
        return listing(rows, ORDERS, arguments, subjects.listed, searched=searched)

    @staticmethod
    def resolve_data_holders(_root: Any, info: Any, customer: str) -> list[history.Holder]:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return history.recipients_of(from_global_id("RegisterCustomer", customer, name="customer"))
