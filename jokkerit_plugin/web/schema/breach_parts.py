"""What belongs to a breach: its events, searches and letters, and who is affected, by key."""

from typing import Any

import graphene

from ... import models
from .base import id_of
from .breach_enums import EventWhat, FoundEnum, ToldEnum
from .enums import BigInt, CategoryEnum, LanguageEnum


class BreachEvent(graphene.ObjectType):
    """What happened to a breach, when, by whom, and what was written then."""

    what = EventWhat(required=True, description="What happened.")
    at = graphene.DateTime(required=True, description="When it happened.")
    actor = graphene.String(required=True, description="`shop`: by itself.")
    values = graphene.JSONString(required=True, description="Field to what it became.")


class BreachSearch(graphene.ObjectType):
    """How it is known who is affected."""

    id = id_of("RegisterBreachSearch")
    kind = FoundEnum(required=True, description="How they were found.")
    actor = graphene.String(required=True, description="Who looked.")
    since = graphene.DateTime(source="start", description="From then on; null: open.")
    until = graphene.DateTime(source="end", description="To before then; null: open.")
    key = graphene.String(description="Of the file, or the disclosure's number.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Of `HELD`: which kinds of data."
    )
    asked_at = graphene.DateTime(required=True, description="When it was asked for.")
    asked_by = graphene.String(required=True, description="Who asked, `user:<id>`.")
    done_at = graphene.DateTime(description="Null: a worker computes it within a minute.")
    count = BigInt(description="How many it found.")
    strangers = BigInt(
        description="Of `HELD`: about how many more are in unfinished checkouts and in accounts"
        " that never bought. They are no customers, and no letter goes to them."
    )
    discarded_at = graphene.DateTime(description="Null: it counts.")
    discarded_by = graphene.String(
        required=True, description="Who took it back, `user:<id>`; empty: nobody."
    )

    @staticmethod
    def resolve_categories(row: models.BreachSearch, _info: Any) -> list[str]:
        return row.categories.split()


class BreachCount(graphene.ObjectType):
    """How many are affected, by what has become of telling them."""

    told = ToldEnum(required=True, description="What has become of telling them.")
    count = BigInt(required=True, description="How many.")


class BreachLetter(graphene.ObjectType):
    """The words of the letter in a language."""

    language = LanguageEnum(required=True, description="One of three.")
    happened = graphene.String(required=True, description="What happened.")
    consequences = graphene.String(required=True, description="What is likely to come of it.")
    measures = graphene.String(
        required=True, description="What is done, and what the person may do."
    )


class AffectedPerson(graphene.ObjectType):
    """Somebody whose data was breached, by key; `customer` says who, through the guard."""

    customer = id_of("RegisterCustomer", "customer", "As it was then.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Which kinds of their data."
    )
    told = ToldEnum(required=True, description="What has become of telling them.")
    at = graphene.DateTime(required=True, description="Since when it is so.")
    told_by = graphene.String(
        required=True,
        description="`shop`: by a letter; else who told them, `user:<id>`; empty: nobody.",
    )  # fmt: skip
    error = graphene.String(
        required=True,
        description="Why the last letter did not go out, without the address; empty: nothing.",
    )  # fmt: skip

    @staticmethod
    def resolve_categories(row: models.Affected, _info: Any) -> list[str]:
        return row.categories.split()

    @staticmethod
    def resolve_told(row: models.Affected, _info: Any) -> str:
        return row.state
