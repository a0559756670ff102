"""Objections to direct marketing: absolute and immediate (GDPR article 21(2) and (3))."""

from ..access.actor import Actor
from ..marketing import choices, ledger, reach
from ..marketing.contact_keys import BadAddress
from ..models import Customer, Request
from ..policy.marketing import Channel, Kind, Source
from ..policy.requests import PROVED
from . import content

_SOURCES = {
    Request.Origin.STAFF: f"{Source.STAFF}:request",
    Request.Origin.FORM: Source.LINK.value,
    Request.Origin.ACCOUNT: Source.STOREFRONT.value,
}


def oppose(row: Request, actor: Actor | None) -> bool:
    """End marketing to the one who asked, in the caller's transaction; tell whether it was done.

    Whose identity is proved is opted out on every address that the register knows; a mailbox
    alone speaks for itself. `actor`: who decided, or took it down; None: the person.
    """
    source = _SOURCES.get(Request.Origin(row.origin), Source.LINK.value)
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    if customer is not None and row.proof in PROVED and row.purchases is None:
        choices.choose(
            reach.of_customer(customer), dict.fromkeys(Channel, False), source=source,
            actor=actor, language=row.language, customer=customer.pk,
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
