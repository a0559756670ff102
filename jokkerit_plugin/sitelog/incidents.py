"""Lines that belong to an incident are copied to it, so that they outlast their day.

They are copied when it is opened, when somebody adds what a search finds, before addresses are
cut or a customer is erased, and before a day goes. An error to be mended needs no address: of
those the copy has none.
"""

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..access.subjects import here
from ..models import Incident, IncidentLine
from ..policy.categories import Category
from ..policy.log_uses import OF_INCIDENTS
from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from ..register.held_lines import copy_to_incidents
from .days import Day
from .search import SearchError, Wanted, allow, lines, refusals_logged

#: Longest time after which somebody looks at an open incident again.
REVIEW_WITHIN = timedelta(days=366)
#: Characters of a reason.
LONGEST_REASON = 2000


class IncidentError(SearchError):
    """An incident cannot be opened, filled or closed as asked."""

    code = "INCIDENT"


def copy_day(one: Day, *, before: datetime | None = None) -> int:
    """Copy a day's lines to the open incidents whose terms they meet; return how many were new."""
    return copy_to_incidents("l.at < %s", [before or one.end], source=one.name)


def overdue() -> QuerySet[Incident]:
    """Return open incidents whose day of review is over."""
    today = clock.now().astimezone(clock.HELSINKI).date()
    return Incident.objects.filter(closed_at=None, review_on__lt=today).order_by("pk")


def purpose_of(incident: int) -> Purpose:
    """Return for what an incident is held."""
    found = Incident.objects.filter(pk=incident).values_list("purpose", flat=True).first()
    # Of one that does not exist too: it tells nobody that there is none.
    return Purpose(found) if found else Purpose.SECURITY


def begin(
    purpose: Purpose, wanted: Wanted, *, reason: str, review_on: date, actor: Actor
) -> Incident:
    """Open an incident and copy the lines that meet its terms; later ones are copied in time.

    Raises `IncidentError` or `Refused`.
    """
    made: list[Incident] = []

    def act() -> None:
        customer = here(wanted.customer) if wanted.customer else None
        if wanted.customer and not customer:
            raise IncidentError("There is no such customer.", field="customer")
        one = Incident.objects.create(
            purpose=purpose.value, reason=_checked(reason), since=wanted.since, until=wanted.until,
            address=wanted.address, customer=customer, path=wanted.path,
            review_on=_review(review_on), opened_by=actor.key,
        )  # fmt: skip
        copy_to_incidents("i.id = %s", [one.pk])
        made.append(one)

    with _visit(purpose, "incidentOpen", actor) as inside:
        if purpose not in OF_INCIDENTS:
            raise IncidentError("Incidents are of security or error_fixing.", field="purpose")
        if wanted.status is not None or "/" in (wanted.address or ""):
            raise IncidentError("The terms are a time, an address, a customer, a path.")
        with refusals_logged(actor, inside.act, purpose):
            allow(purpose, wanted.names())
        _named(inside, wanted.customer)
        inside.then(act)
    return made[0]


def add(incident: int, wanted: Wanted, *, actor: Actor) -> int:
    """Copy to an open incident what a search finds; return how many lines were new."""
    added: list[int] = []

    def act() -> None:
        _locked(incident)
        found = lines(wanted, purpose).values("pk", "at")
        sql, given = found.query.sql_with_params()
        # The time is said twice: by it PostgreSQL knows the tables of the days.
        added.append(
            copy_to_incidents(
                f"i.id = %s AND l.at >= %s AND l.at < %s AND (l.id, l.at) IN ({sql})",
                [incident, wanted.since, wanted.until, *given], terms="",
            )
        )  # fmt: skip

    purpose = purpose_of(incident)
    with _visit(purpose, "incidentAddLines", actor) as inside:
        with refusals_logged(actor, inside.act, purpose):
            allow(purpose, wanted.names())
        _named(inside, wanted.customer)
        inside.then(act)
    return added[0]


def close(incident: int, *, actor: Actor) -> Incident:
    """Close an incident: its copies go at once, the lines themselves with their day."""
    closed: list[Incident] = []

    def act() -> None:
        one = _locked(incident)
        IncidentLine.objects.filter(incident=one).delete()
        one.closed_at, one.closed_by = clock.now(), actor.key
        # Whom it was about goes with the lines; the reason stays.
        one.address, one.customer, one.path = None, None, ""
        one.save()
        closed.append(one)

    with _visit(purpose_of(incident), "incidentClose", actor) as inside:
        inside.then(act)
    return closed[0]


def review(incident: int, *, review_on: date, actor: Actor) -> Incident:
    """Keep an incident open, having looked at it, until another day."""
    kept: list[Incident] = []

    def act() -> None:
        one = _locked(incident)
        one.review_on = _review(review_on)
        one.save(update_fields=["review_on"])
        if one.customer is not None and not inside.open_to([one.customer]):
            one.customer = None
        kept.append(one)

    with _visit(purpose_of(incident), "incidentReview", actor) as inside:
        about = Incident.objects.filter(pk=incident).values_list("customer", flat=True).first()
        _named(inside, about)
        inside.then(act)
    return kept[0]


def _visit(purpose: Purpose, act: str, actor: Actor) -> AbstractContextManager[guard.Visit]:
    return guard.visit(
        actor, purpose, act=act, asks=[Category.LOG], needs=[Permission.MANAGE_PRIVACY]
    )


def _named(inside: guard.Visit, customer: int | None) -> None:
    """Log whom it is about. Holding shows nothing, so a restricted customer stops it not."""
    if customer is not None:
        inside.saw(inside.open_to([customer]))
        inside.saw_figures([customer])


def _locked(incident: int) -> Incident:
    found = Incident.objects.select_for_update().filter(pk=incident, closed_at=None).first()
    if found is None:
        raise IncidentError("There is no such open incident.", field="id")
    return found


def _checked(reason: str) -> str:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise IncidentError("Say what happened, and name nobody.", field="reason")
    return reason.strip()


def _review(on: date) -> date:
    today = clock.now().astimezone(clock.HELSINKI).date()
    if not today <= on <= today + REVIEW_WITHIN:
        raise IncidentError("Choose a day of review within a year.", field="review_on")
    return on
