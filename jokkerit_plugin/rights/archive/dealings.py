"""What the register noted of its dealings with a person: requests, marketing, claims, notices."""

from collections.abc import Iterator

from django.db.models import Q

from ... import keys
from ...marketing import contact_keys
from ...models import (
    CorrectionTask,
    Customer,
    Hold,
    MarketingEvent,
    Notice,
    Request,
    Restriction,
    Suppression,
    Telling,
)
from ...policy.categories import TITLES as CATEGORIES
from ...policy.categories import Category
from ...policy.corrections import TOLD, Told
from ...policy.languages import Language
from ...policy.marketing import Channel
from ...policy.requests import PROVED, TITLES, RequestKind
from .. import content
from .held import Listed, Row
from .whose import Whose


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
        Listed(
            "errors", ("since", "field", "sign", "closed_at", "outcome"), _noticed(whose)
        ),
        Listed("notices", ("told_at", "until", "language"), _told(whose)),
        Listed(
            "tellings", ("made_at", "subject", "recipient", "categories", "recipient_told_at"),
            _passed_on(whose, language),
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
        title = TITLES[RequestKind(one.kind)][Language.of(language)]
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


def _noticed(whose: Whose) -> Iterator[Row]:
    """Yield the errors that were noticed otherwise than by a request."""
    rows = CorrectionTask.objects.filter(customer=whose.customer).order_by("opened_at", "pk")
    for one in rows.iterator():
        yield one.opened_at.isoformat(), one.field, one.sign, _text(one.closed_at), one.outcome


def _told(whose: Whose) -> Iterator[Row]:
    """Yield the mails that told of a coming erasure; one that no server took told nobody."""
    rows = Notice.objects.filter(Q(customer=whose.customer) | Q(user=whose.account or 0))
    for one in rows.filter(refused=False).order_by("told_at", "pk").iterator():
        yield one.told_at.isoformat(), _text(one.term), one.language


def _passed_on(whose: Whose, language: str) -> Iterator[Row]:
    """Yield which recipients were told of a correction, erasure or restriction (article 19)."""
    at = Language.of(language)
    rows = Telling.objects.filter(customer=whose.customer).select_related("recipient")
    for one in rows.order_by("made_at", "pk").iterator():
        kinds = ", ".join(CATEGORIES[Category(name)][at] for name in one.categories.split())
        yield (
            one.made_at.isoformat(), TOLD[Told(one.what)][at], one.recipient.name, kinds,
            _text(one.told_at),
        )  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else str(getattr(value, "isoformat", value.__str__)())
