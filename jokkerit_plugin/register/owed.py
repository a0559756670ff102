"""What the shop still holds of what the register has let go, noted for whoever erases there."""

from collections.abc import Collection
from datetime import datetime

from .. import clock
from ..models import KnownIdentifier, Owed, Trace
from ..shop import erasers
from ..shop.erasers import ShopPart
from .identity import normalise_email
from .rows import execute, table

#: `Owed.what` of an account whose owner's erasure was granted: what is done for that comes first.
GRANTED = "granted"


def note(what: str, keys: Collection[str], at: datetime) -> None:
    """Remember keys, in the transaction that erases the rest."""
    if keys:
        execute(
            f"INSERT INTO {table(Owed)} (what, key, since)"
            " SELECT %s, key, %s FROM unnest(%s::text[]) AS key ORDER BY key"
            " ON CONFLICT DO NOTHING",
            [str(what), at, sorted(keys)],
        )


def note_mentions(users: Collection[int]) -> None:
    """Note what names the owners of accounts that never bought, and are gone from the shop.

    Their traces are the last that knows their e-mails: staff's events, and the card that Saleor
    leaves with an e-mail for whoever opens an account by it anew. What a customer is known by is
    theirs.
    """
    shop = erasers.eraser()
    keys = [str(user) for user in users]
    traces = list(Trace.objects.filter(kind=Trace.Kind.ACCOUNT, key__in=keys)) if shop else []
    if not shop or not traces:
        return
    emails = {one.email: normalise_email(one.email) for one in traces if one.email}
    known = set(
        KnownIdentifier.objects.filter(
            kind=KnownIdentifier.Kind.EMAIL, value__in=emails.values()
        ).values_list("value", flat=True)
    )
    alone = [email for email, value in emails.items() if value not in known]
    names = {f"{one.first_name} {one.last_name}".strip() for one in traces if one.email in alone}
    if alone:
        found = shop.mentions([], emails=alone, names=names)
        note(ShopPart.MENTION, found, clock.now())
