"""What the console says: its words by language, and how its languages write days and sums."""

import base64
import re
import tomllib
from collections.abc import Mapping
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
from . import policy_words

LANGUAGES = ("fi", "en")
#: English as this side of the ocean writes days.
_LOCALES = {"fi": Locale("fi", "FI"), "en": Locale("en", "GB")}
_FOLDER = resources.files("jokkerit_plugin") / "data" / "console"

register = template.Library()


@cache
def words(code: str) -> Mapping[str, Any]:
    """Return the console's words in a language by page, and under "words" those for values."""
    found: dict[str, Any] = {"words": policy_words.words(code)}
    for file in _FOLDER.iterdir():
        name, _, kind = file.name.partition(".")
        if kind == "toml":
            page = tomllib.loads(file.read_text(encoding="utf-8")).get(code, {})
            found["words"] |= page.pop("words", {})
            found[name] = page
    return found


def locale(code: str) -> Locale:
    """Return by which customs a language writes days and numbers."""
    return _LOCALES[code]


def sentence(message: str, code: str, field: str | None, language: str) -> str:
    """Say an error of the API: by its own sentences, its code and field, or its code.

    As the API says it (in English) where data/console/errors.toml has none of these.
    """
    known = words(language)["errors"]
    exact: Mapping[str, str] = known.get("exact", {})
    # An error may be several sentences, each of which is known.
    said = [exact.get(one) for one in re.split(r"(?<=\.) ", message)]
    found = exact.get(message) or (all(said) and " ".join(map(str, said)))
    return str(found or known.get(f"{code}.{field}") or known.get(code) or message)


def language(request: HttpRequest) -> str:
    """Return in which language the console speaks to the one who asks."""
    return "fi" if pages.language(request) == "fi" else "en"


@register.filter
def number(value: int | str | None, code: str) -> str:
    """Write a whole number; "" for none: the API did not give it."""
    return "" if value in (None, "") else str(format_decimal(value, "#,##0", locale=_LOCALES[code]))


@register.filter
def day(value: str | date | None, code: str) -> str:
    """Write a date ("2026-03-01") as people do."""
    if not value:
        return ""
    try:
        found = _day(value) if isinstance(value, str) else value
    except ValueError:
        # Of an address, which may say anything.
        return str(value)
    return str(format_date(found, "d.M.y" if code == "fi" else "d MMM y", _LOCALES[code]))


def _day(text: str) -> date:
    """Return the day of a date or, in Helsinki, of a moment (ISO 8601)."""
    found = datetime.fromisoformat(text)
    return found.astimezone(clock.HELSINKI).date() if found.tzinfo else found.date()


@register.filter
def days_left(value: str | None) -> int | None:
    """Return the days from today until a day; below zero it is past."""
    return (_day(value) - clock.today()).days if value else None


@register.filter
def local(value: str | None) -> str:
    """Write a moment as an input of day and time has it."""
    if not value:
        return ""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return ""
    if found.tzinfo:
        found = found.astimezone(clock.HELSINKI)
    return found.strftime("%Y-%m-%dT%H:%M")


@register.filter
def a_day(value: str, code: str) -> str:
    """Write what may be a date as people do, and anything else as it is."""
    return day(value, code) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else value


@register.filter
def moment(value: str | None, code: str) -> str:
    """Write a moment (ISO 8601, with its zone) as the clock in Helsinki shows it."""
    if not value:
        return ""
    found = datetime.fromisoformat(value).astimezone(clock.HELSINKI)
    pattern = "d.M.y 'klo' H.mm" if code == "fi" else "d MMM y, HH:mm"
    return str(format_datetime(found, pattern, tzinfo=clock.HELSINKI, locale=_LOCALES[code]))


@register.simple_tag(takes_context=True)
def money(context: template.Context, value: str | None, currency: str = "") -> str:
    """Write an amount, with its currency where it is given."""
    if value in {None, ""}:
        return ""
    amount, locale = Decimal(str(value)), _LOCALES[context["language"]]
    if currency:
        return str(format_currency(amount, currency, locale=locale))
    return str(format_decimal(amount, "#,##0.00###", locale=locale))


@register.filter
def rate(value: str | None, code: str) -> str:
    """Write a tax rate ("0.2550")."""
    try:
        return str(format_percent(Decimal(str(value)), "#,##0.0# %", locale=_LOCALES[code]))
    except InvalidOperation:
        return ""


@register.filter
def words_of(text: str) -> list[str]:
    """Return the words of a text, to go through them."""
    return text.split()


@register.simple_tag(takes_context=True)
def word(context: template.Context, kind: str, value: str | None) -> str:
    """Say a value of an enumeration in words; as it stands where there are none."""
    known = words(context["language"])["words"].get(kind, {})
    return str(known.get(str(value).lower(), value or ""))


@register.filter
def country(value: str | None, code: str) -> str:
    """Write the name of a country."""
    return str(_LOCALES[code].territories.get(value or "", value or ""))


@register.filter
def tongue(value: str | None, code: str) -> str:
    """Write the name of a language."""
    return str(_LOCALES[code].languages.get((value or "")[:2].lower(), value or ""))


@register.filter
def number_of(value: str) -> str:
    """Return the number in a global id: what letters call a request by."""
    try:
        return base64.b64decode(value).decode().rpartition(":")[2]
    except ValueError:
        return "?"


@register.filter
def of(given: Mapping[str, Any] | None, name: str) -> str:
    """Return what is under a name, also one with dots."""
    found = (given or {}).get(name)
    return str(found) if found or type(found) is int else ""


@register.simple_tag(takes_context=True)
def who(context: template.Context, key: str | None) -> str:
    """Say who did something (`user:12`, `shop` ...): by name, where the one who asks may know."""
    said = context["words"]["common"]["actors"]
    kind, _, rest = (key or "").partition(":")
    if key and key == context["me"]["key"]:
        return str(said["you"])
    if kind == "task":
        return str(said["shop"])
    if key and (name := context["names"].get(key)):
        return str(name)
    return f"{said[kind]} {rest}".strip() if kind in said else rest or kind


@register.filter
def add_text(value: Any, more: Any) -> str:
    """Put texts together."""
    return f"{value}{more}"
