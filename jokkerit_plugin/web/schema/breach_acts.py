"""What the controller records of breaches, and decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import graphene

from ... import models
from ...access.actor import Actor
from ...policy.breaches import Exemption, Found, Phase, Risk, Told
from ...policy.categories import Category
from ...rights.breaches import affected, letters, records
from .base import few, from_global_id, given_id
from .breach_enums import ExemptionEnum, FoundEnum, PhaseEnum, RiskEnum, ToldEnum
from .breach_parts import BreachSearch
from .breaches import Breach, shown
from .enums import BigInt, CategoryEnum, LanguageEnum
from .mutations import changed, mutation


def _given(row: models.Breach) -> Mapping[str, Any]:
    return {"breach": shown([row])[0]}


def _key(id: str) -> int:
    return from_global_id("RegisterBreach", id)


def _record(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    return _given(records.record(input, actor=actor))


def _amend(
    *, actor: Actor, id: str, input: Mapping[str, Any], reason: str = ""
) -> Mapping[str, Any]:
    return _given(records.amend(_key(id), input, reason=reason, actor=actor))


def _assess(*, actor: Actor, id: str, risk: str, reasons: str) -> Mapping[str, Any]:
    return _given(records.assess(_key(id), risk=Risk(risk), reasons=reasons, actor=actor))


def _notified(
    *,
    actor: Actor,
    id: str,
    at: datetime,
    phase: str,
    reference: str = "",
    late_reasons: str = "",
) -> Mapping[str, Any]:
    found = records.notified(
        _key(id), at=at, phase=Phase(phase), reference=reference, late_reasons=late_reasons,
        actor=actor,
    )  # fmt: skip
    return _given(found)


def _exempt(*, actor: Actor, id: str, ground: str, reasons: str) -> Mapping[str, Any]:
    return _given(records.exempt(_key(id), ground=Exemption(ground), reasons=reasons, actor=actor))


def _close(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return _given(records.close(_key(id), actor=actor))


def _search(*, actor: Actor, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = dict(input)
    export = given.get("export")
    key = from_global_id("RegisterExport", export, name="export") if export else None
    found = affected.search(
        _key(id), kind=Found(given["kind"]), looker=given.get("actor") or "",
        since=given.get("since"), until=given.get("until"),
        key=given.get("disclosure") if key is None else key,
        categories=[Category(one) for one in given.get("categories") or ()], actor=actor,
    )  # fmt: skip
    return {"search": found}


def _discard(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterBreachSearch", id)
    return {"search": affected.discard(key, actor=actor)}


def _tell(*, actor: Actor, id: str, letter: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
    words = {one["language"]: one for one in letter}
    return _given(letters.tell(_key(id), words, actor=actor))


def _told(
    *, actor: Actor, id: str, how: str, customers: Sequence[str] | None = None
) -> Mapping[str, Any]:
    keys = None if customers is None else [
        from_global_id("RegisterCustomer", one, name="customers")
        for one in few(customers, "customers")
    ]  # fmt: skip
    return {"people": letters.told(_key(id), how=Told(how), customers=keys, actor=actor)}


def _again(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"people": letters.again(_key(id), actor=actor)}


class BreachInput(graphene.InputObjectType):
    """What is known of a breach; what is not given stays. Name nobody in it."""

    happened = graphene.String(description="What happened, in words.")
    began_at = graphene.DateTime(description="Null: not known.")
    ended_at = graphene.DateTime(description="Null: it goes on, or is not known.")
    aware_at = graphene.DateTime(description="When you became aware of it: the clock runs.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), description="Which kinds of data were touched."
    )
    who = graphene.String(description="Whose data: customers, staff ...")
    people = BigInt(description="About how many.")
    records = BigInt(description="About how many.")
    consequences = graphene.String(description="That are likely.")
    measures = graphene.String(description="Taken, or proposed.")


class BreachSearchInput(graphene.InputObjectType):
    """LOOKS: actor, since, until. EXPORT: export. DISCLOSURE: disclosure. HELD: categories, and of
    those who bought from `since` to before `until`.
    """

    kind = FoundEnum(required=True, description="How those affected are found.")
    actor = graphene.String(description="As in the log: `user:<id>`, `app:<id>`, `command:<name>`.")
    since = graphene.DateTime(description="From then on; left out: open.")
    until = graphene.DateTime(description="To before then; left out: open.")
    export = given_id("RegisterExport", "The file that was lost.")
    disclosure = graphene.Int(description="Its number.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), description="Which kinds of data were held."
    )


class BreachLetterInput(graphene.InputObjectType):
    """The words of the letter in a language: plain ones."""

    language = LanguageEnum(required=True, description="One of three; each is needed.")
    happened = graphene.String(required=True, description="What happened.")
    consequences = graphene.String(required=True, description="What is likely to come of it.")
    measures = graphene.String(required=True, description="And what the person may do.")


_ID = {"id": given_id("RegisterBreach", required=True)}
_BREACH = {"breach": changed(Breach)}
_SEARCH = {"search": changed(BreachSearch)}
_PEOPLE = {
    "people": graphene.Int(description="How many it was done for; null where there are `errors`.")
}


class Mutation(graphene.ObjectType):
    """Recording breaches, and dealing with them: the controller's own people."""

    breach_record = mutation(
        "BreachRecord", _record,
        takes={"input": BreachInput(required=True, description="What is known so far.")},
        gives=_BREACH, description="Record a breach; `happened` and `awareAt` are needed.",
    )  # fmt: skip
    breach_amend = mutation(
        "BreachAmend", _amend,
        takes={
            **_ID, "input": BreachInput(required=True, description="What is known now."),
            "reason": graphene.String(description="Needed where `awareAt` changes."),
        },
        gives=_BREACH, description="Change what is known; what it was stays in the events.",
    )  # fmt: skip
    breach_assess = mutation(
        "BreachAssess", _assess,
        takes={
            **_ID, "risk": RiskEnum(required=True, description="To those whose data it is."),
            "reasons": graphene.String(required=True, description="Needed, also for none."),
        },
        gives=_BREACH,
        description="Say how great the risk is; NONE: the authority is not notified. A closed"
        " breach is opened again.",
    )  # fmt: skip
    breach_notified = mutation(
        "BreachNotified", _notified,
        takes={
            **_ID,
            "at": graphene.DateTime(
                required=True, description="When, with a time zone; not in the future."
            ),
            "phase": PhaseEnum(
                required=True, description="How much of it was told: article 33(4)."
            ),
            "reference": graphene.String(description="The authority's number of the case."),
            "late_reasons": graphene.String(description="Needed when the hours were over."),
        },
        gives=_BREACH, description="Record that the authority was told.",
    )  # fmt: skip
    breach_exempt = mutation(
        "BreachExempt", _exempt,
        takes={
            **_ID,
            "ground": ExemptionEnum(required=True, description="Which letter of article 34(3)."),
            "reasons": graphene.String(required=True, description="Why it holds here."),
        },
        gives=_BREACH, description="Record why people are not told one by one: article 34(3).",
    )  # fmt: skip
    breach_close = mutation(
        "BreachClose", _close, takes=_ID, gives=_BREACH,
        description="Close it; refused with what is lacking.",
    )  # fmt: skip
    breach_search = mutation(
        "BreachSearchMake", _search,
        takes={
            **_ID, "input": BreachSearchInput(required=True, description="By what to find them.")
        },
        gives=_SEARCH, description="Let those be found who are affected: within a minute.",
    )  # fmt: skip
    breach_search_discard = mutation(
        "BreachSearchDiscard", _discard, takes=_ID, gives=_SEARCH,
        description="Take a search back; before the letters.",
    )  # fmt: skip
    breach_tell = mutation(
        "BreachTell", _tell,
        takes={
            **_ID,
            "letter": graphene.List(
                graphene.NonNull(BreachLetterInput), required=True,
                description="All three languages.",
            ),
        },
        gives=_BREACH, description="Order the letters, in Finnish, Swedish and English.",
    )  # fmt: skip
    breach_told = mutation(
        "BreachToldRecord", _told,
        takes={
            **_ID, "how": ToldEnum(required=True, description="POSTED or OTHERWISE."),
            "customers": graphene.List(
                graphene.NonNull(graphene.ID),
                description="Null: all whom a letter does not reach, or everybody where no letters"
                " were ordered.",
            ),
        },
        gives=_PEOPLE, description="Record that people were told by post, in public or in person.",
    )  # fmt: skip
    breach_letters_again = mutation(
        "BreachLettersAgain", _again, takes=_ID, gives=_PEOPLE,
        description="Write to those who had no address, or whose letter may have gone out.",
    )  # fmt: skip
