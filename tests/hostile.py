"""Calls of every field that takes something, made of the schema: for text that means harm."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
)

from jokkerit_plugin.web.schema import SCHEMA
from jokkerit_plugin.web.schema.base import to_global_id

#: Stands in every hostile text, and nowhere else.
MARK = "merkki77"
#: What spreadsheets, SQL, templates of Django and Python, headers, log lines, terminals, shells,
#: pages, paths and regular expressions would obey.
TEXT = (
    f"=HYPERLINK(1)&{MARK}'\";--\\ $$ %s %(a)s {{0.__class__}} {{{{ settings.SECRET_KEY }}}} "
    f"{{% debug %}}\r\nX-Forged: {MARK}\r\n\r\n2026-01-01 ERROR forged \x1b[2J$(id) `id` | "
    "<script>alert(1)</script> ../../etc/passwd (a+)+$ [[["
)
USUAL = {
    "Int": 1, "BigInt": 1, "Float": 1.5, "Boolean": True, "DateTime": "2026-03-01T10:00:00+00:00",
    "Date": "2026-03-01", "Decimal": "1.00", "UUID": "6f1c9c52-0d5f-4c51-9a35-5f8b7a3a0001",
    "JSONString": "{}", "String": "x",
}  # fmt: skip
#: Texts that are read as something else, so that what comes after them is reached.
MEANT = {
    "language": "fi", "month": "2026-03", "country": "FI", "currency": "EUR", "signer": "user:2",
    "holder": "user:2", "actor": "user:2", "encoding": "utf-8-sig", "delimiter": ";",
    "email": "a@example.com", "to": "a@example.com", "address": "a@example.com",
    "quarter": None, "financialYear": None, "from": None, "voucher": None,
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A request, and which of its texts is hostile ("input.reason")."""

    field: str
    where: str
    query: str


def calls(text: str, ids: dict[str, str]) -> Iterator[Call]:
    """Yield a call for each text that a field at the top takes, with everything else as usual."""
    for before, name, field in _tops():
        for where in [one for key, arg in field.args.items() for one in _texts(key, arg.type)]:
            yield Call(name, where, _query(before, name, field, where, text, ids))


def lists(ids: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield field, list and a query in which the list's only value stands between two `%s`."""
    for before, name, field in _tops():
        for where in [one for key, arg in field.args.items() for one in _lists(key, arg.type)]:
            yield name, where, _query(before, name, field, f"[{where}]", "", ids)


def _tops() -> Iterator[tuple[str, str, Any]]:
    for root, before in (("Query", ""), ("Mutation", "mutation ")):
        for name, field in SCHEMA.get_type(root).fields.items():
            yield before, name, field


def _query(before: str, name: str, field: Any, where: str, text: str, ids: dict[str, str]) -> str:
    """Write a query for a page of two, that says where it lies only if `where` is that."""
    given = {
        key: _value(arg.type, key, where, text, name, ids)
        for key, arg in field.args.items()
        if key == where or key not in {"last", "before", "after"}
    }
    if "first" in given:
        given["first"] = "2"
    told = ", ".join(f"{key}: {value}" for key, value in given.items() if value is not None)
    return f"{before}{{ {name}({told}){_shown(field.type)} }}"


def pool() -> dict[str, str]:
    """Return an id of every kind of row that there is, by the kind in small letters."""
    found = {}
    for model in apps.get_app_config("jokkerit_plugin").get_models():
        if row := model._default_manager.first():
            kind = model.__name__
            found[kind.lower()] = to_global_id(f"Register{kind}", row.pk)
    return found


def _texts(name: str, kind: Any) -> Iterator[str]:
    inner = get_named_type(kind)
    if isinstance(inner, GraphQLInputObjectType):
        for key, field in inner.fields.items():
            yield from (f"{name}.{one}" for one in _texts(key, field.type))
    elif inner.name in {"String", "ID", "JSONString"}:
        yield name


def _lists(name: str, kind: Any) -> Iterator[str]:
    if isinstance(get_nullable_type(kind), GraphQLList):
        yield name
    inner = get_named_type(kind)
    if isinstance(inner, GraphQLInputObjectType):
        for key, field in inner.fields.items():
            yield from (f"{name}.{one}" for one in _lists(key, field.type))


def leaves(name: str, kind: Any) -> Iterator[str]:
    """Yield what a form of the console calls the parts of a value."""
    inner = get_named_type(kind)
    if not isinstance(inner, GraphQLInputObjectType):
        yield name
        return
    several = isinstance(get_nullable_type(kind), GraphQLList)
    for key, field in inner.fields.items():
        yield from leaves(f"{name}.0.{key}" if several else f"{name}.{key}", field.type)


def _value(
    kind: Any, path: str, where: str, text: str, field: str, ids: dict[str, str]
) -> str | None:
    """Return a value as GraphQL writes it; None: left out."""
    name = path.rpartition(".")[2]
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, path, where, text, field, ids)
    if isinstance(kind, GraphQLList):
        one = _value(kind.of_type, path, where, text, field, ids)
        return f"[%s{one}%s]" if where == f"[{path}]" else f"[{one}]"
    if isinstance(kind, GraphQLInputObjectType):
        found = {
            key: _value(one.type, f"{path}.{key}", where, text, field, ids)
            for key, one in kind.fields.items()
        }
        return "{" + ", ".join(f"{key}: {v}" for key, v in found.items() if v is not None) + "}"
    if path == where:
        return json.dumps(text)
    return _usual(kind, name, field, ids)


def _usual(kind: Any, name: str, field: str, ids: dict[str, str]) -> str | None:
    if isinstance(kind, GraphQLEnumType):
        return str(kind.values[0].name)
    if kind.name == "ID":
        kinds = sorted((one for one in ids if field.lower().startswith(one)), key=len)
        of = name.lower() if name.lower() in ids else (kinds or ["customer"])[-1]
        return json.dumps(ids[of])
    usual = USUAL.get(kind.name)
    meant = MEANT.get(name, usual) if kind.name == "String" else usual
    return None if meant is None else json.dumps(meant)


def _shown(kind: Any) -> str:
    inner = get_named_type(kind)
    if not isinstance(inner, GraphQLObjectType):
        return ""
    if "errors" in inner.fields:
        return " { errors { code field message } }"
    return " { edges { node { __typename } } }" if "edges" in inner.fields else " { __typename }"
