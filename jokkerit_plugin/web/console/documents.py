"""What the pages ask of the schema, their variables from an address or a form, and its answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cache
from importlib import resources
from typing import Any

from django.http import QueryDict
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, parse
from graphql.language.ast import Document, OperationDefinition
from graphql.utils.type_from_ast import type_from_ast

from ... import clock
from .. import executing
from ..errors import BadInput
from ..schema import SCHEMA

#: Of an input in a list; of more digits than these Python makes no number.
_PLACE = r"[0-9]{1,6}"
_FOLDER = resources.files("jokkerit_plugin") / "data" / "console"


@dataclass(slots=True)
class Outcome:
    """What came of a document: its data, and what was refused, by the path's top."""

    data: Mapping[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)


@cache
def document(page: str) -> Document:
    """Return a page's document: `query page`, and the mutations of its buttons."""
    found = parse((_FOLDER / f"{page}.graphql").read_text(encoding="utf-8"))
    if wrong := executing.faults(found):
        raise RuntimeError(f"{page}.graphql: {wrong[0]}")
    return found


def operations(page: str) -> Mapping[str, OperationDefinition]:
    """Return the operations of a page's document by name."""
    return {one.name.value: one for one in document(page).definitions if hasattr(one, "operation")}


def variables(
    operation: OperationDefinition, given: QueryDict, files: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an operation's variables as they are given, a field of an input as `input.field`.

    Inputs in a list are counted: `channels.0.isAllowed`; one with `channels.0.without`, or that
    lacks what it needs, is left out. What is left empty is left out, and so is what is the same in
    `right.<field>` as in the `was.<field>` beside it; emptied, it is "". A field of an input that
    `had` names was shown filled: emptied, it is null. `files` are those of a form. Raises
    `BadInput`.
    """
    given = _changed(given)
    found = {
        (name := one.variable.name.value): files[name] if name in files and _is_file(kind)
        else _value(kind, name, given)
        for one in operation.variable_definitions or ()
        for kind in (type_from_ast(SCHEMA, one.type),)
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _value(kind: Any, name: str, given: QueryDict) -> Any:
    if isinstance(kind, GraphQLNonNull):
        found = _value(kind.of_type, name, given)
        # Danger: of boxes of which none is ticked nothing is sent, and to leave a list out may mean
        # everybody. One that must be given is empty then.
        return [] if found is None and _is_of_boxes(kind.of_type) else found
    if isinstance(kind, GraphQLInputObjectType):
        return _fields(kind, name, given) or None
    if isinstance(kind, GraphQLList) and isinstance(_bare(kind.of_type), GraphQLInputObjectType):
        return _several(_bare(kind.of_type), name, given) or None
    if isinstance(kind, GraphQLList):
        values = [_scalar(kind.of_type, name, one) for one in given.getlist(name) if one.strip()]
        return values or None
    text = given.get(name, "")
    if not name.startswith("was."):
        text = text.strip()
    if not text and name.startswith("right.") and given.get(f"was.{name[6:]}"):
        return ""
    return _scalar(kind, name, text) if text else None


def _is_file(kind: Any) -> bool:
    return getattr(_bare(kind), "name", "") == "File"


def _is_of_boxes(kind: Any) -> bool:
    return isinstance(kind, GraphQLList) and not isinstance(
        _bare(kind.of_type), GraphQLInputObjectType
    )


def _changed(given: QueryDict) -> QueryDict:
    """Leave out what a form shows as it was (`was.<field>`) and nobody has changed."""
    found = given.copy()
    for name in given:
        was = f"was.{name[6:]}"
        kept = name.startswith("right.") and not name.endswith(".id") and was in given
        if kept and given[name] == given[was]:
            del found[name], found[was]
    # Of an address of which all is as it was, the key alone is left.
    for name in [one for one in found if one.startswith("right.") and one.endswith(".id")]:
        rest = name[6:-2]
        if not any(one != name and one.startswith(f"right.{rest}") for one in found):
            for one in (name, f"was.{rest}id"):
                found.pop(one, None)
    return found


def _several(kind: GraphQLInputObjectType, name: str, given: QueryDict) -> list[dict[str, Any]]:
    places = {one.removeprefix(f"{name}.").partition(".")[0]
              for one in given if one.startswith(f"{name}.")}  # fmt: skip
    found = (
        _fields(kind, f"{name}.{place}", given)
        for place in sorted((one for one in places if re.fullmatch(_PLACE, one)), key=int)
        if not given.get(f"{name}.{place}.without")
    )
    needed = {one for one, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)}
    return [one for one in found if one and needed <= set(one)]


def _bare(kind: Any) -> Any:
    return _bare(kind.of_type) if isinstance(kind, GraphQLNonNull) else kind


def _fields(kind: GraphQLInputObjectType, name: str, given: QueryDict) -> dict[str, Any]:
    emptied = {one.removeprefix(f"{name}.") for one in given.getlist("had")}
    values = {
        field: _value(one.type, f"{name}.{field}", given) for field, one in kind.fields.items()
    }
    return {
        field: value for field, value in values.items() if value is not None or field in emptied
    }


def _scalar(kind: Any, name: str, text: str) -> Any:
    kind = _bare(kind)
    if kind.name == "DateTime":
        return _moment(text, name)
    if kind.name == "Boolean":
        return text in {"on", "true"}
    if kind.name in {"Int", "BigInt"}:
        if not re.fullmatch(r"-?\d{1,10}", text, re.ASCII):
            raise BadInput("Write a whole number.", field=name)
        return int(text)
    if isinstance(kind, GraphQLEnumType) and text not in {one.name for one in kind.values}:
        raise BadInput("Choose one of those listed.", field=name)
    return text


def _moment(text: str, name: str) -> str:
    """Return a moment with its zone; what browsers send has none, and is of Helsinki.

    A day alone is its first moment; as the end of a range (`lte`) its last.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("Write a day and a time.", field=name) from None
    if len(text) == len("2026-03-01") and name.endswith("lte"):
        found = datetime.combine(found, time.max)
    return (found if found.tzinfo else found.replace(tzinfo=clock.HELSINKI)).isoformat()
