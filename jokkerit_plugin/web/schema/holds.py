"""Legal holds, and debts handed to a collector. Seen through the guard, for debt collection."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import graphene
from django.db.models import Q

from ... import models
from ...access.actor import Actor
from ...disclosure import collection, holds
from ...policy.categories import Category
from ...policy.holds import HoldGround, Release
from ...policy.permissions import CHANGERS
from ...policy.purposes import Purpose
from ..pagination import Order, day, number
from .base import from_global_id, given_id, id_of, look_for
from .enums import CategoryEnum, enumeration
from .filters import asked, either, happened, of
from .lists import PAGING, connection, listing, sorting
from .mutations import changed, mutation

ORDERS = {
    "NEWEST": Order("NEWEST", ("pk",), (number,), descending=True),
    "REVIEW_ON": Order("REVIEW_ON", ("review_on", "pk"), (day, number)),
}

HoldGroundEnum = enumeration(
    HoldGround, COLLECTION="A debt that was handed to a collector.",
    DISPUTE="A dispute with the customer.", CLAIM="A legal claim.",
    AUTHORITY="An authority demands it.",
)  # fmt: skip
HoldReleaseReason = enumeration(
    Release, "HoldReleaseReason", PAID="Of a debt: paid, also elsewhere.",
    WRITTEN_OFF="Of a debt: given up.", WITHDRAWN="Taken back.",
    LAPSED="Of a debt: its limitation is over.", SETTLED="Of what is no debt: over.",
)  # fmt: skip


class Collector(graphene.ObjectType):
    """A registered company that collects debts."""

    id = id_of("RegisterRecipient")
    name = graphene.String(required=True, description="The company's.")


class Hold(graphene.ObjectType):
    """What may not be erased yet, and why; keys, nobody's name."""

    id = id_of("RegisterHold")
    customer = id_of("RegisterCustomer", "customer_id", "Null: of one purchase.", required=False)
    purchase = id_of(
        "RegisterPurchase", "purchase_id", "Null: of a customer as a whole.", required=False
    )
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True, description="Which kinds of data are kept."
    )
    ground = HoldGroundEnum(required=True, description="Why the law lets them be kept.")
    reason = graphene.String(
        required=True, description="A sentence about the claim, and not the person."
    )
    recipient = graphene.Field(Collector, description="Of a debt: who collects it.")
    placed_at = graphene.DateTime(required=True, description="From then on the data is kept.")
    placed_by = graphene.String(required=True, description="Who placed it, `user:<id>`.")
    review_on = graphene.Date(
        required=True, description="When somebody looks whether it is still needed."
    )
    due_on = graphene.Date(description="Of a debt: when it fell due; null: no debt.")
    interrupted_on = graphene.Date(
        description="Of a debt: when its limitation last began anew; null: it has not."
    )
    lapses_on = graphene.Date(description="The last day of a debt's limitation.")
    released_at = graphene.DateTime(description="Null: it holds.")
    released_by = graphene.String(
        required=True,
        description="Who ended it, `user:<id>`; `task:release_paid`: paid there; empty: nobody.",
    )  # fmt: skip
    release_reason = HoldReleaseReason(description="What ended it; null: it holds.")

    @staticmethod
    def resolve_categories(row: models.Hold, _info: Any) -> list[str]:
        return row.categories.split()

    @staticmethod
    def resolve_release_reason(row: models.Hold, _info: Any) -> str | None:
        return row.released_why or None


class HoldFilterInput(graphene.InputObjectType):
    """All that is given must hold."""

    is_released = graphene.Boolean(description="Only ended ones, or only those that hold.")
    is_review_overdue = graphene.Boolean(
        description="Only those whose day of review has passed, or only the others."
    )
    ground = HoldGroundEnum(description="Why it is kept.")
    customer = given_id("RegisterCustomer", "Holds of their purchases too.")
    purchase = given_id("RegisterPurchase", "Of this purchase alone.")


class Query(graphene.ObjectType):
    """Reading holds."""

    holds = graphene.Field(
        connection("RegisterHold", Hold), filter=HoldFilterInput(description="Left out: all."),
        sort_by=sorting("RegisterHold", ORDERS), **PAGING,
        description="Staff see those of debts, the controller all.",
    )  # fmt: skip
    collectors = graphene.List(
        graphene.NonNull(Collector), description="To whom a debt can be handed."
    )

    @staticmethod
    def resolve_holds(_root: Any, info: Any, **arguments: Any) -> Any:
        look = look_for(info, Purpose.COLLECTION, Category.PURCHASE)
        condition = asked(
            arguments, is_released=happened("released_at"), ground="ground",
            is_review_overdue=either(Q(pk__in=holds.overdue().values("pk"))),
            customer=of("customer", "customer", "purchase__customer"), purchase=of("purchase"),
        )  # fmt: skip
        rows = holds.visible_to(look.actor).filter(condition)

        def show(found: list[models.Hold]) -> list[models.Hold]:
            look.met(row.subject for row in found if row.subject)
            return found

        return listing(rows.select_related("purchase", "recipient"), ORDERS, arguments, show)

    @staticmethod
    def resolve_collectors(_root: Any, info: Any) -> list[models.Recipient]:
        look = look_for(info, Purpose.COLLECTION, Category.PURCHASE)
        return list(collection.collectors(actor=look.actor))


def _key(kind: str, given: Mapping[str, Any], name: str) -> int | None:
    return from_global_id(kind, given[name], name=name) if given.get(name) is not None else None


def _place(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = {
        **input,
        "customer": _key("RegisterCustomer", input, "customer"),
        "purchase": _key("RegisterPurchase", input, "purchase"),
        "ground": HoldGround(input["ground"]),
        "categories": [Category(one) for one in input["categories"]],
    }
    return {"hold": holds.place(**given, actor=actor)}


def _review(*, actor: Actor, id: str, review_on: date) -> Mapping[str, Any]:
    key = from_global_id("RegisterHold", id)
    return {"hold": holds.review(key, review_on=review_on, actor=actor)}


def _interrupt(*, actor: Actor, id: str, on: date) -> Mapping[str, Any]:
    return {"hold": holds.interrupt(from_global_id("RegisterHold", id), on=on, actor=actor)}


def _release(*, actor: Actor, id: str, release_reason: str) -> Mapping[str, Any]:
    key = from_global_id("RegisterHold", id)
    return {"hold": holds.release(key, reason=Release(release_reason), actor=actor)}


def _hand_over(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    given = dict(input)
    purchase = from_global_id("RegisterPurchase", given.pop("purchase"), name="purchase")
    collector = from_global_id("RegisterRecipient", given.pop("recipient"), name="recipient")
    handed = collection.hand_over(purchase, collector, **given, actor=actor)
    return {"hold": handed.hold, "document": handed.document.decode()}


class HoldPlaceInput(graphene.InputObjectType):
    """A hold of a customer or of one purchase; debts have `collectionHandOver`."""

    customer = given_id("RegisterCustomer", "A customer as a whole; or:")
    purchase = given_id("RegisterPurchase", "One purchase.")
    categories = graphene.List(
        graphene.NonNull(CategoryEnum), required=True,
        description="Which kinds of data to keep; one at least.",
    )  # fmt: skip
    ground = HoldGroundEnum(required=True, description="Any but COLLECTION.")
    reason = graphene.String(required=True, description="Of the claim; no personal data.")
    review_on = graphene.Date(required=True, description="In the future; when to look again.")


class CollectionHandOverInput(graphene.InputObjectType):
    """An unpaid purchase, and who is to collect it."""

    purchase = given_id("RegisterPurchase", "Unpaid, of a known customer.", required=True)
    recipient = given_id("RegisterRecipient", "One of `collectors`.", required=True)
    due_on = graphene.Date(
        required=True,
        description="When it fell due; limitation of three years runs from it (728/2003 s. 4).",
    )  # fmt: skip
    interrupted_on = graphene.Date(description="The last reminder, or other interruption.")
    reason = graphene.String(required=True, description="Of the claim; no personal data.")
    review_on = graphene.Date(required=True, description="In the future; when to look again.")


_ID = {"id": given_id("RegisterHold", required=True)}
_HOLD = {"hold": changed(Hold)}


class Mutation(graphene.ObjectType):
    """Changing holds; all but placing go through the guard as well, for debt collection."""

    hold_place = mutation(
        "HoldPlace", _place,
        takes={"input": HoldPlaceInput(required=True, description="What to keep, and why.")},
        gives=_HOLD, description="Keep data that a dispute, a legal claim or an authority needs.",
    )  # fmt: skip
    hold_review = mutation(
        "HoldReview", _review,
        takes={**_ID, "review_on": graphene.Date(required=True, description="In the future.")},
        gives=_HOLD, needs=CHANGERS, description="Keep a hold until another day of review.",
    )  # fmt: skip
    hold_interrupt = mutation(
        "HoldInterrupt", _interrupt,
        takes={
            **_ID,
            "on": graphene.Date(
                required=True,
                description="Since the last interruption, and before the debt lapsed.",
            ),
        },
        gives=_HOLD, needs=CHANGERS,
        description="Record that the limitation of a debt began anew on a day.",
    )  # fmt: skip
    hold_release = mutation(
        "HoldRelease", _release,
        takes={
            **_ID,
            "release_reason": HoldReleaseReason(
                required=True, description="LAPSED only when the limitation is over."
            ),
        },
        gives=_HOLD, needs=CHANGERS,
        description="End a hold: paid elsewhere, written off, withdrawn, settled or lapsed.",
    )  # fmt: skip
    collection_hand_over = mutation(
        "CollectionHandOver", _hand_over,
        takes={
            "input": CollectionHandOverInput(
                required=True, description="Which purchase, and to whom."
            ),
        },
        gives={
            **_HOLD, "document": graphene.String(description="The claim as JSON; it is not kept.")
        },
        needs=CHANGERS,
        description="Hand an unpaid purchase to a collector, and hold its data until that is over.",
    )  # fmt: skip
