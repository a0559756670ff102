"""What somebody chooses about marketing, recorded: by their own token, by staff, or by a link.

A no covers every address by which they are known, so that a former e-mail address does not bring
it back; a yes is about the one in use. All in the caller's transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from .. import clock
from ..access.actor import Actor
from ..errors import RegisterError
from ..models import Customer, MarketingEvent, Purchase
from ..policy.marketing import (
    PROFILING,
    Channel,
    Event,
    Kind,
    Permission,
    Source,
    Text,
)
from ..policy.marketing_rule import permission
from . import contact_keys, controller, ledger, reach
from .contact_keys import Address, ContactKey
from .reach import Reach


class ChoiceError(RegisterError):
    """A choice that cannot be recorded."""

    code = "MARKETING"


def choose(
    reached: Reach,
    wanted: Mapping[Channel, bool],
    *,
    source: str,
    actor: Actor | None = None,
    language: str = "",
    text: Text | None = None,
    customer: int | None = None,
    user: int | None = None,
) -> list[MarketingEvent]:
    """Record yes and no by channel; return the events. Raises `ChoiceError`.

    A yes to a channel without an address is refused; a no to it holds for those that come.
    `user`: of an account that never bought; with the e-mail that it has later, its no stays theirs.
    """
    common: dict[str, Any] = {
        "source": source, "actor": actor, "language": language, "customer": customer,
    }  # fmt: skip
    found: list[MarketingEvent] = []
    kept = reach.as_account(user)
    _hold_all(reached, kept)
    for channel, yes in wanted.items():
        addresses = reached[channel]
        if not yes:
            found += [
                ledger.record(Kind.OBJECTION, channel, one, of=of, **common)
                for of, one in (*reach.closes(reached, channel), *kept)
            ]
        elif not addresses:
            raise ChoiceError(f"There is no address for the channel {channel}.", field="channels")
        else:
            found.append(ledger.record(Kind.CONSENT, channel, addresses[0], text=text, **common))
    return found


def profile(
    reached: Reach,
    yes: bool,
    *,
    source: str,
    actor: Actor | None = None,
    language: str = "",
    customer: int | None = None,
    user: int | None = None,
) -> None:
    """Record whether what they bought may choose what they are sent, for all their addresses.

    `user`: as of `choose`.
    """
    kind = Kind.PROFILE if yes else Kind.NO_PROFILE
    kept = reach.as_account(user)
    _hold_all(reached, kept)
    for channel in reached:
        for of, one in (*reach.closes(reached, channel), *kept):
            ledger.record(
                kind, channel, one, source=source, actor=actor, language=language,
                customer=customer, of=of,
            )  # fmt: skip


def said(
    channel: Channel, text: str, customer: int | None, made: Collection[MarketingEvent]
) -> Permission | None:
    """Return what a customer's own words come to for an address that may be somebody else's.

    Whoever had it may have used its link: that word stays theirs. None: of a stranger to the
    register, who said nothing (`made`: in this transaction).
    """
    rows = {one.pk: one for one in made}
    if customer is not None:
        rows |= {one.pk: one for one in MarketingEvent.objects.filter(customer=customer)}
    elif not any(one.channel == channel for one in made):
        return None
    own = {some[0] for some in contact_keys.many([(channel, text)]).values()}
    events = [
        Event(
            Kind(one.kind), Channel(one.channel), one.at, one.source, bytes(one.digest) not in own
        )
        for one in rows.values()
        if one.source not in {Source.LINK, Source.MAIL}
    ]
    orders = Purchase.objects.filter(customer=customer, customer__isnull=False)
    person = replace(controller.person(), orders=tuple(orders.values_list("placed_at", flat=True)))
    return permission(events, channel=channel, person=person, at=clock.now())


def is_profiled(found: Sequence[ContactKey], channel: Channel) -> bool:
    """Tell whether a contact lets what they bought choose what they are sent; yes unless said."""
    words = MarketingEvent.objects.filter(
        key_version__in=[key.version for key in found], digest__in=[key.digest for key in found],
        channel=channel.value, kind__in=[one.value for one in PROFILING],
    )  # fmt: skip
    last = words.order_by("-at", "-pk").first()
    return last is None or last.kind == Kind.PROFILE


def nothing(
    key: ContactKey, *, source: str, language: str = "", customer: int | None = None
) -> None:
    """Say no to everything for whoever a contact key is, as far as the register knows them.

    The key itself is closed whether it knows them or not. `customer`: to whom the link went.
    """
    _, people = _hold(key, customer)
    ledger.oppose(
        key.digest, key.version, None, source=source, language=language, customer=customer
    )
    for pk, reached in people:
        wanted = dict.fromkeys(Channel, False)
        choose(reached, wanted, source=source, language=language, customer=pk)


def no_profile(key: ContactKey, *, language: str = "", customer: int | None = None) -> None:
    """Say no to any profile by a link, for whoever its contact key is, as `nothing` does."""
    found, people = _hold(key, customer)
    for pk, reached in people:
        profile(reached, False, source=Source.LINK, language=language, customer=pk)
    for channel in Channel:
        # A number or place that comes later is known by the key.
        if is_profiled(found, channel):
            ledger.reconsent(
                key.digest, key.version, channel, language=language, kind=Kind.NO_PROFILE,
                customer=customer,
            )  # fmt: skip


def _hold_all(reached: Reach, kept: Sequence[tuple[Channel, Address]]) -> None:
    """Take the locks of all addresses, of whichever the word is: another word may follow it."""
    ledger.hold([*reach.each(reached), *kept])


def _hold(
    key: ContactKey, customer: int | None
) -> tuple[list[ContactKey], list[tuple[int, Reach]]]:
    """Return the keys of an address and who has it, and hold all of theirs before any word."""
    found, whose = reach.siblings(key, customer)
    known = MarketingEvent.objects.filter(
        key_version__in=[one.version for one in found], digest__in=[one.digest for one in found],
        customer__isnull=False,
    ).values("customer")  # fmt: skip
    rows = Customer.objects.filter(Q(pk__in=known) | Q(pk=whose or 0)).order_by("pk")
    people = [(one.pk, reach.of_customer(one)) for one in rows]
    ledger.hold((one for _, some in people for one in reach.each(some)), beside=found)
    return found, people
