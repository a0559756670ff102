"""What the console says: its words by language, and how its languages write days and sums."""

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
from ...policy import categories, parts, schedule, wording
from ...policy.words import Language, Texts
from .. import pages

LANGUAGES = ("fi", "en")
#: English as this side of the ocean writes days.
_LOCALES = {"fi": Locale("fi", "FI"), "en": Locale("en", "GB")}
_FOLDER = resources.files("jokkerit_plugin") / "data" / "console"

#: What the policy names itself, in the words of the published description.
_NAMED: dict[str, Mapping[str, Texts]] = {
    **{
        # The API names them, the facts of the description have their values.
        kind: {key: text for one, text in titles.items() for key in (one.name.lower(), one.value)}
        for kind, titles in (
            ("category", categories.TITLES), ("part", parts.TITLES), ("purpose", wording.PURPOSES),
            ("role", wording.ROLES),
        )
    },
    "rule": {one.name: one.title for one in schedule.SCHEDULE},
}  # fmt: skip

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


def locale(code: str) -> Locale:
    """Return how a language of the console writes."""
    return _LOCALES[code]


@register.filter
def month(value: date | str, code: str) -> str:
    """Write the month of a day ("2026-03-01")."""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return str(format_date(found, "LLLL y", _LOCALES[code])).capitalize()


@register.filter
def number(value: int, code: str) -> str:
    """Write a whole number."""
    return str(format_decimal(value, "#,##0", locale=_LOCALES[code]))


@register.filter
def day(value: str | date | None, code: str) -> str:
    """Write a date ("2026-03-01") as people do."""
    if not value:
        return ""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return str(format_date(found, "d.M.y" if code == "fi" else "d MMM y", _LOCALES[code]))


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


@register.simple_tag(takes_context=True)
def named(context: template.Context, kind: str, value: str) -> str:
    """Return what the policy calls a category, part or rule; what is not of it, in our words."""
    if found := _NAMED[kind].get(value.lower()):
        return found[Language[context["language"].upper()]]
    return word(context, kind, value)


@register.simple_tag(takes_context=True)
def who(context: template.Context, key: str) -> str:
    """Say who somebody is whom the register knows by key alone ("user:12")."""
    kind, _, rest = key.partition(":")
    name = word(context, "who", kind)
    return f"{name} {rest}" if rest else name


@register.simple_tag(takes_context=True)
def fact(context: template.Context, name: str) -> str:
    """Say what a fact of the description is about ("retention books")."""
    known = words(context["language"])["words"]
    if found := known["setting"].get(name) or known["fact"].get(name.replace(" ", "_")):
        return str(found)
    kind, _, rest = name.partition(" ")
    told = {"purpose": "purpose", "access": "role", "retention": "rule"}.get(kind)
    return f"{word(context, 'fact', kind)}: {named(context, told, rest) if told else rest}"
