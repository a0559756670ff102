"""Taking requests down, and dealing with them: for staff and the controller."""

from collections.abc import Mapping
from typing import Any

import graphene

from ... import models
from ...access.actor import Actor
from ...policy.permissions import CHANGERS
from ...policy.requests import RefusalGround, RequestKind
from ...policy.restriction import RestrictionGround
from ...rights import opening, proofs, requests
from .base import from_global_id, given_id
from .mutations import changed, mutation
from .request_enums import Kind, Refusal
from .requests import Request, shown
from .restrictions import Ground as RestrictionGroundEnum


def answer(row: models.Request) -> Mapping[str, Any]:
    """Return a request as a payload has it."""
    return {"request": shown([row])[0]}


def key_of(id: str) -> int:
    """Return the key of a request's id; raises `BadInput`."""
    return from_global_id("RegisterRequest", id)


class RequestContent(graphene.ObjectType):
    """What was written, and where the answer goes."""

    email = graphene.String(required=True, description="Where the answer goes.")
    name = graphene.String(required=True, description="As it was written; empty: not asked for.")
    postal_code = graphene.String(
        required=True, description="As it was written; empty: not asked for."
    )
    orders = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="Numbers with postal codes, as they were written.",
    )  # fmt: skip
    message = graphene.String(required=True, description="In their own words; empty: none.")


def _open(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = dict(input)
    customer = from_global_id("RegisterCustomer", given.pop("customer"), name="customer")
    kind = RequestKind(given.pop("kind"))
    marketing = bool(given.pop("is_marketing", False))
    found = opening.open_for(
        customer, kind=kind, how=given["how"], message=given.get("message") or "",
        email=given.get("email") or "", marketing=marketing, actor=actor,
    )  # fmt: skip
    return answer(found)


def _prove(*, actor: Actor, id: str, customer: str, how: str) -> Mapping[str, Any]:
    found = proofs.prove(
        key_of(id), how=how, actor=actor,
        customer=from_global_id("RegisterCustomer", customer, name="customer"),
    )  # fmt: skip
    return answer(found)


def _accept(
    *, actor: Actor, id: str, restriction: str | None = None, reason: str = ""
) -> Mapping[str, Any]:
    ground = RestrictionGround(restriction) if restriction else None
    found = requests.decide(key_of(id), accept=True, restriction=ground, reason=reason, actor=actor)
    return answer(found)


def _refuse(*, actor: Actor, id: str, ground: str, reason: str = "") -> Mapping[str, Any]:
    found = requests.decide(
        key_of(id), accept=False, ground=RefusalGround(ground), reason=reason, actor=actor
    )
    return answer(found)


def _withdraw(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return answer(requests.withdraw(key_of(id), actor=actor))


def _corrected(
    *, actor: Actor, id: str, is_already_right: bool = False, reason: str = ""
) -> Mapping[str, Any]:
    found = requests.corrected(
        key_of(id), already_right=is_already_right, reason=reason, actor=actor
    )
    return answer(found)


def _extend(*, actor: Actor, id: str, reason: str) -> Mapping[str, Any]:
    return answer(requests.extend(key_of(id), reason=reason, actor=actor))


def _content(*, actor: Actor, id: str) -> Mapping[str, Any]:
    row, found = requests.read(key_of(id), actor=actor)
    orders = [f"{number}, {code}" for number, code in found.orders]
    return {
        **answer(row),
        "content": RequestContent(
            email=found.email, name=found.name, postal_code=found.postal_code, orders=orders,
            message=found.message,
        ),
    }  # fmt: skip


class RequestOpenInput(graphene.InputObjectType):
    """What a customer asked for in a letter, by phone or in person."""

    customer = given_id("RegisterCustomer", "Who asks.", required=True)
    kind = Kind(required=True, description="Which right.")
    how = graphene.String(
        required=True, description="How you made sure who asks: the way, no document's number."
    )
    message = graphene.String(description="What they asked, in their words; stored encrypted.")
    email = graphene.String(description="Where the answer goes, if not to the customer's own.")
    is_marketing = graphene.Boolean(description="Of an objection: to direct marketing.")


ID = {"id": given_id("RegisterRequest", required=True)}
REQUEST = {"request": changed(Request)}


class Mutation(graphene.ObjectType):
    """Taking requests down, and dealing with them."""

    request_open = mutation(
        "RequestOpen", _open,
        takes={"input": RequestOpenInput(required=True, description="Who asks what.")},
        gives=REQUEST, needs=CHANGERS,
        description="Take down what a customer asks. Through the guard.",
    )  # fmt: skip
    request_prove = mutation(
        "RequestProve", _prove,
        takes={
            **ID, "customer": given_id("RegisterCustomer", "Whose it is.", required=True),
            "how": graphene.String(required=True, description="The way, no document's number."),
        },
        gives=REQUEST, needs=CHANGERS,
        description="Say whose request it is, and how you made sure. Through the guard.",
    )  # fmt: skip
    request_content = mutation(
        "RequestContentRead", _content, takes=ID,
        gives={
            **REQUEST,
            "content": graphene.Field(
                RequestContent, description="What was written; null where it is refused."
            ),
        },
        needs=CHANGERS, description="Read what was written. Through the guard, and logged.",
    )  # fmt: skip
    request_accept = mutation(
        "RequestAccept", _accept,
        takes={
            **ID,
            "restriction": RestrictionGroundEnum(
                description="Of a restriction: its ground, which is needed."
            ),
            "reason": graphene.String(description="A sentence for the letter."),
        },
        gives=REQUEST,
        description="Grant it. An erasure: contact details go in the coming night, if nothing else"
        " keeps them. A copy is made, and its link sent.",
    )  # fmt: skip
    request_refuse = mutation(
        "RequestRefuse", _refuse,
        takes={
            **ID,
            "ground": Refusal(
                required=True, description="One of those that the kind allows: docs/rights.md."
            ),
            "reason": graphene.String(description="A sentence for the letter."),
        },
        gives=REQUEST, description="Refuse it: the letter says why, and where to complain.",
    )  # fmt: skip
    request_withdraw = mutation(
        "RequestWithdraw", _withdraw, takes=ID, gives=REQUEST,
        description="Record that the customer took it back.",
    )  # fmt: skip
    request_corrected = mutation(
        "RequestCorrected", _corrected,
        takes={
            **ID,
            "is_already_right": graphene.Boolean(
                description="Somebody else corrected it, as the customer in the shop."
            ),
            "reason": graphene.String(description="A sentence for the letter."),
        },
        gives=REQUEST, description="End a request for rectification of which everything is right.",
    )  # fmt: skip
    request_extend = mutation(
        "RequestExtend", _extend,
        takes={**ID, "reason": graphene.String(required=True, description="For the letter.")},
        gives=REQUEST,
        description="Take two further months, once; they count when the letter has been sent.",
    )  # fmt: skip
