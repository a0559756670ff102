"""Tickets: the identifiers of those whose erasure is to be proved, encrypted, for a day at most.

The key is in the environment (`keys.py`) and not in the database, so a stolen database or backup
tells nothing of the erased. Without a key there is no ticket and no proof, and status says so.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from heapq import nsmallest

from django.db import transaction
from django.db.models import Q, QuerySet

from ... import clock, keys
from ...access.chain import as_ids
from ...models import Customer, Plan, PlanBatch, ProofTicket, Purchase, Request
from ...models.proof import Origin
from ...policy.parts import Part
from . import persons
from .persons import Person

#: How many of a night's run are proved by sample, beside all who asked.
SAMPLE = 20
#: A ticket goes after this, whatever happened: within 24 hours, since its task comes every hour.
LIFE = timedelta(hours=23)
#: A worker that has searched for so long was killed.
STALE = timedelta(hours=2)
#: Tickets of one search. Identifiers in memory, not time, are the limit.
MOST = 500

_USE = "proof-ticket"


def open_ticket(
    *,
    customers: Collection[int] = (),
    purchases: Collection[int] = (),
    plan: int | None = None,
    origin: str = Origin.SAMPLE,
) -> int:
    """Take the identifiers of those who exist, before they are erased; return how many are new.

    In the caller's transaction. Who has a ticket of the plan keeps it. Without a key in the
    environment: 0, nothing is stored.
    """
    try:
        keys.current()
    except keys.NoKey:
        return 0
    known = (
        ProofTicket.objects.filter(plan=plan) if plan is not None else ProofTicket.objects.none()
    )
    new = persons.read(
        customers=set(customers) - set(known.values_list("customer", flat=True)),
        purchases=set(purchases) - set(known.values_list("purchase", flat=True)),
    )
    tickets = [_ticket(person, plan, Origin(origin)) for person in new]
    ProofTicket.objects.bulk_create(tickets, ignore_conflicts=True)
    return len(tickets)


def take_sample(plan: Plan, *, limit: int) -> None:
    """Open the tickets of a plan that begins, in the transaction that begins it.

    For all who asked and `SAMPLE` other customers, and `SAMPLE` purchases whose buyer's identity
    goes; of the first `limit` subjects, which are erased tonight.
    """
    tonight = PlanBatch.objects.filter(plan=plan, upto__lte=limit)
    customers = tonight.filter(part=Part.CONTACT)
    purchases = tonight.filter(part=Part.IDENTITY)
    accepted = Request.objects.filter(kind=Request.Kind.ERASURE, state=Request.State.ACCEPTED)
    asked = set(accepted.values_list("customer", flat=True))
    requests = {pk for pk in _subjects(customers) if pk in asked}
    some = _some(pk for pk in _subjects(customers) if pk not in requests)
    open_ticket(customers=requests, plan=plan.pk, origin=Origin.REQUEST)
    open_ticket(customers=some, purchases=_some(_subjects(purchases)), plan=plan.pk)


def _subjects(batches: QuerySet[PlanBatch]) -> Iterator[int]:
    for found in batches.values_list("subjects", flat=True).iterator(100):
        yield from as_ids(found)


def _some(keys: Iterable[int]) -> list[int]:
    # A sample of a stream: the keys of a plan may be millions.
    dice = random.SystemRandom()
    return nsmallest(SAMPLE, keys, key=lambda _: dice.random())


def ready(*, plan: int) -> None:
    """Say that the plan has erased what it would: its tickets may be certified."""
    ProofTicket.objects.filter(plan=plan, ready_at=None).update(ready_at=clock.now())


def claim() -> list[ProofTicket]:
    """Take tickets that are ready; a killed worker's are taken again after `STALE`."""
    now = clock.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - STALE)
    with transaction.atomic():
        rows = ProofTicket.objects.filter(free, ready_at__isnull=False, opened_at__gt=now - LIFE)
        found = list(rows.order_by("pk").select_for_update(skip_locked=True, no_key=True)[:MOST])
        ProofTicket.objects.filter(pk__in=[one.pk for one in found]).update(claimed_at=now)
    return found


def erased(ticket: ProofTicket) -> bool:
    """Tell whether the subject was erased: a batch leaves over what is kept or locked after all."""
    if ticket.customer:
        return not Customer.objects.filter(pk=ticket.customer).exists()
    return not Purchase.objects.filter(pk=ticket.purchase or 0, identity_erased_at=None).exists()


def overdue() -> list[ProofTicket]:
    """Lock and return the tickets whose time is over; in a transaction."""
    rows = ProofTicket.objects.filter(opened_at__lte=clock.now() - LIFE).order_by("pk")
    return list(rows.select_for_update(skip_locked=True))


def opened(tickets: Sequence[ProofTicket]) -> dict[int, Person]:
    """Return the persons by ticket; without those that the keys at hand do not open."""
    found: dict[int, Person] = {}
    for ticket in tickets:
        try:
            text = keys.unseal(_USE, ticket.key_version, bytes(ticket.sealed), about=_about(ticket))
        except keys.NoKey:
            continue
        found[ticket.pk] = Person.of_json(text)
    return found


def _ticket(person: Person, plan: int | None, origin: Origin) -> ProofTicket:
    ticket = ProofTicket(
        origin=origin, plan=plan, customer=person.customer, purchase=person.purchase,
        opened_at=clock.now(),
    )  # fmt: skip
    ticket.key_version, ticket.sealed = keys.seal(_USE, person.as_json(), about=_about(ticket))
    return ticket


def _about(ticket: ProofTicket) -> str:
    return f"customer {ticket.customer} purchase {ticket.purchase}"
