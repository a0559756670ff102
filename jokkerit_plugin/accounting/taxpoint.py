"""When tax is due: VAT Act 1501/1993 s. 15 (and s. 137 for the cash basis).

Tax is due on delivery, and on money that comes before it, as far as it comes. Money that names
no line is for every line in the same proportion. So of each part of a purchase that share is
taxed by the end of a day which has been paid (of the whole purchase) or handed over (of this
part), whichever is the larger; the rest waits. A line that was added when money had come already
has its own tax point: that money was for the others, and only what is left of it is for the line.

On the cash basis domestic sales are taxed as they are paid, at the latest twelve months after
delivery; other sales go on as above.

Goods supplied to a business in another member state: VAT Act s. 16 b, directive 2006/112/EC
articles 67 and 222. Due when the invoice is issued, at the latest on the fifteenth of the month
after delivery; money that comes before is no tax point.
"""

import calendar
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..shop.snapshots import MovementKind
from .entries import EntryKind
from .facts import Facts, Part
from .shares import WHOLE, ZERO

#: A day and the share reached by its end, rising.
Steps = list[tuple[date, Fraction]]

#: Statuses of a fulfilment whose pieces left the shop, also those that came back later.
_OUT = frozenset({"fulfilled", "returned", "refunded_and_returned", "replaced"})


def due(facts: Facts, part: Part, *, cash: bool = False) -> Steps:
    """Return by which day which share of `part` is taxed; the last share is 1 or less."""
    delivered = _delivered(facts, part)
    if cash:
        delivered = [(_a_year_later(day), share) for day, share in delivered]
    return _rising([*_paid(facts, part), *delivered])


def community(facts: Facts, part: Part) -> Steps:
    """The same for goods that a business in another member state bought."""
    return _rising((_invoiced(facts, day), share) for day, share in _delivered(facts, part))


def _invoiced(facts: Facts, delivered: date) -> date:
    if any(day <= delivered for day in facts.invoiced):
        return delivered
    month, rest = divmod(delivered.month, 12)
    fifteenth = date(delivered.year + month, rest + 1, 15)
    return min([fifteenth, *facts.invoiced])


def _paid(facts: Facts, part: Part) -> Steps:
    """By which day which share of a part was paid, gift cards counted as money."""
    joined = part.added or date.min
    older = own = Decimal(0)
    for one in facts.parts:
        if one.added == part.added:
            own += one.gross
        elif (one.added or date.min) < joined:
            older += one.gross
    if own <= 0:
        return [(part.added or facts.placed, WHOLE)]
    came = [(facts.placed, 0, facts.gift_cards)] if facts.gift_cards else []
    came += [(one.day, 0, one.amount) for one in facts.money if one.kind is MovementKind.PAYMENT]
    if (paid := facts.paid) is not None:
        # Money outside the shop's records: it only says that all of that day was paid.
        known = (one.gross for one in facts.parts if (one.added or date.min) < paid)
        came.append((paid, 1, sum(known, Decimal(0))))
    steps, so_far = [], Decimal(0)
    for day, at_least, amount in sorted(came):
        so_far = max(so_far, amount) if at_least else so_far + amount
        steps.append((max(day, joined), min(WHOLE, Fraction(so_far - older) / Fraction(own))))
    return steps


def _delivered(facts: Facts, part: Part) -> Steps:
    if part.kind is EntryKind.SHIPPING:
        return _carried(facts)
    out = sorted(
        # The shop dates what came back with its return; whole deliveries have a day of their own.
        (min(one.day, facts.delivered or one.day), one.quantity)
        for one in facts.pieces
        if one.line == part.line and one.status in _OUT
    )
    steps, so_far = [], 0
    for day, quantity in out:
        so_far += quantity
        steps.append((day, min(WHOLE, Fraction(so_far, max(part.quantity, 1)))))
    return [*steps, (facts.delivered, WHOLE)] if facts.delivered else steps


def _carried(facts: Facts) -> Steps:
    """Shipping is delivered with the goods, in proportion to their worth."""
    goods = [part for part in facts.parts if part.kind is not EntryKind.SHIPPING and part.gross > 0]
    total = sum((part.gross for part in goods), Decimal(0))
    if not total:
        return [(facts.delivered, WHOLE)] if facts.delivered else []
    steps = {id(part): _rising(_delivered(facts, part)) for part in goods}
    found = []
    for day in {day for rising in steps.values() for day, _ in rising}:
        worth = sum((Fraction(part.gross) * _reached(steps[id(part)], day) for part in goods), ZERO)
        found.append((day, worth / Fraction(total)))
    return found


def _reached(steps: Steps, day: date) -> Fraction:
    return max((share for when, share in steps if when <= day), default=ZERO)


def _rising(steps: Iterable[tuple[date, Fraction]]) -> Steps:
    found: Steps = []
    reached = ZERO
    for day, share in sorted(steps):
        if share > reached:
            reached = share
            if found and found[-1][0] == day:
                found.pop()
            found.append((day, share))
    return found


def _a_year_later(day: date) -> date:
    year = day.year + 1
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))
