"""Incidents: why lines of the site log are held longer than others."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene
from django.db.models import Count

from ... import models
from ...access.actor import Actor
from ...policy.categories import Category
from ...policy.log_uses import OF_INCIDENTS
from ...policy.purposes import Purpose
from ...sitelog import incidents
from ..errors import BadInput
from ..pagination import Order, number
from ..reading import Look
from .base import from_global_id, given_id, id_of, look_for
from .enums import enumeration
from .lists import PAGING, Listing, connection, listing
from .mutations import changed, mutation
from .ranges import DateTimeRangeInput
from .site_filters import wanted_of
from .site_lines import SiteFilterInput

ORDERS = {"NEWEST": Order("NEWEST", ("pk",), (number,), descending=True)}

IncidentPurpose = enumeration(
    ((one.name, one.value) for one in Purpose if one in OF_INCIDENTS), "IncidentPurpose",
    "For what an incident's lines may be looked at.",
    SECURITY="Keeping the service and its customers safe.", ERROR_FIXING="Mending an error.",
)  # fmt: skip


class Incident(graphene.ObjectType):
    """What happened, and by which terms its lines are found until it is closed."""

    id = id_of("RegisterIncident")
    purpose = IncidentPurpose(required=True, description="For what its lines may be looked at.")
    reason = graphene.String(
        required=True, description="A sentence about what happened, and not a person."
    )
    since = graphene.DateTime(required=True, description="From then on.")
    until = graphene.DateTime(required=True, description="To before then.")
    address = graphene.String(description="Of security alone.")
    customer = id_of("RegisterCustomer", "customer", "Null: none, or restricted.", required=False)
    path = graphene.String(required=True, description="How it begins; empty: any.")
    opened_at = graphene.DateTime(required=True, description="From then on its lines are held.")
    opened_by = graphene.String(required=True, description="Who opened it, `user:<id>`.")
    review_on = graphene.Date(
        required=True, description="When somebody looks whether it is still needed."
    )
    closed_at = graphene.DateTime(description="Null: open.")
    closed_by = graphene.String(
        required=True, description="Who closed it, `user:<id>`; empty: nobody."
    )
    lines = graphene.Int(required=True, description="How many it holds by now.")

    @staticmethod
    def resolve_lines(row: Any, _info: Any) -> int:
        found = getattr(row, "held", None)
        return int(row.lines.count() if found is None else found)


class Query(graphene.ObjectType):
    """Reading incidents."""

    incident = graphene.Field(
        Incident, id=given_id("RegisterIncident", required=True),
        description="One incident; null: there is none of this id.",
    )  # fmt: skip

    incidents = graphene.Field(
        connection("RegisterIncident", Incident),
        purpose=IncidentPurpose(
            required=True, description="One at a time: each purpose shows its own."
        ),
        is_closed=graphene.Boolean(description="Only closed ones, or only open; left out: all."),
        **PAGING, description="Their lines are `siteLines(filter: {incident: ...})`.",
    )  # fmt: skip

    @staticmethod
    def resolve_incident(_root: Any, info: Any, id: str) -> models.Incident | None:
        key = from_global_id("RegisterIncident", id)
        look = look_for(info, incidents.purpose_of(key), Category.LOG)
        found = list(models.Incident.objects.filter(pk=key))
        return _shown(found, look)[0] if found else None

    @staticmethod
    def resolve_incidents(_root: Any, info: Any, **arguments: Any) -> Listing:
        look = look_for(info, arguments["purpose"], Category.LOG)
        rows = models.Incident.objects.filter(purpose=look.purpose)
        if arguments.get("is_closed") is not None:
            rows = rows.filter(closed_at__isnull=not arguments["is_closed"])
        return listing(rows, ORDERS, arguments, lambda page: _shown(page, look))


def _shown(page: list[models.Incident], look: Look) -> list[models.Incident]:
    """Count the lines of these, and name nobody who is restricted."""
    counted = models.IncidentLine.objects.filter(incident__in=[one.pk for one in page])
    held = dict(counted.values_list("incident").annotate(Count("pk")))
    closed = look.visit.closed()
    for one in page:
        one.held = held.get(one.pk, 0)  # type: ignore[attr-defined]
        if one.customer in closed:
            one.customer = None
    look.visit.saw(one.customer for one in page if one.customer)
    return page


def _open(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    if None in (input["at"].get("gte"), input["at"].get("lte")):
        raise BadInput("Give both ends of the time.", field="at")
    made = incidents.begin(
        Purpose(input["purpose"]), wanted_of(input), reason=input["reason"],
        review_on=input["review_on"], actor=actor,
    )  # fmt: skip
    return {"incident": made}


def _add(*, actor: Actor, id: str, filter: Mapping[str, Any]) -> Mapping[str, Any]:
    key = from_global_id("RegisterIncident", id)
    return {"lines": incidents.add(key, wanted_of(filter), actor=actor)}


def _close(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return {"incident": incidents.close(from_global_id("RegisterIncident", id), actor=actor)}


def _review(*, actor: Actor, id: str, review_on: date) -> Mapping[str, Any]:
    key = from_global_id("RegisterIncident", id)
    return {"incident": incidents.review(key, review_on=review_on, actor=actor)}


class IncidentOpenInput(graphene.InputObjectType):
    """What happened, and the terms by which lines are found, those to come too."""

    at = DateTimeRangeInput(required=True, description="Both ends; 31 days at most.")
    address = graphene.String(description="Of security alone; no network.")
    customer = given_id("RegisterCustomer", "Whose lines.")
    path = graphene.String(description="How it begins.")
    purpose = IncidentPurpose(required=True, description="For what they may be looked at.")
    reason = graphene.String(required=True, description="What happened; no personal data.")
    review_on = graphene.Date(required=True, description="In the future; when to look again.")


_ID = {"id": given_id("RegisterIncident", required=True)}
_INCIDENT = {"incident": changed(Incident)}


class Mutation(graphene.ObjectType):
    """Opening, filling and closing incidents; through the guard as well, for their purpose."""

    incident_open = mutation(
        "IncidentOpen", _open,
        takes={
            "input": IncidentOpenInput(required=True, description="What happened, and which lines.")
        },
        gives=_INCIDENT, description="Hold the lines that meet the terms, those to come too.",
    )  # fmt: skip
    incident_add_lines = mutation(
        "IncidentAddLines", _add,
        takes={**_ID, "filter": SiteFilterInput(required=True, description="As in `siteLines`.")},
        gives={"lines": graphene.Int(description="How many are new.")},
        description="Hold what a search finds, too.",
    )  # fmt: skip
    incident_review = mutation(
        "IncidentReview", _review,
        takes={**_ID, "review_on": graphene.Date(required=True, description="In the future.")},
        gives=_INCIDENT, description="Keep it open until another day of review.",
    )  # fmt: skip
    incident_close = mutation(
        "IncidentClose", _close, takes=_ID, gives=_INCIDENT,
        description="Let go of its lines.",
    )  # fmt: skip
