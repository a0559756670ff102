"""What customers ask about their own data, with the shop's own token of their account."""

from collections.abc import Mapping
from typing import Any

import graphene
from django.db.models import Q

from ... import models
from ...policy.requests import Proof, RequestKind
from ...rights import opening
from .mutations import changed, mutation, oneself
from .request_enums import Kind, State


class OwnRequest(graphene.ObjectType):
    """A request of one's own."""

    kind = Kind(required=True, description="Which right.")
    state = State(required=True, description="Where it stands.")
    opened_at = graphene.DateTime(
        required=True, description="When it was received: the law's month runs from here."
    )
    due_on = graphene.Date(description="Last day for the answer; null: none runs.")


class Query(graphene.ObjectType):
    """Reading one's own requests."""

    own_requests = graphene.List(
        graphene.NonNull(OwnRequest), description="Of the customer whose own token was sent."
    )

    @staticmethod
    def resolve_own_requests(_root: Any, info: Any) -> list[models.Request]:
        user = oneself(info)
        keys = models.Customer.objects.filter(saleor_user=user).values_list("pk", flat=True)
        rows = models.Request.objects.filter(Q(customer__in=list(keys)) | Q(account=user))
        # Those alone that the account itself made, or is the proof of.
        return list(rows.filter(proof=Proof.ACCOUNT).order_by("-pk")[:100])


def _open(
    *, customer: int, kind: str, message: str | None = None, is_marketing: bool | None = None
) -> Mapping[str, Any]:
    made = opening.open_by_account(
        customer, kind=RequestKind(kind), message=message or "", marketing=bool(is_marketing)
    )
    return {"request": made}


class Mutation(graphene.ObjectType):
    """Asking for oneself."""

    own_request_open = mutation(
        "OwnRequestOpen", _open, own=True,
        takes={
            "kind": Kind(required=True, description="Which right."),
            "message": graphene.String(description="In one's own words; stored encrypted."),
            "is_marketing": graphene.Boolean(description="Of an objection: to direct marketing."),
        },
        gives={"request": changed(OwnRequest)},
        description="Ask about one's own data, with the customer's own token of the shop.",
    )  # fmt: skip
