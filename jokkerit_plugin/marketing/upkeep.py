"""What follows from permissions without anybody waiting for it; the jobs call it every minute.

An opt-out holds before any of this runs. Here other apps are told of it, the copies outside the
database are made, what ran out is written down, old proof goes, and what stands under an older key
moves to the newest. All that is still to be done is in rows: a killed worker's work is found by the
next call, and doing it twice changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from .. import clock, keys
from ..access.copies import NotReplayed
from ..config import Config
from ..models import Customer, MarketingEvent, Suppression, Sweep
from ..policy.marketing import Channel, Ground, Kind, Source
from ..policy.problems import Problem
from ..register import believed, rounds
from ..register.rows import fetch, table
from ..shop.port import ShopPort, shop
from . import (
    accounts,
    contact_keys,
    contacts,
    controller,
    copied,
    imports,
    key_checks,
    marks,
    parting,
    remembered,
    soft_opt_in,
    store,
    terms,
    words,
)
from .contact_keys import ContactKey
from .marks import Known, known

#: Suppressions, or customers, of one transaction.
BATCH = 500
#: How long an opt-out may wait to be carried on before somebody is told.
LATE = timedelta(minutes=15)
#: Nobody counts further for a sentence.
MANY = 1000


def carry(*, seconds: int) -> int:
    """Tell the shop of opt-outs that it was not told of, and copy them; return how many."""
    port, until, done = shop(), clock.now() + timedelta(seconds=seconds), 0
    with port.writer():
        # Also while the plugin is deactivated: its links take a no all the same.
        parting.finish(until=until)
        try:
            copied.write()
        except (keys.NoKey, NotReplayed):
            # The status says so as long as it lasts.
            return 0
        if not port.config().active:
            return 0
        while clock.now() < until and (taken := _carry(port)):
            done += taken
    return done


def _carry(port: ShopPort) -> int:
    with transaction.atomic():
        rows = Suppression.objects.filter(carried_at=None).order_by("pk")
        found = list(rows.select_for_update(skip_locked=True, no_key=True)[:BATCH])
        events = MarketingEvent.objects.filter(
            digest__in=[one.digest for one in found],
            key_version__in={one.key_version for one in found},
        ).exclude(customer=None)
        customers = {pk for pk in events.values_list("customer", flat=True) if pk}
        marks.leave(known(Customer.objects.filter(pk__in=customers)), port)
        Suppression.objects.filter(pk__in=[one.pk for one in found]).update(carried_at=clock.now())
    return len(found)


def walk(*, seconds: int) -> bool:
    """Go on with today's walk over the customers, or begin it; tell whether it is done.

    It tells the shop of those whom no event names (an old opt-out from a file), writes down who was
    inactive for too long, and moves what stands under older keys.
    """
    port, until = shop(), clock.now() + timedelta(seconds=seconds)
    with port.writer():
        config = port.config()
        if not config.active or believed.doubt():
            return True
        controller.note(config)
        if config.fill_orders and soft_opt_in.has_key():
            accounts.hear_strangers(port, config, until=until)
        refusal = contacts.closed()
        if isinstance(refusal, NotReplayed):
            return True
        if refusal is None and not _walk(port, until):
            return False
        # Whether or not anybody is written to, what is over goes.
        terms.lapse(config)
        terms.expire_unknown()
        imports.forget()
        while terms.prune() == terms.PRUNED and clock.now() < until:
            pass
    return True


def _walk(port: ShopPort, until: datetime) -> bool:
    key_checks.hold()
    today = rounds.today(Sweep.Name.MARKETING)
    while today.finished_at is None and clock.now() < until:
        _step(today.pk, port)
        today.refresh_from_db()
    return today.finished_at is not None


def _step(walk: int, port: ShopPort) -> None:
    def take(people: Collection[Customer]) -> None:
        found = known(people)
        _move(found)
        _name(found)
        _expire(found)
        marks.leave(found, port)

    rounds.step(walk, take, batch=BATCH)


def _expire(people: Sequence[Known]) -> None:
    """Write down whose consent ended by inactivity: what they buy later does not bring it back."""
    pairs = [pair for one in people for pair in one.now.items()]
    if not pairs:
        return
    whose = [one.customer.pk for one in people for _ in one.now]
    known = contacts.permissions(pairs, customers=whose)
    idle = [
        (pair, found) for pair, found in zip(pairs, known, strict=True)
        if found.ground is Ground.INACTIVE
    ]  # fmt: skip
    version, digests = next(iter(contact_keys.many([pair for pair, _ in idle]).items()))
    MarketingEvent.objects.bulk_create(
        MarketingEvent(
            key_version=version, digest=digest, channel=pair[0].value, kind=Kind.EXPIRED.value,
            at=found.since or clock.now(), source=Source.TERM.value,
        )
        for (pair, found), digest in zip(idle, digests, strict=True)
    )  # fmt: skip


def _move(people: Sequence[Known]) -> None:
    """Move what stands under older keys to the newest, now that the address is seen."""
    pairs = [pair for one in people for pair in one.ever]
    newest, *older = contact_keys.many(pairs).items()
    if older and pairs:
        transaction.on_commit(partial(remembered.note, moved=True), robust=True)
    for version, digests in older:
        store.move(
            {
                ContactKey(version, old): ContactKey(newest[0], new)
                for old, new in zip(digests, newest[1], strict=True)
            }
        )


def _name(people: Sequence[Known]) -> None:
    """Let each no to a place name whose it is: unlike an e-mail, a place goes while they stay."""
    places = [
        (one.customer.pk, pair) for one in people for pair in one.ever if pair[0] is Channel.POST
    ]  # fmt: skip
    digests = contact_keys.many([pair for _, pair in places])
    words.attribute(
        (pk, ContactKey(version, digest))
        for version, some in digests.items()
        for (pk, _), digest in zip(places, some, strict=True)
    )


def status(config: Config) -> list[Problem]:
    """Return what waits for too long: a sentence each."""
    if not config.active:
        return []
    late = clock.now() - LATE
    rows = fetch(
        f"SELECT count(*) FROM (SELECT FROM {table(Suppression)}"
        " WHERE carried_at IS NULL AND greatest(since, lifted_at) < %s LIMIT %s) AS waiting",
        [late, MANY],
    )
    waiting = rows[0][0]
    more = " or more" if waiting == MANY else ""
    found = []
    if waiting:
        late_ones = (
            f"{waiting}{more} opt-outs wait to be told to other apps: does a Celery worker run?"
        )
        found.append(Problem("OPT_OUTS_WAIT", late_ones))
    if left := soft_opt_in.unheard():
        unread = f"What {left} orders, accounts and checkouts say of marketing is not taken in yet."
        found.append(Problem("OPT_OUTS_UNREAD", unread))
    return found
