"""Months, quarters and years as the pages of the books name them and step through them."""

import re
from datetime import date, timedelta

from babel.dates import format_date
from django import template

from .words import day, locale

register = template.Library()

_PARTS = {"-": 12, "-Q": 4}


@register.filter
def month_name(value: str | date | None, code: str) -> str:
    """Write the month of a day, or of a month ("2026-03"), as a title: Maaliskuu 2026."""
    if not value:
        return ""
    try:
        first = date.fromisoformat(f"{str(value)[:7]}-01")
    except ValueError:
        # Of an address, which may say anything.
        return str(value)
    found = str(format_date(first, "LLLL y", locale(code)))
    return found[:1].upper() + found[1:]


@register.filter
def stepped(value: str, by: int) -> str:
    """Return the month ("2026-03"), quarter ("2026-Q1") or year ("2026") so many on; "": none."""
    match = re.fullmatch(r"(\d{4})(?:(-)(\d{2})|(-Q)(\d))?", value or "", re.ASCII)
    if not match:
        return ""
    sign, number = match[2] or match[4], match[3] or match[5]
    if not sign:
        return str(int(match[1]) + by)
    many = _PARTS[sign]
    year, part = divmod(int(match[1]) * many + int(number) - 1 + by, many)
    if not 1 <= year <= 9999:
        return ""
    return f"{year:04}{sign}{part + 1:0{len(number)}}"


@register.filter
def quarter_of(value: str) -> str:
    """Return the quarter of a month or day."""
    return f"{value[:4]}-Q{(int(value[5:7]) + 2) // 3}" if value else ""


@register.simple_tag(takes_context=True)
def span(context: template.Context, first: str, last: str) -> str:
    """Write a range of days; a whole month by its name, a whole quarter by its number."""
    code, begin, end = context["language"], date.fromisoformat(first), date.fromisoformat(last)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    whole = begin.day == 1 and (end + timedelta(days=1)).day == 1
    if whole and months == 1:
        return month_name(first, code)
    if whole and months == 3 and begin.month % 3 == 1:
        return f"Q{(begin.month + 2) // 3}/{begin.year}"
    return f"{day(first, code)}–{day(last, code)}"
