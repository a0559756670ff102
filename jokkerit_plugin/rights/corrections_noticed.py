"""Errors that are noticed otherwise than by a request: each opens a task for staff.

By the signs of `signs.py`, by a letter that no server takes, or by staff. Of a customer and field
one task is open; what was closed as right, or given up, is not asked about again by the same
evidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..models import (
    Correction,
    CorrectionTask,
    Customer,
)
from ..policy.categories import Category
from ..policy.corrections import CURES, TASK_LATE, Closed, Noticed, Sign
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..register import correcting
from ..register.rows import fetch, table
from .correctable import CorrectionError
from .store import SHOP


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
        end(row, outcome, actor.key)
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


def end(row: CorrectionTask, outcome: Closed, by: str) -> None:
    """Close a locked task."""
    row.closed_at, row.closed_by, row.outcome = clock.now(), by, outcome
    row.save(update_fields=["closed_at", "closed_by", "outcome"])
