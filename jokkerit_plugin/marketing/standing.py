"""How many addresses have said yes and no to marketing, month by month: sums, and nobody's data.

Of addresses, not people: one with two has both. Yes is what was given and not taken back or ended;
no is an opt-out, and no bounce. The list counts beside the events: it outlives them, and alone
knows what was said before a backup was restored, or of another address of who was erased. Whether
one may be written to is `contacts.permissions`' alone, which knows the person as well.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from .. import clock
from ..models import Controller, MarketingEvent, Suppression
from ..policy.marketing import HOW, NEEDS_CONSENT, OPT_OUTS, Channel, Source
from ..register.rows import fetch, table
from ..shop.port import shop

#: Months that are told, this one included.
MONTHS = 13


@dataclass(frozen=True, slots=True)
class Standing:
    """Addresses at the end of a month, or now; `yes` is None where no consent is needed."""

    month: date
    channel: Channel
    yes: int | None
    no: int


def over_time() -> list[Standing]:
    """Return channel by channel the last months, oldest first. Two statements."""
    months = _months()
    changes: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for name, statement in (("no", _NO), ("yes", _YES)):
        for channel, month, change in fetch(statement, _given()):
            changes[name, channel][max(month, months[0])] += change
    return [
        Standing(
            month, channel,
            _until(changes["yes", channel.value], month) if channel in NEEDS_CONSENT else None,
            _until(changes["no", channel.value], month),
        )
        for channel in Channel for month in months
    ]  # fmt: skip


def _until(changes: dict[date, int], month: date) -> int:
    return sum(change for at, change in changes.items() if at <= month)


def _months() -> list[date]:
    today = clock.today()
    last = today.year * 12 + today.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(last - MONTHS + 1, last + 1)]


def _given() -> dict[str, object]:
    themselves = [Source.LINK.value, Source.MAIL.value, *(f"staff:{how}" for how in HOW)]
    forms = [Source.ORDER.value, Source.ACCOUNT.value, Source.STOREFRONT.value]
    return {
        "opt_outs": sorted(OPT_OUTS), "channels": sorted(NEEDS_CONSENT), "themselves": themselves,
        "gives": [*themselves, *forms], "confirmed": shop().config().marketing_double_opt_in,
    }  # fmt: skip


_MONTH = "date_trunc('month', at AT TIME ZONE 'Europe/Helsinki')::date"
#: All that was said of addresses of which a yes was. C closes, B bounces, O opens what was closed,
#: S opens what was not, E ends. Of one moment what closes comes last.
_TOLD = f"""
    WITH spoken AS (SELECT DISTINCT key_version, digest, channel FROM {table(MarketingEvent)}
        WHERE kind IN ('soft_opt_in', 'consent', 'confirmed', 'reconsent')),
    listed AS (SELECT l.*, s.digest IS NOT NULL AS spoken FROM {table(Suppression)} AS l
        LEFT JOIN spoken AS s USING (key_version, digest, channel)),
    told AS (
        SELECT id, key_version, digest, channel, at, CASE
            WHEN kind = ANY(%(opt_outs)s::text[]) THEN 'C'
            WHEN kind = 'bounce' THEN 'B'
            WHEN kind = 'expired' THEN 'E'
            WHEN kind = 'soft_opt_in' THEN 'S'
            WHEN NOT source = ANY(%(gives)s::text[])
                OR kind = 'consent' AND channel = 'email' AND %(confirmed)s THEN NULL
            WHEN source = ANY(%(themselves)s::text[]) THEN 'O'
            WHEN kind = 'consent' THEN 'S' END AS what
        FROM {table(MarketingEvent)} JOIN spoken USING (key_version, digest, channel)
        WHERE kind = ANY(%(opt_outs)s::text[] || ARRAY[
            'bounce', 'expired', 'soft_opt_in', 'consent', 'confirmed', 'reconsent'])
        UNION ALL SELECT 0, key_version, digest, channel, since,
            CASE reason WHEN 'bounce' THEN 'B' ELSE 'C' END FROM listed WHERE spoken
        UNION ALL SELECT 0, key_version, digest, channel, lifted_at, 'O' FROM listed
            WHERE spoken AND lifted_at IS NOT NULL
        UNION ALL SELECT 0, key_version, digest, channel, since, 'E' FROM spoken
            CROSS JOIN {table(Controller)} WHERE since IS NOT NULL)"""
_ONE = "PARTITION BY key_version, digest, channel"
_WHEN = "ORDER BY at, what IN ('B', 'C'), id"
#: Of the others the list tells all.
_NO = f"""{_TOLD},
    changes AS (
        SELECT channel, at, (what = 'C')::int
            - coalesce(lag(what = 'C') OVER ({_ONE} {_WHEN}), false)::int AS change
        FROM told WHERE what IN ('C', 'O')
        UNION ALL SELECT channel, since, 1 FROM listed WHERE NOT spoken AND reason <> 'bounce'
        UNION ALL SELECT channel, lifted_at, -1 FROM listed
            WHERE NOT spoken AND reason <> 'bounce' AND lifted_at IS NOT NULL)
    SELECT channel, {_MONTH}, sum(change)::bigint FROM changes WHERE change <> 0 GROUP BY 1, 2"""
#: What was closed stays so until an O. `door` is the last that closed or opened, itself included.
_YES = f"""{_TOLD},
    grouped AS (SELECT *, count(*) FILTER (WHERE what IN ('B', 'C', 'O'))
            OVER ({_ONE} {_WHEN}) AS doors
        FROM told WHERE what IS NOT NULL AND channel = ANY(%(channels)s::text[])),
    doored AS (SELECT *, first_value(what) OVER ({_ONE}, doors {_WHEN}) AS door FROM grouped),
    states AS (SELECT channel, at, what IN ('O', 'S') AS yes,
            coalesce(lag(what IN ('O', 'S')) OVER ({_ONE} {_WHEN}), false) AS was
        FROM doored WHERE NOT (what = 'S' AND door IN ('B', 'C')))
    SELECT channel, {_MONTH}, sum(yes::int - was::int)::bigint
    FROM states WHERE yes <> was GROUP BY 1, 2"""
