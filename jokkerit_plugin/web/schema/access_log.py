"""The log of who looked, for the controller: keys, no one's data."""

from functools import partial
from typing import Any

import graphene

from ... import models
from ...access import office
from ...policy.permissions import Permission
from ..pagination import Order, number
from . import subjects
from .base import given_id
from .enums import CategoryEnum, PurposeEnum, RoleEnum, enumeration
from .filters import asked
from .lists import PAGING, connection, listing
from .ranges import DateRangeInput, DateTimeRangeInput, days, moments

ORDERS = {"NEWEST": Order("NEWEST", ("seq",), (number,), descending=True)}

AccessOutcome = enumeration(
    models.AccessEntry.Outcome, "AccessOutcome", "Whether a use was let through.",
    GRANTED="It was; the data left.", REFUSED="It was not; `reason` says why.",
)  # fmt: skip


class AccessEntry(graphene.ObjectType):
    """One use of customers' data, or one refusal."""

    seq = graphene.ID(required=True, description="Counts from 1 without a gap.")
    at = graphene.DateTime(required=True, description="When it was written: before the data left.")
    actor = graphene.String(
        required=True, description="Who looked: `user:<id>`, `app:<id>` or `command:<name>`."
    )
    role = RoleEnum(description="The weakest role that allowed it; null: refused, none did.")
    purpose = PurposeEnum(description="For what; null: refused before one was known.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Which kinds of data."
    )
    act = graphene.String(required=True, description="The field, page or command.")
    count = graphene.Int(required=True, description="Customers.")
    subjects = subjects.field()
    outcome = AccessOutcome(required=True, description="Whether it was let through.")
    reason = graphene.String(required=True, description="The code of a refusal.")

    @staticmethod
    def resolve_role(row: models.AccessEntry, _info: Any) -> str | None:
        return row.role or None

    @staticmethod
    def resolve_purpose(row: models.AccessEntry, _info: Any) -> str | None:
        return row.purpose or None

    @staticmethod
    def resolve_categories(row: models.AccessEntry, _info: Any) -> list[str]:
        return row.categories.split()


class AccessLogFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    actor = graphene.String(description="user:<id> or app:<id>.")
    customer = given_id("RegisterCustomer", "Whose data was seen; under a former id too.")
    role = RoleEnum(description="As whom it was allowed.")
    purpose = PurposeEnum(description="For what.")
    act = graphene.String(description="The field, page or command, as in the entry.")
    outcome = AccessOutcome(description="Let through or refused.")
    at = DateTimeRangeInput(description="Between these moments.")
    on = DateRangeInput(description="On these days of Helsinki.")


class Query(graphene.ObjectType):
    """Reading the log."""

    access_log = graphene.Field(
        connection("RegisterAccessEntry", AccessEntry),
        filter=AccessLogFilterInput(description="Left out: all."), **PAGING,
        description="What went through the register. Not in it: looks by the shop's own API,"
        " Dashboard, apps and webhooks, its mail and files, the database and its copies, and the"
        " pages of payment, mail and shipping companies.",
    )  # fmt: skip

    @staticmethod
    def resolve_access_log(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(
            arguments, at=partial(moments, "at", "at"), on=partial(days, "at", "on"),
            actor="actor", role="role", purpose="purpose", act="act", outcome="outcome",
            customer=subjects.about,
        )  # fmt: skip
        found = models.AccessEntry.objects.filter(condition)
        return listing(found.defer("subjects"), ORDERS, arguments, subjects.listed)
