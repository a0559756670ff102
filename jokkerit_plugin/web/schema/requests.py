"""What people ask about their own data: for the controller, for staff who take it down, and own.

Lists hold keys, dates and codes, nobody's name. What was written is behind `requestContent`,
through the guard.
"""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import graphene
from django.db.models import Q, QuerySet

from ... import clock, models
from ...access import office
from ...access.actor import Actor
from ...errors import RegisterError as Failure
from ...policy.permissions import CHANGERS, Permission
from ...policy.requests import Proof, RefusalGround, RequestKind, RequestState
from ...policy.restriction import RestrictionGround
from ...retention.keeps import Keep, of_customers
from ...rights import letters, requests
from ...shop.port import shop
from ..errors import NotSignedIn
from ..pagination import Order, day, number
from .base import from_global_id, to_global_id
from .keeps import DataKeep
from .lists import PAGING, Listing, connection, listing, sorting
from .mutations import RegisterError, failed, mutation
from .restrictions import Ground as RestrictionGroundEnum

ORDERS = {
    "NEWEST": Order("NEWEST", ("pk",), (number,), descending=True),
    "DUE_ON": Order("DUE_ON", ("due_on", "pk"), (day, number)),
}

Kind = graphene.Enum("RequestKind", [(one.name, one.value) for one in RequestKind])
Origin = graphene.Enum("RequestOrigin", [(one.name, one.value) for one in models.Request.Origin])
State = graphene.Enum("RequestState", [(one.name, one.value) for one in RequestState])
ProofEnum = graphene.Enum("RequestProof", [(one.name, one.value) for one in Proof if one.value])
Refusal = graphene.Enum("RequestRefusalGround", [(one.name, one.value) for one in RefusalGround])


class RequestLetter(graphene.ObjectType):
    """A letter to the one who asked; not sent yet: they have not been told."""

    what = graphene.String(required=True)
    made_at = graphene.DateTime(required=True)
    sent_at = graphene.DateTime()
    sent_by = graphene.String(required=True)
    error = graphene.String(required=True)


class RequestEvent(graphene.ObjectType):
    """What happened to a request, when, and by whom."""

    what = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    actor = graphene.String(required=True, description="`person`: who asked; `shop`: by itself.")
    code = graphene.String(required=True)


class Request(graphene.ObjectType):
    """A request, or the question whether a deleted account was one."""

    id = graphene.ID(required=True)
    customer = graphene.ID(description="Null: it is not known yet whose it is.")
    kind = Kind(required=True)
    origin = Origin(required=True)
    state = State(required=True)
    opened_at = graphene.DateTime(required=True)
    due_on = graphene.Date(description="Last day for the answer; null: nobody has asked.")
    proof = ProofEnum(description="How it is known who asks; null: it is not.")
    proof_note = graphene.String(required=True)
    proved_by = graphene.String(required=True)
    is_partial = graphene.Boolean(
        required=True, description="The proof reaches some of the customer's purchases only."
    )
    is_marketing = graphene.Boolean(
        required=True, description="An objection to direct marketing, which is granted at once."
    )
    extended_at = graphene.DateTime()
    decided_at = graphene.DateTime()
    decided_by = graphene.String(required=True, description="`shop`: by itself.")
    ground = Refusal()
    done_at = graphene.DateTime()
    keeps = graphene.List(
        graphene.NonNull(DataKeep), required=True,
        description="What keeps the customer's data, and until when. None is known of a customer"
        " who is erased: ask when the request is decided.",
    )  # fmt: skip
    letters = graphene.List(graphene.NonNull(RequestLetter), required=True)
    events = graphene.List(graphene.NonNull(RequestEvent), required=True)

    @staticmethod
    def resolve_id(row: models.Request, _info: Any) -> str:
        return to_global_id("RegisterRequest", row.pk)

    @staticmethod
    def resolve_customer(row: models.Request, _info: Any) -> str | None:
        return to_global_id("RegisterCustomer", row.customer) if row.customer else None

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
    def resolve_keeps(row: Any, _info: Any) -> list[Keep]:
        kept: _Kept = row.kept
        return kept.found[row.customer] if row.customer else []

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


def _shown(rows: list[models.Request]) -> list[models.Request]:
    kept = _Kept([row.customer for row in rows if row.customer])
    for row in rows:
        row.kept = kept  # type: ignore[attr-defined]
    return rows


def _given(row: models.Request) -> Mapping[str, Any]:
    return {"request": _shown([row])[0]}


class RequestContent(graphene.ObjectType):
    """What was written, and where the answer goes."""

    email = graphene.String(required=True)
    name = graphene.String(required=True)
    postal_code = graphene.String(required=True)
    orders = graphene.List(graphene.NonNull(graphene.String), required=True)
    message = graphene.String(required=True)


class OwnRequest(graphene.ObjectType):
    """A request of one's own."""

    kind = Kind(required=True)
    state = State(required=True)
    opened_at = graphene.DateTime(required=True)
    due_on = graphene.Date()


class OwnRequestOpen(graphene.ObjectType):
    """What came of asking."""

    request = graphene.Field(OwnRequest)
    errors = graphene.List(graphene.NonNull(RegisterError), required=True)


class RequestFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    kind = Kind()
    state = State()
    customer = graphene.ID()


class Query(graphene.ObjectType):
    """Reading requests."""

    requests = graphene.Field(
        connection("RegisterRequest", Request), filter=RequestFilterInput(),
        sort_by=sorting("RegisterRequest", ORDERS)(), **PAGING,
    )  # fmt: skip
    own_requests = graphene.List(
        graphene.NonNull(OwnRequest), description="Of the customer whose own token was sent."
    )

    @staticmethod
    def resolve_requests(_root: Any, info: Any, **arguments: Any) -> Listing:
        office.enter(
            info.context.actor, Permission.MANAGE_REGISTER, Permission.MANAGE_PRIVACY,
            act=info.field_name,
        )  # fmt: skip
        return listing(_rows(arguments.get("filter") or {}), ORDERS, arguments, _shown)

    @staticmethod
    def resolve_own_requests(_root: Any, info: Any) -> list[models.Request]:
        key = models.Customer.objects.filter(saleor_user=_own(info)).values_list("pk", flat=True)
        rows = models.Request.objects.filter(customer__in=list(key))
        # Those alone that the account itself made, or is the proof of.
        return list(rows.filter(proof=Proof.ACCOUNT).order_by("-pk")[:100])


def _rows(given: Mapping[str, Any]) -> QuerySet[models.Request]:
    condition = ~Q(state=RequestState.UNCONFIRMED)
    for name in ("kind", "state"):
        if given.get(name) is not None:
            condition &= Q(**{name: given[name]})
    if given.get("customer") is not None:
        key = from_global_id("RegisterCustomer", given["customer"], name="customer")
        condition &= Q(customer=key)
    rows = models.Request.objects.filter(condition)
    return rows.prefetch_related("letters", "events")


def _own(info: Any) -> int:
    user: int | None = info.context.customer
    if user is None:
        raise NotSignedIn("Send the customer's own token of the shop in the Authorization header.")
    return user


def _open(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = dict(input)
    customer = from_global_id("RegisterCustomer", given.pop("customer"), name="customer")
    kind = RequestKind(given.pop("kind"))
    marketing = bool(given.pop("is_marketing", False))
    found = requests.open_for(
        customer, kind=kind, how=given["how"], message=given.get("message") or "",
        email=given.get("email") or "", marketing=marketing, actor=actor,
    )  # fmt: skip
    return _given(found)


def _prove(*, actor: Actor, id: str, customer: str, how: str) -> Mapping[str, Any]:
    found = requests.prove(
        from_global_id("RegisterRequest", id), how=how, actor=actor,
        customer=from_global_id("RegisterCustomer", customer, name="customer"),
    )  # fmt: skip
    return _given(found)


def _accept(
    *, actor: Actor, id: str, restriction: str | None = None, reason: str = ""
) -> Mapping[str, Any]:
    ground = RestrictionGround(restriction) if restriction else None
    key = from_global_id("RegisterRequest", id)
    found = requests.decide(key, accept=True, restriction=ground, reason=reason, actor=actor)
    return _given(found)


def _refuse(*, actor: Actor, id: str, ground: str, reason: str = "") -> Mapping[str, Any]:
    key = from_global_id("RegisterRequest", id)
    found = requests.decide(
        key, accept=False, ground=RefusalGround(ground), reason=reason, actor=actor
    )
    return _given(found)


def _withdraw(*, actor: Actor, id: str) -> Mapping[str, Any]:
    return _given(requests.withdraw(from_global_id("RegisterRequest", id), actor=actor))


def _corrected(*, actor: Actor, id: str, reason: str = "") -> Mapping[str, Any]:
    key = from_global_id("RegisterRequest", id)
    return _given(requests.corrected(key, reason=reason, actor=actor))


def _extend(*, actor: Actor, id: str, reason: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRequest", id)
    return _given(requests.extend(key, reason=reason, actor=actor))


def _told(*, actor: Actor, id: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterRequest", id)
    return {"letters": letters.told(key, actor=actor)}


def _content(*, actor: Actor, id: str) -> Mapping[str, Any]:
    row, found = requests.read(from_global_id("RegisterRequest", id), actor=actor)
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

    customer = graphene.ID(required=True)
    kind = Kind(required=True)
    how = graphene.String(
        required=True, description="How you made sure who asks: the way, no document's number."
    )
    message = graphene.String(description="What they asked, in their words; stored encrypted.")
    email = graphene.String(description="Where the answer goes, if not to the customer's own.")
    is_marketing = graphene.Boolean(description="Of an objection: to direct marketing.")


_ID = {"id": graphene.ID(required=True)}
_REQUEST = {"request": graphene.Field(Request)}


class Mutation(graphene.ObjectType):
    """Taking requests down, and dealing with them."""

    request_open = mutation(
        "RequestOpen", _open, takes={"input": RequestOpenInput(required=True)}, gives=_REQUEST,
        needs=CHANGERS, description="Take down what a customer asks. Through the guard.",
    )  # fmt: skip
    request_prove = mutation(
        "RequestProve", _prove,
        takes={
            **_ID, "customer": graphene.ID(required=True), "how": graphene.String(required=True),
        },
        gives=_REQUEST, needs=CHANGERS,
        description="Say whose request it is, and how you made sure. Through the guard.",
    )  # fmt: skip
    request_content = mutation(
        "RequestContentRead", _content, takes=_ID,
        gives={**_REQUEST, "content": graphene.Field(RequestContent)}, needs=CHANGERS,
        description="Read what was written. Through the guard, and logged.",
    )  # fmt: skip
    request_accept = mutation(
        "RequestAccept", _accept,
        takes={**_ID, "restriction": RestrictionGroundEnum(), "reason": graphene.String()},
        gives=_REQUEST,
        description="Grant it. An erasure: contact details go in the coming night, if nothing else"
        " keeps them. A copy is made, and its link sent.",
    )  # fmt: skip
    request_refuse = mutation(
        "RequestRefuse", _refuse,
        takes={**_ID, "ground": Refusal(required=True), "reason": graphene.String()},
        gives=_REQUEST, description="Refuse it: the letter says why, and where to complain.",
    )  # fmt: skip
    request_withdraw = mutation(
        "RequestWithdraw", _withdraw, takes=_ID, gives=_REQUEST,
        description="Record that the customer took it back.",
    )  # fmt: skip
    request_corrected = mutation(
        "RequestCorrected", _corrected, takes={**_ID, "reason": graphene.String()}, gives=_REQUEST,
        description="Record that what was accepted has been corrected in the shop, whose data the"
        " register follows; the letter names those who had the wrong data.",
    )  # fmt: skip
    request_extend = mutation(
        "RequestExtend", _extend,
        takes={**_ID, "reason": graphene.String(required=True, description="For the letter.")},
        gives=_REQUEST,
        description="Take two further months, once; they count when the letter has been sent.",
    )  # fmt: skip
    request_told = mutation(
        "RequestTold", _told, takes=_ID, gives={"letters": graphene.Int()},
        description="Record that the person was told by post or phone what a letter could not.",
    )  # fmt: skip
    own_request_open = graphene.Field(
        OwnRequestOpen, kind=Kind(required=True), message=graphene.String(),
        is_marketing=graphene.Boolean(),
        description="Ask about one's own data, with the customer's own token of the shop.",
    )  # fmt: skip

    @staticmethod
    def resolve_own_request_open(_root: Any, info: Any, **arguments: Any) -> OwnRequestOpen:
        user = _own(info)
        try:
            made = requests.open_by_account(
                user, kind=RequestKind(arguments["kind"]),
                message=arguments.get("message") or "",
                marketing=bool(arguments.get("is_marketing")),
            )  # fmt: skip
        except Failure as error:
            return OwnRequestOpen(errors=[failed(error)])
        return OwnRequestOpen(request=made, errors=[])
