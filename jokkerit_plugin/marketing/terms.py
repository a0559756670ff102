"""What ends by itself: consents that nobody confirmed or keeps alive, and proof that is over."""

from datetime import datetime, time, timedelta

from django.db import transaction

from .. import clock
from ..config import Config
from ..models import ContactAlias, MarketingEvent, Suppression
from ..policy.financial_years import add_months
from ..policy.marketing import (
    ACTIVE_MONTHS,
    CLOSING,
    CONFIRM_WITHIN,
    GIVING,
    OPT_OUTS,
    PROFILING,
    PROOF_YEARS,
    Channel,
    Kind,
    Source,
)
from ..register.rows import execute, table

#: Events that go, or are written, in one transaction.
PRUNED = 5000


def lapse(config: Config) -> int:
    """Write down which consents by e-mail were not confirmed in time; return how many."""
    if not config.marketing_double_opt_in:
        return 0
    before = clock.now() - CONFIRM_WITHIN
    later = sorted({*CLOSING, Kind.CONSENT, Kind.CONFIRMED, Kind.RECONSENT, Kind.EXPIRED,
                    Kind.LAPSED})  # fmt: skip
    return execute(
        f"INSERT INTO {table(MarketingEvent)}"
        " (key_version, digest, channel, kind, at, source, customer)"
        " SELECT key_version, digest, channel, %s, at + %s, %s, customer"
        f" FROM {table(MarketingEvent)} AS c WHERE kind = %s AND channel = %s"
        " AND at < %s AND at > %s AND NOT EXISTS ("
        f"  SELECT FROM {table(MarketingEvent)} AS l WHERE l.key_version = c.key_version"
        "   AND l.digest = c.digest AND l.channel = c.channel AND l.id <> c.id AND l.at >= c.at"
        "   AND l.kind = ANY(%s::text[]))",
        [
            Kind.LAPSED.value, CONFIRM_WITHIN, Source.TERM.value, Kind.CONSENT.value,
            Channel.EMAIL.value, before, before - timedelta(days=60), [one.value for one in later],
        ],
    )  # fmt: skip


def expire_unknown() -> int:
    """Write down that what was given by people who are no customers ended; return how many.

    The walk over the customers does not meet them, and their proof would never be over.
    """
    given = [*GIVING, Kind.SOFT_OPT_IN]
    return execute(
        f"INSERT INTO {table(MarketingEvent)} (key_version, digest, channel, kind, at, source)"
        " SELECT key_version, digest, channel, %(expired)s, max(at) + %(term)s::interval,"
        " %(source)s"
        f" FROM {table(MarketingEvent)} AS e WHERE kind = ANY(%(given)s::text[])"
        "  AND at < %(before)s AND NOT EXISTS ("
        f"  SELECT FROM {table(MarketingEvent)} AS l WHERE l.key_version = e.key_version"
        "   AND l.digest = e.digest AND (l.customer IS NOT NULL"
        "    OR l.channel = e.channel AND (l.kind = ANY(%(given)s::text[])"
        "     AND l.at >= %(before)s OR l.kind = ANY(%(ends)s::text[]) AND l.at >= e.at)))"
        " GROUP BY key_version, digest, channel ORDER BY 1, 2, 3 LIMIT %(limit)s",
        {
            "expired": Kind.EXPIRED.value, "term": f"{ACTIVE_MONTHS} months",
            "source": Source.TERM.value, "given": [one.value for one in given],
            "before": _months_ago(ACTIVE_MONTHS), "limit": PRUNED,
            "ends": [one.value for one in (*CLOSING, Kind.EXPIRED)],
        },
    )  # fmt: skip


def _months_ago(months: int) -> datetime:
    day = add_months(clock.now().astimezone(clock.HELSINKI).date(), -months)
    return datetime.combine(day, time(), clock.HELSINKI)


def prune() -> int:
    """Remove proof that is over, `PRUNED` events at most: three years after the consent ended.

    What was said of profiling stays, and so do the suppressions. A no in force stays as long as its
    customer: it holds at their other addresses also when its own is known no more.
    """
    before = _months_ago(12 * PROOF_YEARS)
    with transaction.atomic():
        execute("SET LOCAL jokkerit.retention = 'on'", [])
        done = execute(
            f"DELETE FROM {table(MarketingEvent)} WHERE id = ANY(ARRAY(SELECT e.id"
            f" FROM {table(MarketingEvent)} AS e WHERE NOT (e.customer IS NOT NULL"
            "  AND e.kind = ANY(%(opt_outs)s::text[])"
            f"  AND EXISTS (SELECT FROM {table(Suppression)} AS s"
            "   WHERE s.key_version = e.key_version AND s.digest = e.digest"
            "    AND s.channel = e.channel AND s.lifted_at IS NULL))"
            " AND EXISTS ("
            f" SELECT FROM {table(MarketingEvent)} AS x WHERE x.key_version = e.key_version"
            "  AND x.digest = e.digest AND x.channel = e.channel AND x.at < %(before)s"
            "  AND (x.kind = ANY(%(ends)s::text[]) AND e.at <= x.at"
            "   AND e.kind <> ALL(%(choices)s::text[])"
            "   OR x.kind = 'lapsed' AND (e.id = x.id OR e.kind = 'consent'"
            "    AND e.at = x.at - %(within)s)))"
            " ORDER BY e.id LIMIT %(limit)s FOR UPDATE OF e SKIP LOCKED))",
            {
                "before": before, "ends": [one.value for one in (*CLOSING, Kind.EXPIRED)],
                "choices": [one.value for one in PROFILING], "within": CONFIRM_WITHIN,
                "limit": PRUNED, "opt_outs": [one.value for one in OPT_OUTS],
            },
        )  # fmt: skip
        execute("SET LOCAL jokkerit.retention = 'off'", [])
        execute(
            f"DELETE FROM {table(ContactAlias)} WHERE id = ANY(ARRAY(SELECT a.id"
            f" FROM {table(ContactAlias)} AS a WHERE NOT EXISTS (SELECT FROM"
            f"  {table(MarketingEvent)} AS e WHERE e.key_version = a.new_version"
            f"   AND e.digest = a.new_digest) AND NOT EXISTS (SELECT FROM {table(Suppression)} AS s"
            "   WHERE s.key_version = a.new_version AND s.digest = a.new_digest)"
            " ORDER BY a.id LIMIT %s FOR UPDATE OF a SKIP LOCKED))",
            [PRUNED],
        )
    return done
