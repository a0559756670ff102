"""Customers' own requests that their data go outside the European Union, and the text for them."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access import office
from ...access.actor import Actor
from ...disclosure import transfers
from ...policy.permissions import Permission
from ..pagination import Order, number
from .base import from_global_id, given_id, id_of
from .enums import LanguageEnum, enumeration
from .filters import asked, happened, of
from .lists import PAGING, connection, listing
from .mutations import changed, mutation
from .recipients import Recipient

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

TransferChannel = enumeration(
    models.TransferRequest.Channel, "TransferChannel", "How a customer asked.", EMAIL="By mail.",
    LETTER="By post.", FORM="On a form.", IN_PERSON="Face to face.",
)  # fmt: skip


class TransferText(graphene.ObjectType):
    """What a customer is told of the risks, and asks for."""

    version = graphene.Int(required=True, description="Counts from 1; the highest is in force.")
    fi = graphene.String(required=True, description="In Finnish.")
    sv = graphene.String(required=True, description="In Swedish.")
    en = graphene.String(required=True, description="In English.")
    digest = graphene.String(required=True, description="SHA-256 over the three texts.")
    published_at = graphene.DateTime(required=True, description="Since when it is shown.")


class TransferRequest(graphene.ObjectType):
    """One customer's request for one recipient; a key, nobody's name."""

    id = id_of("RegisterTransferRequest")
    customer = id_of("RegisterCustomer", "customer_id", "Who asked.")
    recipient = graphene.Field(Recipient, required=True, description="To whom the data goes.")
    version = graphene.Int(required=True, description="Of the text that the customer was shown.")
    language = LanguageEnum(required=True, description="In which the text was read.")
    digest = graphene.String(required=True, description="SHA-256 of the text, as it was then.")
    channel = TransferChannel(required=True, description="How they asked.")
    requested_at = graphene.DateTime(required=True, description="When they asked.")
    recorded_at = graphene.DateTime(required=True, description="When it was recorded.")
    recorded_by = graphene.String(required=True, description="Who recorded it, `user:<id>`.")
    revoked_at = graphene.DateTime(description="Null: it counts.")
    revoked_by = graphene.String(
        required=True,
        description="Who recorded that they took it back, `user:<id>`; empty: nobody.",
    )  # fmt: skip

    @staticmethod
    def resolve_version(row: models.TransferRequest, _info: Any) -> int:
        return row.text_id


class TransferRequestFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    customer = given_id("RegisterCustomer", "Who asked.")
    recipient = given_id("RegisterRecipient", "To whom the data goes.")
    is_revoked = graphene.Boolean(description="Only revoked ones, or only those that count.")


class Query(graphene.ObjectType):
    """Reading requests."""

    transfer_text = graphene.Field(TransferText, description="What a customer is shown now.")
    transfer_requests = graphene.Field(
        connection("RegisterTransferRequest", TransferRequest),
        filter=TransferRequestFilterInput(description="Left out: all."), **PAGING,
        description="The ground of article 49(1)(a), customer by customer; the newest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_transfer_text(_root: Any, info: Any) -> models.TransferText:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        return transfers.in_force()

    @staticmethod
    def resolve_transfer_requests(_root: Any, info: Any, **arguments: Any) -> Any:
        office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)
        condition = asked(
            arguments, customer=of("customer"), recipient=of("recipient"),
            is_revoked=happened("revoked_at"),
        )  # fmt: skip
        rows = models.TransferRequest.objects.filter(condition).select_related("recipient")
        return listing(rows.prefetch_related("recipient__members"), ORDERS, arguments, list)


def _publish(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"transfer_text": transfers.publish(**input, actor=actor)}


def _record(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = dict(input)
    customer = from_global_id("RegisterCustomer", given.pop("customer"), name="customer")
    given["recipient"] = from_global_id("RegisterRecipient", given["recipient"], name="recipient")
    return {"transfer_request": transfers.record_request(customer, **given, actor=actor)}


def _revoke(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterTransferRequest", id)
    return {"transfer_request": transfers.revoke(key, actor=actor)}


class TransferTextPublishInput(graphene.InputObjectType):
    """A new text."""

    fi = graphene.String(required=True, description="In Finnish.")
    sv = graphene.String(required=True, description="In Swedish.")
    en = graphene.String(required=True, description="In English.")


class TransferRequestRecordInput(graphene.InputObjectType):
    """What a customer asked for, and how."""

    customer = given_id("RegisterCustomer", "Who asks.", required=True)
    recipient = given_id("RegisterRecipient", "To whom the data is to go.", required=True)
    version = graphene.Int(required=True, description="Of the text that they were shown.")
    language = LanguageEnum(required=True, description="In which it was read.")
    risks_told = graphene.Boolean(
        required=True, description="They were told of the risks; without it there is no ground."
    )
    requested_at = graphene.DateTime(
        required=True, description="With a time zone; not in the future."
    )
    channel = TransferChannel(required=True, description="How they asked.")


class Mutation(graphene.ObjectType):
    """Changing requests."""

    transfer_text_publish = mutation(
        "TransferTextPublish", _publish,
        takes={
            "input": TransferTextPublishInput(
                required=True, description="The text in three languages."
            ),
        },
        gives={"transfer_text": changed(TransferText)},
        description="Publish a new text; earlier requests stay as they were made.",
    )  # fmt: skip
    transfer_request_record = mutation(
        "TransferRequestRecord", _record,
        takes={
            "input": TransferRequestRecordInput(required=True, description="Who asked for what.")
        },
        gives={"transfer_request": changed(TransferRequest)},
        description="Record a customer's request that their data go to a recipient outside.",
    )  # fmt: skip
    transfer_request_revoke = mutation(
        "TransferRequestRevoke", _revoke,
        takes={"id": given_id("RegisterTransferRequest", required=True)},
        gives={"transfer_request": changed(TransferRequest)},
        description="Record that a customer took a request back.",
    )  # fmt: skip
