"""What a refund gives back: the shop stores no VAT with it, so the returned lines say.

Refunds take the returned and refunded lines in the order in which they came back, each at its
stored amounts; a remainder that is the shipping is the shipping. What no line explains is split
in proportion to what is left of the purchase, and says so. Money back that the buyer had paid
too much is no credit of the sale.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from ..shop.snapshots import MovementKind
from .entries import EntryKind
from .facts import Facts, Money, Part
from .shares import net_of, share, split, step

_BACK = frozenset({"returned", "refunded", "refunded_and_returned"})
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Credit:
    """A share of a refund: of this part so much net and gross (below zero: it was reversed)."""

    money: Money
    part: Part
    net: Decimal
    gross: Decimal
    explained: bool


def credited(facts: Facts) -> Iterator[Credit]:
    """Yield what each refund of a purchase credits, in the order of time."""
    unit = step(facts.currency)
    batches = _batches(facts, unit)
    before = [_ZERO] * len(facts.parts)
    for money, upto in _upto(facts):
        gross, explained = _allot(upto, facts, batches, unit)
        for part, old, new in zip(facts.parts, before, gross, strict=True):
            if old != new:
                net, gone = (
                    net_of(taken, net=part.net, gross=part.gross, unit=unit) for taken in (new, old)
                )
                yield Credit(money, part, net - gone, new - old, explained)
        before = gross


def _upto(facts: Facts) -> Iterator[tuple[Money, Decimal]]:
    """Yield what moves the credit, with how much of the sale is credited once it has.

    That is what was paid of the sale and is no longer held; so paying again takes it back.
    """
    total = max(sum((part.gross for part in facts.parts), _ZERO), _ZERO)
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


def _batches(facts: Facts, unit: Decimal) -> list[list[Decimal]]:
    """Return what came back together: of each part so much gross."""
    index = {part.line: n for n, part in enumerate(facts.parts) if part.line}
    counted = [0] * len(facts.parts)
    worth = [_ZERO] * len(facts.parts)
    found = []
    back = [one for one in facts.handed if one.status in _BACK and one.line in index]
    for _, pieces in groupby(back, key=lambda one: one.batch):
        values = [_ZERO] * len(facts.parts)
        for one in pieces:
            n = index[one.line]
            part = facts.parts[n]
            counted[n] = min(counted[n] + one.quantity, part.quantity)
            upto = share(part.gross, Fraction(counted[n], max(part.quantity, 1)), unit)
            values[n] += max(upto - worth[n], _ZERO)
            worth[n] = upto
        found.append(values)
    return found


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
