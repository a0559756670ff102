"""What people ask about their own data: for the controller, for staff who take it down, and own.

Lists hold keys, dates and codes, nobody's name. What was written is behind `requestContent`,
through the guard.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Any

import graphene
from django.db.models import Q, QuerySet

from ... import clock, models
from ...access import office
from ...keys import NoKey
from ...policy.permissions import CHANGERS
from ...policy.requests import OVER, RequestState
from ...retention.keeps import Keep, of_customers
from ...rights import opening
from ...shop.port import shop
from ..errors import NotFound
from ..pagination import Order, day, number
from .base import from_global_id, given_id, id_of
from .filters import asked, either, of
from .keeps import DataKeep
from .lists import PAGING, Listing, connection, listing, sorting
from .request_enums import EventWhat, Kind, LetterWhat, Origin, ProofEnum, Refusal, State

ORDERS = {
    "NEWEST": Order("NEWEST", ("pk",), (number,), descending=True),
    "DUE_ON": Order("DUE_ON", ("due_on", "pk"), (day, number)),
}


class RequestLetter(graphene.ObjectType):
    """A letter to the one who asked; not sent yet: they have not been told."""

    id = id_of("RegisterRequestLetter")
    what = LetterWhat(required=True, description="What it says.")
    made_at = graphene.DateTime(required=True, description="When it came to be owed.")
    sent_at = graphene.DateTime(description="Null: they have not been told.")
    sent_by = graphene.String(
        required=True,
        description="`shop`: by mail; else who told them, `user:<id>`; empty: nobody.",
    )  # fmt: skip
    error = graphene.String(
        required=True,
        description="Why the last mail did not go out, without the address; empty: nothing.",
    )  # fmt: skip


class RequestEvent(graphene.ObjectType):
    """What happened to a request, when, and by whom."""

    what = EventWhat(required=True, description="What happened.")
    at = graphene.DateTime(required=True, description="When it happened.")
    actor = graphene.String(required=True, description="`person`: who asked; `shop`: by itself.")
    code = graphene.String(
        required=True, description="More of it, as a code: a ground, a way; empty: nothing."
    )


class Request(graphene.ObjectType):
    """A request, or the question whether a deleted account was one."""

    id = id_of("RegisterRequest")
    customer = id_of(
        "RegisterCustomer", "customer", "Null: it is not known yet whose it is.", required=False
    )
    kind = Kind(required=True, description="Which right.")
    origin = Origin(required=True, description="By which door it came.")
    state = State(required=True, description="Where it stands.")
    opened_at = graphene.DateTime(
        required=True,
        description="When it was received: the law's month runs from here (article 12(3)).",
    )  # fmt: skip
    due_on = graphene.Date(description="Last day for the answer, or for what staff decide.")
    proof = ProofEnum(description="How it is known who asks; null: it is not.")
    proof_note = graphene.String(
        required=True, description="Of a proof by staff: the way; empty: none."
    )
    proved_by = graphene.String(
        required=True, description="Who made sure, `user:<id>`; empty: by itself."
    )
    is_partial = graphene.Boolean(
        required=True, description="The proof reaches some of the customer's purchases only."
    )
    is_marketing = graphene.Boolean(
        required=True, description="An objection to direct marketing, which is granted at once."
    )
    answers_elsewhere = graphene.Boolean(
        required=True,
        description="The answer goes to an address that is not known as the customer's: look at it"
        " (`requestContent`) before you accept.",
    )
    extended_at = graphene.DateTime(description="When two more months were taken, once; null: not.")
    decided_at = graphene.DateTime(description="Null: not decided.")
    decided_by = graphene.String(required=True, description="`shop`: by itself.")
    ground = Refusal(description="Why it was refused; null: it was not.")
    done_at = graphene.DateTime(description="When it had been done; null: not yet, or refused.")
    keeps = graphene.List(
        graphene.NonNull(DataKeep), required=True,
        description="What keeps the customer's data, and until when. None is known of a customer"
        " who is erased: ask when the request is decided.",
    )  # fmt: skip
    copy_until = graphene.DateTime(
        description="Of a copy that was made: until when it stands. Null: there is none now."
    )
    letters = graphene.List(
        graphene.NonNull(RequestLetter), required=True,
        description="To the one who asked, the oldest first.",
    )  # fmt: skip
    events = graphene.List(
        graphene.NonNull(RequestEvent), required=True,
        description="What happened to it, the oldest first.",
    )  # fmt: skip

    @staticmethod
    def resolve_proof(row: models.Request, _info: Any) -> str | None:
        return row.proof or None

    @staticmethod
    def resolve_ground(row: models.Request, _info: Any) -> str | None:
        return row.ground or None

    @staticmethod
    def resolve_is_partial(row: models.Request, _info: Any) -> bool:
        return row.purchases is not None

    @staticmethod
    def resolve_is_marketing(row: models.Request, _info: Any) -> bool:
        return row.marketing

    @staticmethod
    def resolve_answers_elsewhere(row: models.Request, _info: Any) -> bool:
        if row.customer is None or row.state in OVER:
            return False
        try:
            return not opening.goes_home(row)
        except NoKey:
            # Nobody can see where it goes.
            return True

    @staticmethod
    def resolve_keeps(row: Any, _info: Any) -> list[Keep]:
        kept: _Kept = row.kept
        return kept.found[row.customer] if row.customer else []

    @staticmethod
    def resolve_copy_until(row: models.Request, _info: Any) -> datetime | None:
        made: models.Archive | None = getattr(row, "archive", None)
        return made.expires_at if made and made.expires_at > clock.now() else None

    @staticmethod
    def resolve_letters(row: models.Request, _info: Any) -> list[models.RequestLetter]:
        return sorted(row.letters.all(), key=lambda one: one.pk)

    @staticmethod
    def resolve_events(row: models.Request, _info: Any) -> list[models.RequestEvent]:
        return sorted(row.events.all(), key=lambda one: one.pk)


class _Kept:
    """What keeps the customers of a whole page of requests, read when somebody asks."""

    def __init__(self, customers: Collection[int]) -> None:
        self.customers = set(customers)

    @cached_property
    def found(self) -> dict[int, list[Keep]]:
        return of_customers(self.customers, clock.today(), shop().config())


def shown(rows: list[models.Request]) -> list[models.Request]:
    """Let what keeps their customers be read for all of them at once."""
    kept = _Kept([row.customer for row in rows if row.customer])
    for row in rows:
        row.kept = kept  # type: ignore[attr-defined]
    return rows


class RequestFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    kind = Kind(description="Which right.")
    state = State(description="Where it stands.")
    customer = given_id("RegisterCustomer")
    is_over = graphene.Boolean(description="Refused, withdrawn or done.")


class Query(graphene.ObjectType):
    """Reading requests."""

    request = graphene.Field(
        Request, id=given_id("RegisterRequest", required=True),
        description="One request, or NOT_FOUND.",
    )  # fmt: skip
    requests = graphene.Field(
        connection("RegisterRequest", Request),
        filter=RequestFilterInput(description="Left out: all."),
        sort_by=sorting("RegisterRequest", ORDERS), **PAGING,
        description="What people ask about their own data; UNCONFIRMED ones are not listed.",
    )  # fmt: skip

    @staticmethod
    def resolve_request(_root: Any, info: Any, id: str) -> models.Request:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        row = _rows().filter(pk=from_global_id("RegisterRequest", id)).first()
        if row is None:
            raise NotFound("There is no such request.", field="id")
        return shown([row])[0]

    @staticmethod
    def resolve_requests(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(info.context.actor, *CHANGERS, act=info.field_name)
        condition = asked(
            arguments, kind="kind", state="state", customer=of("customer"),
            is_over=either(Q(state__in=sorted(OVER))),
        )  # fmt: skip
        return listing(_rows().filter(condition), ORDERS, arguments, shown)


def _rows() -> QuerySet[models.Request]:
    rows = models.Request.objects.exclude(state=RequestState.UNCONFIRMED)
    return rows.select_related("archive").prefetch_related("letters", "events")
