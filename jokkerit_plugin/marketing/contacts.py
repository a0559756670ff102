"""The question that a sender asks before every message: may this address be written to?

Nobody may be while the register cannot know who said no: without a key, without a key that
opt-outs stand under, with a database older than its ledger of erasures, and before the old opt-outs
are in. Messages about an order, a delivery or a recall are another purpose: no opt-out stops them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .. import clock, keys
from ..access import restrictions
from ..access.chain import as_multirange
from ..errors import RegisterError
from ..models import (
    Customer,
    KnownIdentifier,
    MarketingEvent,
    OptOutImport,
    Purchase,
    Suppression,
)
from ..policy.marketing import (
    Channel,
    Event,
    Ground,
    Kind,
    Permission,
    Person,
    permission,
)
from ..policy.purposes import Purpose
from ..policy.vat import is_company
from ..register import copies
from ..register.rows import fetch, table
from ..shop.port import shop
from . import contact_keys, copied, store
from .contact_keys import Address, BadAddress

#: Pairs of one question.
MOST = 1000
#: No opt-out stops these: what the person has ordered, or must be warned of.
SERVICE = frozenset(
    {Purpose.SERVICE, Purpose.DELIVERY, Purpose.CLAIMS, Purpose.INVOICING, Purpose.COLLECTION}
)


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


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason`: a `Ground`; `restricted`, `bad_address`, `service`; or why nobody may be asked
    for: the code of an error, as `no_key`.
    """

    allowed: bool
    reason: str


def may_contact(
    pairs: Sequence[tuple[Address, Channel]], *, purpose: str = Purpose.MARKETING
) -> list[Answer]:
    """Tell of each address and channel whether it may be written to now; some six queries.

    Raises `TooMany` for more than 1,000, `BadPurpose`.
    """
    if len(pairs) > MOST:
        raise TooMany(f"Ask for {MOST:,} addresses at most.", field="pairs")
    if purpose in SERVICE:
        return [Answer(True, "service")] * len(pairs)
    if purpose != Purpose.MARKETING:
        message = f"Ask for marketing, or for one of {', '.join(sorted(SERVICE))}."
        raise BadPurpose(message, field="purpose")
    if refusal := closed():
        return [Answer(False, refusal.code.lower())] * len(pairs)
    found = [_normalised(channel, address) for address, channel in pairs]
    known = decide([one for one in found if one])
    answers = iter(known)
    return [next(answers) if one else Answer(False, BadAddress.code.lower()) for one in found]


def closed() -> RegisterError | None:
    """Return why nobody may be contacted for marketing; None: each may be asked for."""
    for ask in (keys.current, copies.check, copied.check, _all_keys, _old_opt_outs):
        try:
            ask()
        except RegisterError as refusal:
            return refusal
    return None


def status() -> list[str]:
    """Return what is wrong with marketing: a sentence each; nobody's data.

    A shop that has none, and never had any, has nothing to see to.
    """
    if not (
        shop().config().soft_opt_in_from
        or any(model.objects.exists() for model in (MarketingEvent, Suppression, OptOutImport))
        or any(model.objects.filter(unheard=True).exists() for model in (Purchase, Customer))
    ):
        return []
    refusal = closed()
    return [f"Nobody may be contacted for marketing: {refusal.message}"] if refusal else []


def decide(pairs: Sequence[tuple[Channel, str]]) -> list[Answer]:
    """Tell of addresses that `contact_keys.normalise` returned; a few queries for all."""
    return [
        Answer(one.allowed, one.ground.value) if one else Answer(False, "restricted")
        for one in permissions(pairs)
    ]


def permissions(pairs: Sequence[tuple[Channel, str]]) -> list[Permission | None]:
    """Return the permission of each address; None: of a customer whose data is restricted."""
    people = _people(pairs)
    digests = contact_keys.many(pairs)
    suppressed, events = store.suppressed(digests), store.events(digests)
    now = clock.now()
    histories: list[list[Event]] = []
    found: list[Permission | None] = []
    for place, (channel, text) in enumerate(pairs):
        mine = [one[place] for one in digests.values()]
        standing = [suppressed[mark] for one in mine if (mark := (one, channel)) in suppressed]
        history = [event for one in mine for event in events.get(one, ())]
        histories.append(history)
        who = people((channel, text))
        in_force = [one for one in standing if one.lifted_at is None]
        if in_force:
            closed_by = max(in_force, key=lambda one: (one.reason is not Kind.BOUNCE, one.since))
            ground = Ground.BOUNCED if closed_by.reason is Kind.BOUNCE else Ground.OPTED_OUT
            found.append(Permission(False, ground, closed_by.since))
        elif who.restricted:
            found.append(None)
        else:
            found.append(permission(history, channel=channel, person=who.person, at=now))
    _seen(pairs, people, histories, found, now)
    return found


@dataclass(frozen=True, slots=True)
class _Who:
    """Whose an address is, as far as the register knows; `users` are their accounts."""

    person: Person
    restricted: bool = False
    users: tuple[int, ...] = ()


def _people(pairs: Sequence[tuple[Channel, str]]) -> Callable[[tuple[Channel, str]], _Who]:
    """Return whose these addresses are now.

    Of an address that several have: a company's only if all of them are companies, restricted if
    one of them is.
    """
    rows = fetch(
        "SELECT k.value, c.id, c.saleor_user, c.vat_id,"
        f" (SELECT max(placed_at) FROM {table(Purchase)} AS p WHERE p.customer_id = c.id)"
        f" FROM {table(KnownIdentifier)} AS k JOIN {table(Customer)} AS c ON c.id = k.customer_id"
        " WHERE k.kind = ANY(%s::text[]) AND k.value = ANY(%s::text[])",
        [_KINDS, [text for channel, text in pairs if channel is not Channel.POST]],
    )
    closed_to = restrictions.among(as_multirange({row[1] for row in rows})) if rows else set()
    owners = defaultdict[str, list[tuple[Any, ...]]](list)
    for value, *owner in rows:
        owners[value].append(tuple(owner))
    double = shop().config().marketing_double_opt_in
    found: dict[str, _Who] = {}
    for value, theirs in owners.items():
        bought = [at for *_, at in theirs if at]
        # A company's name alone: anybody types one, also beside somebody else's address.
        legal = all(is_company(vat_id) for _, _, vat_id, _ in theirs)
        person = Person(legal, max(bought, default=None), double)
        users = tuple(user for _, user, _, _ in theirs if user)
        found[value] = _Who(person, any(pk in closed_to for pk, *_ in theirs), users)
    nobody = _Who(Person(double_opt_in=double))
    return lambda pair: nobody if pair[0] is Channel.POST else found.get(pair[1], nobody)


def _seen(
    pairs: Sequence[tuple[Channel, str]],
    people: Callable[[tuple[Channel, str]], _Who],
    histories: Sequence[list[Event]],
    found: list[Permission | None],
    now: datetime,
) -> None:
    """Let a log-in count; the shop is asked of those alone who would be inactive without one."""
    idle = {
        place: people(pairs[place])
        for place, one in enumerate(found)
        if one and one.ground is Ground.INACTIVE
    }
    users = sorted({user for who in idle.values() for user in who.users})
    if not users:
        return
    seen = shop().last_seen(users)
    for place, who in idle.items():
        moments = [seen[user] for user in who.users if user in seen]
        if moments:
            active = max([*moments, *filter(None, [who.person.active_at])])
            found[place] = permission(
                histories[place], channel=pairs[place][0],
                person=replace(who.person, active_at=active), at=now,
            )  # fmt: skip


def _normalised(channel: Channel, address: Address) -> tuple[Channel, str] | None:
    try:
        return channel, contact_keys.normalise(channel, address)
    except BadAddress:
        return None


def _all_keys() -> None:
    if gone := sorted(store.versions() - set(keys.derived("contact"))):
        raise KeyGone(
            f"Opt-outs stand under the key {', '.join(gone)}, which is not in {keys.VARIABLE}: put"
            " it back, after the newest one."
        )


def _old_opt_outs() -> None:
    if not OptOutImport.objects.filter(finished_at__isnull=False, dry_run=False).exists():
        raise OptOutsMissing(
            "The old opt-outs come first: import them with register_import_optouts, or declare that"
            " there are none."
        )


_KINDS = [KnownIdentifier.Kind.EMAIL.value, KnownIdentifier.Kind.PHONE.value]
