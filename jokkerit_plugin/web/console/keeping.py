"""What keeps a customer's data, as a person reads it: a line a part and rule, not a purchase."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()


@dataclass(slots=True)
class Line:
    """`until`: the latest day (ISO); None: until something ends it. `purchases`: of how many."""

    part: str
    rule: str
    purpose: str
    ground: str
    until: str | None
    purchases: int = 0


@register.filter
def lines(keeps: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return what keeps, in the order of the API's first of each."""
    found: dict[tuple[str, str], Line] = {}
    for one in keeps:
        line = found.setdefault(
            (one["part"], one["rule"]),
            Line(one["part"], one["rule"], one["purpose"], one["ground"], one["until"]),
        )
        line.purchases += one["purchase"] is not None
        if one["until"] is None or (line.until is not None and one["until"] > line.until):
            line.until = one["until"]
    return list(found.values())


@register.filter
def stays(keeps: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return what keeps on when an erasure is granted."""
    return lines([one for one in keeps if not one["isEndedByErasure"]])


@register.filter
def goes(keeps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the parts of which an erasure that is granted takes something at once."""
    kept = {(one["part"], one["purchase"]) for one in keeps if not one["isEndedByErasure"]}
    return _once(one["part"] for one in keeps if (one["part"], one["purchase"]) not in kept)


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
