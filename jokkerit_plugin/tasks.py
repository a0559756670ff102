"""Celery's tasks: thin. State is in the database, so a killed task is simply run again."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from celery import shared_task

from . import clock, measured, telemetry
from .access import links as file_links
from .access import log, members
from .accounting import books, reminders
from .accounting.exports import jobs
from .description import protection, status
from .disclosure import collection
from .errors import RegisterError, describe
from .marketing import confirmations, soft_opt_in, upkeep, uploads
from .register import believed, held_lines, inbox, lines, sweep, traces
from .retention import night, proof
from .rights import answering, signs
from .rights.breaches import attending
from .shop.port import shop
from .sitelog import expiry, links, store


class JobFailed(RegisterError):
    """A job ended by an error of another's: Celery logs it, whose own text may quote a row."""

    code = "JOB_FAILED"


def job(act: Callable[[], None]) -> Any:
    """Make a task of a function, whose runs are measured."""

    @wraps(act)
    def run() -> None:
        with telemetry.timed("jokkerit.task.duration", task=act.__name__):
            try:
                act()
            except RegisterError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
                failed = JobFailed(f"{act.__name__}: {describe(error)}.")
                raise failed.with_traceback(error.__traceback__) from None

    return shared_task(ignore_result=True)(run)


@job
def drain() -> None:
    """Work on the inbox, then on what it wrote; beat calls it every 5 seconds."""
    inbox.drain()
    soft_opt_in.keep()
    books.keep()


@job
def reconcile() -> None:
    """Begin or go on with the nightly reconciliation, 50 seconds; beat calls it every minute."""
    port = shop()
    with port.writer():
        if port.config().active:
            sweep.nightly(seconds=50)


@job
def expire_traces() -> None:
    """Remove traces whose time is over; beat calls it every hour."""
    port = shop()
    with port.writer():
        config = port.config()
        while config.active and not believed.doubt() and traces.expire(config, clock.now()):
            pass


@job
def expire_access_log() -> None:
    """Remove what the log of who looked has kept long enough; beat calls it every day."""
    with shop().writer():
        log.expire()


@job
def keep_site_log() -> None:
    """Make the site log's days ahead, link its lines, remove what is over; beat: every hour."""
    port = shop()
    with port.writer():
        config = port.config()
        # First: a day that waits to be detached holds neither up.
        file_links.sweep()
        held_lines.forget_erased()
        lines.forget_strangers(clock.now() - timedelta(hours=3))
        if config.active:
            store.make_ahead()
            links.link()
        # What is over goes whether the register is filled or not.
        if believed.look():
            expiry.expire(config)
            expiry.cut_addresses(config)


@job
def shut_out() -> None:
    """Ask the shop again to end what former members hold there; beat calls it every 5 minutes."""
    port = shop()
    with port.writer():
        members.shut_out(port.end_access)


@job
def certify() -> None:
    """Prove the erasures that are done; beat calls it every hour."""
    with shop().writer():
        while proof.certify():
            pass


@job
def confirm_opt_ins() -> None:
    """Write the mails of double opt-ins that wait; beat calls it every minute."""
    port = shop()
    with port.writer():
        config = port.config()
        if config.active:
            confirmations.send(config, port)


@job
def make_files() -> None:
    """Make the files for accounting software that wait; beat calls it every 5 seconds."""
    port = shop()
    with port.writer():
        if port.config().active:
            jobs.work()


@job
def take_in_opt_outs() -> None:
    """Take in the files of old opt-outs that wait; beat calls it every 5 seconds.

    Also while the plugin is deactivated: a no that was sent counts.
    """
    with shop().writer():
        uploads.work()


@job
def remind_of_closing() -> None:
    """Tell those who close the months that one can be closed; beat calls it every hour."""
    reminders.remind()


@job
def release_paid_holds() -> None:
    """Release the legal holds of debts that have been paid; beat calls it every hour."""
    with shop().writer():
        collection.release_paid()


@job
def retain() -> None:
    """Begin or go on with the night's retention, 50 seconds; beat calls it every minute."""
    if night.tick(seconds=50):
        # Two are at work then: this chain, and the one that beat begins anew each minute.
        retain_too.apply_async(expires=60)


@job
def retain_too() -> None:
    """Help with the night's retention, 50 seconds."""
    night.join(seconds=50)


@job
def attend_requests() -> None:
    """Answer what customers ask of their data; beat calls it every minute."""
    answering.attend()


@job
def attend_breaches() -> None:
    """Remind of breaches, find who is affected and tell them; beat calls it every minute."""
    attending.attend()


@job
def notice_errors() -> None:
    """Go on with the day's look for wrong data, 50 seconds; beat calls it every minute."""
    port = shop()
    with port.writer():
        if port.config().active:
            signs.walk(seconds=50)


@job
def watch_description() -> None:
    """See whether the published description is still true; beat calls it every day."""
    port = shop()
    with port.writer():
        protection.ask()
        status.log(port.config())


@job
def carry_opt_outs() -> None:
    """Tell other apps of opt-outs, and copy them, 50 seconds; beat calls it every minute."""
    upkeep.carry(seconds=50)


@job
def keep_marketing() -> None:
    """Go on with the day's walk over permissions, 50 seconds; beat calls it every minute."""
    upkeep.walk(seconds=50)


@job
def measure() -> None:
    """Tell those who watch how the register is; beat calls it every 5 minutes."""
    measured.tell()
