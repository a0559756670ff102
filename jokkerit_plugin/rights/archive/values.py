"""Values of a copy as people write them: codes in words, days, sums. Programs get what is stored.

Words for codes are in data/copy.*.toml. A code without one (of a newer Saleor) stands as it is.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale

from ... import clock
from ..words import texts, written
from .held import Held, Listed

#: Lists' columns whose codes another column's words say; of requests it is said already.
_CODES = {("opt_outs", "reason"): "kind", ("requests", "kind"): ""}
#: Columns of lists that hold a day or a moment, beside those whose names end so.
_DAYS = {"at", "since", "until"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d\S*)?")
#: Columns of the register that hold a list of words as JSON.
_SEVERAL = {"gateways"}


def of_list(listed: Listed, language: str) -> Iterator[list[str]]:
    """Yield the rows of a list in words."""
    known = texts("copy", language)["codes"]
    codes = [known.get(_CODES.get((listed.name, name), name), {}) for name in listed.names]
    for row in listed.rows:
        cells = zip(listed.names, row, codes, strict=True)
        yield [of.get(value) or _listed(name, value, language) for name, value, of in cells]


def of_row(one: Held, row: Sequence[Any], language: str) -> list[str]:
    """Return a row of the register in words; of the shop's own tables as it stands."""
    if not one.model:
        return ["" if value is None else str(value) for value in row]
    known = texts("copy", language)["values"].get(one.model, {})
    cells = zip(one.columns, row, strict=True)
    return [_value(name, value, known.get(name, {}), language) for name, value in cells]


def _listed(name: str, value: str, language: str) -> str:
    if name == "refused" and value:
        return str(texts("letters", language)["grounds"][value])
    if (name in _DAYS or name.endswith(("_at", "_on"))) and _MOMENT.fullmatch(value):
        whole = len(value) == len("2026-03-01")
        found = date.fromisoformat(value) if whole else datetime.fromisoformat(value)
        return _day(found, language)
    return _named(name, value, language)


def _value(name: str, value: Any, codes: Mapping[str, str], language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(texts("copy", language)["page"]["yes" if value else "no"])
    if isinstance(value, date):
        return _day(value, language)
    if isinstance(value, Decimal):
        return _number(name, value, language)
    if name in _SEVERAL:
        return ", ".join(map(str, json.loads(value)))
    return codes.get(value) or _named(name, str(value), language)


def _named(name: str, value: str, language: str) -> str:
    """Return the name of a country or a language, and anything else as it is."""
    if name.endswith("country"):
        return str(_locale(language).territories.get(value, value))
    if name == "language":
        code = re.split("[-_]", value.lower())[0]
        return str(_locale(language).languages.get(code, value))
    return value


def _day(value: date, language: str) -> str:
    if not isinstance(value, datetime):
        return written(value, language)
    at = value.astimezone(clock.HELSINKI)
    return f"{written(at.date(), language)} {at:%H:%M}"


def _number(name: str, value: Decimal, language: str) -> str:
    """Write a rate (0.2550) in per cent, a sum with two decimals or as many as it has."""
    if name.endswith("rate"):
        found = f"{(value * 100).normalize():f} %"
    else:
        found = f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"
    return found if language == "en" else found.replace(".", ",")


@cache
def _locale(language: str) -> Locale:
    return Locale(language)
