"""What the register noted of its dealings with a person: requests, marketing, claims."""

from collections.abc import Iterator

from ... import keys
from ...marketing import contact_keys
from ...models import Customer, Hold, MarketingEvent, Request, Restriction, Suppression
from ...policy.marketing import Channel
from ...policy.requests import PROVED, TITLES, RequestKind
from .. import content
from ..words import place
from .held import Listed, Row, Whose


def lists(whose: Whose, language: str) -> list[Listed]:
    """Return the lists, to be read once each; of the customer as a whole."""
    return [
        Listed(
            "requests", ("at", "kind", "state", "due_on", "decided_at", "refused", "message"),
            _requests(whose, language),
        ),
        Listed(
            "marketing", ("at", "channel", "kind", "source", "text_version", "description"),
            _said(whose),
        ),
        Listed("opt_outs", ("since", "channel", "reason"), _closed(whose)),
        Listed("restrictions", ("since", "ground", "told_on", "lifted_at"), _restricted(whose)),
        Listed(
            "holds", ("since", "purchase", "ground", "review_on", "released_at"), _claimed(whose)
        ),
    ]  # fmt: skip


def _requests(whose: Whose, language: str) -> Iterator[Row]:
    # Of a mailbox alone somebody else may have written.
    rows = Request.objects.filter(customer=whose.customer, proof__in=PROVED, purchases__isnull=True)
    for one in rows.order_by("pk").iterator():
        try:
            message = content.read(one).message
        except keys.NoKey:
            message = ""
        title = TITLES[RequestKind(one.kind)][place(language)]
        yield (
            one.opened_at.isoformat(), title, one.state, _text(one.due_on), _text(one.decided_at),
            one.ground, message,
        )  # fmt: skip


def _said(whose: Whose) -> Iterator[Row]:
    rows = MarketingEvent.objects.filter(customer=whose.customer).order_by("at", "pk")
    for one in rows.iterator():
        version = _text(one.description_id)
        yield one.at.isoformat(), one.channel, one.kind, one.source, one.text_version, version


def _closed(whose: Whose) -> Iterator[Row]:
    """Yield the opt-outs of the addresses in use: former ones may be another's by now."""
    own = Customer.objects.filter(pk=whose.customer).first()
    if own is None:
        return
    for channel, address in (
        (Channel.EMAIL, own.email or own.guest_email or ""),
        (Channel.SMS, own.phone), (Channel.PHONE, own.phone),
    ):  # fmt: skip
        try:
            found = contact_keys.keys(channel, address)
        except (contact_keys.BadAddress, keys.NoKey):
            continue
        rows = Suppression.objects.filter(
            channel=channel, digest__in=[one.digest for one in found], lifted_at=None
        )
        for one in rows.order_by("since", "pk"):
            yield one.since.isoformat(), one.channel, one.reason


def _restricted(whose: Whose) -> Iterator[Row]:
    rows = Restriction.objects.filter(customer=whose.customer).order_by("pk")
    for one in rows.iterator():
        yield one.since.isoformat(), one.ground, _text(one.told_on), _text(one.lifted_at)


def _claimed(whose: Whose) -> Iterator[Row]:
    """Yield the holds; what is written about a claim is the controller's own (article 23(1)(j))."""
    mine = Hold.objects.filter(customer=whose.customer)
    bought = Hold.objects.filter(purchase__customer=whose.customer)
    for one in (mine | bought).select_related("purchase").order_by("pk").iterator():
        number = one.purchase.number if one.purchase else ""
        yield (
            one.placed_at.isoformat(), number, one.ground, _text(one.review_on),
            _text(one.released_at),
        )  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else str(getattr(value, "isoformat", value.__str__)())
