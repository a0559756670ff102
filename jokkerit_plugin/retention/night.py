"""The night's run: makes a plan or takes the approved one, erases, tells, and copies the ledger.

`tick` is called every minute. All that it knows is in rows, so a killed worker's night is gone on
with by the next call, on any worker.
"""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max

from .. import clock
from ..access import copies
from ..access.copies import NotReplayed
from ..config import Config
from ..errors import RegisterError
from ..models import Plan
from ..register import approval
from ..shop.port import AddressRefused, MailError, shop
from . import batches, notices, owed, plans, proof
from .plans import PlanError

#: Hours from the setting's hour on; what is left then waits for the next night.
HOURS = 5
#: Whoever works on a plan ends a batch in seconds.
IDLE = timedelta(minutes=15)
#: What removing files that were left may take of a turn.
FILES = timedelta(seconds=10)


def tick(*, seconds: int) -> bool:
    """Go on with tonight's run for `seconds`, or begin it; tell whether batches are left."""
    port = shop()
    until = clock.now() + timedelta(seconds=seconds)
    with port.writer():
        config = port.config()
        refusal = config.retention_refusal or plans.off(config)
        night = None if refusal else tonight(config)
        if night is None:
            _close_idle(refusal)
            return False
        try:
            plan = running(night) or begin(night, config)
            if plan and work(plan, until=until):
                return True
            if approval.standing(config):
                _tell(night, config, until)
        except (NotReplayed, PlanError):
            # The status says so as long as it lasts.
            pass
        return False


def join(*, seconds: int) -> None:
    """Help with tonight's run for `seconds`, if it is under way."""
    port = shop()
    with port.writer():
        config = port.config()
        night = tonight(config)
        if night and (plan := running(night)):
            batches.run(plan, until=clock.now() + timedelta(seconds=seconds))


def by_hand() -> Plan:
    """Run the approved plan, or by a standing approval a new one, at once and to its end.

    It is the run of today's night: a second one waits for tomorrow. Raises `PlanError`,
    `NotReplayed`.
    """
    port = shop()
    with port.writer():
        config, day = port.config(), clock.today()
        if refusal := config.retention_refusal or plans.off(config):
            raise PlanError(refusal)
        plan = running(day) or begin(day, config)
        if plan is None:
            raise PlanError(
                "There is nothing to run: today's run is over, or the dry run is not approved"
                " (register_retention shows it, --approve approves it)."
            )
        while work(plan, until=clock.now() + timedelta(minutes=1)):
            pass
        plan.refresh_from_db()
    return plan


def work(plan: Plan, *, until: datetime) -> bool:
    """Erase a running plan's batches until the time is up; tell whether some are left tonight."""
    owed.remove_left_files(until=clock.now() + FILES)
    problem = ""
    try:
        copies.check()
        batches.run(plan, until=until)
        copies.write()
    except RegisterError as error:
        problem = error.message
    config = shop().config()
    problem = plans.stopped(plan, config) or problem
    if not problem and batches.left_tonight(plan, config).exists():
        return True
    _end(plan, problem)
    return False


def tonight(config: Config, now: datetime | None = None) -> date | None:
    """Return the day on which this night began, in Helsinki; None: it is day."""
    local = (now or clock.now()).astimezone(clock.HELSINKI)
    for back in (0, 1):
        day = local - timedelta(days=back)
        start = day.replace(hour=config.retention_hour, minute=0, second=0, microsecond=0)
        if start <= local < start + timedelta(hours=HOURS):
            return start.date()
    return None


def running(night: date) -> Plan | None:
    """Return the plan of a night that has begun and not ended."""
    return Plan.objects.filter(state=Plan.State.RUNNING, night=night).first()


def begin(night: date, config: Config) -> Plan | None:
    """Return the plan to run on this night; None: there is none, or the night has had its plan.

    The approved one if it is of the settings in force; else by a standing approval a new one.
    Without any, a dry run is made for the controller to look at.
    """
    if Plan.objects.filter(night=night).exists():
        return None
    copies.check()
    _close_nights_before(night)
    approved = Plan.objects.filter(state=Plan.State.APPROVED)
    approved.exclude(settings=config.retention_digest).update(
        state=Plan.State.LEFT, finished_at=clock.now(), problem="The settings changed."
    )
    if plan := approved.first():
        return start(plan, night)
    if approval.standing(config):
        plan = plans.make(config)
        return start(plan, night, by=approval.SCHEDULE) if plan else None
    if not plans.waiting(config):
        plans.make(config)
    return None


def start(plan: Plan, night: date, *, by: str = "") -> Plan | None:
    """Let an approved plan run; None: another process did. Raises `PlanError` if it was changed."""
    if not plans.intact(plan):
        plans.leave(Plan.State(plan.state), why="Its batches are not those that were shown.")
        raise PlanError("The plan's batches are not those that were shown: make a new one.")
    changes: dict[str, object] = {"state": Plan.State.RUNNING, "night": night}
    if by:
        changes |= {"approved_at": clock.now(), "approved_by": by}
    try:
        with transaction.atomic():
            rows = Plan.objects.filter(pk=plan.pk, state=plan.state)
            if started := rows.update(**changes):
                proof.take_sample(plan, limit=shop().config().retention_daily_limit)
    except IntegrityError:
        return None
    plan.refresh_from_db()
    return plan if started else None


def _end(plan: Plan, problem: str) -> None:
    left = plan.batches.filter(done_at=None)
    failed = left.filter(attempts__gte=batches.ATTEMPTS).count()
    if failed and not problem:
        problem = f"{failed} batches failed {batches.ATTEMPTS} times."
    state = Plan.State.LEFT if left.exists() else Plan.State.DONE
    Plan.objects.filter(pk=plan.pk, state=Plan.State.RUNNING).update(
        state=state, finished_at=clock.now(), problem=problem[:300]
    )
    proof.ready(plan=plan.pk)


def _close_nights_before(night: date) -> None:
    for plan in Plan.objects.filter(state=Plan.State.RUNNING, night__lt=night):
        _end(plan, "")


def _close_idle(problem: str) -> None:
    """End what time or a setting has stopped midway; a run by hand goes on by day, too.

    Its proofs could not wait for the next night: tickets live for a day.
    """
    for plan in Plan.objects.filter(state=Plan.State.RUNNING):
        last = plan.batches.aggregate(last=Max("done_at"))["last"]
        if last and last < clock.now() - IDLE:
            _end(plan, problem)


def _tell(night: date, config: Config, until: datetime) -> None:
    """Mail those who must be told: under the controller's approval, as the erasing.

    Not before a replay: raises `NotReplayed`.
    """
    plan = Plan.objects.filter(night=night, told_at=None).first()
    if plan is None:
        return
    # A term may be that of somebody who was erased since the backup.
    copies.check()
    since = clock.now() - timedelta(hours=HOURS)
    most = config.retention_daily_limit - notices.told_since(since)
    proven = bool(notices.told_since(since, taken=True))
    try:
        if notices.tell(clock.today(), config, shop(), until=until, most=most, proven=proven):
            plan.told_at = clock.now()
            plan.save(update_fields=["told_at"])
    except MailError as error:
        plan.problem = f"Inactive customers could not be told: {error.message}"[:300]
        if isinstance(error, AddressRefused):
            # Each minute of the night the server would be asked of the same addresses.
            plan.told_at = clock.now()
        plan.save(update_fields=["told_at", "problem"])
