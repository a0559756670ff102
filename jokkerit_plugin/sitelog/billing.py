"""Lines that an invoice rests on: held with it, when and how much, without address and agent.

They go with the purchase's figures (`register.erasure`), or when the controller lets go of them.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Max, Min, Sum

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..access.staying import stays
from ..errors import RegisterError
from ..models import BilledLine, Purchase, Voucher
from ..policy.categories import Category
from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from ..register.held_lines import LINES, day_of
from ..register.rows import execute, fetch, table


class BillingError(RegisterError):
    """Lines cannot be held with an invoice, or let go, as asked."""

    code = "LOG_BILLING"


@dataclass(frozen=True, slots=True)
class Billed:
    """What an invoice rests on: its lines, bytes and milliseconds."""

    voucher: str
    customer: int | None
    requests: int
    first: datetime | None
    last: datetime | None
    size: int
    duration: int


def hold(voucher: str, *, since: datetime, until: datetime, actor: Actor) -> int:
    """Hold the lines of the voucher's customer with it; return how many were new.

    From `since` to before `until`. Raises `BillingError` also where days of that time are gone:
    an invoice cannot rest on part of what it says.
    """
    held: list[int] = []

    def act() -> None:
        found = _voucher(voucher)
        if not stays(Purchase, found.purchase_id):
            raise BillingError("There is no such voucher.", field="voucher")
        customer = Purchase.objects.values_list("customer", flat=True).get(pk=found.purchase_id)
        if found.voided_at or customer is None:
            raise BillingError("The voucher is void, or of nobody known.", field="voucher")
        held.append(
            execute(
                f"INSERT INTO {table(BilledLine)} (purchase_id, voucher_id, line, at, method, path,"
                " status, size, duration) SELECT %s, %s, id, at, method, path, status, size,"
                f" duration FROM {LINES} WHERE customer = %s AND at >= %s AND at < %s"
                " ON CONFLICT (voucher_id, line) DO NOTHING",
                [found.purchase_id, found.pk, customer, since, until],
            )
        )
        if not _reaches(since):
            message = "Days of that time are gone, or came before the site log: begin later."
            raise BillingError(message, field="since")
        if not BilledLine.objects.filter(voucher=found).exists():
            raise BillingError("There are no lines of this customer in that time.", field="since")

    with _visit("invoiceLinesHold", actor) as inside:
        _named(inside, voucher)
        if since >= until or until > clock.now():
            raise BillingError("Give a time that is over, its end after its start.", field="since")
        inside.then(act)
    return held[0]


def release(voucher: str, *, actor: Actor) -> int:
    """Let go of what an invoice rested on; return how many lines there were."""
    gone: list[int] = []

    def act() -> None:
        gone.append(BilledLine.objects.filter(voucher=_voucher(voucher)).delete()[0])

    with _visit("invoiceLinesRelease", actor) as inside:
        _named(inside, voucher)
        inside.then(act)
    return gone[0]


def sums(vouchers: list[int]) -> dict[int, Billed]:
    """Return what these vouchers rest on, by their key; those with nothing are missing."""
    found = (
        BilledLine.objects.filter(voucher__in=vouchers)
        .values_list("voucher", "voucher__code", "purchase__customer")
        .annotate(Count("pk"), Min("at"), Max("at"), Sum("size"), Sum("duration"))
    )
    return {
        pk: Billed(code, customer, n, first, last, size or 0, spent or 0)
        for pk, code, customer, n, first, last, size, spent in found
    }


def _reaches(since: datetime) -> bool:
    """Tell whether the day of this moment is there; asked after its lines were read.

    A day that is being detached is read no more, and one that was read stays to the transaction's
    end.
    """
    found = fetch(
        "SELECT min(c.relname) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = %s::regclass AND NOT i.inhdetachpending",
        [LINES],
    )
    first = day_of(found[0][0] or "")
    return first is not None and first <= since.astimezone(UTC).date()


def _voucher(code: str) -> Voucher:
    found = Voucher.objects.filter(code=code).first()
    if found is None:
        raise BillingError("There is no such voucher.", field="voucher")
    return found


def _visit(act: str, actor: Actor) -> AbstractContextManager[guard.Visit]:
    return guard.visit(
        actor, Purpose.LOG_BILLING, act=act, asks=[Category.LOG],
        needs=[Permission.MANAGE_PRIVACY],
    )  # fmt: skip


def _named(inside: guard.Visit, voucher: str) -> None:
    """Log whom it is about. Holding shows nothing, so a restricted customer stops it not."""
    found = Purchase.objects.filter(vouchers__code=voucher).values_list("customer", flat=True)
    whose = [one for one in found if one is not None]
    inside.saw(inside.open_to(whose))
    inside.saw_figures(whose)
