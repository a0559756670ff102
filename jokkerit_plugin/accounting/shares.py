"""Parts of amounts: rounded to the currency's unit, and adding up exactly."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from .amounts import AmountError, unit

ZERO, WHOLE = Fraction(0), Fraction(1)


def step(currency: str) -> Decimal:
    """Return the smallest amount of a currency; of one that nobody knows Saleor's own, 0.001."""
    try:
        return unit(currency)
    except AmountError:
        return Decimal("0.001")


def share(amount: Decimal, part: Fraction, unit: Decimal) -> Decimal:
    """Return `part` (0 to 1) of an amount, rounded half up; all of it is never rounded."""
    if part == WHOLE:
        return amount
    exact = amount * part.numerator / part.denominator
    return exact.quantize(unit, ROUND_HALF_UP)


def split(amount: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Split an amount in proportion to weights (none below zero); the parts add up to it.

    Each is rounded as it comes to stand on the sum of those before it, so none is off by more
    than one unit.
    """
    total = sum(weights, Decimal(0))
    if not total:
        return [amount, *[Decimal(0)] * (len(weights) - 1)] if weights else []
    parts, before, so_far = [], Decimal(0), Decimal(0)
    for weight in weights:
        so_far += weight
        upto = share(amount, Fraction(so_far) / Fraction(total), unit)
        parts.append(upto - before)
        before = upto
    return parts


def net_of(taken: Decimal, *, net: Decimal, gross: Decimal, unit: Decimal) -> Decimal:
    """Return the net of a gross amount that is taken out of stored totals."""
    return share(net, Fraction(taken) / Fraction(gross), unit) if gross else net
