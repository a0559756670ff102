"""Dry runs: what would be erased on a day, stored batch by batch, shown, approved, then run.

A run takes its batches from the plan that was shown, and from nowhere else; of these it erases
what is still due. The controller approves the first plan. That approval stands for later nights
until a setting changes that decides what is erased: then a new plan waits for approval.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from .. import clock
from ..access import chain, rows
from ..access.actor import Actor
from ..access.chain import as_multirange
from ..access.controllers import controller_only
from ..config import Config
from ..errors import RegisterError
from ..models import AccessEntry, Plan, PlanBatch, Request
from ..policy.parts import Part
from ..register import believed, erased
from ..register.locks import Lock, try_lock
from ..register.rows import one_moment
from ..register.subjects import at_once
from ..shop.erasers import ShopPart
from . import forecasts, keeps, notices, strangers, sweeps
from .forecasts import Forecast

#: Subjects of one transaction at the most (`at_once` may allow less), and of one read.
SIZE, PAGE = 1000, 10_000
#: A dry run that waits longer than this is made anew.
WAITS = timedelta(days=7)
ACT = "approve erasure plan"
#: In the order of the work: figures go once everything else of the purchase has gone.
PARTS = (Part.CONTACT, Part.DETAIL, Part.IDENTITY, Part.FIGURES)
#: Of plans that ran, the batches are kept for as long as somebody may ask.
BATCHES_KEPT = timedelta(days=90)

Counts = dict[str, dict[str, int]]


class PlanError(RegisterError):
    """A plan cannot be made, approved or run."""

    code = "PLAN"


@dataclass(frozen=True, slots=True)
class _Set:
    """Subjects of one part, as many as a batch takes: ids or keys of the shop; each one's rule."""

    part: str
    rules: Sequence[str]
    ids: Sequence[int] = ()
    keys: Sequence[str] = ()


def make(config: Config) -> Plan | None:
    """Store what is due today as a plan that waits for approval, in place of one that waits.

    One transaction and one moment. None: another process is making one. Raises `PlanError` where
    a setting forbids any retention.
    """
    if config.retention_refusal:
        raise PlanError(config.retention_refusal)
    erased.reconsider(config.terms)
    with one_moment():
        if not try_lock(Lock.PLAN):
            return None
        leave(Plan.State.WAITING)
        plan = Plan.objects.create(day=clock.today(), settings=config.retention_digest)
        _fill(plan, config)
        _forget()
    return plan


def stopped(plan: Plan, config: Config) -> str:
    """Return why no batch of a plan may be erased under these settings; empty: it may."""
    if config.retention_digest != plan.settings:
        return "The settings changed."
    return config.retention_refusal or off(config)


def off(config: Config) -> str:
    """Return the sentence that nothing is erased at all; empty: it is."""
    if not (config.active and config.retention):
        return "The plugin or its retention is off."
    return believed.doubt()


def last_night() -> Plan | None:
    """Return the plan of the last night, whatever became of it."""
    # Not by its day: a clock may have been ahead.
    return Plan.objects.exclude(night=None).order_by("-pk").first()


def preview(day: date, config: Config) -> Counts:
    """Return what would go on a day, by part and rule; nothing is stored."""
    counts: Counts = {part.value: keeps.counts(part, day, config) for part in PARTS}
    with transaction.atomic():
        for name, keys, rule in _of_the_shop(day, config, PAGE):
            rules = counts.setdefault(name, {})
            rules[rule] = rules.get(rule, 0) + len(keys)
        # The shop notes what it has shown of its addresses; of another day that were not true.
        transaction.set_rollback(True)
    counts["notice"] = notices.counts(day, config)
    return {part: rules for part, rules in counts.items() if rules}


def forecast(config: Config) -> list[Forecast]:
    """Return what falls due in each of the next 12 months, in the shop's own tables too."""
    return forecasts.forecast(clock.today(), config) + strangers.forecast(clock.today(), config)


def approve(plan_id: int, *, digest: str = "", actor: Actor) -> Plan:
    """Let a plan run in the next night. `digest`: of the plan that was looked at, if given.

    By one of the controller's people, or by whoever runs commands on the server.
    """
    if not actor.is_command:
        controller_only(actor, ACT)
    with transaction.atomic():
        plan = Plan.objects.select_for_update(no_key=True).filter(pk=plan_id).first()
        if plan is None or plan.state != Plan.State.WAITING:
            raise PlanError("There is no such plan that waits for approval.", field="id")
        if digest and digest != plan.digest:
            raise PlanError("This is not the plan that was looked at.", field="digest")
        if not intact(plan):
            raise PlanError("The plan's batches are not those that were shown: make a new one.")
        leave(Plan.State.APPROVED)
        plan.state = Plan.State.APPROVED
        plan.approved_at, plan.approved_by = clock.now(), actor.key
        plan.save()
        # Last: it locks the head of the log.
        chain.append(AccessEntry, rows.row(actor, ACT))
    return plan


def waiting(config: Config) -> Plan | None:
    """Return the plan that waits for approval, unless it is stale or of other settings."""
    since = clock.now() - WAITS
    found = Plan.objects.filter(state=Plan.State.WAITING, made_at__gt=since)
    return found.filter(settings=config.retention_digest).first()


def leave(state: Plan.State, *, why: str = "") -> None:
    """Let go of the plan in this state; what is due comes into the next one."""
    Plan.objects.filter(state=state).update(
        state=Plan.State.LEFT, finished_at=clock.now(), problem=why
    )


def intact(plan: Plan) -> bool:
    """Tell whether the batches are those that the plan's digest was made of."""
    found = hashlib.sha256()
    batches = PlanBatch.objects.filter(plan=plan).order_by("number")
    for part, subjects, keys in batches.values_list("part", "subjects", "keys").iterator(100):
        found.update(_line(part, subjects, keys))
    return found.hexdigest() == plan.digest


def _fill(plan: Plan, config: Config) -> None:
    size = min(SIZE, at_once(), config.retention_daily_limit)
    found, counts = hashlib.sha256(), dict[str, Counter[str]]()
    upto, made = 0, list[PlanBatch]()
    for number, one in enumerate(_due(plan.day, config, size), 1):
        upto += len(one.ids) + len(one.keys)
        batch = PlanBatch(
            plan=plan, number=number, part=one.part, subjects=as_multirange(one.ids),
            keys=list(one.keys), upto=upto,
        )  # fmt: skip
        found.update(_line(batch.part, batch.subjects, batch.keys))
        counts.setdefault(one.part, Counter()).update(one.rules)
        made.append(batch)
        if len(made) == 100:
            PlanBatch.objects.bulk_create(made)
            made.clear()
    PlanBatch.objects.bulk_create(made)
    if told := notices.counts(plan.day, config):
        counts["notice"] = Counter(told)
    plan.counts, plan.digest = counts, found.hexdigest()
    plan.save()


def _line(part: str, subjects: str, keys: Sequence[str]) -> bytes:
    return f"{part} {subjects} {' '.join(keys)}\n".encode()


def _due(day: date, config: Config, size: int) -> Iterator[_Set]:
    """Yield everything that is due, in the order of the work; accepted requests first."""
    asked = sorted(keeps.still_due(Part.CONTACT, _asked(), day, config))
    yield from _cut(Part.CONTACT, [(pk, "request") for pk in asked], size)
    for part in PARTS:
        done = set(asked) if part is Part.CONTACT else set()
        for page in keeps.all_due(part, day, config):
            yield from _cut(part, [one for one in page if one[0] not in done], size)
    for name, keys, rule in _of_the_shop(day, config, size):
        yield _Set(name, [rule] * len(keys), keys=keys)


def _of_the_shop(day: date, config: Config, size: int) -> Iterator[tuple[str, Sequence[str], str]]:
    """Yield part, at most `size` keys and the rule, of what is the shop's alone."""
    for page in strangers.due(day, config):
        keys = [str(one.user) for one in page]
        for at in range(0, len(keys), size):
            yield ShopPart.ACCOUNT.value, keys[at : at + size], strangers.RULE
    yield from sweeps.overdue(day, config, limit=size)


def _asked() -> set[int]:
    accepted = Request.objects.filter(kind=Request.Kind.ERASURE, state=Request.State.ACCEPTED)
    return {key for key in accepted.values_list("customer", flat=True) if key}


def _cut(part: Part, found: Sequence[tuple[int, str]], size: int) -> Iterator[_Set]:
    for at in range(0, len(found), size):
        ids, rules = zip(*found[at : at + size], strict=True)
        yield _Set(part, rules, ids)


def _forget() -> None:
    """Drop the batches of plans that nobody asks about any more."""
    ended = Plan.objects.filter(finished_at__lt=clock.now() - BATCHES_KEPT)
    PlanBatch.objects.filter(plan__in=ended).delete()
