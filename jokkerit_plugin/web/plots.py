"""Pictures of figures as SVG, for those who would rather look: no script, nothing from elsewhere.

The picture has a title and a description; the same figures stand in a table or list beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from ..clock import HELSINKI
from ..policy.languages import Language, Texts
from ..sitelog.search import Wanted
from ..sitelog.views import BY_HOUR, View, bins

WIDTH, HEIGHT = 720, 260
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 32, 12, 36
#: Three to one with white, and told apart in grey, too.
_COLOURS = ("#0b5a8a", "#d9822b", "#7a1f5c", "#2d7a3e", "#6b6f74")

TITLES: dict[str, Texts] = {
    "errors": ("Virheet ajan mukaan", "Fel över tid", "Errors over time"),
    "log_ins": (
        "Torjutut kirjautumiset ajan mukaan", "Avvisade inloggningar över tid",
        "Refused log-ins over time",
    ),
    "usage": (
        "Asiakkaiden pyynnöt päivittäin", "Kundernas anrop per dag", "Customers' requests by day",
    ),
}  # fmt: skip
#: Kinds that are words; a status is said as it is.
_KINDS: dict[str, Texts] = {"requests": ("pyynnöt", "anrop", "requests")}
_ABOUT: Texts = (
    "Pylväskaavio: {first}–{last}, yhteensä {total}, enimmillään {most}.",
    "Stapeldiagram: {first}–{last}, sammanlagt {total}, som mest {most}.",
    "Bar chart: {first} to {last}, {total} in all, {most} at most.",
)


def over_time(name: str, wanted: Wanted, view: View, *, language: str) -> str:
    """Return the picture of a view's times, in Finnish, Swedish or English."""
    spoken = Language.of(language)
    hours = wanted.until - wanted.since <= BY_HOUR
    counts: dict[datetime, dict[str, int]] = {at: {} for at in bins(wanted)}
    for one in view.times:
        kind = _KINDS[one.kind][spoken] if one.kind in _KINDS else one.kind
        counts.setdefault(one.at, {})[kind] = one.count
    labels = [_label(at, hours=hours) for at in sorted(counts)]
    return bars(TITLES[name][spoken], _ABOUT[spoken], labels, [counts[at] for at in sorted(counts)])


def bars(title: str, about: str, labels: Sequence[str], counts: Sequence[Mapping[str, int]]) -> str:
    """Return stacked bars: one a label, each with the counts of its kinds."""
    kinds = sorted({kind for one in counts for kind in one})
    sums = [sum(one.values()) for one in counts] or [0]
    most = max(sums)
    first, last = (labels[0], labels[-1]) if labels else ("", "")
    said = about.format(first=first, last=last, total=sum(sums), most=most)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="plot-title plot-about" font-family="sans-serif" font-size="12">'
        f'<title id="plot-title">{escape(title)}</title>'
        f'<desc id="plot-about">{escape(said)}</desc>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    )
    pieces = [head]
    pieces += _frame(most, first, last)
    pieces += _legend(kinds)
    width = (WIDTH - _LEFT - _RIGHT) / max(len(counts), 1)
    for number, (label, one) in enumerate(zip(labels, counts, strict=True)):
        pieces += _bar(_LEFT + number * width, width, most, label, one, kinds)
    return "".join([*pieces, "</svg>"])


def _bar(
    left: float, width: float, most: int, label: str, one: Mapping[str, int], kinds: Sequence[str]
) -> list[str]:
    pieces, base = [], float(HEIGHT - _BOTTOM)
    for number, kind in enumerate(kinds):
        if not (count := one.get(kind, 0)):
            continue
        height = count / most * (HEIGHT - _TOP - _BOTTOM)
        base -= height
        pieces.append(
            f'<rect x="{left + width * 0.1:.1f}" y="{base:.1f}" width="{width * 0.8:.1f}"'
            f' height="{height:.1f}" {_fill(number)}>'
            f"<title>{escape(f'{label}: {kind}: {count}')}</title></rect>"
        )
    return pieces


def _frame(most: int, first: str, last: str) -> list[str]:
    foot, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    return [
        f'<path d="M{_LEFT} {_TOP}V{foot}H{right}" fill="none" stroke="#4d565f"/>',
        _text(_LEFT - 6, _TOP + 4, str(most), "end"),
        _text(_LEFT - 6, foot, "0", "end"),
        _text(_LEFT, foot + 18, first, "start"),
        _text(right, foot + 18, last, "end"),
    ]


def _legend(kinds: Sequence[str]) -> list[str]:
    pieces = []
    for number, kind in enumerate(kinds):
        left = _LEFT + 90 * number
        pieces.append(f'<rect x="{left}" y="8" width="12" height="12" {_fill(number)}/>')
        pieces.append(_text(left + 18, 18, kind, "start"))
    return pieces


def _fill(number: int) -> str:
    """Return the colour of a kind, and a class by which a page with a dark theme has another."""
    number %= len(_COLOURS)
    return f'class="k{number}" fill="{_COLOURS[number]}"'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="#1c2126">{escape(text)}</text>'


def _label(at: datetime, *, hours: bool) -> str:
    at = at.astimezone(HELSINKI)
    day = f"{at.day}.{at.month}.{at.year}"
    return f"{day} {at:%H:%M}" if hours else day
