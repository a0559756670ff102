"""What customers choose about marketing for themselves, with the shop's own token of their account.

Neither guard nor log: nobody looks at anybody else's data here. The e-mail address is the
account's. The numbers and places of its address book nobody has proved, and they may be somebody
else's: of these it tells what this customer said, and nothing that others did.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import graphene
from django.db import transaction

from ... import models
from ...marketing import choices, confirmations, contact_keys, contacts, marks, reach
from ...marketing.reach import Reach
from ...policy.marketing import Channel, Source
from ...shop.port import shop
from ..errors import NotFound
from .marketing import (
    MarketingChoiceInput,
    MarketingPermission,
    MarketingTextInput,
    text_of,
    told,
    wanted,
)
from .mutations import mutation, oneself


class Query(graphene.ObjectType):
    """Reading one's own permissions."""

    own_marketing = graphene.List(
        graphene.NonNull(MarketingPermission), required=True,
        description="With a customer's own token, alone in its request.",
    )  # fmt: skip

    @staticmethod
    def resolve_own_marketing(_root: Any, info: Any) -> list[MarketingPermission]:
        return _told(*_reached(oneself(info)))


def _reached(user: int) -> tuple[Reach, int | None]:
    """Return the addresses of an account, in shop and register, and the customer's key."""
    account = next(iter(shop().customers([user], shop().config())), None)
    if account is None:
        raise NotFound("There is no such account.")
    customer = models.Customer.objects.filter(saleor_user=user).first()
    own = reach.of_account(account)
    if customer is None:
        return own, None
    return reach.together(own, reach.of_customer(customer)), customer.pk


def _told(
    reached: Reach, customer: int | None, made: Collection[models.MarketingEvent] = ()
) -> list[MarketingPermission]:
    """Return what holds as far as this customer may know; of a stranger's book what they `made`."""
    found = []
    for channel, addresses in reached.items():
        if not addresses:
            continue
        text = contact_keys.normalise(channel, addresses[0])
        if channel is Channel.EMAIL:
            whose = None if customer is None else [customer]
            [now] = contacts.permissions([(channel, text)], customers=whose)
        elif (theirs := choices.said(channel, text, customer, made)) is None:
            continue
        else:
            now = theirs
        found.append(told(channel, now))
    return found


def _update(
    *,
    customer: int,
    channels: Sequence[Mapping[str, Any]],
    profiling: bool | None = None,
    language: str = "",
    text: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    chosen = wanted(channels)
    shown = text_of(text, chosen)
    reached, key = _reached(customer)
    common: dict[str, Any] = {
        "source": Source.STOREFRONT, "customer": key, "user": customer if key is None else None,
    }  # fmt: skip
    with transaction.atomic():
        made = choices.choose(reached, chosen, language=language, text=shown, **common)
        if profiling is not None:
            choices.profile(reached, profiling, **common)
        confirmations.remember(made, user=customer)
        if key is None:
            marks.leave_stranger(customer, reached, shop())
    return {"permissions": _told(reached, key, made)}


class Mutation(graphene.ObjectType):
    """Choosing for oneself."""

    own_marketing_update = mutation(
        "OwnMarketingUpdate", _update, own=True,
        takes={
            "channels": graphene.List(
                graphene.NonNull(MarketingChoiceInput), required=True,
                description="What is not among them stays.",
            ),
            "profiling": graphene.Boolean(
                description="What one bought may decide what one is sent; left out: stays."
            ),
            "language": graphene.String(
                description="Of the text, as the shop's language code: `fi`, `et` ..."
            ),
            "text": MarketingTextInput(description="Of a yes: what the customer agreed to."),
        },
        gives={
            "permissions": graphene.List(
                graphene.NonNull(MarketingPermission),
                description="What holds now, channel by channel.",
            ),
        },
        description="Choose with one's own token. A yes by e-mail waits for the link of a mail.",
    )  # fmt: skip
