"""A batch of old opt-outs, put on the list: a few statements, whatever its size."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from .. import clock
from ..models import MarketingEvent, Suppression
from ..policy.marketing import CONFIRM_WITHIN, OPT_OUTS, Channel, Kind, Source
from ..register.rows import table
from ..shop.port import shop
from . import contact_keys, store

_TABLE = (
    "CREATE TEMP TABLE opt_outs (digest bytea, every bytea[], channel text, kind text,"
    " at timestamptz, state text) ON COMMIT DROP"
)
_COPY = "COPY pg_temp.opt_outs (digest, every, channel, kind, at) FROM STDIN"
#: Of one address the latest line counts.
_SORT_OUT = """
    DELETE FROM pg_temp.opt_outs AS one USING (
        SELECT ctid, row_number() OVER (PARTITION BY digest, channel
            ORDER BY kind = 'bounce', at DESC) AS place
        FROM pg_temp.opt_outs) AS all_of
    WHERE one.ctid = all_of.ctid AND all_of.place > 1"""
# A row for each key: joined by `= ANY`, a plan of before the first ANALYZE took minutes.
_COUNT = f"""
    WITH keys AS (
        SELECT o.digest AS line, o.channel, o.kind, o.at, k.version, k.digest
        FROM pg_temp.opt_outs AS o, unnest(%(versions)s::text[], o.every) AS k(version, digest)),
    states AS (
        UPDATE pg_temp.opt_outs AS new SET state = CASE WHEN old.known THEN 'known'
            WHEN old.older THEN 'older' ELSE 'new' END
        FROM (SELECT k.line AS digest, k.channel,
                coalesce(bool_or(s.lifted_at IS NULL AND s.id IS NOT NULL
                    AND (s.reason <> 'bounce' OR k.kind = 'bounce')
                    AND (k.kind = 'bounce' OR NOT (
                        SELECT coalesce(max(e.at) FILTER (WHERE e.kind = 'consent')
                            > coalesce(max(e.at) FILTER (WHERE e.kind = ANY(%(closes)s::text[])),
                                s.since), false)
                        FROM {table(MarketingEvent)} AS e WHERE e.key_version = k.version
                            AND e.digest = k.digest AND e.channel = k.channel AND e.at <= k.at
                            AND e.at > %(waits)s))), false) AS known,
                coalesce(bool_or(s.lifted_at > k.at), false) OR bool_or(EXISTS (
                    SELECT FROM {table(MarketingEvent)} AS e
                    WHERE e.key_version = k.version AND e.digest = k.digest
                        AND e.channel = k.channel AND e.at > k.at
                        AND (e.kind = ANY(%(gives)s::text[]) OR e.kind = 'consent'
                            AND split_part(e.source, ':', 1) = ANY(%(theirs)s::text[])
                            AND (k.channel <> 'email' OR NOT %(confirmed)s)))) AS older
            FROM keys AS k LEFT JOIN {table(Suppression)} AS s
                ON s.key_version = k.version AND s.digest = k.digest AND s.channel = k.channel
            GROUP BY k.line, k.channel) AS old
        WHERE old.digest = new.digest AND old.channel = new.channel
        RETURNING new.state)
    SELECT count(*) FILTER (WHERE state = 'new'), count(*) FILTER (WHERE state = 'older')
    FROM states"""
_ADD = f"""
    WITH listed AS (
        INSERT INTO {table(Suppression)} AS old (key_version, digest, channel, since, reason)
        SELECT %(version)s, digest, channel, at, kind FROM pg_temp.opt_outs WHERE state = 'new'
        ORDER BY digest, channel {store.AGAIN})
    INSERT INTO {table(MarketingEvent)} (key_version, digest, channel, kind, at, source, actor)
    SELECT %(version)s, digest, channel, kind, at, '{Source.IMPORT.value}', %(actor)s
    FROM pg_temp.opt_outs WHERE state = 'new'"""


def add(
    lines: Sequence[tuple[Channel, str, Kind, datetime]], *, actor: str, dry_run: bool
) -> tuple[int, int, int]:
    """Return how many opt-outs are new, known, and older than the person's own consent.

    In the caller's transaction; `dry_run`: they are only counted.
    """
    if not lines:
        return 0, 0, 0
    digests = contact_keys.many([(channel, text) for channel, text, _, _ in lines])
    newest = next(iter(digests))
    every = list(zip(*digests.values(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy(_COPY) as copy:
            for (channel, _, kind, at), mine in zip(lines, every, strict=True):
                copy.write_row((mine[0], list(mine), channel.value, kind.value, at))
        cursor.execute(_SORT_OUT)
        # Under any key. `known`: in force, and no consent waits that this ends. `older`: lifted, or
        # consented to, since.
        cursor.execute(_COUNT, {
            "versions": list(digests), "gives": [Kind.CONFIRMED.value, Kind.RECONSENT.value],
            "theirs": [Source.LINK.value, Source.MAIL.value, Source.STAFF.value],
            "confirmed": shop().config().marketing_double_opt_in,
            "waits": clock.now() - CONFIRM_WITHIN, "closes": [one.value for one in OPT_OUTS],
        })  # fmt: skip
        added, older = cursor.fetchone() or (0, 0)
        if not dry_run:
            cursor.execute(_ADD, {"version": newest, "actor": actor})
        cursor.execute("DROP TABLE pg_temp.opt_outs")
    return added, len(lines) - added - older, older
