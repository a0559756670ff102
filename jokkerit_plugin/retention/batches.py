"""Erases what a plan holds, one batch a transaction.

    claim a batch        its row, locked to the commit: a killed worker releases it
    lock the subjects    advisory locks as the intake takes them, then the rows
    ask again            a new order, hold or request since the plan was made
    take in the shop     only what nobody else holds; the rest is left over
    erase                the shop's rows, then the register's
    receipt              last: it locks the head of the ledger's chain

Danger: whatever is asked before the locks are held may have changed when they are.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F, QuerySet

from .. import clock, telemetry
from ..access.chain import as_ids
from ..config import Config
from ..errors import RegisterError, describe
from ..marketing import parting
from ..models import Plan, PlanBatch, Purchase
from ..policy.parts import Part
from ..register import corrections, erased, erasure, lines
from ..register.erasure import Subject
from ..register.owed import note
from ..register.rows import execute, table
from ..shop import erasers
from ..shop.erasers import Hindrance, ShopPart
from ..shop.port import shop
from ..shop.snapshots import Kind
from . import keeps, ledger, owed, plans, strangers, sweeps

T = TypeVar("T", int, str)
#: Why an account stays in Saleor though its owner is no customer of ours any more.
_KEEP_ACCOUNT = frozenset({Hindrance.STAFF, Hindrance.OTHERS})
#: Rows by table, and files, of each part of what was erased.
Parts = Sequence[tuple[Mapping[str, int], Sequence[str]]]

#: A batch that fails as often is left to the next plan.
ATTEMPTS = 3
#: Seconds that a worker waits while others end the part before.
PAUSE = 0.2

SHOP_PARTS = {
    Part.CONTACT: ShopPart.ACCOUNT,
    Part.DETAIL: ShopPart.ORDER_DETAIL,
    Part.IDENTITY: ShopPart.ORDER_IDENTITY,
}


# As `left_tonight`. By hand: Django takes 4 ms of a batch's 120 to put the statement together.
_LEFT = "b.done_at IS NULL AND b.attempts < %(attempts)s AND b.upto <= %(limit)s"
# What failed comes again after the others: whoever held it may have gone by then.
_CLAIM = f"""
    SELECT b.id, b.plan_id, b.part, b.subjects::text AS subjects, b.keys
    FROM {table(PlanBatch)} b JOIN {table(Plan)} p ON p.id = b.plan_id
    WHERE p.id = %(plan)s AND p.state = 'running' AND {_LEFT} AND b.part = (
        SELECT b.part FROM {table(PlanBatch)} b WHERE b.plan_id = %(plan)s AND {_LEFT}
        ORDER BY b.number LIMIT 1)
    ORDER BY b.attempts, b.number LIMIT 1 FOR NO KEY UPDATE OF b SKIP LOCKED"""


@dataclass(slots=True)
class Erased:
    """What one batch has erased: subjects (ids, or the shop's keys), rows by table, files."""

    subjects: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    in_shop: bool = False
    error: str = ""

    def add(self, rows: Mapping[str, int], files: Sequence[str]) -> None:
        """Add rows by table, and files."""
        for name, number in rows.items():
            if number:
                self.rows[name] = self.rows.get(name, 0) + number
        self.files += files


def run(plan: Plan, *, until: datetime) -> None:
    """Erase batch by batch until none is left for tonight, a setting changes, or `until`.

    Several processes may do so at once.
    """
    port = shop()
    while clock.now() < until:
        config = port.config()
        if plans.stopped(plan, config):
            return
        if not _one(plan, config):
            if not left_tonight(plan, config).exists():
                return
            time.sleep(PAUSE)


def left_tonight(plan: Plan, config: Config) -> QuerySet[PlanBatch]:
    """Return the batches that may still be worked on under the daily limit."""
    return PlanBatch.objects.filter(
        plan=plan, done_at=None, attempts__lt=ATTEMPTS, upto__lte=config.retention_daily_limit
    )


def _one(plan: Plan, config: Config) -> bool:
    """Work on one batch; False: there is none that nobody else works on."""
    claimed: int | None = None
    try:
        with transaction.atomic():
            batch = _claim(plan, config)
            if batch is None:
                return False
            claimed = batch.pk
            files, rows = _work(batch, config)
    except Exception as error:
        # Whatever it is, one bad batch must not stop the night.
        if claimed is None:
            raise
        PlanBatch.objects.filter(pk=claimed, done_at=None).update(
            attempts=F("attempts") + 1, error=describe(error)[:200]
        )
    else:
        telemetry.measure("jokkerit.retention.erased", rows, part=batch.part)
        owed.remove_files(files)
    return True


def _claim(plan: Plan, config: Config) -> PlanBatch | None:
    """Lock the next batch. Of a part only when no batch of the part before is under work."""
    given = {"plan": plan.pk, "attempts": ATTEMPTS, "limit": config.retention_daily_limit}
    return next(iter(PlanBatch.objects.raw(_CLAIM, given)), None)


def _work(batch: PlanBatch, config: Config) -> tuple[Sequence[str], int]:
    """Erase what is still due of a batch; return the files to remove afterwards, and its rows."""
    at = clock.now()
    if batch.part in set(Part):
        ids = list(as_ids(batch.subjects))
        total, done = len(ids), _subjects(Part(batch.part), ids, config, at)
    else:
        total, done = len(batch.keys), _of_the_shop(ShopPart(batch.part), batch.keys, config)
    note(owed.FILE, done.files, at)
    count = len(done.subjects) or len(done.keys)
    batch.done_at, batch.erased, batch.left_over = at, count, total - count
    batch.error = done.error[:200]
    batch.save(update_fields=["done_at", "erased", "left_over", "error"])
    if count:
        ledger.append(
            ledger.receipt(
                plan=batch.plan_id, part=batch.part, subjects=done.subjects,
                shop_keys=done.keys, rows=done.rows, in_shop=done.in_shop, at=at,
            )
        )  # fmt: skip
    return done.files, sum(done.rows.values())


def _subjects(part: Part, ids: Sequence[int], config: Config, at: datetime) -> Erased:
    found = erasure.lock_subjects(part, ids)
    users = [one.user for one in found.values() if one.user]
    due = keeps.still_due(part, list(found), clock.today(), config, users)
    if part is Part.FIGURES:
        due &= _without_a_person(due)
    there, shop_part = erasers.eraser(), SHOP_PARTS.get(part)
    eraser = sweeps.shop_to_erase_in(config)
    keys = {pk: _keys(part, found[pk]) for pk in sorted(due)}
    if part is Part.CONTACT and (usable := eraser or erasers.usable()):
        # A clerk, or another company's customer, is forgotten as ours, and keeps the account.
        own = usable.hindrances(sorted({key for of in keys.values() for key in of}))
        keys = {
            pk: tuple(key for key in of if own.get(key) not in _KEEP_ACCOUNT)
            for pk, of in keys.items()
        }
    if shop_part and eraser:
        taken = set(eraser.take(shop_part, sorted({key for of in keys.values() for key in of})))
        keys = {pk: of for pk, of in keys.items() if taken.issuperset(of)}
    elif part is Part.CONTACT and config.erase_in_shop and there:
        # The shop's eraser refuses for now. Afterwards nobody would know a guest's e-mails.
        keys = {}
    done = Erased(in_shop=bool(shop_part and eraser))

    def erase(some: Sequence[int]) -> Parts:
        theirs = sorted({key for pk in some for key in keys[pk]})
        gone = erasers.Done((), {}, ())
        said = corrections.said_of(some) if there and part is Part.CONTACT else {}
        if part is Part.CONTACT:
            parting.close(some)
        if shop_part and eraser:
            gone = eraser.erase(shop_part, theirs, **said)
        elif shop_part and there:
            asked = owed.granted(some, keys) if part is Part.CONTACT else []
            owed.leave(shop_part, theirs, at, there, said, asked)
        return [(gone.rows, gone.files), (erasure.erase(part, some, at), ())]

    done.subjects = each(list(keys), erase, done)
    done.keys = sorted({key for pk in done.subjects for key in (*keys[pk], *found[pk].orders)})
    return done


def _of_the_shop(part: ShopPart, wanted: Sequence[str], config: Config) -> Erased:
    eraser = sweeps.shop_to_erase_in(config)
    done = Erased(in_shop=True)
    if eraser is None:
        return done
    owing = owed.still(part, wanted, eraser, config) if part in sweeps.OWED else list(wanted)
    taken = eraser.take(part, wanted if part is ShopPart.ACCOUNT else owing)
    if part is ShopPart.ACCOUNT:
        # Asked under the locks: nobody logs in or becomes a customer before the account is gone.
        due = strangers.still_due(set(taken).difference(owing), clock.today(), config)
        due |= set(owing) - owed.seen_since(owing, shop().last_seen([int(key) for key in owing]))
        taken = [key for key in taken if key in due]

    def erase(some: Sequence[str]) -> Parts:
        gone = eraser.erase(part, some)
        owed.settle(part, some)
        freed: Mapping[str, int] = {}
        if part is ShopPart.ACCOUNT:
            strangers.forget(some)
            freed = lines.let_go([], sorted(int(key) for key in some))
            erased.remember((Kind.CUSTOMER, key, clock.now()) for key in some)
        return [(gone.rows, gone.files), (freed, ())]

    done.keys = each(taken, erase, done)
    return done


def each(items: Sequence[T], act: Callable[[Sequence[T]], Parts], done: Erased) -> list[T]:
    """Do `act` for all of them but those that fail alone; return for whom.

    `act` is undone where it fails, and what it did not counted. A deadlock or a lost connection is
    nobody's fault: raised.
    """
    if not items:
        return []
    try:
        with transaction.atomic():
            parts = act(items)
            # Django's foreign keys are deferred: at the commit it would be too late.
            execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", [])
    except OperationalError:
        raise
    except (DatabaseError, RegisterError) as error:
        done.error = describe(error)
        if len(items) == 1:
            return []
        half = len(items) // 2
        return each(items[:half], act, done) + each(items[half:], act, done)
    for rows, files in parts:
        done.add(rows, files)
    return list(items)


def _keys(part: Part, subject: Subject) -> tuple[str, ...]:
    if part is Part.CONTACT:
        return (str(subject.user),) if subject.user else ()
    return subject.orders


def _without_a_person(purchases: Collection[int]) -> set[int]:
    """Return those whose detail and identity have gone: figures go last."""
    rows = Purchase.objects.filter(pk__in=purchases, detail_erased_at__isnull=False)
    return set(rows.exclude(identity_erased_at=None).values_list("pk", flat=True))
