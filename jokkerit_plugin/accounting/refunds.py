"""What a refund gives back: the shop stores no VAT with it, so the returned lines say.

Refunds take the returned and refunded lines in the order in which they came back, each at its
stored amounts; a remainder that is the shipping is the shipping. What no line explains is split
in proportion to what is left of the purchase, and says so. No part is credited beyond what was
taxed of it; the rest waits until more is. Money back that the buyer had paid too much is no
credit of the sale. Goods that came back before they were paid with money are a credit without a
refund, on the day of the return (VAT Act 1501/1993 s. 78).
"""

from collections.abc import Iterator, Sequence
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

#: Of a part: by which day how much net and gross is taxed in all, rising.
Taxed = list[tuple[date, Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Credit:
    """A share of a refund: of this part so much net and gross (below zero: it was taken back).

    `source` is the key of the money, or the return's; `before`: gross that was credited already.
    """

    day: date
    source: str
    part: Part
    net: Decimal
    gross: Decimal
    before: Decimal
    explained: bool


@dataclass(slots=True)
class _Given:
    """What one step credited: of each batch (the last: of none) so much gross of each part."""

    batches: list[list[Decimal]]
    explained: bool


class _Ledger:
    """What of each part is credited so far, never more than was taxed."""

    def __init__(self, facts: Facts, taxed: Sequence[Taxed]) -> None:
        self._facts = facts
        self._unit = step(facts.currency)
        self._taxed = taxed
        self._left = [values for _, _, values in _batches(facts, self._unit, _BACK)]
        self._given: list[_Given] = []
        self.gross = [_ZERO] * len(facts.parts)
        self.net = list(self.gross)

    def reach(self, day: date, amount: Decimal) -> bool:
        """Credit `amount` in all, as far as it is taxed by `day`; tell whether lines explain it."""
        change = amount - sum(self.gross, _ZERO)
        explained = self._give(day, change) if change > 0 else self._take_back(-change)
        for n, gross in enumerate(self.gross):
            net, whole = _reached(self._taxed[n], day)
            self.net[n] = net_of(gross, net=net, gross=whole, unit=self._unit) if gross else _ZERO
        return explained

    def _give(self, day: date, amount: Decimal) -> bool:
        room = [
            max(_reached(taxed, day)[1] - gross, _ZERO)
            for taxed, gross in zip(self._taxed, self.gross, strict=True)
        ]
        whole = sum(room, _ZERO)
        left = min(amount, whole)
        new = _Given([], explained=True)
        for batch in self._left:
            free = [min(one, other) for one, other in zip(batch, room, strict=True)]
            taken = _ZERO if left == whole else min(left, sum(free, _ZERO))
            left -= self._book(new, split(taken, free, self._unit), room, batch)
        shipping = [
            value if part.kind is EntryKind.SHIPPING else _ZERO
            for part, value in zip(self._facts.parts, room, strict=True)
        ]
        if left and left in {sum(room, _ZERO), sum(shipping, _ZERO)}:
            rest = room if left == sum(room, _ZERO) else shipping
        else:
            rest, new.explained = split(left, room, self._unit), not left
        self._book(new, list(rest), room, None)
        self._given.append(new)
        return new.explained

    def _book(
        self, new: _Given, values: list[Decimal], room: list[Decimal], batch: list[Decimal] | None
    ) -> Decimal:
        new.batches.append(values)
        for n, value in enumerate(values):
            self.gross[n] += value
            room[n] -= value
            if batch is not None:
                batch[n] -= value
        return sum(values, _ZERO)

    def _take_back(self, amount: Decimal) -> bool:
        """Take back what was credited last."""
        explained = True
        while amount and self._given:
            last = self._given[-1]
            for k in reversed(range(len(last.batches))):
                values = last.batches[k]
                taken = min(amount, sum(values, _ZERO))
                for n, value in enumerate(split(taken, values, self._unit)):
                    values[n] -= value
                    self.gross[n] -= value
                    if k < len(self._left):
                        self._left[k][n] += value
                explained &= last.explained or not taken
                amount -= taken
            if amount:
                self._given.pop()
        return explained


def credited(facts: Facts, taxed: Sequence[Taxed]) -> Iterator[Credit]:
    """Yield what each refund of a purchase credits, in the order of time.

    `taxed` is each part's. A refund of what is not taxed yet waits until it is.
    """
    if not _may_credit(facts):
        return
    ledger = _Ledger(facts, taxed)
    amount, source = _ZERO, ""
    for day, key, reached in _steps(facts, taxed):
        if reached is not None:
            amount, source = reached, key
        before = list(zip(ledger.net, ledger.gross, strict=True))
        explained = ledger.reach(day, amount)
        after = zip(ledger.net, ledger.gross, strict=True)
        for part, old, new in zip(facts.parts, before, after, strict=True):
            if old != new:
                yield Credit(day, source, part, new[0] - old[0], new[1] - old[1], old[1], explained)


def _may_credit(facts: Facts) -> bool:
    return any(one.kind is MovementKind.REFUND for one in facts.money) or any(
        one.status in _BACK for one in facts.pieces
    )


def _reached(taxed: Taxed, day: date) -> tuple[Decimal, Decimal]:
    """Net and gross that are taxed by the end of a day."""
    past = [(net, gross) for when, net, gross in taxed if when <= day]
    return past[-1] if past else (_ZERO, _ZERO)


def _steps(facts: Facts, taxed: Sequence[Taxed]) -> Iterator[tuple[date, str, Decimal | None]]:
    """Yield what moves the credit: day, key, and to how much; None: more was taxed that day."""
    unit = step(facts.currency)
    total = max(sum((part.gross for part in facts.parts), _ZERO), _ZERO)
    by_money = list(_by_money(facts, total))
    last = by_money[-1][1] if by_money else _ZERO
    steps = sorted(
        chain(
            ((day, 0, "", _ZERO) for day in {day for steps in taxed for day, *_ in steps}),
            ((money.day, 1, money.source, upto) for money, upto in by_money),
            ((day, 2, key, upto) for day, key, upto in _by_return(facts, total, last, unit)),
        ),
        key=lambda step: step[:2],
    )
    reached = {1: _ZERO, 2: _ZERO}
    for day, what, key, upto in steps:
        if not what:
            yield day, "", None
            continue
        reached[what] = upto
        yield day, key, min(sum(reached.values(), _ZERO), total)


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
