"""The calendar of what falls due, as a template draws it in SVG and writes it in a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template

from ...policy.financial_years import add_months

register = template.Library()

#: The picture's height in pixels, and what its foot takes.
HEIGHT, FOOT = 200, 24
#: Months of the calendar.
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: numbers as SVG wants them, as text, so that no language changes them."""

    kind: int
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One month, and how many of each kind. `x`, `middle`, `width`: in percent of the picture."""

    first: date
    label: str
    counts: tuple[tuple[str, int], ...]
    x: str
    middle: str
    width: str
    pieces: tuple[Piece, ...]

    @property
    def total(self) -> int:
        """All kinds together."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Months and the kinds that occur in them; `most`: of one month."""

    kinds: tuple[str, ...]
    bars: tuple[Bar, ...]
    total: int
    most: int


@register.simple_tag
def calendar(found: Sequence[Mapping[str, Any]], first: str) -> Calendar:
    """Return twelve months from that of `first` on, of rows with month, part and count."""
    kinds = tuple(dict.fromkeys(one["part"] for one in found))
    counted = {(one["month"], one["part"]): int(one["count"]) for one in found}
    start = date.fromisoformat(first).replace(day=1)
    months = [add_months(start, number) for number in range(MONTHS)]
    rows = [[counted.get((month.isoformat(), kind), 0) for kind in kinds] for month in months]
    most = max((sum(one) for one in rows), default=0)
    width = 100 / MONTHS
    bars = tuple(
        Bar(
            month, str(month.month), tuple(zip(kinds, counts, strict=True)),
            f"{number * width + width * 0.15:.2f}%", f"{(number + 0.5) * width:.2f}%",
            f"{width * 0.7:.2f}%", tuple(_pieces(counts, most)),
        )
        for number, (month, counts) in enumerate(zip(months, rows, strict=True))
    )  # fmt: skip
    return Calendar(kinds, bars, sum(one.total for one in bars), most)


def _pieces(counts: Sequence[int], most: int) -> list[Piece]:
    pieces, base = [], float(HEIGHT - FOOT)
    for kind, count in enumerate(counts):
        if count:
            # Nothing that is due may be too small to be seen.
            height = max(count / most * (HEIGHT - 2 * FOOT), 2)
            base -= height
            pieces.append(Piece(kind, f"{base:.1f}", f"{height:.1f}"))
    return pieces
