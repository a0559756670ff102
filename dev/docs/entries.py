"""docs/reference/graphql/: the schema topic by topic, with every type that a topic is made of."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dev.docs.tables import table
from dev.docs.topics import TOPICS, Schema, bare, behind

_PAGE = {"first", "last", "before", "after"}
#: What arguments say that mean the same everywhere (docs/reference/graphql.md).
_USUAL = {"filter": "Left out: all.", "purpose": "For what it is used, as the log says;"}
#: What `base.given_id` says of an id that needs no more.
_ID = re.compile(r"A `(\w+)` id\.")
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


def _takes(one: Any, schema: Schema, topic: str) -> tuple[str, list[str]]:
    """Return a field's arguments: in a line those that explain themselves, and lines of others."""
    # Of a list; what `audience` takes is its own.
    paged = _PAGE if set(one.args) >= _PAGE else set()
    brief, lines = [], []
    for name, arg in one.args.items():
        about = _flat(arg.description)
        if name in paged:
            continue
        if plain := _ID.fullmatch(about):
            brief.append(f"`{name}` (`{plain[1]}`)")
        elif name in _USUAL and about.startswith(_USUAL[name]):
            brief.append(f"{schema.link(arg.type, topic, f'`{name}`')}")
        else:
            lines.append(f"- `{name}`: {schema.link(arg.type, topic)}. {about}")
    return ", ".join(brief), lines


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def _query(name: str, one: Any, schema: Schema, topic: str, door: str) -> str:
    brief, lines = _takes(one, schema, topic)
    takes = f" of {brief}" if brief else ""
    about = f"**`{name}`**{takes} gives {schema.link(one.type, topic)}. Door `{door}`."
    return _entry(f"{about} {_flat(one.description)}", lines)


def _mutation(name: str, one: Any, schema: Schema, topic: str, matrix: Any) -> str:
    brief, lines = _takes(one, schema, topic)
    given = {k: v for k, v in schema.kinds[bare(one.type)].fields.items() if k != "errors"}
    takes = f" of {brief}" if brief else ""
    answers = ", ".join(f"`{key}`: {schema.link(it.type, topic)}" for key, it in given.items())
    code = matrix.MUTATIONS.get(name, ("", "ok"))[1]
    coded = f", code `{code}`" if code != "ok" else ""
    about = f"**`{name}`**{takes}" + (f" answers {answers}." if answers else ".")
    about += f" Door `{behind(matrix, 'Mutation')[name]}`{coded}. {_flat(one.description)}"
    return _entry(about, lines + [
        f"- Answers `{key}`: {_flat(it.description)}"
        for key, it in given.items() if not it.description.startswith("As it is now;")
    ])  # fmt: skip


def _entry(about: str, lines: list[str]) -> str:
    return "\n".join([about, "", *lines, ""] if lines else [about, ""])


def _object(kind: Any, schema: Schema, topic: str, doors: Mapping[str, str]) -> str:
    behind_ = sorted(set(doors.values()))
    # What all share stands behind every door.
    one_door = len(behind_) == 1 or topic == "shared"
    rows = []
    for name, one in kind.fields.items():
        brief, lines = _takes(one, schema, topic)
        takes = [*([brief] if brief else ()), *(line.removeprefix("- ") for line in lines)]
        about = _flat(one.description) + (f" Takes {'; '.join(takes)}" if takes else "")
        rows.append(
            (f"`{name}`", schema.link(one.type, topic), about)
            + (() if one_door else (f"`{doors[name]}`" if name in doors else "",))
        )
    heads = ("Field", "Type", "") + (() if one_door else ("Door",))
    door = f"Door `{behind_[0]}`. " if one_door and topic != "shared" else ""
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
