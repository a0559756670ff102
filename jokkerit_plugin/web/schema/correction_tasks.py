"""Errors that were noticed, and recipients who are to be told: keys, dates and codes."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...policy.corrections import TOLD, Closed, Noticed, Sign, Told
from ...policy.languages import Language
from ...policy.permissions import CHANGERS, Permission
from ...rights import corrections_noticed, tellings
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import CategoryEnum, enumeration, sentence
from .filters import asked, happened, of
from .lists import PAGING, Listing, connection, listing
from .mutations import changed, mutation

ORDERS = {"OLDEST": Order("OLDEST", ("pk",), (number,))}

NoticedEnum = enumeration(
    Noticed, "CorrectionTaskField", EMAIL="E-mail.", PHONE="Phone.", ADDRESS="A postal address.",
    VAT_ID="VAT id; no correction of ours closes it, the shop's does.",
)  # fmt: skip
SignEnum = enumeration(
    Sign, "CorrectionTaskSign", BOUNCE="A mailbox gave a mail back.",
    LETTER="The mail server would not take a letter of ours.", RETURNED="A parcel came back.",
    STAFF="Somebody saw it.",
    CHECK="No such number, a postal code of another country, a VAT id with a wrong check digit.",
)  # fmt: skip
ClosedEnum = enumeration(
    Closed, "CorrectionTaskOutcome", CORRECTED="It was wrong, and has been corrected.",
    RIGHT="It was right.", GIVEN_UP="It cannot be found out.",
)  # fmt: skip
ToldEnum = enumeration(
    Told, "TellingSubject", **{one.name: sentence(TOLD[one][Language.EN]) for one in Told}
)


class CorrectionTask(graphene.ObjectType):
    """Something of a customer that seems wrong."""

    id = id_of("RegisterCorrectionTask")
    customer = id_of("RegisterCustomer", "customer_id", "Whose.")
    field = NoticedEnum(required=True, description="What seems wrong.")
    sign = SignEnum(required=True, description="What it was noticed by.")
    opened_at = graphene.DateTime(
        required=True, description="When it was noticed; after 14 days it is late."
    )
    opened_by = graphene.String(required=True, description="`shop`: by itself.")
    closed_at = graphene.DateTime(description="Null: open.")
    closed_by = graphene.String(
        required=True, description="Who closed it, `user:<id>`; empty: nobody."
    )
    outcome = ClosedEnum(description="What became of it; null: open.")

    @staticmethod
    def resolve_outcome(row: models.CorrectionTask, _info: Any) -> str | None:
        return row.outcome or None


class Telling(graphene.ObjectType):
    """A recipient who is told of a correction, erasure or restriction (article 19)."""

    id = id_of("RegisterTelling")
    recipient = id_of("RegisterRecipient", "recipient_id", "Who is told.")
    customer = id_of("RegisterCustomer", "customer", "Of whom; may be erased by now.")
    what = ToldEnum(required=True, description="Of what.")
    source = graphene.String(required=True, description="What it comes of, by its key.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Of which kinds of data."
    )
    made_at = graphene.DateTime(required=True, description="When it came to be owed.")
    ready_at = graphene.DateTime(description="Null: what it tells of is not done yet.")
    told_at = graphene.DateTime(description="Null: not yet.")
    told_by = graphene.String(required=True, description="`shop`: by mail.")
    error = graphene.String(
        required=True,
        description="Why the last mail did not go out, without the address; empty: nothing.",
    )  # fmt: skip

    @staticmethod
    def resolve_categories(row: models.Telling, _info: Any) -> list[str]:
        return row.categories.split()


class CorrectionTaskFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = given_id("RegisterCustomer")
    field = NoticedEnum(description="What seems wrong.")
    is_open = graphene.Boolean(description="Only open ones, or only closed.")


class TellingFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = given_id("RegisterCustomer", "Of whom.")
    recipient = given_id("RegisterRecipient", "Who is told.")
    is_told = graphene.Boolean(description="Only those told, or only the others.")


class Query(graphene.ObjectType):
    """Reading tasks."""

    correction_tasks = graphene.Field(
        connection("RegisterCorrectionTask", CorrectionTask),
        filter=CorrectionTaskFilterInput(description="Left out: all."), **PAGING,
        description="What staff should look at, the oldest first.",
    )  # fmt: skip
    tellings = graphene.Field(
        connection("RegisterTelling", Telling),
        filter=TellingFilterInput(description="Left out: all."), **PAGING,
        description="Who is to be told of what (article 19), the oldest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_correction_tasks(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        condition = asked(
            arguments, customer=of("customer"), field="field", is_open="closed_at__isnull"
        )
        return listing(models.CorrectionTask.objects.filter(condition), ORDERS, arguments, list)

    @staticmethod
    def resolve_tellings(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(
            arguments, customer=of("customer"), recipient=of("recipient"),
            is_told=happened("told_at"),
        )  # fmt: skip
        return listing(models.Telling.objects.filter(condition), ORDERS, arguments, list)


def _open(*, actor: Actor, customer: str, field: str, sign: str) -> Mapping[str, Any]:
    found = corrections_noticed.open_by_staff(
        from_global_id("RegisterCustomer", customer, name="customer"), field=Noticed(field),
        sign=Sign(sign), actor=actor,
    )  # fmt: skip
    return {"task": found}


def _close(*, actor: Actor, id: str, outcome: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterCorrectionTask", id)
    return {"task": corrections_noticed.close(key, outcome=Closed(outcome), actor=actor)}


def _told(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"telling": tellings.told(from_global_id("RegisterTelling", id), actor=actor)}


def _text(*, actor: Actor, id: str) -> Mapping[str, Any]:
    row, subject, text = tellings.read(from_global_id("RegisterTelling", id), actor=actor)
    return {"telling": row, "subject": subject, "text": text}


_TASK = {"id": given_id("RegisterCorrectionTask", required=True)}
_TELLING = {"id": given_id("RegisterTelling", required=True)}


class Mutation(graphene.ObjectType):
    """Dealing with what was noticed, and with those who are to be told."""

    correction_task_open = mutation(
        "CorrectionTaskOpen", _open,
        takes={
            "customer": given_id("RegisterCustomer", required=True),
            "field": NoticedEnum(required=True, description="What seems wrong."),
            "sign": SignEnum(required=True, description="RETURNED or STAFF."),
        },
        gives={"task": changed(CorrectionTask)}, needs=CHANGERS,
        description="Note that something seems wrong: a parcel came back, or you saw it.",
    )  # fmt: skip
    correction_task_close = mutation(
        "CorrectionTaskClose", _close,
        takes={**_TASK, "outcome": ClosedEnum(required=True, description="RIGHT or GIVEN_UP.")},
        gives={"task": changed(CorrectionTask)}, needs=CHANGERS,
        description="Say that it was right, or cannot be found out. A correction closes its tasks.",
    )  # fmt: skip
    telling_told = mutation(
        "TellingTold", _told, takes=_TELLING, gives={"telling": changed(Telling)},
        description="Record that a recipient was told by phone or post what a mail could not.",
    )  # fmt: skip
    telling_content = mutation(
        "TellingContentRead", _text, takes=_TELLING,
        gives={
            "telling": changed(Telling),
            "subject": graphene.String(description="Of the mail; null where it is refused."),
            "text": graphene.String(description="Of the mail, in the recipient's language."),
        },
        description="Read the notice, with the numbers of orders. Through the guard, and logged.",
    )  # fmt: skip
