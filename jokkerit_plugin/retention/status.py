"""What somebody should know or see to: sentences for the status, nobody's data."""

from datetime import datetime, time, timedelta

from .. import clock, keys
from ..access import copies
from ..config import Config
from ..errors import RegisterError
from ..models import Erasure, Plan
from ..policy.financial_years import add_months
from ..policy.problems import Problem
from ..register import approval
from ..register.status import shortened
from ..shop import erasers
from ..shop.erasers import Hindrance, ShopPart
from . import left, owed, plans, proof, stale, sweeps

#: Nights without a run before somebody is told.
NIGHTS = 2
#: Nobody counts further for a sentence.
MANY = 1000


def problems(config: Config) -> list[Problem]:
    """Return what keeps the promise from being kept, a sentence each."""
    if not config.active:
        return []
    found = [*_refusals(config), *_copies(), *_shop(config), *_files(), *_unswept(config)]
    found += _stale()
    found += _needed(config)
    found += proof.problems(config)
    if not config.retention:
        off = "Retention is off: what nothing keeps any more is not erased."
        return [*found, Problem("RETENTION_OFF", off)]
    if not approval.standing(config):
        waits = Plan.objects.filter(state=Plan.State.WAITING).order_by("-pk").first()
        which = f"plan {waits.pk} of {waits.day}" if waits else "it is made in the coming night"
        message = (
            "Nothing is erased before the controller has approved a dry run under the settings in"
            f" force: {which}."
        )
        found.append(Problem("PLAN_WAITS", message))
    else:
        found += _last_night()
    return found


def line() -> str:
    """Return one line for the settings' page."""
    last = plans.last_night()
    if last is None:
        return "Nothing has been erased yet."
    erased = sum(last.batches.values_list("erased", flat=True))
    left = sum(last.batches.values_list("left_over", flat=True))
    waits = owed.count()
    shop = f", {waits} overdue in Saleor" if waits else ""
    return f"Night of {last.night}: {last.state}, {erased} erased, {left} kept after all{shop}."


def _refusals(config: Config) -> list[Problem]:
    eraser = erasers.eraser()
    refusal = eraser.refusal() if eraser else ""
    refused = f"Nothing is erased in Saleor's own tables: {refusal}" if refusal else ""
    unsaid = (
        ""
        if config.financial_year_said
        else "Nobody has said when the financial year ends, so what bookkeeping needs is kept as if"
        " a year had 18 months: set it (financial_year_end)."
    )
    found = {
        "RETENTION_REFUSED": config.retention_refusal,
        "SHOP_REFUSED": refused,
        "YEAR_UNSAID": unsaid,
    }
    return [Problem(code, one) for code, one in found.items() if one]


def _copies() -> list[Problem]:
    if copies.storage() is None:
        message = (
            "The ledger of erasures is not copied out of the database, so a restored backup would"
            f" bring back what was erased: set the storage {copies.ALIAS} or"
            f" {copies.VARIABLE} in the environment."
        )
        return [Problem("COPIES_UNSET", message)]
    try:
        copies.check()
        if Erasure.objects.exists():
            keys.current()
    except RegisterError as error:
        return [Problem(error.code, error.message)]
    return []


def _shop(config: Config) -> list[Problem]:
    waits = owed.count()
    if not waits:
        return []
    why = (
        "what the register has erased is still held there"
        if config.erase_in_shop
        else '"Also erase in Saleor" is off'
    )
    what = "accounts, orders and other rows"
    message = f"{waits} {what} are overdue in Saleor's own tables: {why}."
    return [Problem("SHOP_OVERDUE", message)]


def _files() -> list[Problem]:
    late = owed.count_files(clock.now() - timedelta(days=1))
    said = (
        f"{late} files of erased rows have not been removed for a day: does the shop's storage let"
        " Saleor delete?"
    )
    return [Problem("FILES_LEFT", said)] if late else []


def _unswept(config: Config) -> list[Problem]:
    """What is the shop's alone and over, while nothing is erased there."""
    eraser = None if config.erase_in_shop else erasers.usable()
    if eraser is None:
        return []
    today = clock.today()
    day = add_months(today, -config.inactive_months)
    idle = eraser.idle(datetime.combine(day, time(), clock.HELSINKI), limit=MANY)
    over = [("accounts that never bought", len(idle))]
    for part, what in (
        (ShopPart.CHECKOUT, "checkouts that became no order"),
        (ShopPart.ADDRESS, "addresses that nothing refers to"),
        (ShopPart.PAYLOAD, "payloads that went to webhooks"),
    ):
        before = sweeps.before(part, today, config)
        # After nothing a look at addresses would note how far they go: it is the night's.
        after = "0" if part is ShopPart.ADDRESS else ""
        over.append((what, len(eraser.overdue(part, before, after=after, limit=MANY))))
    return [
        Problem(
            "SHOP_OVERDUE",
            f"{number}{' or more' if number == MANY else ''} {what} are over in Saleor's own"
            ' tables: "Also erase in Saleor" is off.',
        )
        for what, number in over
        if number
    ]


def _stale() -> list[Problem]:
    today = clock.today()
    found = []
    if orders := stale.count(today):
        found.append(
            f"{orders} orders were not done within twelve months and keep their customers: look at"
            " them (staleOrders), and let go what nobody will pay or deliver."
        )
    if there := left.orders(limit=MANY):
        found.append(
            f"{len(there)} orders are over, and Saleor has them as not paid or not delivered, so"
            " that they still say who bought: finish or cancel them there, or let them go"
            f" (staleOrderLetGo): {shortened(there)}."
        )
    if drafts := stale.drafts(today, limit=MANY):
        found.append(
            f"Drafts in Saleor are older than twelve months ({stale.count_drafts(today)}):"
            f" finish or delete them there: {shortened([one.number for one in drafts])}."
        )
    return [Problem("ORDERS_OPEN", one) for one in found]


def _needed(config: Config) -> list[Problem]:
    """Accounts that nothing keeps here and that Saleor cannot let go, for a reason that lasts."""
    return [
        Problem(
            "ACCOUNTS_NEEDED",
            f"{len(users)} accounts are over, and stay in Saleor since {_HINDERED[why]}:"
            f" {shortened(users)}.",
        )
        for why, users in left.accounts(config).items()
    ]


_HINDERED = {
    Hindrance.STAFF: "they are the staff's",
    Hindrance.ORDER: "an order is not paid or not delivered there: finish or cancel it",
    Hindrance.CHECKOUT: "a checkout holds money: complete it, or give the money back",
    Hindrance.OTHERS: "they buy in a channel that is left out: until that is as long ago",
    Hindrance.CARD: "a gift card of theirs has money on it: until it is spent or has expired",
}


def _last_night() -> list[Problem]:
    last = plans.last_night()
    if last and last.problem:
        return [Problem("NIGHT_FAILED", f"The night of {last.night}: {last.problem}")]
    approved = Plan.objects.exclude(approved_at=None).order_by("-approved_at").first()
    since = last.night if last else None
    if since is None and approved and approved.approved_at:
        since = approved.approved_at.date()
    late = since and (clock.today() - since).days > NIGHTS
    said = f"Nothing was erased since {since}: does a Celery worker with beat run?"
    return [Problem("NIGHT_MISSED", said)] if late else []
