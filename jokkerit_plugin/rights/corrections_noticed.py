"""Errors that are noticed otherwise than by a request: each opens a task for staff.

A mailbox that bounces, a letter that no server takes, a parcel that came back, a number, postal
code or VAT id that cannot be right. Of a customer and field one task is open; what was closed as
right, or given up, is not asked about again by the same evidence. What the customer puts right in
the shop closes its task by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects

from .. import clock, keys
from ..access import guard, staying
from ..access.actor import Actor
from ..marketing import contact_keys
from ..marketing.contact_keys import BadAddress
from ..models import (
    Correction,
    CorrectionTask,
    Customer,
    MarketingEvent,
    Notice,
    Purchase,
    Sweep,
)
from ..policy.categories import Category
from ..policy.corrections import CURES, TASK_LATE, Closed, Noticed, Sign
from ..policy.marketing import Channel, Kind
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.vat import is_company
from ..register import correcting
from ..register.folding import REGION
from ..register.rows import fetch, table
from ..shop.port import shop
from .correctable import CorrectionError, fits
from .store import SHOP

#: Customers that are looked at in one transaction.
BATCH = 500
_USE = "correction evidence"


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that seems wrong; `at` None: as things stand now."""

    customer: int
    field: Noticed
    sign: Sign
    evidence: str
    at: datetime | None = None


def note(seen: Iterable[Seen], *, by: str = SHOP) -> int:
    """Open a task for each, once; in a transaction. Return how many were opened."""
    made = 0
    for one in seen:
        theirs = CorrectionTask.objects.filter(customer=one.customer, field=one.field)
        # What is older than the last word on the field is no news.
        if one.at is not None and theirs.filter(closed_at__gte=one.at).exists():
            continue
        evidence = one.evidence
        if one.at is None and (times := theirs.filter(outcome=Closed.CORRECTED).count()):
            # Put right since, and wrong again: that it is the same value again is no double.
            evidence = f"{evidence[:56]}:{times}"
        made += len(
            fetch(
                f"INSERT INTO {table(CorrectionTask)}"
                " (customer_id, field, sign, evidence, opened_at, opened_by)"
                f" SELECT id, %s, %s, %s, %s, %s FROM {table(Customer)} WHERE id = %s"
                " ON CONFLICT DO NOTHING RETURNING id",
                [one.field, one.sign, evidence, clock.now(), by, one.customer],
            )
        )
    return made


def letter_refused(customer: int, letter: int) -> None:
    """Note that no mail server takes a letter to the customer's own address; in a transaction."""
    note([Seen(customer, Noticed.EMAIL, Sign.LETTER, f"letter:{letter}")])


def open_by_staff(customer: int, *, field: Noticed, sign: Sign, actor: Actor) -> CorrectionTask:
    """Note what somebody noticed: a parcel that came back, or anything else; through the guard.

    Where a task is open already it is that one. Raises `CorrectionError`, `Refused`.
    """
    if sign not in {Sign.RETURNED, Sign.STAFF}:
        raise CorrectionError("Choose returned or staff: the others are noted by themselves.",
                              field="sign")  # fmt: skip
    made: list[CorrectionTask] = []

    def write() -> None:
        row = correcting.locked(customer)
        if row is None:
            raise CorrectionError("There is no such customer.", field="customer")
        evidence = f"{actor.key} {clock.now().isoformat()}"
        note([Seen(row.pk, field, sign, evidence)], by=actor.key)
        made.append(CorrectionTask.objects.get(customer=row.pk, field=field, closed_at=None))

    with guard.visit(
        actor, Purpose.SERVICE, act="correctionTaskOpen", asks={Category.PURCHASE}, needs=CHANGERS
    ) as visit:
        visit.saw([customer])
        visit.then(write)
    return made[0]


def close(task_id: int, *, outcome: Closed, actor: Actor) -> CorrectionTask:
    """Close a task: it was right after all, given up, or corrected, which must be true.

    Through the guard. Raises `CorrectionError`, `Refused`.
    """
    made: list[CorrectionTask] = []
    found = CorrectionTask.objects.filter(pk=task_id, closed_at=None).first()
    if found is None:
        raise CorrectionError("There is no such open task.", field="id")

    def write() -> None:
        row = CorrectionTask.objects.select_for_update(no_key=True).filter(
            pk=task_id, closed_at=None
        ).first()  # fmt: skip
        if row is None:
            raise CorrectionError("There is no such open task.", field="id")
        cured = CURES[Noticed(row.field)]
        since = Correction.objects.filter(
            customer=row.customer_id, field__in=cured, at__gte=row.opened_at
        )
        if outcome is Closed.CORRECTED and cured and not since.exists():
            message = "Nothing has been corrected since it was noticed: do so, or say what else."
            raise CorrectionError(message, field="outcome")
        _close(row, outcome, actor.key)
        made.append(row)

    with guard.visit(
        actor, Purpose.SERVICE, act="correctionTaskClose", asks={Category.PURCHASE}, needs=CHANGERS
    ) as visit:
        visit.saw([found.customer_id])
        visit.then(write)
    return made[0]


def waiting() -> QuerySet[CorrectionTask]:
    """Return the open tasks, the oldest first."""
    return CorrectionTask.objects.filter(closed_at=None).order_by("opened_at", "pk")


def late() -> list[int]:
    """Return the keys of tasks that have been open for too long."""
    before = clock.now() - TASK_LATE
    return list(waiting().filter(opened_at__lt=before).values_list("pk", flat=True))


def walk(*, seconds: float) -> bool:
    """Go on with the day's walk over all customers; tell whether it is done."""
    until = clock.now().timestamp() + seconds
    row = _today()
    while row.finished_at is None:
        _step(row.pk)
        row.refresh_from_db()
        if clock.now().timestamp() > until:
            return row.finished_at is not None
    return True


def _today() -> Sweep:
    last = Sweep.objects.filter(name=Sweep.Name.CHECKS).order_by("-started_at").first()
    now = clock.now()
    if last and (last.finished_at is None or _day(last.started_at) == _day(now)):
        return last
    # Not valid: a walk over the register's own customers proves nothing of the shop.
    return Sweep.objects.create(
        name=Sweep.Name.CHECKS, started_at=now, kind="customer", valid=False
    )


def _day(moment: datetime) -> object:
    return moment.astimezone(clock.HELSINKI).date()


def _step(walk_: int) -> None:
    """Look at the next customers; of two processes on one walk only one moves it."""
    with transaction.atomic():
        row = Sweep.objects.select_for_update().get(pk=walk_)
        if row.finished_at is not None:
            return
        after = Customer.objects.filter(pk__gt=int(row.cursor or 0)).order_by("pk")
        people = list(after[:BATCH])
        look(people)
        row.seen += len(people)
        if len(people) < BATCH:
            row.finished_at = clock.now()
        if people:
            row.cursor = str(people[-1].pk)
        row.save()


def look(people: Sequence[Customer]) -> int:
    """Note what seems wrong of these customers, and close what is right by now.

    In a transaction; return how many tasks were opened. Raises `NoKey`.
    """
    seen = [*_bounces(people), *_refusals(people), *_checks(people), *_returned(people)]
    wrong = {(one.customer, one.field, one.sign) for one in seen}
    tasks = CorrectionTask.objects.filter(
        customer__in=people, closed_at=None, sign__in=[Sign.BOUNCE, Sign.CHECK]
    )
    # Customers before their tasks: a guest may be going up in another, who gets them.
    staying.stay(
        Customer, {one.customer for one in seen} | set(tasks.values_list("customer", flat=True))
    )
    for task in tasks.order_by("pk").select_for_update(no_key=True):
        if (task.customer_id, task.field, task.sign) not in wrong:
            _close(task, Closed.CORRECTED, SHOP)
    return note(seen)


def _close(row: CorrectionTask, outcome: Closed, by: str) -> None:
    row.closed_at, row.closed_by, row.outcome = clock.now(), by, outcome
    row.save(update_fields=["closed_at", "closed_by", "outcome"])


def _bounces(people: Sequence[Customer]) -> Iterator[Seen]:
    """Yield whose e-mail in use bounces, as the marketing's ledger or an import has it."""
    mailboxes: list[tuple[int, str]] = []
    for one in people:
        try:
            text = contact_keys.normalise(Channel.EMAIL, one.email) if one.email else ""
        except BadAddress:
            continue
        if text:
            mailboxes.append((one.pk, text))
    for version, digests in contact_keys.many(
        [(Channel.EMAIL, text) for _, text in mailboxes]
    ).items():
        owners: dict[bytes, list[int]] = {}
        for (pk, _), digest in zip(mailboxes, digests, strict=True):
            owners.setdefault(digest, []).append(pk)
        # The last word of the mailbox: what came by way of the address since opens it again.
        rows = MarketingEvent.objects.filter(
            key_version=version, digest__in=list(owners), channel=Channel.EMAIL
        )
        last = rows.order_by("digest", "-at", "-pk").distinct("digest")
        for pk, spoken, kind, at in last.values_list("pk", "digest", "kind", "at"):
            if kind == Kind.BOUNCE:
                for customer in owners[bytes(spoken)]:
                    yield Seen(customer, Noticed.EMAIL, Sign.BOUNCE, f"event:{pk}", at)


def _refusals(people: Sequence[Customer]) -> Iterator[Seen]:
    """Yield whose e-mail no server took the notice of the erasure for."""
    rows = Notice.objects.filter(customer__in=people, refused=True).order_by("pk")
    for pk, customer, at in rows.values_list("pk", "customer", "told_at"):
        yield Seen(customer, Noticed.EMAIL, Sign.LETTER, f"notice:{pk}", at)


def _returned(people: Sequence[Customer]) -> Iterator[Seen]:
    """Yield to whom a parcel could not be delivered, as the shop says."""
    back = Purchase.objects.filter(
        customer__in=people, status__in=["returned", "partially_returned"], absent_since=None
    )
    owners = dict(back.values_list("saleor_order", "customer"))
    for order, (evidence, at) in shop().undelivered(sorted(owners)).items():
        if owner := owners[order]:
            yield Seen(owner, Noticed.ADDRESS, Sign.RETURNED, evidence, at)


def _checks(people: Sequence[Customer]) -> Iterator[Seen]:
    people = list(people)
    prefetch_related_objects(people, "addresses")
    for one in people:
        for field, text in _failing(one):
            _, digest = keys.sign(_USE, f"{field}\0{text}".encode())
            yield Seen(one.pk, field, Sign.CHECK, digest.hex())


def _failing(one: Customer) -> Iterator[tuple[Noticed, str]]:
    """Yield what cannot be right, and what it says."""
    if one.phone and not _is_phone(one.phone):
        yield Noticed.PHONE, one.phone
    bad = [
        f"{place.country} {place.postal_code}" for place in one.addresses.all()
        if place.postal_code and not fits(place.country, place.postal_code)
    ]  # fmt: skip
    if bad:
        yield Noticed.ADDRESS, "\n".join(sorted(bad))
    if one.vat_id and not is_company(one.vat_id):
        yield Noticed.VAT_ID, one.vat_id


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, REGION))
    except phonenumbers.NumberParseException:
        return False
