"""Statements about subjects, put together of the rules that keep them on a day.

`c` is a customer with `life` beside it, `p` a purchase. A subject that no rule keeps on a day is
due: that is the whole of retention. All but `rows` stand in a statement beside `SUBJECTS` and
`beside`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from ..config import Config
from ..models import Customer, MarketingEvent, Purchase
from ..policy.financial_years import identity_until, kept_until, steps
from ..policy.marketing import GIVING
from ..policy.parts import Part, categories_of
from ..policy.restriction import IDENTITY
from ..policy.schedule import LAWFUL_IDENTITY_YEARS, TELLING_DAYS, keeping
from ..register.rows import table as _t
from .events import ending
from .rules import ACCEPTED, BOOKED, TIMED, young
from .rules import day as _day

#: Saleor is younger, and a day before this counts as of its year.
_FIRST = date(2000, 1, 1)
#: A booking day is not as many years ahead; if it were, it would be kept without an end.
_AHEAD = 25

_GIVING = ", ".join(f"'{kind}'" for kind in sorted(GIVING))
_LIFE = f"""CROSS JOIN LATERAL (
    SELECT ({_day("greatest(coalesce(bought.at, c.entered_at), seen.at, agreed.at)")}
            + make_interval(months => %(inactive_months)s))::date AS term,
        {ACCEPTED.format("c.id")} AS asked
    FROM (SELECT max(placed_at) AS at FROM {_t(Purchase)} WHERE customer_id = c.id) bought,
        (SELECT max(at) AS at FROM {_t(MarketingEvent)}
            WHERE customer = c.id AND kind IN ({_GIVING})) agreed) life"""

#: Subject and what its rules refer to.
SUBJECTS: Mapping[Part, str] = {
    Part.CONTACT: (
        f"{_t(Customer)} c LEFT JOIN (SELECT * FROM unnest(%(users)s::bigint[],"
        " %(seen)s::timestamptz[]) AS seen (saleor_user, at)) seen USING (saleor_user) " + _LIFE
    ),
    **{part: f"{_t(Purchase)} p" for part in (Part.DETAIL, Part.IDENTITY, Part.FIGURES)},
}
KEY: Mapping[Part, str] = {part: "c.id" if part is Part.CONTACT else "p.id" for part in Part}
#: Whether the shop may know of a log-in.
ACCOUNT: Mapping[Part, str] = {
    part: "c.saleor_user IS NOT NULL" if part is Part.CONTACT else "false" for part in Part
}
#: What is not erased yet; of the others the row is gone.
STANDS: Mapping[Part, str] = {
    Part.CONTACT: "true",
    Part.DETAIL: "p.detail_erased_at IS NULL",
    Part.IDENTITY: "p.identity_erased_at IS NULL",
    Part.FIGURES: "true",
}


def rows(part: Part, day: date, *, timed: bool = True) -> str:
    """Return the rules of a part as one SELECT: `rule`, `ground`, `until`.

    `until` NULL: until something else than time ends it. `timed` False: only what an event ends.
    """
    found = [(name, TIMED[name], "until") for name in _timed(part, day) if timed]
    found += [(name, event.rows, "NULL::date") for name, event in ending(part, day)]
    return " UNION ALL ".join(
        f"SELECT '{name}' AS rule, ground, {until} AS until FROM ({sql}) of_rule"
        for name, sql, until in found
    )


def beside(part: Part, day: date) -> str:
    """Return the joins that put each rule that time ends beside the subject, evaluated once."""
    # OFFSET 0: else PostgreSQL copies a rule to each place that its `until` stands in.
    return "".join(
        f" LEFT JOIN LATERAL (SELECT true AS keeps, until FROM ({TIMED[name]}) of_rule OFFSET 0)"
        f" AS by_{name} ON true"
        for name in _timed(part, day)
    )


def over(part: Part, day: date, on: str) -> str:
    """Return the condition that no rule keeps the part on the day `on`, an expression."""
    names = _timed(part, day)
    return " AND ".join(
        [f"NOT ({young(name).format(day=on)})" for name in names if name in BOOKED]
        + [f"(by_{name}.keeps IS NULL OR by_{name}.until < {on})" for name in names]
        + [event.none for _, event in ending(part, day)]
    )


def last_day(part: Part, day: date) -> str:
    """Return the last day of all that time ends; NULL: nothing of it keeps."""
    return f"greatest({', '.join(f'by_{name}.until' for name in _timed(part, day))})"


def last(part: Part, day: date) -> str:
    """Return the name of the rule that keeps longest of those, of two the first; NULL: none."""
    names = "".join(f" WHEN by_{name}.until THEN '{name}'" for name in sorted(_timed(part, day)))
    return f"CASE {last_day(part, day)}{names} END"


def _timed(part: Part, day: date) -> list[str]:
    return [rule.name for rule in keeping(part, day) if rule.name in TIMED]


def parameters(
    part: Part, day: date, config: Config, seen: Mapping[int, datetime] | None = None
) -> dict[str, Any]:
    """Return what the statements ask for.

    `seen`: the shop's users and their last log-in; None: not known yet, so that too many
    customers are due and to be told, and none too few.
    """
    ends, books, identity, least = _years(day.year + _AHEAD, config)
    months = dict(config.claims_months)
    held = IDENTITY if part is Part.CONTACT else categories_of(part)
    users = sorted((seen or {}).items())
    return {
        "day": day,
        "today": day,
        "telling_days": TELLING_DAYS,
        "exact": seen is not None,
        "users": [user for user, _ in users],
        "seen": [at.isoformat() for _, at in users],
        "inactive_months": config.inactive_months,
        "detail_years": config.detail_years,
        "months": json.dumps(months),
        "others": months["*"],
        "longest": max(months.values()),
        "claims_longest": max(months.values()) >= 12 * config.detail_years,
        "ends": ends,
        "books": books,
        "identity": identity,
        "identity_least": least,
        "categories": sorted(one.value for one in held),
        "whole": part is Part.FIGURES,
    }


@lru_cache(maxsize=8)
def _years(last: int, config: Config) -> tuple[list[date], ...]:
    """Return the days that bookings step at, and until when either side of them is kept.

    Books, names on vouchers, and names as long as the Accounting Act alone keeps them.
    """
    ends = steps(_FIRST, date(last, 12, 31), config)
    lawful = replace(config, identity_years=LAWFUL_IDENTITY_YEARS)
    return (
        ends,
        [kept_until(end, config, years=config.bookkeeping_years) for end in ends],
        [identity_until(end, config) for end in ends],
        [identity_until(end, lawful) for end in ends],
    )
