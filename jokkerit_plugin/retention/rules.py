"""The schedule as SQL: a rule is a SELECT of `ground` and `until`, no rows where it keeps nothing.

`until` NULL: until something else than time ends it. `c` is the customer with `life` beside it,
`p` the purchase. A subject that no row keeps on a day is due: that is the whole of retention.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Model

from ..config import Config
from ..models import (
    Customer,
    Delivery,
    Hold,
    Invoice,
    LetGo,
    Movement,
    Notice,
    Posting,
    Purchase,
    PurchaseLine,
    Request,
    Restriction,
    Voucher,
)
from ..policy.financial_years import identity_until, kept_until, steps
from ..policy.parts import Part, categories_of
from ..policy.restriction import IDENTITY
from ..policy.schedule import RULES, TELLING_DAYS, keeping
from ..register.rows import table

#: Saleor is younger, and a day before this counts as of its year.
_FIRST = date(2000, 1, 1)
#: A booking day is not as many years ahead; if it were, it would be kept without an end.
_AHEAD = 25


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'Europe/Helsinki')::date"


def _t(model: type[Model]) -> str:
    return table(model)


# A written-off or lapsed debt is let go as well: nobody waits for its payment.
OPEN_ORDER = f"""p.status NOT IN ('canceled', 'expired', 'returned', 'refunded')
    AND p.cancelled_at IS NULL AND NOT p.is_test
    AND (p.status IN ('unconfirmed', 'unfulfilled', 'partially_fulfilled')
        OR p.paid_at IS NULL AND p.gross > 0)
    AND NOT EXISTS (SELECT FROM {_t(LetGo)} g WHERE g.purchase_id = p.id)
    AND NOT EXISTS (SELECT FROM {_t(Hold)} h WHERE h.purchase_id = p.id
        AND h.released_why IN ('written_off', 'lapsed'))"""

#: An accepted request of customer `{0}`, who has not bought since. Asked of nobody in particular:
#: they are few, and found once for all subjects.
_ACCEPTED = (
    f"coalesce({{0}} IN (SELECT r.customer FROM {_t(Request)} r"
    " WHERE r.kind = 'erasure' AND r.state = 'accepted'"
    f" AND NOT EXISTS (SELECT FROM {_t(Purchase)} s WHERE s.customer_id = r.customer"
    " AND s.placed_at > r.opened_at)), false)"
)

#: Latest of all that is or may be booked: a credit keeps its sale, booked yet or not.
_BOOKED = f"""greatest({_day("greatest(p.placed_at, p.paid_at, p.delivered_at)")},
    (SELECT max(day) FROM {_t(Posting)} WHERE purchase_id = p.id),
    (SELECT max(day) FROM {_t(Voucher)} WHERE purchase_id = p.id),
    {_day(f"(SELECT max(at) FROM {_t(Movement)} WHERE purchase_id = p.id)")},
    {_day(f"(SELECT max(at) FROM {_t(Delivery)} WHERE purchase_id = p.id)")},
    {_day(f"(SELECT max(created_at) FROM {_t(Invoice)} WHERE purchase_id = p.id)")})"""

# Carts that became nothing are no accounting material: Accounting Act ch. 2 s. 1.
_MATERIAL = f"""NOT p.is_test AND (p.status NOT IN ('unconfirmed', 'canceled', 'expired')
    OR EXISTS (SELECT FROM {_t(Movement)} WHERE purchase_id = p.id)
    OR EXISTS (SELECT FROM {_t(Posting)} WHERE purchase_id = p.id)
    OR EXISTS (SELECT FROM {_t(Voucher)} WHERE purchase_id = p.id)
    OR EXISTS (SELECT FROM {_t(Invoice)} WHERE purchase_id = p.id))"""

_ENDED = _day("greatest(p.placed_at, p.delivered_at, p.cancelled_at)")

# Of a type that the shop no longer knows the longest: nobody can say that it is another.
_CLAIM_MONTHS = f"""(SELECT max(CASE l.product_type WHEN '' THEN %(longest)s
        ELSE coalesce((%(months)s::jsonb ->> l.product_type)::int, %(others)s) END)
    FROM {_t(PurchaseLine)} l WHERE l.purchase_id = p.id)"""

#: The year's end that a booking day reaches: `ends` rises, and NULL is beyond its last.
_STEP = "width_bucket(b.day - 1, %(ends)s::date[]) + 1"


def _until(days: str) -> str:
    return (
        f"SELECT '' AS ground, (%({days})s::date[])[{_STEP}] AS until"
        f" FROM (SELECT {_BOOKED} AS day OFFSET 0) b WHERE {_MATERIAL}"
    )


REACHABLE = "(c.email <> '' OR c.guest_email IS NOT NULL)"
# Before the log-ins are known a term may prove later, and the telling be of that one.
_NOTICE = (
    f"FROM {_t(Notice)} n WHERE n.customer_id = c.id"
    " AND (n.term = life.term"
    "  OR NOT %(exact)s AND c.saleor_user IS NOT NULL AND n.term > life.term)"
)
UNTOLD = f"(NOT %(exact)s OR NOT EXISTS (SELECT {_NOTICE}))"

#: What time ends. Of what is due there are these alone.
TIMED = {
    "inactive": "SELECT '' AS ground, life.term AS until WHERE NOT life.asked",
    # Not told yet: the first day on which the telling could be over.
    "telling": f"""SELECT '' AS ground, greatest(life.term, coalesce((
            SELECT min({_day("n.told_at")}) + %(telling_days)s {_NOTICE}),
            %(today)s::date + %(telling_days)s)) AS until
        WHERE NOT life.asked AND {REACHABLE}""",
    "detail": f"""SELECT '' AS ground,
            ({_ENDED} + make_interval(years => %(detail_years)s))::date AS until
        WHERE p.contact_erased_at IS NULL AND NOT {_ACCEPTED.format("p.customer_id")}""",
    "claims": f"""SELECT '' AS ground,
            ({_ENDED} + make_interval(months => m.months))::date AS until
        FROM (SELECT {_CLAIM_MONTHS} AS months OFFSET 0) m
        WHERE m.months > 0 AND p.status NOT IN ('unconfirmed', 'canceled', 'expired')""",
    "identity": _until("identity"),
    "books": _until("books"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Event:
    """What an event ends, so that `until` is NULL: rows of `source` whose `column` is `key`.

    `many`: looked for one by one. The others are few, and read once for all subjects: joined, they
    were compared one by one with each, as PostgreSQL expects of such conditions a single row.
    """

    key: str
    column: str
    ground: str
    source: str
    many: bool = False

    @property
    def rows(self) -> str:
        return f"SELECT {self.ground} AS ground FROM {self.source} AND {self.column} = {self.key}"

    @property
    def none(self) -> str:
        if self.many:
            return f"NOT EXISTS ({self.rows})"
        return f"NOT coalesce({self.key} IN (SELECT {self.column} FROM {self.source}), false)"


def _of_customer(key: str) -> dict[str, tuple[_Event, ...]]:
    # Asked for anything: what it is about stays until it is answered.
    asked = f"{_t(Request)} r WHERE r.customer IS NOT NULL AND r.state IN ('asks', 'open')"
    restricted = f"{_t(Restriction)} r WHERE r.lifted_at IS NULL"
    return {
        "request": (_Event(key, "r.customer", "r.origin", asked),),
        "restriction": (_Event(key, "r.customer_id", "r.ground", restricted),),
    }


_NAMED = "string_to_array(h.categories, ' ') && %(categories)s::text[]"
_HELD = f"{_t(Hold)} h WHERE h.released_at IS NULL"
# The figures are the row itself, which stays as long as anything of it is held.
_HELD_OF_IT = f"{_HELD} AND (%(whole)s OR {_NAMED})"
_OF_CUSTOMER = {
    "open_order": (
        _Event("c.id", "p.customer_id", "''", f"{_t(Purchase)} p WHERE {OPEN_ORDER}", many=True),
    ),
    # A hold on a customer names the row, whatever it keeps; one on a purchase whom it belongs to.
    "hold": (
        _Event("c.id", "h.customer_id", "h.ground", _HELD),
        _Event(
            "c.id", "p.customer_id", "h.ground",
            f"{_t(Hold)} h JOIN {_t(Purchase)} p ON p.id = h.purchase_id"
            f" WHERE h.released_at IS NULL AND {_NAMED}",
        ),
    ),
    **_of_customer("c.id"),
}  # fmt: skip
_OF_PURCHASE = {
    "open_order": (_Event("true", f"({OPEN_ORDER})", "''", "(SELECT) o WHERE true", many=True),),
    "hold": (
        _Event("p.id", "h.purchase_id", "h.ground", _HELD_OF_IT),
        _Event("p.customer_id", "h.customer_id", "h.ground", _HELD_OF_IT),
    ),
    **_of_customer("p.customer_id"),
}

_LIFE = f"""CROSS JOIN LATERAL (
    SELECT ({_day("greatest(coalesce(bought.at, c.entered_at), seen.at)")}
            + make_interval(months => %(inactive_months)s))::date AS term,
        {_ACCEPTED.format("c.id")} AS asked
    FROM (SELECT max(placed_at) AS at FROM {_t(Purchase)} WHERE customer_id = c.id) bought) life"""

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


def rows(part: Part, names: Collection[str] = RULES) -> str:
    """Return the rules of a part as one SELECT: `rule`, `ground`, `until`."""
    found = [(name, TIMED[name], "until") for name in _timed(part)]
    found += [(name, event.rows, "NULL::date") for name, event in _events(part)]
    return " UNION ALL ".join(
        f"SELECT '{name}' AS rule, ground, {until} AS until FROM ({sql}) of_rule"
        for name, sql, until in found
        if name in names
    )


def timed(part: Part) -> str:
    """Return the joins that put each rule that time ends beside the subject, evaluated once."""
    # OFFSET 0: else PostgreSQL copies a rule to each place that its `until` stands in.
    return "".join(
        f" LEFT JOIN LATERAL (SELECT true AS keeps, until FROM ({TIMED[name]}) of_rule OFFSET 0)"
        f" AS by_{name} ON true"
        for name in _timed(part)
    )


def over(part: Part, day: str) -> str:
    """Return the condition that no rule keeps the part on `day`, an expression; beside `timed`."""
    return " AND ".join(
        [f"(by_{name}.keeps IS NULL OR by_{name}.until < {day})" for name in _timed(part)]
        + [event.none for _, event in _events(part)]
    )


def last_day(part: Part) -> str:
    """Return the last day of all that time ends; NULL: nothing of it keeps. Beside `timed`."""
    return f"greatest({', '.join(f'by_{name}.until' for name in _timed(part))})"


def last(part: Part) -> str:
    """Return the name of the rule that keeps longest of those; NULL: none. Beside `timed`."""
    untils = ", ".join(f"('{name}', by_{name}.until)" for name in _timed(part))
    return (
        f"(SELECT k.rule FROM (VALUES {untils}) AS k (rule, until) WHERE k.until IS NOT NULL"
        " ORDER BY k.until DESC, k.rule LIMIT 1)"
    )


def _timed(part: Part) -> list[str]:
    return [rule.name for rule in keeping(part) if rule.name in TIMED]


def _events(part: Part) -> Iterator[tuple[str, _Event]]:
    events = _OF_CUSTOMER if part is Part.CONTACT else _OF_PURCHASE
    for rule in keeping(part):
        for event in events.get(rule.name, ()):
            yield rule.name, event


def parameters(
    part: Part, day: date, config: Config, seen: Mapping[int, datetime] | None = None
) -> dict[str, Any]:
    """Return what the statements ask for.

    `seen`: the shop's users and their last log-in; None: not known yet, so that too many
    customers are due and to be told, and none too few.
    """
    ends, books, identity = _years(day.year + _AHEAD, config)
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
        "ends": ends,
        "books": books,
        "identity": identity,
        "categories": sorted(one.value for one in held),
        "whole": part is Part.FIGURES,
    }


@lru_cache(maxsize=8)
def _years(last: int, config: Config) -> tuple[list[date], list[date], list[date]]:
    """Return the days that bookings step at, and until when either side of them is kept."""
    ends = steps(_FIRST, date(last, 12, 31), config)
    return (
        ends,
        [kept_until(end, config, years=config.bookkeeping_years) for end in ends],
        [identity_until(end, config) for end in ends],
    )
