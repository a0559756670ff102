"""The register of personal data breaches, for the controller: keys, dates and their own words."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import graphene
from django.db.models import QuerySet

from ... import clock, models
from ...access import office
from ...policy.breaches import Told, runs
from ...policy.permissions import Permission
from ...rights.breaches import affected, notification
from ...shop.port import shop
from ..errors import NotFound
from ..pagination import Order, moment, number
from .base import from_global_id, given_id, id_of
from .breach_enums import ExemptionEnum, RiskEnum, State, ToldEnum
from .breach_parts import AffectedPerson, BreachCount, BreachEvent, BreachLetter, BreachSearch
from .enums import BigInt, CategoryEnum, LanguageEnum
from .lists import PAGING, Listing, connection, listing, sorting

ORDERS = {
    "NEWEST": Order("NEWEST", ("pk",), (number,), descending=True),
    "DUE_AT": Order("DUE_AT", ("due_at", "pk"), (moment, number)),
}
_PEOPLE = {"KEY": Order("KEY", ("pk",), (number,))}


class Breach(graphene.ObjectType):
    """A personal data breach, as far as it is known."""

    id = id_of("RegisterBreach")
    state = State(required=True, description="Where it stands.")
    recorded_at = graphene.DateTime(
        required=True, description="When it was recorded; the law's hours run from `awareAt`."
    )
    recorded_by = graphene.String(required=True, description="Who recorded it, `user:<id>`.")
    happened = graphene.String(
        required=True, description="What happened, in the controller's words; names nobody."
    )
    began_at = graphene.DateTime(description="Null: not known.")
    ended_at = graphene.DateTime(description="Null: it goes on, or is not known.")
    aware_at = graphene.DateTime(
        required=True,
        description="When the controller became aware: 72 hours run from here (article 33(1)).",
    )  # fmt: skip
    due_at = graphene.DateTime(
        required=True, description="By when the authority is notified: 72 hours from awareness."
    )
    is_running = graphene.Boolean(
        required=True, description="The clock runs: not notified, and a risk is not ruled out."
    )
    hours_left = graphene.Float(required=True, description="Until `dueAt`; below zero: it is over.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True,
        description="Which kinds of data were touched.",
    )  # fmt: skip
    who = graphene.String(required=True, description="Whose data: customers, staff ...")
    people = BigInt(description="About how many; null: not known.")
    records = BigInt(description="About how many; null: not known.")
    consequences = graphene.String(
        required=True, description="That are likely; empty: not said yet."
    )
    measures = graphene.String(
        required=True, description="Taken, or proposed; empty: not said yet."
    )
    risk = RiskEnum(description="Null: not assessed.")
    risk_reasons = graphene.String(
        required=True, description="Why the risk is thought so; empty: not assessed."
    )
    assessed_at = graphene.DateTime(description="Null: not assessed.")
    assessed_by = graphene.String(
        required=True, description="Who assessed it, `user:<id>`; empty: nobody."
    )
    notified_at = graphene.DateTime(
        description="When the authority was first told; null: it was not."
    )
    complete_at = graphene.DateTime(description="When the authority had been told everything.")
    reference = graphene.String(required=True, description="The authority's.")
    late_reasons = graphene.String(
        required=True, description="Why it was told after the 72 hours; empty: in time."
    )
    exempt = ExemptionEnum(description="Why people are not told one by one: article 34(3).")
    exempt_reasons = graphene.String(
        required=True, description="Why that ground holds; empty: none was given."
    )
    letters_at = graphene.DateTime(description="When letters were ordered.")
    letter = graphene.List(
        graphene.NonNull(BreachLetter), required=True,
        description="The words of the letters; empty: none were ordered.",
    )  # fmt: skip
    closed_at = graphene.DateTime(description="Null: open.")
    closed_by = graphene.String(
        required=True, description="Who closed it, `user:<id>`; empty: nobody."
    )
    affected = graphene.List(
        graphene.NonNull(BreachCount), required=True,
        description="How many are affected, by whether they were told.",
    )  # fmt: skip
    searches = graphene.List(
        graphene.NonNull(BreachSearch), required=True,
        description="How it is known who is affected.",
    )  # fmt: skip
    events = graphene.List(
        graphene.NonNull(BreachEvent), required=True,
        description="What happened to it, the oldest first.",
    )  # fmt: skip
    notification = graphene.String(
        required=True, language=LanguageEnum(required=True, description="Of the document."),
        description="What the authority is told, to copy or print: article 33(3).",
    )  # fmt: skip

    @staticmethod
    def resolve_is_running(row: models.Breach, _info: Any) -> bool:
        return runs(row.state, row.risk, row.notified_at)

    @staticmethod
    def resolve_hours_left(row: models.Breach, _info: Any) -> float:
        return round((row.due_at - clock.now()).total_seconds() / 3600, 2)

    @staticmethod
    def resolve_categories(row: models.Breach, _info: Any) -> list[str]:
        return row.categories.split()

    @staticmethod
    def resolve_risk(row: models.Breach, _info: Any) -> str | None:
        return row.risk or None

    @staticmethod
    def resolve_exempt(row: models.Breach, _info: Any) -> str | None:
        return row.exempt or None

    @staticmethod
    def resolve_letter(row: models.Breach, _info: Any) -> list[BreachLetter]:
        return [BreachLetter(language=one, **words) for one, words in (row.letter or {}).items()]

    @staticmethod
    def resolve_affected(row: Any, _info: Any) -> list[BreachCount]:
        counted: _Counted = row.counted
        return [BreachCount(told=one.value, count=n) for one, n in counted.found[row.pk].items()]

    @staticmethod
    def resolve_searches(row: models.Breach, _info: Any) -> list[models.BreachSearch]:
        return sorted(row.searches.all(), key=lambda one: one.pk)

    @staticmethod
    def resolve_events(row: models.Breach, _info: Any) -> list[models.BreachEvent]:
        return sorted(row.events.all(), key=lambda one: one.pk)

    @staticmethod
    def resolve_notification(row: models.Breach, _info: Any, language: str) -> str:
        return notification.document(row, shop().config(), language).plain()


class _Counted:
    """Who is affected by a whole page of breaches, counted when somebody asks."""

    def __init__(self, rows: list[models.Breach]) -> None:
        self.keys = [row.pk for row in rows]

    @cached_property
    def found(self) -> dict[int, dict[Told, int]]:
        return affected.counts(self.keys)


def shown(rows: list[models.Breach]) -> list[models.Breach]:
    """Let who is affected be counted for all of them at once."""
    counted = _Counted(rows)
    for row in rows:
        row.counted = counted  # type: ignore[attr-defined]
    return rows


class Query(graphene.ObjectType):
    """Reading breaches, in the controller's office."""

    breaches = graphene.Field(
        connection("RegisterBreach", Breach), state=State(description="Left out: all."),
        sort_by=sorting("RegisterBreach", ORDERS), **PAGING,
        description="The register of breaches: GDPR article 33(5).",
    )  # fmt: skip
    breach = graphene.Field(
        Breach, id=given_id("RegisterBreach", required=True),
        description="One breach, or NOT_FOUND.",
    )  # fmt: skip
    breach_affected = graphene.Field(
        connection("RegisterBreachAffected", AffectedPerson), required=True,
        breach=given_id("RegisterBreach", required=True),
        told=ToldEnum(description="Left out: all."), **PAGING,
        description="Who is affected, by key.",
    )  # fmt: skip

    @staticmethod
    def resolve_breaches(_root: Any, info: Any, **arguments: Any) -> Listing:
        _enter(info)
        return listing(_rows(arguments), ORDERS, arguments, shown)

    @staticmethod
    def resolve_breach(_root: Any, info: Any, id: str) -> models.Breach:
        _enter(info)
        row = models.Breach.objects.filter(pk=from_global_id("RegisterBreach", id)).first()
        if row is None:
            raise NotFound("There is no such breach.", field="id")
        return shown([row])[0]

    @staticmethod
    def resolve_breach_affected(
        _root: Any, info: Any, breach: str, told: str | None = None, **arguments: Any
    ) -> Listing:
        _enter(info)
        key = from_global_id("RegisterBreach", breach, name="breach")
        rows = models.Affected.objects.filter(breach=key)
        return listing(rows.filter(state=told) if told else rows, _PEOPLE, arguments, list)


def _enter(info: Any) -> None:
    office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)


def _rows(given: Mapping[str, Any]) -> QuerySet[models.Breach]:
    rows = models.Breach.objects.prefetch_related("searches", "events")
    return rows.filter(state=given["state"]) if given.get("state") else rows
