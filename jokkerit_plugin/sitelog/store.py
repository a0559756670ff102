"""Lines into the table of their day, by COPY, with the customer they belong to.

Whoever takes lines keeps note of it in a transaction around it: then each is taken once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction

from .. import clock, telemetry
from ..config import Config
from ..models import Customer, ErasedKey, Purchase
from ..policy.site_log import Refusal
from ..register.erased import ACCOUNTS, OVERLAP
from ..register.held_lines import LINES
from ..register.rows import table
from . import days
from .minimised import Line, shape
from .parsing import read

#: Days made ahead, so that midnight finds its table.
AHEAD = 7

_SAID = "at, address, agent, method, path, status, size, duration, referer"
_COLUMNS = f"{_SAID}, saleor_user, checkout"

#: The customers of users and checkouts, locked.
_WHOSE = f"""
    SELECT id, saleor_user FROM {table(Customer)}
    WHERE saleor_user = ANY(%(users)s) OR id = ANY(ARRAY(
        SELECT customer_id FROM {table(Purchase)}
        WHERE checkout_token <> '' AND checkout_token = ANY(%(checkouts)s)))
    ORDER BY id FOR KEY SHARE
"""
#: A line from before its customer was erased is nobody's, whenever it comes.
_INSERT = f"""
    WITH whose AS MATERIALIZED ({_WHOSE}),
    bought AS (
        SELECT DISTINCT ON (checkout_token) checkout_token, whose.id, contact_erased_at
        FROM {table(Purchase)} LEFT JOIN whose ON whose.id = customer_id
        WHERE checkout_token <> '' AND checkout_token = ANY(%(checkouts)s)
        ORDER BY checkout_token, whose.id
    ),
    erased AS (
        SELECT key::bigint AS saleor_user, max(erased_at) + %(overlap)s AS until
        FROM {table(ErasedKey)} WHERE kind = ANY(%(kinds)s) AND key = ANY(%(users)s::text[])
        GROUP BY key
    )
    INSERT INTO {LINES} ({_COLUMNS}, customer)
    SELECT {", ".join(f"l.{name}" for name in _SAID.split(", "))},
        CASE WHEN NOT gone THEN l.saleor_user END, CASE WHEN NOT gone THEN checkout END,
        CASE WHEN NOT gone THEN coalesce(account.id, bought.id) END
    FROM jokkerit_lines_in AS l
    LEFT JOIN whose AS account ON account.saleor_user = l.saleor_user
    LEFT JOIN bought ON l.saleor_user IS NULL AND checkout_token = checkout
    LEFT JOIN erased ON erased.saleor_user = l.saleor_user
    CROSS JOIN LATERAL (SELECT
        coalesce(at <= until, false) OR (bought.id IS NULL AND contact_erased_at IS NOT NULL)
    ) AS parted(gone)
"""


def take_raw(
    raw: Sequence[bytes], *, config: Config, written: datetime | None = None
) -> Counter[str]:
    """Read lines and `take` them; of those refused the first of each kind shows its shape.

    `written`: when those were written that do not say it; usually now.
    """
    now = written or clock.now()
    found = [read(one, now=now) for one in raw]
    examples: dict[Refusal, str] = {}
    for one, line in zip(found, raw, strict=True):
        if isinstance(one, Refusal) and one not in examples:
            examples[one] = shape(line)
    return take(found, config=config, examples=examples)


@transaction.atomic
def take(
    found: Iterable[Line | Refusal | None],
    *,
    config: Config,
    examples: Mapping[Refusal, str] | None = None,
) -> Counter[str]:
    """Store lines and count those kept out; return how many were "taken", or refused for what.

    Lines older than the shop keeps them never come in: nobody would ever take them out.
    """
    first, last = days.first(config), days.today() + timedelta(days=1)
    lines: list[Line] = []
    counts: Counter[str] = Counter()
    for one in found:
        if isinstance(one, Line):
            if first <= one.at.astimezone(UTC).date() <= last:
                lines.append(one)
                continue
            counts[Refusal.OUT_OF_TIME] += 1
        elif one is not None:
            counts[one] += 1
    _count(counts, examples or {})
    if lines:
        wanted = {one.at.astimezone(UTC).date() for one in lines}
        # Only days that are over are ever detached or cut.
        late = {day for day in wanted if day < days.today()}
        if late:
            days.receive(late)
        make_days(wanted)
        _copy(lines)
        if late:
            days.received(late)
    counts["taken"] = len(lines)
    transaction.on_commit(partial(_measure, counts.copy()), robust=True)
    return counts


def _measure(counts: Counter[str]) -> None:
    for outcome, number in counts.items():
        telemetry.measure("jokkerit.site_log.lines", number, outcome=outcome)


def make_days(wanted: Iterable[date]) -> int:
    """Make the tables of these days where they are missing; return how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE jokkerit_siteline_day(day))"
            " FROM (SELECT unnest(%s::date[]) AS day ORDER BY 1) AS wanted",
            [sorted(wanted)],
        )
        return int(cursor.fetchone()[0])


def make_ahead() -> int:
    """Make today's table and those of the next seven days."""
    return make_days(days.today() + timedelta(days=ahead) for ahead in range(AHEAD + 1))


def _copy(lines: list[Line]) -> None:
    """Load the lines: those that may be of a customer by way of a table of this transaction."""
    theirs = [one for one in lines if one.user or one.checkout]
    _load(LINES, [one for one in lines if not (one.user or one.checkout)])
    if not theirs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS jokkerit_lines_in (LIKE {LINES})"
            " ON COMMIT DELETE ROWS"
        )
        cursor.execute("ALTER TABLE jokkerit_lines_in ALTER id DROP NOT NULL")
        _load("jokkerit_lines_in", theirs)
        given: dict[str, Any] = {
            "users": sorted({one.user for one in theirs if one.user}),
            "checkouts": sorted({one.checkout for one in theirs if one.checkout}),
            "kinds": ACCOUNTS, "overlap": OVERLAP,
        }  # fmt: skip
        # Whose customer goes up in another or is erased at this moment waits for the lines, and
        # then finds them. Who has waited for that sees what came of it in the next statement only.
        cursor.execute(_WHOSE, given)
        cursor.execute(_INSERT, given)
        cursor.execute("TRUNCATE jokkerit_lines_in")


def _load(table: str, lines: list[Line]) -> None:
    with (
        # Of a COPY Django leaves them psycopg's own.
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_COLUMNS}) FROM STDIN") as copy,
    ):
        for one in lines:
            copy.write_row(_row(one))


def _row(one: Line) -> tuple[object, ...]:
    return (
        one.at, one.address, one.agent, one.method, one.path, one.status, one.size, one.duration,
        one.referer, one.user, one.checkout,
    )  # fmt: skip


def _count(counts: Counter[str], examples: Mapping[Refusal, str]) -> None:
    if not counts:
        return
    reasons = [Refusal(reason) for reason in sorted(counts)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jokkerit_plugin_refusedlines AS old (day, reason, count, example)"
            " SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::text[]) ORDER BY 2"
            " ON CONFLICT (day, reason) DO UPDATE SET count = old.count + excluded.count,"
            " example = coalesce(nullif(excluded.example, ''), old.example)",
            [
                days.today(),
                [str(reason) for reason in reasons],
                [counts[reason] for reason in reasons],
                [examples.get(reason, "") for reason in reasons],
            ],
        )
