"""Taking requests down, and dealing with them: for staff and the controller."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene

from ... import models
from ...access.actor import Actor
from ...policy.permissions import CHANGERS
from ...policy.requests import Handed, RefusalGround, RequestKind
from ...policy.restriction import RestrictionGround
from ...rights import by_hand, copies, letters, opening, proofs, requests
from .. import request_copy
from .base import from_global_id, given_id
from .enums import enumeration
from .file_links import LINK, link_to
from .mutations import changed, mutation
from .request_enums import Kind, Refusal
from .requests import Request, shown
from .restrictions import Ground as RestrictionGroundEnum


def _given(row: models.Request) -> Mapping[str, Any]:
    return {"request": shown([row])[0]}


def _key(id: str) -> int:
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


class PrintedLetter(graphene.ObjectType):
    """A letter that waits, to be printed and posted."""

    language = graphene.String(required=True, description="fi, sv or en.")
    subject = graphene.String(required=True, description="Its heading.")
    text = graphene.String(required=True, description="All of it.")
    to = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="Lines of the envelope; none: it is not known, or not any more.",
    )  # fmt: skip


HandedEnum = enumeration(Handed, "RequestHanded", IN_PERSON="Face to face.", POST="By post.")


def _open(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = dict(input)
    customer = from_global_id("RegisterCustomer", given.pop("customer"), name="customer")
    kind = RequestKind(given.pop("kind"))
    marketing = bool(given.pop("is_marketing", False))
    found = opening.open_for(
        customer, kind=kind, how=given["how"], message=given.get("message") or "",
        email=given.get("email") or "", marketing=marketing, actor=actor,
    )  # fmt: skip
    return _given(found)


def _prove(*, actor: Actor, id: str, customer: str, how: str) -> Mapping[str, Any]:
    found = proofs.prove(
        _key(id), how=how, actor=actor,
        customer=from_global_id("RegisterCustomer", customer, name="customer"),
    )  # fmt: skip
    return _given(found)


def _accept(
    *, actor: Actor, id: str, restriction: str | None = None, reason: str = ""
) -> Mapping[str, Any]:
    ground = RestrictionGround(restriction) if restriction else None
    found = requests.decide(_key(id), accept=True, restriction=ground, reason=reason, actor=actor)
    return _given(found)


def _refuse(*, actor: Actor, id: str, ground: str, reason: str = "") -> Mapping[str, Any]:
    found = requests.decide(
        _key(id), accept=False, ground=RefusalGround(ground), reason=reason, actor=actor
    )
    return _given(found)


def _withdraw(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return _given(requests.withdraw(_key(id), actor=actor))


def _corrected(
    *, actor: Actor, id: str, is_already_right: bool = False, reason: str = ""
) -> Mapping[str, Any]:
    found = requests.corrected(_key(id), already_right=is_already_right, reason=reason, actor=actor)
    return _given(found)


def _extend(*, actor: Actor, id: str, reason: str) -> Mapping[str, Any]:
    return _given(requests.extend(_key(id), reason=reason, actor=actor))


def _told(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"letters": letters.told(_key(id), actor=actor)}


def _end_copy(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return _given(copies.end(_key(id), actor=actor))


def _letter(*, actor: Actor, letter: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRequestLetter", letter, name="letter")
    return {"letter": by_hand.letter(key, actor=actor)}


def _copy_link(*, actor: Actor, id: str) -> Mapping[str, Any]:
    found = copies.find(_key(id))
    return link_to(request_copy.file_of(found.request_id), actor=actor)


def _handed_over(*, actor: Actor, id: str, how: str, on: date) -> Mapping[str, Any]:
    return _given(by_hand.handed_over(_key(id), how=Handed(how), on=on, actor=actor))


def _content(*, actor: Actor, id: str) -> Mapping[str, Any]:
    row, found = requests.read(_key(id), actor=actor)
    orders = [f"{number}, {code}" for number, code in found.orders]
    return {
        **_given(row),
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


_ID = {"id": given_id("RegisterRequest", required=True)}
_REQUEST = {"request": changed(Request)}


class Mutation(graphene.ObjectType):
    """Taking requests down, and dealing with them."""

    request_open = mutation(
        "RequestOpen", _open,
        takes={"input": RequestOpenInput(required=True, description="Who asks what.")},
        gives=_REQUEST, needs=CHANGERS,
        description="Take down what a customer asks. Through the guard.",
    )  # fmt: skip
    request_prove = mutation(
        "RequestProve", _prove,
        takes={
            **_ID, "customer": given_id("RegisterCustomer", "Whose it is.", required=True),
            "how": graphene.String(required=True, description="The way, no document's number."),
        },
        gives=_REQUEST, needs=CHANGERS,
        description="Say whose request it is, and how you made sure. Through the guard.",
    )  # fmt: skip
    request_content = mutation(
        "RequestContentRead", _content, takes=_ID,
        gives={
            **_REQUEST,
            "content": graphene.Field(
                RequestContent, description="What was written; null where it is refused."
            ),
        },
        needs=CHANGERS, description="Read what was written. Through the guard, and logged.",
    )  # fmt: skip
    request_accept = mutation(
        "RequestAccept", _accept,
        takes={
            **_ID,
            "restriction": RestrictionGroundEnum(
                description="Of a restriction: its ground, which is needed."
            ),
            "reason": graphene.String(description="A sentence for the letter."),
        },
        gives=_REQUEST,
        description="Grant it. An erasure: contact details go in the coming night, if nothing else"
        " keeps them. A copy is made, and its link sent.",
    )  # fmt: skip
    request_refuse = mutation(
        "RequestRefuse", _refuse,
        takes={
            **_ID,
            "ground": Refusal(
                required=True, description="One of those that the kind allows: docs/rights.md."
            ),
            "reason": graphene.String(description="A sentence for the letter."),
        },
        gives=_REQUEST, description="Refuse it: the letter says why, and where to complain.",
    )  # fmt: skip
    request_withdraw = mutation(
        "RequestWithdraw", _withdraw, takes=_ID, gives=_REQUEST,
        description="Record that the customer took it back.",
    )  # fmt: skip
    request_corrected = mutation(
        "RequestCorrected", _corrected,
        takes={
            **_ID,
            "is_already_right": graphene.Boolean(
                description="Somebody else corrected it, as the customer in the shop."
            ),
            "reason": graphene.String(description="A sentence for the letter."),
        },
        gives=_REQUEST, description="End a request for rectification of which everything is right.",
    )  # fmt: skip
    request_extend = mutation(
        "RequestExtend", _extend,
        takes={**_ID, "reason": graphene.String(required=True, description="For the letter.")},
        gives=_REQUEST,
        description="Take two further months, once; they count when the letter has been sent.",
    )  # fmt: skip
    request_end_copy = mutation(
        "RequestEndCopy", _end_copy, takes=_ID, gives=_REQUEST,
        description="End the link to a copy that went where it should not: what it opens is"
        " deleted. Whoever should have it asks anew.",
    )  # fmt: skip
    request_told = mutation(
        "RequestTold", _told, takes=_ID,
        gives={
            "letters": graphene.Int(
                description="How many no longer wait; null where there are `errors`."
            ),
        },
        description="Record that the person was told by post or phone what a letter could not.",
    )  # fmt: skip
    request_letter = mutation(
        "RequestLetterRead", _letter,
        takes={
            "letter": given_id("RegisterRequestLetter", "One that was not sent.", required=True)
        },
        gives={"letter": changed(PrintedLetter)}, needs=CHANGERS,
        description="Read a letter that waits, to be posted. Through the guard, and logged.",
    )  # fmt: skip
    request_copy_link = mutation(
        "RequestCopyLink", _copy_link, takes=_ID,
        gives=LINK,
        description="Get a link by which the controller fetches a copy, to hand it over. That is"
        " logged.",
    )  # fmt: skip
    request_handed_over = mutation(
        "RequestHandedOver", _handed_over,
        takes={
            **_ID, "how": HandedEnum(required=True, description="In which way."),
            "on": graphene.Date(required=True, description="The day, in Helsinki."),
        },
        gives=_REQUEST,
        description="Record that the person was given the copy that was fetched for them.",
    )  # fmt: skip
