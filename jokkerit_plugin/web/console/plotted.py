"""Plots of the pages, drawn on the server; the same figures stand in a table beside each."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .spans import month_name
from .words import number

register = template.Library()

_WIDTH, _HEIGHT = 640, 180
_LEFT, _TOP, _RIGHT, _FOOT = 72, 16, 12, 32

Months = Sequence[Mapping[str, Any]]


@register.filter
def of_channel(months: Months, channel: str) -> Months:
    """Return those months that are of a channel."""
    return [one for one in months if one["channel"] == channel]


@register.filter
def any_said(months: Months) -> bool:
    """Tell whether there is anything to plot."""
    return any(one["yes"] or one["no"] for one in months)


@register.simple_tag(takes_context=True)
def standing_chart(
    context: template.Context, months: Months, text: Mapping[str, str]
) -> SafeString:
    """Draw how many addresses have said yes and no, month by month: a line each."""
    code = context["language"]
    kinds = [kind for kind in ("yes", "no") if months[0][kind] is not None]
    most = max(max(one[kind] for kind in kinds) for one in months) or 1
    across, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _FOOT

    def place(at: int, value: int) -> tuple[str, str]:
        left = _LEFT + across * at / max(len(months) - 1, 1)
        return f"{left:.1f}", f"{_TOP + high * (1 - value / most):.1f}"

    lines = format_html_join("", '<polyline class="{}" points="{}"/>', (
        (kind, " ".join(",".join(place(at, one[kind])) for at, one in enumerate(months)))
        for kind in kinds
    ))  # fmt: skip
    first, last = months[0], months[-1]
    said = "; ".join(
        f"{text[kind]} {number(first[kind], code)} → {number(last[kind], code)}" for kind in kinds
    )
    begin, end = (month_name(one["month"], code) for one in (first, last))
    return format_html(
        '<figure><svg class="chart lines" viewBox="0 0 {w} {h}" role="img" aria-label="{about}">'
        '<path class="axis" d="M{left} {top}V{foot}H{right}"/>{lines}'
        '<text x="{number}" y="{high}" text-anchor="end">{most}</text>'
        '<text x="{number}" y="{foot}" text-anchor="end">0</text>'
        '<text x="{left}" y="{under}">{begin}</text>'
        '<text x="{right}" y="{under}" text-anchor="end">{end}</text></svg>'
        "<figcaption>{legend}</figcaption></figure>",
        w=_WIDTH, h=_HEIGHT, about=f"{begin} – {end}: {said}", left=_LEFT, top=_TOP,
        foot=_HEIGHT - _FOOT, right=_WIDTH - _RIGHT, lines=lines, number=_LEFT - 6, high=_TOP + 10,
        most=number(most, code), under=_HEIGHT - 8, begin=begin, end=end,
        legend=format_html_join(" ", '<span class="key {}">{}</span>', (
            (kind, text[kind]) for kind in kinds
        )),
    )  # fmt: skip
