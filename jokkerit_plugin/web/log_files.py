"""The site log as CSV, streamed: what goes into the log of who looked stands there first."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ..access import guard
from ..access.actor import Actor
from ..accounting.exports.cells import cell
from ..policy.categories import Category
from ..policy.log_uses import SHOWN
from ..policy.purposes import Purpose
from ..sitelog import search, views
from .log_asked import month, purpose_of
from .schema.base import to_global_id
from .schema.site_filters import wanted_of

#: Rows of a piece, each a query of its own: no day waits for a slow reader to be dropped.
PAGE = 2000
#: Columns of a line in the order of the file.
COLUMNS = (
    "at", "address", "customer", "method", "path", "status", "size", "duration", "referer", "agent",
)  # fmt: skip

Rows = Iterator[Sequence[Any]]
#: Heads, rows, and the visit in which they are read.
File = tuple[Sequence[str], Rows, guard.Visit]


def lines(given: Mapping[str, Any], act: str, actor: Actor) -> File:
    """Return what makes the file; the log has its row when this returns."""
    purpose = purpose_of("lines.csv", given)
    with guard.visit(actor, purpose, act=act, asks=[Category.LOG]) as inside:
        wanted = wanted_of(given["filter"])
        with search.refusals_logged(actor, act, purpose):
            found = search.lines(wanted, purpose, closed=inside.closed())
        inside.saw(search.whose(found))
    heads = [one for one in COLUMNS if one in SHOWN[purpose]]
    return heads, _streamed(found, heads, inside), inside


def _streamed(found: Any, heads: Sequence[str], inside: guard.Visit) -> Rows:
    """Yield the newest first.

    Lines that became somebody's after the log had its row are left out, and those of customers
    who were restricted since.
    """
    last: tuple[datetime, int] | None = None
    while True:
        rows = found.order_by("-at", "-pk")
        if last:
            rows = rows.filter(at__lte=last[0]).exclude(at=last[0], pk__gte=last[1])
        page = list(rows[:PAGE])
        inside.subjects -= inside.closed()
        for row in page:
            if row.customer is None or row.customer in inside.subjects:
                yield [shown(getattr(row, one), one) for one in heads]
        if len(page) < PAGE:
            return
        last = page[-1].at, page[-1].pk


def usage(given: Mapping[str, Any], act: str, actor: Actor) -> File:
    """Return what makes the file of a month; the log has its row when this returns."""
    with guard.visit(actor, Purpose.LOG_BILLING, act=act, asks=[Category.LOG]) as inside:
        period, wanted = month(given)
        found = views.usage(wanted, after=None, size=None, closed=inside.closed())
        inside.saw(one.customer for one in found)
    rows = (
        (shown(one.customer, "customer"), f"{period.first:%Y-%m}", one.requests, one.size,
         one.duration)
        for one in found
    )  # fmt: skip
    return ("customer", "month", "requests", "bytes", "milliseconds"), rows, inside


def shown(value: Any, name: str) -> Any:
    """Return a value of a line as it goes out: a customer by the id."""
    if name == "customer" and value is not None:
        return to_global_id("RegisterCustomer", value)
    return value


def written(heads: Sequence[str], rows: Rows, inside: guard.Visit) -> Iterator[bytes]:
    """Yield the file in pieces; the guard is asked again before each."""
    return guard.given(inside, _pieces(heads, rows))


def _pieces(heads: Sequence[str], rows: Rows) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    # For spreadsheets: without the mark they take it for another encoding.
    buffer.write("\ufeff")
    writer.writerow(heads)
    for number, row in enumerate(rows, 1):
        writer.writerow([_cell(one) for one in row])
        if number % PAGE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else cell(str(value))
