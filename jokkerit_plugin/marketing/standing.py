"""How many addresses have said yes and no to marketing, month by month: sums, and nobody's data.

Of addresses, not people: one with two has both. Yes is what was given and not taken back or ended;
whether one may be written to is `contacts.permissions`' alone, which knows the person as well.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from .. import clock
from ..models import MarketingEvent, Suppression
from ..policy.marketing import CLOSING, HOW, NEEDS_CONSENT, Channel, Source
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
    for name, rows in (("no", _no()), ("yes", _yes())):
        for channel, month, change in rows:
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


def _no() -> list[tuple[str, date, int]]:
    month = "date_trunc('month', {at} AT TIME ZONE 'Europe/Helsinki')::date"
    return fetch(
        f"SELECT channel, {month.format(at='since')}, count(*) FROM {table(Suppression)}"
        f" GROUP BY 1, 2 UNION ALL SELECT channel, {month.format(at='lifted_at')}, -count(*)"
        f" FROM {table(Suppression)} WHERE lifted_at IS NOT NULL GROUP BY 1, 2",
        [],
    )


def _yes() -> list[tuple[str, date, int]]:
    themselves = [Source.LINK.value, Source.MAIL.value, *(f"staff:{how}" for how in HOW)]
    forms = [Source.ORDER.value, Source.ACCOUNT.value, Source.STOREFRONT.value]
    return fetch(_YES, {
        "closing": sorted(CLOSING), "channels": sorted(NEEDS_CONSENT), "themselves": themselves,
        "gives": [*themselves, *forms], "confirmed": shop().config().marketing_double_opt_in,
    })  # fmt: skip


#: C closes, O opens what was closed, S opens what was not, E ends. What was closed stays so until
#: an O. `door` is the last C or O, that of the row included.
_YES = f"""
    WITH told AS (
        SELECT id, key_version, digest, channel, at, CASE
            WHEN kind = ANY(%(closing)s::text[]) THEN 'C'
            WHEN kind = 'expired' THEN 'E'
            WHEN kind = 'soft_opt_in' THEN 'S'
            WHEN NOT source = ANY(%(gives)s::text[])
                OR kind = 'consent' AND channel = 'email' AND %(confirmed)s THEN NULL
            WHEN source = ANY(%(themselves)s::text[]) THEN 'O'
            WHEN kind = 'consent' THEN 'S' END AS what
        FROM {table(MarketingEvent)}
        WHERE channel = ANY(%(channels)s::text[]) AND kind = ANY(%(closing)s::text[] || ARRAY[
            'expired', 'soft_opt_in', 'consent', 'confirmed', 'reconsent'])),
    grouped AS (SELECT *, count(*) FILTER (WHERE what IN ('C', 'O')) OVER w AS doors FROM told
        WHERE what IS NOT NULL
        WINDOW w AS (PARTITION BY key_version, digest, channel ORDER BY at, what = 'C', id)),
    doored AS (SELECT *, first_value(what) OVER w AS door FROM grouped
        WINDOW w AS (PARTITION BY key_version, digest, channel, doors ORDER BY at, what = 'C', id)),
    states AS (SELECT channel, at, what IN ('O', 'S') AS yes,
            coalesce(lag(what IN ('O', 'S')) OVER w, false) AS was
        FROM doored WHERE NOT (what = 'S' AND door = 'C')
        WINDOW w AS (PARTITION BY key_version, digest, channel ORDER BY at, what = 'C', id))
    SELECT channel, date_trunc('month', at AT TIME ZONE 'Europe/Helsinki')::date,
        sum(yes::int - was::int)::bigint
    FROM states WHERE yes <> was GROUP BY 1, 2"""
