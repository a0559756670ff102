"""What somebody should know or see to: sentences for the status, nobody's data."""

from .. import keys
from ..config import Config
from ..errors import RegisterError
from ..models import Erasure, Plan
from ..register import copies
from ..shop import erasers
from . import owed, plans, proof, requests

#: Nights without a run before somebody is told.
NIGHTS = 2


def problems(config: Config) -> list[str]:
    """Return what keeps the promise from being kept, a sentence each."""
    if not config.active:
        return []
    found = [*_refusals(config), *_copies(), *_shop(config), *_asked()]
    found += proof.problems(config)
    if not config.retention:
        return [*found, "Retention is off: what nothing keeps any more is not erased."]
    if not plans.standing(config):
        waits = Plan.objects.filter(state=Plan.State.WAITING).order_by("-pk").first()
        which = f"plan {waits.pk} of {waits.day}" if waits else "it is made in the coming night"
        found.append(
            "Nothing is erased before the controller has approved a dry run under the settings in"
            f" force: {which}."
        )
    elif problem := _last_night():
        found.append(problem)
    return found


def line() -> str:
    """Return one line for the settings' page."""
    last = Plan.objects.exclude(night=None).order_by("-night").first()
    if last is None:
        return "Nothing has been erased yet."
    erased = sum(last.batches.values_list("erased", flat=True))
    left = sum(last.batches.values_list("left_over", flat=True))
    waits = owed.count()
    shop = f", {waits} overdue in Saleor" if waits else ""
    return f"Night of {last.night}: {last.state}, {erased} erased, {left} kept after all{shop}."


def _refusals(config: Config) -> list[str]:
    eraser = erasers.eraser()
    refusal = eraser.refusal() if eraser and config.erase_in_shop else ""
    refused = f"Nothing is erased in Saleor's own tables: {refusal}" if refusal else ""
    return [one for one in (config.retention_refusal, refused) if one]


def _asked() -> list[str]:
    asked = requests.waiting().count()
    if not asked:
        return []
    message = (
        f"{asked} customers may want to be erased and wait for the controller's decision: they"
        " asked, or their account in the shop is gone."
    )
    return [message]


def _copies() -> list[str]:
    if copies.storage() is None:
        message = (
            "The ledger of erasures is not copied out of the database, so a restored backup would"
            f" bring back what was erased: set the storage {copies.ALIAS} or"
            f" {copies.VARIABLE} in the environment."
        )
        return [message]
    try:
        copies.check()
        if Erasure.objects.exists():
            keys.current()
    except RegisterError as error:
        return [error.message]
    return []


def _shop(config: Config) -> list[str]:
    waits = owed.count()
    if not waits:
        return []
    why = (
        "what the register has erased is still held there"
        if config.erase_in_shop
        else '"Also erase in Saleor" is off'
    )
    return [f"{waits} accounts and orders are overdue in Saleor's own tables: {why}."]


def _last_night() -> str:
    last = Plan.objects.exclude(night=None).order_by("-night").first()
    if last and last.problem:
        return f"The night of {last.night}: {last.problem}"
    approved = Plan.objects.exclude(approved_at=None).order_by("-approved_at").first()
    since = last.night if last else None
    if since is None and approved and approved.approved_at:
        since = approved.approved_at.date()
    late = since and (plans.today() - since).days > NIGHTS
    return f"Nothing was erased since {since}: does a Celery worker with beat run?" if late else ""
