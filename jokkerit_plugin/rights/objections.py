"""Objections: to direct marketing absolute and immediate, of others what a granted one ends.

GDPR article 21. A granted objection ends what rests on the shop's interest alone: direct marketing,
and the buyer on vouchers beyond the years that the Accounting Act demands.
"""

from .. import clock
from ..access.actor import Actor
from ..marketing import choices, contact_keys, contacts, ledger, reach
from ..marketing.contact_keys import BadAddress
from ..marketing.reach import Reach
from ..models import Customer, Purchase, Request
from ..policy.marketing import Channel, Ground, Kind, Source
from ..policy.requests import PROVED
from ..shop.port import shop
from . import content

_SOURCES = {
    # How they were told, the request says.
    Request.Origin.STAFF: Source.STAFF.value,
    Request.Origin.FORM: Source.LINK.value,
    Request.Origin.ACCOUNT: Source.STOREFRONT.value,
}


def oppose(row: Request, actor: Actor | None) -> bool:
    """End marketing to the one who asked, in the caller's transaction; tell whether it was done.

    Whose identity is proved is opted out on every address that the register knows, an account that
    never bought on those that the shop knows; a mailbox alone speaks for itself. `actor`: who
    decided, or took it down; None: the person.
    """
    source = _SOURCES.get(Request.Origin(row.origin), Source.LINK.value)
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    if customer is not None and row.proof in PROVED and row.purchases is None:
        choices.choose(
            reach.of_customer(customer), dict.fromkeys(Channel, False), source=source,
            actor=actor, language=row.language, customer=customer.pk,
        )  # fmt: skip
        return True
    if row.account is not None and (of_shop := shop().customers([row.account], shop().config())):
        choices.choose(
            reach.of_account(of_shop[0]), dict.fromkeys(Channel, False), source=source,
            actor=actor, language=row.language, user=row.account,
        )  # fmt: skip
        return True
    mailbox = content.read(row).email
    if not mailbox:
        return False
    try:
        ledger.record(
            Kind.OBJECTION, Channel.EMAIL, mailbox, source=source, actor=actor,
            language=row.language,
        )  # fmt: skip
    except BadAddress:
        return False
    return True


def free_vouchers(row: Request) -> None:
    """Let vouchers of the purchases that a locked request reaches tell the buyer no longer than
    the law demands (`retention/rules.py`). Of what is bought later another objection is needed.
    """
    if row.customer is None:
        return
    rows = Purchase.objects.filter(customer=row.customer, objected_at=None)
    if row.purchases is not None:
        rows = rows.filter(pk__in=row.purchases)
    found = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Purchase.objects.filter(pk__in=found).update(objected_at=clock.now())


def follow(customer: int, before: Reach, actor: Actor) -> None:
    """Let an opt-out hold for an address that a correction brought, in the caller's transaction.

    `before`: by which addresses the customer was reached. A no to one of them is the person's.
    """
    after = reach.of_customer(Customer.objects.get(pk=customer))
    new = {
        channel: [one for one in some if one not in before[channel]]
        for channel, some in after.items()
    }
    asked = [
        (channel, contact_keys.normalise(channel, one))
        for channel, one in reach.each(before) if new[channel]
    ]  # fmt: skip
    closed = {
        channel for (channel, _), found in zip(asked, contacts.permissions(asked), strict=True)
        if found and found.ground is Ground.OPTED_OUT
    } if asked else set()  # fmt: skip
    ledger.hold((channel, one) for channel in sorted(closed) for one in new[channel])
    for channel in sorted(closed):
        for one in new[channel]:
            ledger.record(
                Kind.OBJECTION, channel, one, source=Source.STAFF.value, actor=actor,
                customer=customer,
            )  # fmt: skip
