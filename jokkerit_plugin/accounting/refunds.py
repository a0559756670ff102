"""What a refund gives back: the shop stores no VAT with it, so the returned lines say.

Refunds take the returned and refunded lines in the order in which they came back, each at its
stored amounts; a remainder that is the shipping is the shipping. What no line explains is split
in proportion to what is left of the purchase, and says so. Money back that the buyer had paid
too much is no credit of the sale. Goods that came back before they were paid with money are a
credit without a refund, on the day of the return (VAT Act 1501/1993 s. 78).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, groupby

from ..shop.snapshots import MovementKind
from .entries import EntryKind
from .facts import Facts, Money, Part
from .shares import net_of, share, split, step

_RETURNED = frozenset({"returned", "refunded_and_returned"})
_BACK = _RETURNED | {"refunded"}
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Credit:
    """A share of a refund: of this part so much net and gross (below zero: it was reversed).

    `source` is the key of the money, or the return's; `by_return`: no money moved with it.
    """

    day: date
    source: str
    by_return: bool
    part: Part
    net: Decimal
    gross: Decimal
    explained: bool


def credited(facts: Facts) -> Iterator[Credit]:
    """Yield what each refund of a purchase credits, in the order of time."""
    unit = step(facts.currency)
    batches = [values for _, _, values in _batches(facts, unit, _BACK)]
    before = [_ZERO] * len(facts.parts)
    for day, source, by_return, upto in _upto(facts, unit):
        gross, explained = _allot(upto, facts, batches, unit)
        for part, old, new in zip(facts.parts, before, gross, strict=True):
            if old != new:
                net, gone = (
                    net_of(taken, net=part.net, gross=part.gross, unit=unit) for taken in (new, old)
                )
                yield Credit(day, source, by_return, part, net - gone, new - old, explained)
        before = gross


def _upto(facts: Facts, unit: Decimal) -> Iterator[tuple[date, str, bool, Decimal]]:
    """Yield day, key and kind of what moves the credit, and how much is credited then."""
    total = max(sum((part.gross for part in facts.parts), _ZERO), _ZERO)
    by_money = list(_by_money(facts, total))
    last = by_money[-1][1] if by_money else _ZERO
    steps = sorted(
        chain(
            ((money.day, False, money.source, upto) for money, upto in by_money),
            ((day, True, key, upto) for day, key, upto in _by_return(facts, total, last, unit)),
        ),
        key=lambda step: step[:2],
    )
    reached = {False: _ZERO, True: _ZERO}
    for day, by_return, key, upto in steps:
        reached[by_return] = upto
        yield day, key, by_return, min(sum(reached.values(), _ZERO), total)


def _by_money(facts: Facts, total: Decimal) -> Iterator[tuple[Money, Decimal]]:
    """Yield each payment and refund with how much of the sale was paid and is no longer held.

    So paying again takes the credit back.
    """
    paid, refunded = facts.gift_cards, _ZERO
    for money in facts.money:
        if money.kind is MovementKind.PAYMENT:
            paid += money.amount
        elif money.kind in {MovementKind.REFUND, MovementKind.REFUND_REVERSED}:
            refunded += money.amount if money.kind is MovementKind.REFUND else -money.amount
        else:
            continue
        too_much = max(_ZERO, paid - total)
        yield money, min(max(_ZERO, refunded - too_much), total)


def _by_return(
    facts: Facts, total: Decimal, refunded: Decimal, unit: Decimal
) -> Iterator[tuple[date, str, Decimal]]:
    """Yield the returns with what came back beyond all refunds, as far as no money paid for it.

    Of what was paid with money the refund decides: the seller may keep a part.
    """
    signs = {MovementKind.PAYMENT: 1, MovementKind.CHARGEBACK: -1}
    back = given = _ZERO
    for day, key, values in _batches(facts, unit, _RETURNED):
        back += sum(values, _ZERO)
        came = (signs.get(one.kind, 0) * one.amount for one in facts.money if one.day <= day)
        given = max(given, min(back - refunded, total - sum(came, _ZERO)))
        yield day, key, given


def _batches(
    facts: Facts, unit: Decimal, statuses: frozenset[str]
) -> Iterator[tuple[date, str, list[Decimal]]]:
    """Yield day and key of what came back together, and of each part how much gross."""
    index = {part.line: n for n, part in enumerate(facts.parts) if part.line}
    counted = [0] * len(facts.parts)
    worth = [_ZERO] * len(facts.parts)
    back = [one for one in facts.pieces if one.status in statuses and one.line in index]
    for (day, key), pieces in groupby(back, key=lambda one: (one.day, one.batch)):
        values = [_ZERO] * len(facts.parts)
        for one in pieces:
            n = index[one.line]
            part = facts.parts[n]
            counted[n] = min(counted[n] + one.quantity, part.quantity)
            upto = share(part.gross, Fraction(counted[n], max(part.quantity, 1)), unit)
            values[n] += max(upto - worth[n], _ZERO)
            worth[n] = upto
        yield day, key, values


def _allot(
    amount: Decimal, facts: Facts, batches: list[list[Decimal]], unit: Decimal
) -> tuple[list[Decimal], bool]:
    """Return how much of each part is credited when `amount` is, and whether lines explain it."""
    parts = facts.parts
    whole = [part.gross for part in parts]
    if amount == sum(whole, _ZERO):
        return whole, True
    given, left = [_ZERO] * len(parts), amount
    for values in batches:
        taken = min(left, sum(values, _ZERO))
        for n, one in enumerate(split(taken, values, unit)):
            given[n] += one
        left -= taken
    if not left:
        return given, True
    for n, part in enumerate(parts):
        if part.kind is EntryKind.SHIPPING and part.gross == left:
            given[n] += left
            return given, True
    rest = [max(gross - one, _ZERO) for gross, one in zip(whole, given, strict=True)]
    for n, one in enumerate(split(left, rest, unit)):
        given[n] += one
    return given, False
