"""docs/reference/graphql.md: the schema, and who may ask for what."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from dev.docs.tables import table

#: What stands behind each door of tests/authorisation.py.
DOORS = {
    "open": "About oneself, and the text that must be signed",
    "card": "Who a customer is",
    "voucher": "Purchases, with name and address as they stand on the voucher",
    "contact": "Of a purchase what is not on the voucher",
    "claims": "Debts in collection and other holds",
    "debts": "Changing what is held of customers, and debts",
    "files": "Having a file made that goes to a third party",
    "bookkeeping": "For bookkeeping and no other purpose",
    "closers": "Closing a month",
    "books": "The controller's own books",
    "marketing": "For marketing and no other purpose",
    "log": "The site log, for security and for mending errors",
    "billing": "The site log, for billing",
    "own": "A customer's own",
    "sign": "Signing, in person, before there is an agreement",
}
#: Callers of the matrix as people call them; the others hold nothing that opens a door.
CALLERS = {
    "superuser": "superusers",
    "controller": "controller",
    "staff": "staff who see customers",
    "manager": "staff who change them",
    "accountant": "accounting firm",
    "app": "the firm's app",
    "granted": "maintainers with a grant",
    "maintainer": "maintainers",
    "customer": "customers of the shop",
}
_PAGE = {"first", "last", "before", "after"}
_TOP = """\
# GraphQL reference

Made from the code by `make docs`: change the code, not this page. How to ask, with examples, limits
and errors: [graphql.md](../graphql.md).

A field stands behind a *door*; who gets through which is tested for every field, with every kind of
caller ([tests/authorisation.py](../../tests/authorisation.py)). A door also wants the
confidentiality agreement in force, but for `open`, `own` and `sign`; which data a purpose gives,
and what a restriction closes, comes on top. Lists are connections with `edges { node cursor }`,
`pageInfo` and, where the type has it, `totalCount`; they take `first`, `last`, `before` and
`after`.
"""


def page() -> str:
    """Return the page."""
    matrix: Any = importlib.import_module("tests.authorisation")
    types = importlib.import_module("jokkerit_plugin.web.schema").SCHEMA.get_type_map()
    kinds = {name: one for name, one in types.items() if not name.startswith("__")}
    answers = {_bare(field.type) for field in kinds["Mutation"].fields.values()}
    hidden = {"Query", "Mutation", "PageInfo", *answers}
    objects = {
        name: one for name, one in _those(kinds, "GrapheneObjectType").items()
        if name not in hidden and not name.endswith(("CountableConnection", "CountableEdge"))
    }  # fmt: skip
    return "\n".join([
        _TOP,
        "## Doors\n", _doors(matrix),
        "## Queries\n", _queries(kinds["Query"].fields, _behind(matrix, "Query")),
        "## Mutations\n",
        "Each answers `errors` beside what is named.\n",
        _mutations(kinds, _behind(matrix, "Mutation")),
        "## Types\n", *(_object(one, _behind(matrix, name)) for name, one in objects.items()),
        "## Inputs\n", *map(_input, _those(kinds, "GrapheneInputObjectType").values()),
        "## Enumerations\n", _enums(_those(kinds, "GrapheneEnumType").values()),
    ])  # fmt: skip


def _those(kinds: Mapping[str, Any], made_as: str) -> dict[str, Any]:
    """Return the types of one kind, by name: graphene 2 has a class for each kind."""
    return {name: kinds[name] for name in sorted(kinds) if type(kinds[name]).__name__ == made_as}


def _bare(kind: Any) -> str:
    return str(kind).strip("[]!")


def _behind(matrix: Any, kind: str) -> dict[str, str]:
    """Return the door of each field of a type."""
    doors = matrix.TYPES.get(kind, ("", {}))[1]
    return {field: door for door, fields in doors.items() for field in fields.split()}


def _doors(matrix: Any) -> str:
    if set(DOORS) != set(matrix.DOORS) or not set(CALLERS) <= set(matrix.CALLERS):
        raise SystemExit("dev/docs/schema.py does not have the doors and callers of the matrix")
    rows = []
    for door, about in DOORS.items():
        through = [
            name for caller, name in CALLERS.items() if matrix.expected(door, caller) == "ok"
        ]
        rows.append((f"`{door}`", about, ", ".join(through)))
    return table(("Door", "What stands behind it", "Opens for"), rows)


def _arguments(field: Any) -> str:
    given = (
        f"`{name}: {one.type}`" + (f" ({one.description})" if one.description else "")
        for name, one in sorted(field.args.items())
        if name not in _PAGE or not {"first", "after"} <= set(field.args)
    )
    return ", ".join(given)


def _queries(fields: Mapping[str, Any], doors: Mapping[str, str]) -> str:
    heads = ("Query", "Gives", "Arguments", "Door", "")
    return table(heads, (
        (f"`{name}`", f"`{one.type}`".replace("CountableConnection", " list"), _arguments(one),
         f"`{doors[name]}`", one.description or "")
        for name, one in sorted(fields.items())
    ))  # fmt: skip


def _mutations(kinds: Mapping[str, Any], doors: Mapping[str, str]) -> str:
    rows = []
    for name, one in sorted(kinds["Mutation"].fields.items()):
        given = kinds[_bare(one.type)].fields.items()
        answer = ", ".join(f"`{key}: {field.type}`" for key, field in given if key != "errors")
        about = one.description or kinds[_bare(one.type)].description or ""
        rows.append((f"`{name}`", _arguments(one), answer, f"`{doors[name]}`", about))
    return table(("Mutation", "Arguments", "Answers", "Door", ""), rows)


def _object(kind: Any, doors: Mapping[str, str]) -> str:
    behind = sorted(set(doors.values()))
    one_door = len(behind) == 1
    rows = [
        (f"`{name}`", f"`{field.type}`", _arguments(field), field.description or "")
        + (() if one_door else (f"`{doors[name]}`" if name in doors else "",))
        for name, field in kind.fields.items()
    ]
    heads = ("Field", "Type", "Arguments", "") + (() if one_door else ("Door",))
    about = f"{kind.description}\n\n" if kind.description else ""
    door = f"Door: `{behind[0]}`.\n\n" if one_door else ""
    return f"### {kind.name}\n\n{about}{door}{table(heads, rows)}"


def _input(kind: Any) -> str:
    rows = (
        (f"`{name}`", f"`{one.type}`", one.description or "") for name, one in kind.fields.items()
    )
    about = f"{kind.description}\n\n" if kind.description else ""
    return f"### {kind.name}\n\n{about}{table(('Field', 'Type', ''), rows)}"


def _enums(kinds: Iterable[Any]) -> str:
    rows = (
        (f"`{one.name}`", ", ".join(f"`{value.name}`" for value in one.values),
         (one.description or "").strip())
        for one in kinds
    )  # fmt: skip
    return table(("Type", "Values", ""), rows)
