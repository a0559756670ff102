"""docs/reference/graphql/: the schema topic by topic, with every type that a topic is made of."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from dev.docs.tables import table
from dev.docs.topics import TOPICS, Schema, bare, behind

_PAGE = {"first", "last", "before", "after"}
#: Arguments that mean the same everywhere (docs/reference/graphql.md).
_USUAL = {"filter", "sortBy", "purpose"}
_MADE = (
    "Made from the code by `make docs`: change the code, not this page."
    " [How to read it](../graphql.md#how-to-read-it).\n"
)


def page(topic: str) -> str:
    """Return the page of a topic."""
    matrix: Any = importlib.import_module("tests.authorisation")
    schema = Schema()
    shown, title = schema.of(topic), TOPICS[topic][0]
    parts = [
        f"# {title}\n",
        _MADE,
        *_section("Queries", (
            _query(name, one, schema, topic, behind(matrix, "Query")[name])
            for name, one in shown.queries.items()
        )),
        *_section("Mutations", (
            _mutation(name, one, schema, topic, matrix) for name, one in shown.mutations.items()
        )),
        *_section("Types", (
            _object(one, schema, topic, behind(matrix, name)) for name, one in shown.objects.items()
        )),
        *_section("Inputs", (_input(one, schema, topic) for one in shown.inputs.values())),
        *_section("Enumerations", map(_enum, shown.enums.values())),
        *_section("Scalars", map(_scalar, shown.scalars.values())),
    ]  # fmt: skip
    return "\n".join(parts)


def _section(title: str, parts: Iterable[str]) -> list[str]:
    found = list(parts)
    return [f"## {title}\n", *found] if found else []


def _arguments(one: Any, schema: Schema, topic: str) -> str:
    """Return a field's arguments: the usual ones in a line, the others with what they mean."""
    # Of a list; what `audience` takes is its own.
    paged = _PAGE if set(one.args) >= _PAGE else set()
    given = {name: arg for name, arg in one.args.items() if name not in paged}
    usual = [n for n in given if n in _USUAL and not str(given[n].type).endswith("!")]
    lines = [
        f"- `{name}`: {schema.link(arg.type, topic)}. {_flat(arg.description)}"
        for name, arg in given.items() if name not in usual
    ]  # fmt: skip
    if usual:
        lines.insert(0, "- " + ", ".join(
            f"`{n}`: {schema.link(given[n].type, topic)}" for n in sorted(usual)
        ))  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _query(name: str, one: Any, schema: Schema, topic: str, door: str) -> str:
    about = f"**`{name}`** gives {schema.link(one.type, topic)}. Door `{door}`."
    return _entry(f"{about} {_flat(one.description)}", _arguments(one, schema, topic))


def _mutation(name: str, one: Any, schema: Schema, topic: str, matrix: Any) -> str:
    given = schema.kinds[bare(one.type)].fields.items()
    answers = ", ".join(
        f"`{key}`: {schema.link(value.type, topic)}" for key, value in given if key != "errors"
    )
    code = matrix.MUTATIONS.get(name, ("", "ok"))[1]
    door = f"Door `{behind(matrix, 'Mutation')[name]}`" + (
        f", code `{code}`." if code != "ok" else "."
    )
    head = f"**`{name}`**" + (f" answers {answers}." if answers else ".")
    said = [
        f"- Answers `{key}`: {_flat(value.description)}"
        for key, value in given
        if key != "errors" and not (value.description or "").startswith("As it is now;")
    ]
    about = f"{head} {door} {_flat(one.description)}"
    return _entry(about, _arguments(one, schema, topic) + "".join(f"{line}\n" for line in said))


def _entry(about: str, lines: str) -> str:
    return f"{about}\n\n{lines}" if lines else f"{about}\n"


def _object(kind: Any, schema: Schema, topic: str, doors: Mapping[str, str]) -> str:
    behind_ = sorted(set(doors.values()))
    one_door = len(behind_) == 1
    rows = []
    for name, one in kind.fields.items():
        lines = _arguments(one, schema, topic).splitlines()
        args = "; ".join(line.removeprefix("- ") for line in lines)
        about = f"{_flat(one.description)} Takes {args}" if args else _flat(one.description)
        rows.append(
            (f"`{name}`", schema.link(one.type, topic), about)
            + (() if one_door else (f"`{doors[name]}`" if name in doors else "",))
        )
    heads = ("Field", "Type", "") + (() if one_door else ("Door",))
    door = f"Door `{behind_[0]}`. " if one_door else ""
    return f"### {kind.name}\n\n{door}{_flat(kind.description)}\n\n{table(heads, rows)}"


def _input(kind: Any, schema: Schema, topic: str) -> str:
    rows = (
        (f"`{name}`", schema.link(one.type, topic), one.description or "")
        for name, one in kind.fields.items()
    )
    return f"### {kind.name}\n\n{_flat(kind.description)}\n\n{table(('Field', 'Type', ''), rows)}"


def _enum(kind: Any) -> str:
    rows = ((f"`{one.name}`", one.description or "") for one in kind.values)
    return f"### {kind.name}\n\n{_flat(kind.description)}\n\n{table(('Value', ''), rows)}"


def _scalar(kind: Any) -> str:
    return f"### {kind.name}\n\n{_flat(kind.description)}\n"
