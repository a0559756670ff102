"""What the console says: its words by language, and how its languages write days and sums."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent
from django import template
from django.http import HttpRequest

from ... import clock
from .. import pages

LANGUAGES = ("fi", "en")
#: English as this side of the ocean writes days.
LOCALES = {"fi": Locale("fi", "FI"), "en": Locale("en", "GB")}
_FOLDER = resources.files("jokkerit_plugin") / "data" / "console"

register = template.Library()


@cache
def words(code: str) -> Mapping[str, Any]:
    """Return the console's words in a language by page, and under "words" those for values."""
    found: dict[str, Any] = {"words": {}}
    for file in _FOLDER.iterdir():
        name, _, kind = file.name.partition(".")
        if kind == "toml":
            page = tomllib.loads(file.read_text(encoding="utf-8"))[code]
            found["words"] |= page.pop("words", {})
            found[name] = page
    return found


def language(request: HttpRequest) -> str:
    """Return in which language the console speaks to the one who asks."""
    return "fi" if pages.language(request) == "fi" else "en"


@register.filter
def day(value: str | date | None, code: str) -> str:
    """Write a date ("2026-03-01") as people do."""
    if not value:
        return ""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return str(format_date(found, "d.M.y" if code == "fi" else "d MMM y", LOCALES[code]))


@register.filter
def moment(value: str | None, code: str) -> str:
    """Write a moment (ISO 8601, with its zone) as the clock in Helsinki shows it."""
    if not value:
        return ""
    found = datetime.fromisoformat(value).astimezone(clock.HELSINKI)
    pattern = "d.M.y 'klo' H.mm" if code == "fi" else "d MMM y, HH:mm"
    return str(format_datetime(found, pattern, tzinfo=clock.HELSINKI, locale=LOCALES[code]))


@register.simple_tag(takes_context=True)
def money(context: template.Context, value: str | None, currency: str = "") -> str:
    """Write an amount, with its currency where it is given."""
    if value in {None, ""}:
        return ""
    amount, locale = Decimal(str(value)), LOCALES[context["language"]]
    if currency:
        return str(format_currency(amount, currency, locale=locale))
    return str(format_decimal(amount, "#,##0.00###", locale=locale))


@register.filter
def rate(value: str | None, code: str) -> str:
    """Write a tax rate ("0.2550")."""
    try:
        return str(format_percent(Decimal(str(value)), "#,##0.0# %", locale=LOCALES[code]))
    except InvalidOperation:
        return ""


@register.filter
def country(value: str | None, code: str) -> str:
    """Write a country by its name; as it stands where it is none."""
    return str(LOCALES[code].territories.get(value or "", value or "–"))


@register.filter
def named(given: Mapping[str, Any], name: str) -> Any:
    """Return what stands under a name with a point in it; "" where there is nothing."""
    return given.get(name) or ""


@register.filter
def running(edges: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether some work of a list is not done yet: then the page looks again."""
    return any(edge["node"]["state"] in {"WAITING", "RUNNING"} for edge in edges or ())


@register.filter
def holds(found: Sequence[str], one: str) -> bool:
    """Tell whether one of a list is this."""
    return one in found


@register.filter
def words_of(text: str) -> list[str]:
    """Return the words of a text, to go through them."""
    return text.split()


@register.simple_tag(takes_context=True)
def word(context: template.Context, kind: str, value: str | None) -> str:
    """Say a value of an enumeration in words; as it stands where there are none."""
    known = words(context["language"])["words"].get(kind, {})
    return str(known.get(str(value).lower(), value or ""))


@register.simple_tag(takes_context=True)
def obstacle(context: template.Context, found: Mapping[str, str]) -> str:
    """Say what keeps a month from being closed; with its number, where it tells of one."""
    known = words(context["language"])["words"]["obstacle"].get(found["code"].lower(), "")
    number = re.search(r"\d[\d-]*", found["message"])
    text: str = known or found["message"]
    return text.format(number=number[0] if number else "")


@register.simple_tag(takes_context=True)
def closed_for(context: template.Context, found: Mapping[str, str]) -> str:
    """Say why nobody may be contacted, and what to do."""
    known = words(context["language"])["words"]["closed"]
    return str(known.get(found["code"].lower(), found["message"]))


@register.filter
def looks_like_address(column: str) -> bool:
    """Tell whether a column of a file is likely to hold addresses, by its name."""
    return any(part in column.lower() for part in ("mail", "posti", "phone", "puhelin", "address"))
