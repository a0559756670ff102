"""Answering a request by hand: letters to be posted, a copy to be handed over or to end."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene

from ...access.actor import Actor
from ...policy.permissions import CHANGERS
from ...policy.requests import Handed
from ...rights import by_hand, copies, letters
from .. import request_copy
from .base import from_global_id, given_id
from .enums import LanguageEnum, enumeration
from .file_links import LINK, link_to
from .mutations import changed, mutation
from .request_acts import ID, REQUEST, answer, key_of


class PrintedLetter(graphene.ObjectType):
    """A letter that waits, to be printed and posted."""

    language = LanguageEnum(required=True, description="Of its words.")
    subject = graphene.String(required=True, description="Its heading.")
    text = graphene.String(required=True, description="All of it.")
    to = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="Lines of the envelope; none: it is not known, or not any more.",
    )  # fmt: skip


HandedEnum = enumeration(Handed, "RequestHanded", IN_PERSON="Face to face.", POST="By post.")


def _told(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"letters": letters.told(key_of(id), actor=actor)}


def _end_copy(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return answer(copies.end(key_of(id), actor=actor))


def _letter(*, actor: Actor, letter: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRequestLetter", letter, name="letter")
    return {"letter": by_hand.letter(key, actor=actor)}


def _copy_link(*, actor: Actor, id: str) -> Mapping[str, Any]:
    found = copies.find(key_of(id))
    return link_to(request_copy.file_of(found.request_id), actor=actor)


def _handed_over(*, actor: Actor, id: str, how: str, on: date) -> Mapping[str, Any]:
    return answer(by_hand.handed_over(key_of(id), how=Handed(how), on=on, actor=actor))


class Mutation(graphene.ObjectType):
    """Answering by hand."""

    request_end_copy = mutation(
        "RequestEndCopy", _end_copy, takes=ID, gives=REQUEST,
        description="End the link to a copy that went where it should not: what it opens is"
        " deleted. Whoever should have it asks anew.",
    )  # fmt: skip
    request_told = mutation(
        "RequestTold", _told, takes=ID,
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
        "RequestCopyLink", _copy_link, takes=ID,
        gives=LINK,
        description="Get a link by which the controller fetches a copy, to hand it over. That is"
        " logged.",
    )  # fmt: skip
    request_handed_over = mutation(
        "RequestHandedOver", _handed_over,
        takes={
            **ID, "how": HandedEnum(required=True, description="In which way."),
            "on": graphene.Date(required=True, description="The day, in Helsinki."),
        },
        gives=REQUEST,
        description="Record that the person was given the copy that was fetched for them.",
    )  # fmt: skip
