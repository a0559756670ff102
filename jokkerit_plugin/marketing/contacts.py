"""The question that a sender asks before every message: may this address be written to?

Nobody may be while the register cannot know who said no: without a key, without a key that
opt-outs stand under, with a database older than its ledger of erasures, before the old opt-outs
are in, while those of the shop wait to be read, and while nobody has said whose a new business id
is. Messages about an order, a delivery or a recall are another purpose: no opt-out stops them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import F, Q

from .. import clock, keys
from ..access import copies
from ..errors import RegisterError
from ..models import (
    InboxEvent,
    MarketingEvent,
    OptOutImport,
    Suppression,
    Sweep,
)
from ..policy.marketing import Channel, Event, Ground, Kind, Permission
from ..policy.marketing_rule import permission
from ..policy.problems import Problem
from ..policy.purposes import Purpose
from ..register.status import shortened
from ..shop.port import shop
from . import contact_keys, controller, copied, key_checks, owners, soft_opt_in, store, unread
from .contact_keys import Address, BadAddress
from .owners import Owner, Pair

#: For so long what changed in the shop may wait to be read.
WAITS = timedelta(minutes=15)
#: Pairs of one question.
MOST = 1000
#: No opt-out stops these: what the person has ordered, or must be warned of.
SERVICE = frozenset(
    {Purpose.SERVICE, Purpose.DELIVERY, Purpose.CLAIMS, Purpose.INVOICING, Purpose.COLLECTION}
)
#: They stand by what was said, whatever holds back for a time.
_NO = frozenset({Ground.OPTED_OUT, Ground.BOUNCED})


class TooMany(RegisterError):
    """More pairs than one question may have."""

    code = "TOO_MANY"


class BadPurpose(RegisterError):
    """A purpose for which nobody is written to."""

    code = "BAD_PURPOSE"


class KeyGone(RegisterError):
    """Opt-outs stand under a key that is not in the environment: nobody knows whose they are."""

    code = "KEY_GONE"


class OptOutsMissing(RegisterError):
    """Nobody has brought the old opt-outs, or said that there are none."""

    code = "OPT_OUTS_MISSING"


class Behind(RegisterError):
    """The shop may know of opt-outs that the register has not read."""

    code = "BEHIND"


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason`: a `Ground`; `bad_address`, `service`; or why nobody may be asked for: the code of
    an error, as `no_key`.
    """

    allowed: bool
    reason: str


def may_contact(
    pairs: Sequence[tuple[Address, Channel]], *, purpose: str = Purpose.MARKETING
) -> list[Answer]:
    """Tell of each address and channel whether it may be written to now; a few queries.

    Raises `TooMany` for more than 1,000, `BadPurpose`.
    """
    if len(pairs) > MOST:
        raise TooMany(f"Ask for {MOST:,} addresses at most.", field="pairs")
    if not asks_permission(purpose):
        return [Answer(True, "service")] * len(pairs)
    if refusal := closed():
        return [Answer(False, refusal.code.lower())] * len(pairs)
    found = [_normalised(channel, address) for address, channel in pairs]
    known = iter(permissions([one for one in found if one]))
    return [
        Answer((its := next(known)).allowed, its.ground.value) if one
        else Answer(False, BadAddress.code.lower())
        for one in found
    ]  # fmt: skip


def asks_permission(purpose: str) -> bool:
    """Tell whether a purpose asks who may be written to. Raises `BadPurpose`."""
    if purpose != Purpose.MARKETING and purpose not in SERVICE:
        message = f"Ask for marketing, or for one of {', '.join(sorted(SERVICE))}."
        raise BadPurpose(message, field="purpose")
    return purpose == Purpose.MARKETING


def closed() -> RegisterError | None:
    """Return why nobody may be contacted for marketing; None: each may be asked for."""
    asked = (
        key_checks.check, copies.check, copied.check, all_keys, controller.check, _old_opt_outs,
        _read_up,
    )  # fmt: skip
    for ask in asked:
        try:
            ask()
        except RegisterError as refusal:
            return refusal
    return None


def status() -> list[Problem]:
    """Return what is wrong with marketing: a sentence each; nobody's data.

    A shop that has none, and never had any, has nothing to see to.
    """
    if not (
        shop().config().soft_opt_in_from
        or any(model.objects.exists() for model in (MarketingEvent, Suppression, OptOutImport))
        or soft_opt_in.unheard()
    ):
        return []
    refusal = closed()
    found = copied.status()
    if refusal:
        closes = f"Nobody may be contacted for marketing: {refusal.message}"
        found.insert(0, Problem(refusal.code, closes))
    return found


def permissions(
    pairs: Sequence[Pair], *, customers: Sequence[int] | None = None
) -> list[Permission]:
    """Return the permission of addresses that `contact_keys.normalise` returned; a few queries.

    `customers`: by pair the customer that it was read from. What they said of other addresses of
    theirs counts as well. Raises `NoKey`.
    """
    key_checks.check()
    whose = owners.of(pairs, customers)
    digests = contact_keys.many(pairs)
    suppressed, events = store.suppressed(digests), store.events(digests)
    now = clock.now()
    histories: list[list[Event]] = []
    found: list[Permission] = []
    for place, ((channel, _), owner) in enumerate(zip(pairs, whose, strict=True)):
        mine = [one[place] for one in digests.values()]
        standing = [suppressed[mark] for one in mine if (mark := (one, channel)) in suppressed]
        history = [event for one in mine for event in events.get(one, ())]
        histories.append([*history, *owner.elsewhere(mine)])
        in_force = [one for one in standing if one.lifted_at is None]
        if in_force:
            closed_by = max(in_force, key=lambda one: (one.reason is not Kind.BOUNCE, one.since))
            ground = Ground.BOUNCED if closed_by.reason is Kind.BOUNCE else Ground.OPTED_OUT
            found.append(Permission(False, ground, closed_by.since))
        else:
            said = permission(histories[-1], channel=channel, person=owner.person, at=now)
            if said.ground not in _NO and (owner.restricted or owner.unheard):
                ground = Ground.RESTRICTED if owner.restricted else Ground.UNHEARD
                said = Permission(False, ground)
            found.append(said)
    _seen(pairs, whose, histories, found, now)
    return found


def _seen(
    pairs: Sequence[Pair],
    whose: Sequence[Owner],
    histories: Sequence[list[Event]],
    found: list[Permission],
    now: datetime,
) -> None:
    """Let a log-in count; the shop is asked of those alone who would be inactive without one."""
    idle = [place for place, one in enumerate(found) if one.ground is Ground.INACTIVE]
    users = sorted({user for place in idle for user in whose[place].users})
    if not users:
        return
    seen = shop().last_seen(users)
    for place in idle:
        moments = [seen[user] for user in whose[place].users if user in seen]
        if moments:
            person = replace(whose[place].person, seen_at=max(moments))
            found[place] = permission(
                histories[place], channel=pairs[place][0], person=person, at=now
            )


def _normalised(channel: Channel, address: Address) -> Pair | None:
    try:
        return channel, contact_keys.normalise(channel, address)
    except BadAddress:
        return None


def all_keys() -> None:
    """Raise `KeyGone` where opt-outs stand under a key that is not there, of profiles also."""
    if gone := store.gone(keys.derived("contact")):
        raise KeyGone(
            f"Opt-outs stand under the key {', '.join(gone)}, which is not in {keys.VARIABLE}: put"
            " it back, after the newest one."
        )


def _read_up() -> None:
    """Raise `Behind` while opt-outs of orders and accounts may be in the shop alone."""
    oldest = InboxEvent.objects.order_by("pk").values_list("noted_at", flat=True).first()
    if oldest and oldest < clock.now() - WAITS:
        raise Behind(
            "What has changed in the shop waits to be read, opt-outs perhaps among it: does a"
            " Celery worker run?"
        )
    names = [Sweep.Name.BACKFILL, Sweep.Name.RECONCILE, Sweep.Name.BY_HAND]
    whole = Sweep.objects.filter(name__in=names, valid=True, finished_at__isnull=False)
    if not shop().config().fill_orders:
        raise Behind(
            "The setting Fill from orders is off: what orders and accounts say is not read,"
            " opt-outs perhaps among it."
        )
    late = clock.now() - WAITS
    if nameless := [str(key) for key, at in unread.orders().nameless.items() if at < late]:
        raise Behind(
            "Orders of the shop could not be read, opt-outs perhaps among what they say, and they"
            f" name nobody: {shortened(sorted(nameless))}."
        )
    if not whole.exists():
        raise Behind(
            "The register has not been compared with the whole shop since it was installed or"
            " deactivated: that is done at night, or at once by register_reconcile."
        )


def _old_opt_outs() -> None:
    # A file of which most lines were rejected was read by a wrong column, most likely.
    taken = OptOutImport.objects.filter(finished_at__isnull=False, dry_run=False)
    most = Q(lines__gt=0, rejected__lte=F("lines") / 2)
    if not taken.filter(Q(declared=True) | most).exists():
        raise OptOutsMissing(
            "The old opt-outs come first: import them with register_import_optouts, or declare that"
            " there are none."
        )
