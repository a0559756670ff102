"""Lines into the table of their day, by COPY, with the customer they belong to.

Whoever takes lines keeps note of it in a transaction around it: then each is taken once.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, timedelta

from django.db import connection, transaction

from .. import clock
from ..config import Config
from ..policy.site_log import Refusal
from .minimised import Line

#: Days made ahead, so that midnight finds its table.
AHEAD = 7

_COLUMNS = (
    "at, address, agent, method, path, status, size, duration, referer, saleor_user, checkout"
)


@transaction.atomic
def take(found: Iterable[Line | Refusal | None], *, config: Config) -> Counter[str]:
    """Store lines and count those kept out; return how many were "taken", or refused for what.

    Lines older than the shop keeps them never come in: nobody would ever take them out.
    """
    today = clock.now().astimezone(UTC).date()
    first, last = today - timedelta(days=config.site_log_days), today + timedelta(days=1)
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
    _count(counts)
    if lines:
        make_days({one.at.astimezone(UTC).date() for one in lines})
        _copy(lines)
    counts["taken"] = len(lines)
    return counts


def make_days(days: Iterable[date]) -> int:
    """Make the tables of these days where they are missing; return how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE jokkerit_siteline_day(day))"
            " FROM (SELECT unnest(%s::date[]) AS day ORDER BY 1) AS wanted",
            [sorted(days)],
        )
        return int(cursor.fetchone()[0])


def make_ahead() -> int:
    """Make today's table and those of the next seven days."""
    today = clock.now().astimezone(UTC).date()
    return make_days(today + timedelta(days=ahead) for ahead in range(AHEAD + 1))


def _copy(lines: list[Line]) -> None:
    """Load the lines into a table of this transaction, and from there with their customers.

    COPY straight into the partitions could not ask who a line belongs to.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS jokkerit_lines_in (LIKE jokkerit_plugin_siteline)"
            " ON COMMIT DELETE ROWS"
        )
        cursor.execute("ALTER TABLE jokkerit_lines_in ALTER id DROP NOT NULL")
        with cursor.copy(f"COPY jokkerit_lines_in ({_COLUMNS}) FROM STDIN") as copy:
            for one in lines:
                copy.write_row(_row(one))
        cursor.execute(
            f"""
            INSERT INTO jokkerit_plugin_siteline ({_COLUMNS}, customer)
            SELECT {", ".join(f"l.{name.strip()}" for name in _COLUMNS.split(","))},
                   coalesce(account.id, bought.customer_id)
            FROM jokkerit_lines_in AS l
            LEFT JOIN jokkerit_plugin_customer AS account ON account.saleor_user = l.saleor_user
            LEFT JOIN LATERAL (
                SELECT customer_id FROM jokkerit_plugin_purchase
                WHERE l.saleor_user IS NULL AND l.checkout <> '' AND checkout_token <> ''
                    AND checkout_token = l.checkout LIMIT 1
            ) AS bought ON true
            """
        )
        cursor.execute("TRUNCATE jokkerit_lines_in")


def _row(one: Line) -> tuple[object, ...]:
    return (
        one.at, one.address, one.agent, one.method, one.path, one.status, one.size, one.duration,
        one.referer, one.user, one.checkout,
    )  # fmt: skip


def _count(counts: Counter[str]) -> None:
    if not counts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jokkerit_plugin_refusedlines (day, reason, count)"
            " SELECT %s, * FROM unnest(%s::text[], %s::bigint[]) ORDER BY 2"
            " ON CONFLICT (day, reason)"
            " DO UPDATE SET count = jokkerit_plugin_refusedlines.count + excluded.count",
            [
                clock.now().astimezone(UTC).date(),
                [str(reason) for reason in sorted(counts)],
                [counts[reason] for reason in sorted(counts)],
            ],
        )
