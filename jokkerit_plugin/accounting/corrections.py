"""What may still be written: open days as they are, closed days by a correction."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from ..policy.vat import Cause, Treatment
from .booked import Booked, merged
from .periods import quarter_of


def still_open(
    wanted: Iterable[Booked], closed: Iterable[Booked], closed_to: date | None
) -> list[Booked]:
    """Return the entries after `closed_to` that make the books what `wanted` says.

    `closed` are the entries that stand on closed days, earlier corrections too. What they lack
    or have too much comes on the first open day, marked as a correction.
    """
    if closed_to is None:
        return merged(wanted)
    first_open = closed_to + timedelta(days=1)
    late = [one for one in wanted if one.day <= closed_to]
    differences = merged(
        [_correction(one, first_open, 1) for one in late]
        + [_correction(one, first_open, -1) for one in closed]
    )
    return merged([one for one in wanted if one.day > closed_to] + differences)


def _correction(one: Booked, day: date, sign: int) -> Booked:
    corrects = one.corrects
    if one.treatment is Treatment.OSS and corrects is None:
        corrects = quarter_of(one.day)
    return replace(
        one, day=day, net=sign * one.net, gross=sign * one.gross, source="",
        cause=Cause.CORRECTION.value, corrects=corrects,
    )  # fmt: skip
