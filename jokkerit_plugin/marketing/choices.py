"""What somebody chooses about marketing, recorded: by their own token, by staff, or by a link.

A no covers every address by which they are known, so that a former e-mail address does not bring
it back; a yes is about the one in use. All in the caller's transaction.
"""

from collections.abc import Mapping
from typing import Any

from ..access.actor import Actor
from ..errors import RegisterError
from ..models import Customer, MarketingEvent
from ..policy.marketing import Channel, Kind, Text
from . import ledger
from .contact_keys import ContactKey
from .reach import Reach, of_customer


class ChoiceError(RegisterError):
    """A choice that cannot be recorded."""

    code = "MARKETING"


def choose(
    reach: Reach,
    wanted: Mapping[Channel, bool],
    *,
    source: str,
    actor: Actor | None = None,
    language: str = "",
    text: Text | None = None,
    customer: int | None = None,
) -> list[MarketingEvent]:
    """Record yes and no by channel; return the events. Raises `ChoiceError`.

    A yes to a channel on which there is no address is refused; a no to it has nothing to do.
    """
    common: dict[str, Any] = {
        "source": source, "actor": actor, "language": language, "customer": customer,
    }  # fmt: skip
    found = []
    for channel, yes in wanted.items():
        addresses = reach[channel]
        if not yes:
            found += [ledger.record(Kind.OBJECTION, channel, one, **common) for one in addresses]
        elif not addresses:
            raise ChoiceError(f"There is no address for the channel {channel}.", field="channels")
        else:
            found.append(ledger.record(Kind.CONSENT, channel, addresses[0], text=text, **common))
    return found


def profile(
    reach: Reach, yes: bool, *, source: str, actor: Actor | None = None, customer: int | None = None
) -> None:
    """Record whether what they bought may choose what they are sent, for all their addresses."""
    kind = Kind.PROFILE if yes else Kind.NO_PROFILE
    for channel, addresses in reach.items():
        for one in addresses:
            ledger.record(kind, channel, one, source=source, actor=actor, customer=customer)


def is_profiled(key: ContactKey, channel: Channel) -> bool:
    """Tell whether a contact lets what they bought choose what they are sent; yes unless said."""
    said = MarketingEvent.objects.filter(
        key_version=key.version, digest=key.digest, channel=channel.value,
        kind__in=[Kind.PROFILE.value, Kind.NO_PROFILE.value],
    )  # fmt: skip
    last = said.order_by("-at", "-pk").first()
    return last is None or last.kind == Kind.PROFILE


def nothing(key: ContactKey, *, source: str, language: str = "") -> None:
    """Say no to everything for whoever a contact key is, as far as the register knows them.

    The key itself is closed whether it knows them or not.
    """
    ledger.oppose(key.digest, key.version, None, source=source, language=language)
    known = MarketingEvent.objects.filter(
        key_version=key.version, digest=key.digest, customer__isnull=False
    ).values("customer")
    for customer in Customer.objects.filter(pk__in=known):
        wanted = dict.fromkeys(Channel, False)
        choose(
            of_customer(customer), wanted, source=source, language=language, customer=customer.pk
        )
