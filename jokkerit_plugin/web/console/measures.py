"""How the console writes sizes, times and moments of the site log."""

from calendar import monthrange
from datetime import datetime

from django import template

from ... import clock

register = template.Library()

_UNITS = {"fi": ("t", "kt", "Mt", "Gt", "Tt"), "en": ("B", "kB", "MB", "GB", "TB")}


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
def lasted(value: float | None, code: str) -> str:
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
def month_end(value: str) -> str:
    """Return the last minute of a month as a form's field has it."""
    year, _, month = value.partition("-")
    if not (year + month).isdecimal() or not 1 <= int(month) <= 12:
        return ""
    return f"{value}-{monthrange(int(year), int(month))[1]}T23:59"
