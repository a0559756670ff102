"""What the `filter` of a list asks of its rows."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import Q

from .base import few, from_global_id

#: From what was given to what a row must meet; raises `BadInput`.
Condition = Callable[[Any], Q]


def asked(arguments: Mapping[str, Any], **conditions: Condition | str) -> Q:
    """Return that a row meets everything that `filter` gives.

    A name instead of a condition: of the column that has what is given. Raises `BadInput`.
    """
    given, found = arguments.get("filter") or {}, Q()
    for name, condition in conditions.items():
        if (value := given.get(name)) is not None:
            found &= Q(**{condition: value}) if isinstance(condition, str) else condition(value)
    return found


def happened(column: str) -> Condition:
    """Of a boolean: the moment in this column has come, or it has not."""
    return lambda wanted: Q(**{f"{column}__isnull": not wanted})


def either(condition: Q) -> Condition:
    """Of a boolean: a row meets this, or it does not."""
    return lambda wanted: condition if wanted else ~condition


def of(name: str, *columns: str) -> Condition:
    """Of an id in the field `name`, which is that of its kind: one of the columns has its key."""

    def condition(text: str) -> Q:
        key = from_global_id(f"Register{name.capitalize()}", text, name=name)
        found = Q()
        for column in columns or (name,):
            found |= Q(**{column: key})
        return found

    return condition


def one_of(column: str, name: str) -> Condition:
    """Of a list in the field `name`: the column has one of its values."""

    def condition(values: Collection[Any]) -> Q:
        return Q(**{f"{column}__in": few(values, name)})

    return condition
