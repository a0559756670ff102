"""How the console writes numbers, sizes and moments of the site log."""

import base64
from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template

from ... import clock

register = template.Library()

_UNITS = {"fi": ("t", "kt", "Mt", "Gt", "Tt"), "en": ("B", "kB", "MB", "GB", "TB")}


@register.filter
def of(given: Mapping[str, Any] | None, name: str) -> str:
    """Return what is under a name, also one with dots."""
    return str((given or {}).get(name) or "")


@register.filter
def number_of(value: str) -> str:
    """Return the number in a global id."""
    return base64.b64decode(value).decode().rpartition(":")[2]


@register.filter
def number(value: float | None, code: str) -> str:
    """Write a whole number."""
    if value is None:
        return ""
    return f"{value:,.0f}".replace(",", "\u00a0" if code == "fi" else ",")


@register.filter
def size(value: float | None, code: str) -> str:
    """Write a number of bytes, a thousand of which are a kilobyte."""
    if value is None:
        return ""
    found, units = float(value), list(_UNITS[code])
    while found >= 999.5 and len(units) > 1:
        found /= 1000
        units.pop(0)
    text = f"{found:.0f}" if found >= 100 or units[0] in {"t", "B"} else f"{found:.1f}"
    return f"{text.replace('.', ',') if code == 'fi' else text}\u00a0{units[0]}"


@register.filter
def span(value: float | None, code: str) -> str:
    """Write milliseconds; from a second on as seconds."""
    if value is None:
        return ""
    if value < 1000:
        return f"{value:.0f}\u00a0ms"
    text = f"{value / 1000:,.1f}".replace(",", "\u00a0" if code == "fi" else ",")
    return f"{text.replace('.', ',') if code == 'fi' else text}\u00a0s"


@register.filter
def second(value: str | None, code: str) -> str:
    """Write a moment (ISO 8601, with its zone) to the second, as the clock in Helsinki shows it."""
    if not value:
        return ""
    at = datetime.fromisoformat(value).astimezone(clock.HELSINKI)
    if code == "fi":
        return f"{at.day}.{at.month}.{at.year} klo {at.hour}.{at:%M.%S}"
    return f"{at.day} {at:%b %Y, %H:%M:%S}"


@register.filter
def next_month(value: str) -> str:
    """Return the month after a month ("2026-12"); what is no month as it is."""
    year, _, month = value.partition("-")
    if not (year + month).isdecimal():
        return value
    return f"{int(year) + int(month) // 12:04}-{int(month) % 12 + 1:02}"


@register.filter
def month_end(value: str) -> str:
    """Return the last minute of a month as a form's field has it."""
    year, _, month = value.partition("-")
    if not (year + month).isdecimal() or not 1 <= int(month) <= 12:
        return ""
    return f"{value}-{monthrange(int(year), int(month))[1]}T23:59"
