"""Lines looked for: each time for one purpose, which decides by what one searches and what is seen.

Whoever calls has been let in by the guard for that purpose and logs whom the lines are about.
Customers whose data is restricted (`closed`) are in no search and no sum.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, GenericIPAddressField, Lookup, Q, QuerySet

from .. import clock
from ..access import rows
from ..access.actor import Actor
from ..access.guard import PurposeRefused
from ..errors import RegisterError
from ..models import BilledLine, IncidentLine, SiteLine
from ..policy.categories import Category
from ..policy.log_uses import LONGEST, OF_INCIDENTS, SHOWN, hidden
from ..policy.purposes import Purpose

#: Lines that are counted for a list; beyond them it says that there are as many or more.
COUNTED = 10_000
#: What a search covers that names no time.
USUAL = timedelta(days=1)


class SearchError(RegisterError):
    """A search of the site log that cannot be as it was asked."""

    code = "SITE_LOG"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: `since` to before `until`, both aware, and all that is given must hold."""

    since: datetime
    until: datetime
    #: An address or a network, as 203.0.113.0/24.
    address: str | None = None
    customer: int | None = None
    #: How the path begins.
    path: str = ""
    #: First and last, both included.
    status: tuple[int, int] | None = None

    def names(self) -> frozenset[str]:
        """Return the fields of a line that it searches by."""
        given = (one.name for one in fields(self) if getattr(self, one.name) not in (None, ""))
        return frozenset(given) - {"since", "until"} | {"at"}


@GenericIPAddressField.register_lookup
class Within(Lookup):
    """`address__within`: the address, or any in the network."""

    lookup_name = "within"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:  # noqa: ARG002 - Django's
        """Return the text as it is; PostgreSQL reads it."""
        return "%s", [value]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Write `address <<= value`, for which an index on addresses serves."""
        left, first = self.process_lhs(compiler, connection)
        right, second = self.process_rhs(compiler, connection)
        return f"{left} <<= {right}::inet", [*first, *second]


def period(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Return the time of a search, of which either end may be left out; raises `SearchError`.

    Without an end it is until now, or as long as a search may be.
    """
    until = until or (min(since + LONGEST, clock.now()) if since else clock.now())
    since = since or until - USUAL
    if since >= until:
        raise SearchError("The range ends before it begins.", field="at")
    if until - since > LONGEST:
        raise SearchError("A search covers 31 days at most: give a shorter time.", field="at")
    return since, until


@contextmanager
def refusals_logged(actor: Actor, act: str, purpose: Purpose) -> Iterator[None]:
    """Commit a row of the log for what the purpose does not show; not inside a transaction."""
    try:
        yield
    except PurposeRefused as refusal:
        asked = {Category.LOG}
        rows.commit(rows.row(actor, act, purpose=purpose, categories=asked, refusal=refusal))
        raise


def allow(purpose: Purpose, names: Collection[str]) -> None:
    """Raise `PurposeRefused` if the purpose does not show one of these fields."""
    if refused := hidden(purpose, frozenset(names)):
        message = f"The purpose {purpose.value} does not use this of the site log: "
        raise PurposeRefused(message + f"{', '.join(refused)}.", field=refused[0])


def lines(wanted: Wanted, purpose: Purpose, *, closed: Collection[int] = ()) -> QuerySet[SiteLine]:
    """Return the lines, with the fields that the purpose shows; raises `PurposeRefused`."""
    allow(purpose, wanted.names())
    found = _matching(SiteLine.objects.all(), wanted, closed)
    return found.only("id", *sorted(SHOWN[purpose]))


def of_incident(
    incident: int, purpose: Purpose, *, closed: Collection[int] = ()
) -> QuerySet[IncidentLine]:
    """Return the lines that an incident of this purpose holds."""
    if purpose not in OF_INCIDENTS:
        message = "What incidents hold is for security or error_fixing."
        raise PurposeRefused(message, field="incident")
    found = IncidentLine.objects.filter(incident=incident, incident__purpose=purpose)
    return _open(found, closed).only("id", *sorted(SHOWN[purpose]))


def of_voucher(
    code: str, purpose: Purpose, *, closed: Collection[int] = ()
) -> QuerySet[BilledLine]:
    """Return the lines that an invoice rests on; `customer`: whose purchase it is."""
    if purpose is not Purpose.LOG_BILLING:
        raise PurposeRefused("What invoices rest on is for log_billing.", field="voucher")
    found = BilledLine.objects.filter(voucher__code=code)
    return _open(found.annotate(customer=F("purchase__customer_id")), closed)


def matching(wanted: Wanted, purpose: Purpose, closed: Collection[int]) -> QuerySet[SiteLine]:
    """Return the same to be counted; raises `PurposeRefused`."""
    allow(purpose, wanted.names())
    return _matching(SiteLine.objects.all(), wanted, closed)


def whose(found: QuerySet[SiteLine]) -> set[int]:
    """Return the customers whose lines these are. One query."""
    known = found.filter(customer__isnull=False).order_by()
    return {one for one in known.values_list("customer", flat=True).distinct() if one is not None}


def _matching(found: QuerySet[Any], wanted: Wanted, closed: Collection[int]) -> QuerySet[Any]:
    condition = Q(at__gte=wanted.since, at__lt=wanted.until)
    if wanted.address is not None:
        condition &= Q(address__within=wanted.address)
    if wanted.customer is not None:
        condition &= Q(customer=wanted.customer)
    if wanted.path:
        condition &= Q(path__startswith=wanted.path)
    if wanted.status is not None:
        condition &= Q(status__range=wanted.status)
    return _open(found.filter(condition), closed)


def _open(found: QuerySet[Any], closed: Collection[int]) -> QuerySet[Any]:
    # A line of nobody known is nobody's restricted one.
    return found.filter(Q(customer=None) | ~Q(customer__in=closed)) if closed else found
