"""The register of personal data breaches, for the controller: keys, dates and their own words."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import graphene
from django.db.models import QuerySet

from ... import clock, models
from ...access import office
from ...policy.breaches import BreachState, Exemption, Found, Phase, Risk, Told, runs
from ...policy.permissions import Permission
from ...rights.breaches import affected, notification
from ...shop.port import shop
from ..errors import NotFound
from ..pagination import Order, moment, number
from .base import from_global_id, to_global_id
from .descriptions import DescriptionLanguage
from .lists import PAGING, Listing, connection, listing, sorting
from .me import CategoryEnum

ORDERS = {
    "NEWEST": Order("NEWEST", ("pk",), (number,), descending=True),
    "DUE_AT": Order("DUE_AT", ("due_at", "pk"), (moment, number)),
}
_PEOPLE = {"KEY": Order("KEY", ("pk",), (number,))}


def _enum(name: str, values: Any) -> Any:
    return graphene.Enum(name, [(one.name, one.value) for one in values])


State, RiskEnum, PhaseEnum = (
    _enum("BreachState", BreachState), _enum("BreachRisk", Risk), _enum("BreachPhase", Phase),
)  # fmt: skip
ExemptionEnum = _enum("BreachExemption", Exemption)
FoundEnum, ToldEnum = _enum("BreachSearchKind", Found), _enum("BreachTold", Told)


class BreachEvent(graphene.ObjectType):
    """What happened to a breach, when, by whom, and what was written then."""

    what = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    actor = graphene.String(required=True, description="`shop`: by itself.")
    values = graphene.JSONString(required=True)


class BreachSearch(graphene.ObjectType):
    """How it is known who is affected."""

    id = graphene.ID(required=True)
    kind = FoundEnum(required=True)
    actor = graphene.String(required=True, description="Who looked.")
    start = graphene.DateTime()
    end = graphene.DateTime()
    key = graphene.String(description="Of the file, or the disclosure's number.")
    categories = graphene.List(graphene.NonNull(CategoryEnum), required=True)
    asked_at = graphene.DateTime(required=True)
    asked_by = graphene.String(required=True)
    done_at = graphene.DateTime(description="Null: a worker computes it within a minute.")
    count = graphene.String(description="How many it found.")
    strangers = graphene.String(
        description="Of `HELD`: about how many more are in unfinished checkouts and in accounts"
        " that never bought. They are no customers, and no letter goes to them."
    )
    discarded_at = graphene.DateTime()
    discarded_by = graphene.String(required=True)

    @staticmethod
    def resolve_id(row: models.BreachSearch, _info: Any) -> str:
        return to_global_id("RegisterBreachSearch", row.pk)

    @staticmethod
    def resolve_categories(row: models.BreachSearch, _info: Any) -> list[str]:
        return row.categories.split()


class BreachCount(graphene.ObjectType):
    """How many are affected, by what has become of telling them."""

    told = ToldEnum(required=True)
    count = graphene.String(required=True)


class BreachLetter(graphene.ObjectType):
    """The words of the letter in a language."""

    language = DescriptionLanguage(required=True)
    happened = graphene.String(required=True)
    consequences = graphene.String(required=True)
    measures = graphene.String(required=True)


class Breach(graphene.ObjectType):
    """A personal data breach, as far as it is known."""

    id = graphene.ID(required=True)
    state = State(required=True)
    recorded_at = graphene.DateTime(required=True)
    recorded_by = graphene.String(required=True)
    happened = graphene.String(required=True)
    began_at = graphene.DateTime()
    ended_at = graphene.DateTime(description="Null: it goes on, or is not known.")
    aware_at = graphene.DateTime(required=True)
    due_at = graphene.DateTime(
        required=True, description="By when the authority is notified: 72 hours from awareness."
    )
    is_running = graphene.Boolean(
        required=True, description="The clock runs: not notified, and a risk is not ruled out."
    )
    hours_left = graphene.Float(required=True, description="Until `dueAt`; below zero: it is over.")
    categories = graphene.List(graphene.NonNull(CategoryEnum), required=True)
    who = graphene.String(required=True)
    people = graphene.String()
    records = graphene.String()
    consequences = graphene.String(required=True)
    measures = graphene.String(required=True)
    risk = RiskEnum(description="Null: not assessed.")
    risk_reasons = graphene.String(required=True)
    assessed_at = graphene.DateTime()
    assessed_by = graphene.String(required=True)
    notified_at = graphene.DateTime()
    complete_at = graphene.DateTime(description="When the authority had been told everything.")
    reference = graphene.String(required=True, description="The authority's.")
    late_reasons = graphene.String(required=True)
    exempt = ExemptionEnum(description="Why people are not told one by one: article 34(3).")
    exempt_reasons = graphene.String(required=True)
    letters_at = graphene.DateTime(description="When letters were ordered.")
    letter = graphene.List(graphene.NonNull(BreachLetter), required=True)
    closed_at = graphene.DateTime()
    closed_by = graphene.String(required=True)
    affected = graphene.List(graphene.NonNull(BreachCount), required=True)
    searches = graphene.List(graphene.NonNull(BreachSearch), required=True)
    events = graphene.List(graphene.NonNull(BreachEvent), required=True)
    notification = graphene.String(
        required=True, language=DescriptionLanguage(required=True),
        description="What the authority is told, to copy or print: article 33(3).",
    )  # fmt: skip

    @staticmethod
    def resolve_id(row: models.Breach, _info: Any) -> str:
        return to_global_id("RegisterBreach", row.pk)

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


class AffectedPerson(graphene.ObjectType):
    """Somebody whose data was breached, by key; `customer` says who, through the guard."""

    customer = graphene.ID(required=True, description="As it was then.")
    categories = graphene.List(graphene.NonNull(CategoryEnum), required=True)
    told = ToldEnum(required=True)
    at = graphene.DateTime(required=True, description="Since when it is so.")
    told_by = graphene.String(required=True)
    error = graphene.String(required=True)

    @staticmethod
    def resolve_customer(row: models.Affected, _info: Any) -> str:
        return to_global_id("RegisterCustomer", row.customer)

    @staticmethod
    def resolve_categories(row: models.Affected, _info: Any) -> list[str]:
        return row.categories.split()

    @staticmethod
    def resolve_told(row: models.Affected, _info: Any) -> str:
        return row.state


def shown(rows: list[models.Breach]) -> list[models.Breach]:
    """Let who is affected be counted for all of them at once."""
    counted = _Counted(rows)
    for row in rows:
        row.counted = counted  # type: ignore[attr-defined]
    return rows


class Query(graphene.ObjectType):
    """Reading breaches, in the controller's office."""

    breaches = graphene.Field(
        connection("RegisterBreach", Breach), state=State(),
        sort_by=sorting("RegisterBreach", ORDERS)(), **PAGING,
    )  # fmt: skip
    breach = graphene.Field(Breach, id=graphene.ID(required=True))
    breach_affected = graphene.Field(
        connection("RegisterBreachAffected", AffectedPerson), required=True,
        breach=graphene.ID(required=True), told=ToldEnum(), **PAGING,
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
