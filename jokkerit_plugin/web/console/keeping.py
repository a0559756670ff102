"""What keeps a customer's data, as a person reads it: by part and rule, not by purchase."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

#: None: the API did not give them, and says why.
_Keeps = Sequence[Mapping[str, Any]] | None


@dataclass(slots=True)
class Line:
    """`until`: the latest day (ISO); None: until something ends it. `purchases`: of how many."""

    rule: str
    until: str | None
    purchases: int = 0


@register.filter
def by_part(keeps: _Keeps) -> list[tuple[str, list[Line]]]:
    """Return what keeps each part, a line a rule, in the order of the API's first of each."""
    found: dict[str, dict[str, Line]] = {}
    for one in keeps or ():
        line = found.setdefault(one["part"], {}).setdefault(
            one["rule"], Line(one["rule"], one["until"])
        )
        line.purchases += one["purchase"] is not None
        if one["until"] is None or (line.until is not None and one["until"] > line.until):
            line.until = one["until"]
    return [(part, list(lines.values())) for part, lines in found.items()]


@register.filter
def stays(keeps: _Keeps) -> list[tuple[str, list[Line]]]:
    """Return what keeps on when an erasure is granted."""
    return by_part([one for one in keeps or () if not one["isEndedByErasure"]])


@register.filter
def goes(keeps: _Keeps) -> list[str]:
    """Return the parts of which an erasure that is granted takes something at once."""
    kept = {(one["part"], one["purchase"]) for one in keeps or () if not one["isEndedByErasure"]}
    return _once(one["part"] for one in keeps or () if (one["part"], one["purchase"]) not in kept)


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
