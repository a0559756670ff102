"""Files that are asked for and made by a worker: a year's journal outlasts a request.

A worker takes a job, says beside its own transaction how far it is, and ends it with the file or
with the reason why there is none. A killed worker's job is taken again when it has said nothing
for `STALE`. It is made for who asked, with what they still may.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from ... import clock
from ...access import guard, members
from ...access.actor import Actor
from ...access.held import held, still_held
from ...errors import RegisterError, describe
from ...logs import logger_of
from ...models import Export, ExportJob, Posting
from ...policy.categories import Category
from ...policy.permissions import GIVERS
from ...policy.purposes import Purpose
from ...register.rows import table
from ...shop.port import shop
from ..amounts import unit
from ..entries import Entry, entries
from ..periods import Period, within_a_year
from . import files, formats, make
from .files import ExportError

logger = logger_of(__name__)

STALE = timedelta(minutes=10)
#: Workers that may begin one job: what ends three of them ends the next, too.
TRIES = 3
#: Entries between two words about how far it is.
EVERY = 2000
#: How long it is told what became of a job.
KEPT = timedelta(days=30)


def ask(
    form: str,
    period: Period,
    *,
    language: str,
    recipient: int,
    actor: Actor,
    currency: str = "",
    rounded: bool = False,
) -> ExportJob:
    """Have a journal made; raises what `make.journal` does where it is known before."""
    made: list[ExportJob] = []
    asks = [Category.PURCHASE]
    with guard.visit(
        actor, Purpose.BOOKKEEPING, act="export order", asks=asks, needs=GIVERS
    ) as visit:
        formats.ask_form(form, language)
        if currency:
            unit(currency)
        within_a_year(period, shop().config())
        to = files.for_recipient(recipient, Purpose.BOOKKEEPING, actor=actor)

        def order() -> None:
            ExportJob.objects.filter(finished_at__lt=clock.now() - KEPT).delete()
            made.append(ExportJob.objects.create(
                asked_at=clock.now(), asked_by=actor.key, permissions=held(actor.permissions),
                format=form, first=period.first, last=period.last, currency=currency,
                rounded=rounded, language=language, recipient=to,
            ))  # fmt: skip

        visit.then(order)
    return made[0]


def listing(*, actor: Actor) -> QuerySet[ExportJob]:
    """Return the jobs of those whom the actor works for."""
    with guard.visit(actor, Purpose.BOOKKEEPING, act="exports", asks=[Category.PURCHASE]):
        member = members.acting(actor.key)
    found = ExportJob.objects.all()
    return found.filter(recipient=member.recipient_id) if member else found


def work() -> int:
    """Make what waits, one after another; return how many jobs came to their end."""
    done = 0
    while (job := _claim()) is not None:
        _end(job, _made(job))
        done += 1
    return done


def _claim() -> ExportJob | None:
    """Take the oldest job that nobody is at."""
    with transaction.atomic():
        free = Q(claimed_at=None) | Q(claimed_at__lt=clock.now() - STALE)
        job = (
            ExportJob.objects.filter(free, finished_at=None)
            .order_by("pk")
            .select_for_update(skip_locked=True, no_key=True)
            .first()
        )
        if job is None:
            return None
        job.claimed_at, job.tries, job.entries = clock.now(), job.tries + 1, 0
        entries_of = Posting.objects.filter(day__range=(job.first, job.last))
        job.total = entries_of.filter(currency=job.currency).count() if job.currency else (
            entries_of.count()
        )  # fmt: skip
        job.save()
    return job


def _made(job: ExportJob) -> Export | RegisterError:
    if job.tries > TRIES:
        return ExportError(f"The file could not be made: {TRIES} workers ended over it.")
    actor = Actor(job.asked_by, still_held(job.asked_by, job.permissions))
    period = Period(job.first, job.last)
    try:
        with _telling(job) as tell:
            return make.journal(
                job.format, _counted(entries(period), tell), period=period,
                language=job.language, recipient=job.recipient_id, actor=actor,
                currency=job.currency, rounded=job.rounded,
            )  # fmt: skip
    except RegisterError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a database's message quotes the row
        failure = describe(error)
    logger.error("export job %s failed: %s", job.pk, failure)
    return ExportError("The file could not be made. The fault is ours, and is in the log.")


def _end(job: ExportJob, found: Export | RegisterError) -> None:
    ended = (
        {"code": found.code, "problem": found.message}
        if isinstance(found, RegisterError)
        else {"export": found.pk, "entries": job.total}
    )
    ExportJob.objects.filter(pk=job.pk, finished_at=None).update(finished_at=clock.now(), **ended)


def _counted(found: Iterable[Entry], tell: Callable[[int], None]) -> Iterator[Entry]:
    for number, entry in enumerate(found, 1):
        if number % EVERY == 0:
            tell(number)
        yield entry


@contextmanager
def _telling(job: ExportJob) -> Iterator[Callable[[int], None]]:
    """Tell how far a job is, in a session of its own: what reads the entries commits at its end."""
    beside = connection.copy()

    def tell(entries: int) -> None:
        with beside.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table(ExportJob)} SET entries = %s, claimed_at = %s"
                " WHERE id = %s AND finished_at IS NULL",
                [entries, clock.now(), job.pk],
            )

    try:
        yield tell
    finally:
        beside.close()
