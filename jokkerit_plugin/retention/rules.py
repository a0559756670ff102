"""The rules that time ends, as SQL: a SELECT of `ground` and `until`; no rows: it keeps nothing.

`c` is the customer with `life` beside it, `p` the purchase (`statements.py`). What an event ends
is in `events.py`.
"""

from collections.abc import Mapping

from ..models import (
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
    RequestLetter,
    Voucher,
)
from ..register.requests import bought
from ..register.rows import table as _t
from ..shop.snapshots import OPEN_STATUSES


def day(moment: str) -> str:
    """Return the day in Helsinki of a moment, both expressions."""
    return f"({moment} AT TIME ZONE 'Europe/Helsinki')::date"


_OPEN = ", ".join(f"'{status}'" for status in OPEN_STATUSES)
# The shop calls an order so as soon as one piece came back, whatever was never sent.
_NOT_ALL_SENT = f"""p.status = 'partially_returned'
    AND (SELECT coalesce(sum(quantity), 0) FROM {_t(PurchaseLine)} WHERE purchase_id = p.id)
        > coalesce((SELECT sum(quantity) FROM {_t(Delivery)} WHERE purchase_id = p.id
            AND status NOT IN ('waiting_for_approval', 'canceled')), 0)"""
# A written-off or lapsed debt is let go as well: nobody waits for its payment.
OPEN_ORDER = f"""p.status NOT IN ('canceled', 'expired', 'returned', 'refunded')
    AND p.cancelled_at IS NULL AND NOT p.is_test
    AND (p.status IN ({_OPEN})
        OR p.paid_at IS NULL AND p.gross > 0
        OR {_NOT_ALL_SENT})
    AND NOT EXISTS (SELECT FROM {_t(LetGo)} g WHERE g.purchase_id = p.id)
    AND NOT EXISTS (SELECT FROM {_t(Hold)} h WHERE h.purchase_id = p.id
        AND h.released_why IN ('written_off', 'lapsed'))"""

#: An accepted request of customer `{0}`, who has not bought since: the intake ends it, and whoever
#: bought while it was being granted is not erased either. Asked of nobody in particular: they are
#: few, and found once for all subjects. Nor before what stays is written down for who asked: the
#: address that it goes to would be gone (`rights/letters.py`). Where staff deleted nobody asked.
ACCEPTED = (
    f"coalesce({{0}} IN (SELECT r.customer FROM {_t(Request)} r"
    " WHERE r.kind = 'erasure' AND r.state = 'accepted' AND (r.origin = 'customer_deleted'"
    f"  OR EXISTS (SELECT FROM {_t(RequestLetter)} w"
    "   WHERE w.request_id = r.id AND w.what = 'accepted' AND w.made_at >= r.decided_at))"
    f" AND NOT EXISTS (SELECT FROM {_t(Purchase)} s WHERE s.customer_id = r.customer"
    f" AND {bought('s', 'r.decided_at')})), false)"
)

_OWN_DAY = day("greatest(p.placed_at, p.paid_at, p.delivered_at)")
#: Latest of all that is or may be booked: a credit keeps its sale, booked yet or not.
_BOOKED = f"""greatest({_OWN_DAY},
    (SELECT max(day) FROM {_t(Posting)} WHERE purchase_id = p.id),
    (SELECT max(day) FROM {_t(Voucher)} WHERE purchase_id = p.id),
    {day(f"(SELECT max(at) FROM {_t(Movement)} WHERE purchase_id = p.id)")},
    {day(f"(SELECT max(at) FROM {_t(Delivery)} WHERE purchase_id = p.id)")},
    {day(f"(SELECT max(created_at) FROM {_t(Invoice)} WHERE purchase_id = p.id)")})"""

_SALE = "p.status NOT IN ('unconfirmed', 'canceled', 'expired')"
# Carts that became nothing are no accounting material: Accounting Act ch. 2 s. 1. What was booked,
# numbered or invoiced is, whatever a setting calls a test since.
_MATERIAL = f"""(NOT p.is_test
        AND ({_SALE} OR EXISTS (SELECT FROM {_t(Movement)} WHERE purchase_id = p.id))
    OR EXISTS (SELECT FROM {_t(Posting)} WHERE purchase_id = p.id)
    OR EXISTS (SELECT FROM {_t(Voucher)} WHERE purchase_id = p.id)
    OR EXISTS (SELECT FROM {_t(Invoice)} WHERE purchase_id = p.id))"""

_ENDED = day("greatest(p.placed_at, p.delivered_at, p.cancelled_at)")

# The lines are looked at only where they may decide: a claim keeps beyond the day that is asked
# about, or it may have kept longer than the rule of detail.
_LINES_MATTER = f"""(%(claims_longest)s OR p.contact_erased_at IS NOT NULL
    OR {ACCEPTED.format("p.customer_id")}
    OR ({_ENDED} + make_interval(months => %(longest)s))::date >= %(day)s::date)"""
# Of a type that the shop no longer knows the longest: nobody can say that it is another.
_CLAIM_MONTHS = f"""(SELECT max(CASE l.product_type WHEN '' THEN %(longest)s
        ELSE coalesce((%(months)s::jsonb ->> l.product_type)::int, %(others)s) END)
    FROM {_t(PurchaseLine)} l WHERE l.purchase_id = p.id)"""


#: Until when each year's end is kept: of whoever objected not for an interest of the shop's.
_DAYS: Mapping[str, str] = {
    "books": "%(books)s::date[]",
    "identity": """CASE WHEN p.objected_at IS NULL THEN %(identity)s::date[]
        ELSE %(identity_least)s::date[] END""",
}


def _kept(booked: str, rule: str) -> str:
    # The year's end that a booking day reaches: `ends` rises, and NULL is beyond its last.
    return f"({_DAYS[rule]})[width_bucket({booked} - 1, %(ends)s::date[]) + 1]"


def _until(rule: str) -> str:
    return (
        f"SELECT '' AS ground, {_kept('b.day', rule)} AS until"
        f" FROM (SELECT {_BOOKED} AS day OFFSET 0) b WHERE {_MATERIAL}"
    )


def young(rule: str) -> str:
    """Return the condition that a purchase's own days keep it longer than `{day}`, whatever came.

    Of most that is all there is to ask: five tables are looked into for the others alone.
    """
    until = _kept(_OWN_DAY, rule)
    return f"NOT p.is_test AND {_SALE} AND coalesce({until} >= {{day}}, true)"


REACHABLE = "(c.email <> '' OR c.guest_email IS NOT NULL)"
# Before the log-ins are known a term may prove later, and the telling be of that one.
_NOTICE = (
    f"FROM {_t(Notice)} n WHERE n.customer_id = c.id"
    " AND (n.term = life.term"
    "  OR NOT %(exact)s AND c.saleor_user IS NOT NULL AND n.term > life.term)"
)
UNTOLD = f"(NOT %(exact)s OR NOT EXISTS (SELECT {_NOTICE}))"

#: Those that are counted from the day of booking.
BOOKED = frozenset({"identity", "books"})
#: What time ends. Of what is due there are these alone.
TIMED: Mapping[str, str] = {
    "inactive": "SELECT '' AS ground, life.term AS until WHERE NOT life.asked",
    # Not told yet: the first day on which the telling could be over.
    "telling": f"""SELECT '' AS ground, greatest(life.term, coalesce((
            SELECT min({day("n.told_at")}) + %(telling_days)s {_NOTICE}),
            %(today)s::date + %(telling_days)s)) AS until
        WHERE NOT life.asked AND {REACHABLE}""",
    "detail": f"""SELECT '' AS ground,
            ({_ENDED} + make_interval(years => %(detail_years)s))::date AS until
        WHERE p.contact_erased_at IS NULL AND NOT {ACCEPTED.format("p.customer_id")}""",
    "claims": f"""SELECT '' AS ground,
            ({_ENDED} + make_interval(months => m.months))::date AS until
        FROM (SELECT {_CLAIM_MONTHS} AS months WHERE {_SALE} AND {_LINES_MATTER} OFFSET 0) m
        WHERE m.months > 0""",
    "identity": _until("identity"),
    "books": _until("books"),
}  # fmt: skip
