"""To which topic each type and field of the schema belongs, and whether each says what it is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Page to its title, and the modules of the schema that it shows. What stands in none of them, or
#: is used by several topics, is shared.
TOPICS = {
    "customers": ("Customers and purchases", "customers purchases purchase_parts"),
    "accounting": ("Accounting", "vat closing vouchers accounts exports"),
    "rights": (
        "Requests, corrections, restrictions",
        """requests request_acts request_by_hand own_requests corrections correction_tasks
        restrictions""",
    ),
    "marketing": (
        "Marketing",
        "marketing audience contacting own_marketing opt_outs opt_out_acts controllers",
    ),
    "third-parties": (
        "Third parties, debts and holds", "recipients disclosures flows transfers holds",
    ),
    "retention": ("Retention and proof", "retention keeps certificates"),
    "breaches": ("Breaches", "breaches breach_acts breach_parts"),
    "site-log": ("The site log", "site_lines site_views site_usage site_files incidents"),
    "access": ("Access", "me agreements grants access_log chains people"),
    "setting-up": ("Setting up, and the description", "setting_up descriptions"),
    "shared": ("What all share", "base ranges mutations enums file_links"),
}  # fmt: skip
_LIST = "CountableConnection"


def behind(matrix: Any, kind: str) -> dict[str, str]:
    """Return the door of each field of a type."""
    doors = matrix.TYPES.get(kind, ("", {}))[1]
    return {name: door for door, fields in doors.items() for name in fields.split()}


def first_sentence(text: str | None) -> str:
    """Return a description's first sentence."""
    found = " ".join((text or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.?]) (?=[A-Z])", found)[0]


@dataclass
class Kinds:
    """What a topic shows, by name."""

    queries: dict[str, Any] = field(default_factory=dict)
    mutations: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    enums: dict[str, Any] = field(default_factory=dict)
    scalars: dict[str, Any] = field(default_factory=dict)


class Schema:
    """The schema, and the topic that each of its types and fields at the top belongs to."""

    def __init__(self) -> None:
        schema = importlib.import_module("jokkerit_plugin.web.schema")
        types = schema.SCHEMA.get_type_map()
        self.kinds = {name: one for name, one in types.items() if not name.startswith("__")}
        self.of_module = {one: name for name, (_, all_) in TOPICS.items() for one in all_.split()}
        self.tops = {"Query": _owners(schema.Query), "Mutation": _owners(schema.Mutation)}
        mutations = self.kinds["Mutation"].fields
        self.payloads = {bare(one.type): name for name, one in mutations.items()}
        self.homes: dict[str, str] = {}
        for name in self.kinds:
            self._settle(name, set())

    def topic_of_field(self, kind: str, name: str) -> str:
        """Return the topic of a field of Query or Mutation."""
        module = self.tops[kind][name]
        if module not in self.of_module:
            raise SystemExit(
                f"dev/docs/topics.py has no topic for the module {module} of the schema"
            )
        return self.of_module[module]

    def _settle(self, name: str, asked: set[str]) -> str:
        """Return the topic of a type: its module's, or that of whatever alone uses it."""
        if name in self.homes or name in asked:
            return self.homes.get(name, "")
        module = self._module(name)
        if name in self.payloads:
            home = self.topic_of_field("Mutation", self.payloads[name])
        elif module in self.of_module:
            home = self.of_module[module]
        else:
            users = {self._settle(one, {*asked, name}) for one in self._users(name)}
            users |= {
                self.topic_of_field(kind, one)
                for kind in self.tops for one in self._top_users(kind, name)
            } - {""}  # fmt: skip
            users.discard("")
            home = users.pop() if len(users) == 1 else "shared"
        self.homes[name] = home
        return home

    def _module(self, name: str) -> str:
        made = getattr(self.kinds[name], "graphene_type", None)
        return str(getattr(made, "__module__", "")).rpartition("jokkerit_plugin.web.schema.")[2]

    def _users(self, name: str) -> list[str]:
        return [
            one for one, kind in self.kinds.items()
            if one not in self.tops and any(name in used for used in _uses(kind))
        ]  # fmt: skip

    def _top_users(self, kind: str, name: str) -> list[str]:
        fields = self.kinds[kind].fields
        return [one for one, field_ in fields.items() if name in _used(field_)]

    def of(self, topic: str) -> Kinds:
        """Return what a topic shows."""
        found = Kinds()
        for kind, into in (("Query", found.queries), ("Mutation", found.mutations)):
            for name, one in sorted(self.kinds[kind].fields.items()):
                if self.topic_of_field(kind, name) == topic:
                    into[name] = one
        rooms = {
            "GrapheneObjectType": found.objects, "GrapheneInputObjectType": found.inputs,
            "GrapheneEnumType": found.enums, "GrapheneScalarType": found.scalars,
        }  # fmt: skip
        for name in sorted(self.kinds):
            room = rooms.get(type(self.kinds[name]).__name__)
            hidden = name in self.tops or name in self.payloads
            hidden |= name.endswith((_LIST, "CountableEdge"))
            if room is not None and not hidden and self.homes[name] == topic:
                room[name] = self.kinds[name]
        return found

    def link(self, kind: Any, topic: str, text: str = "") -> str:
        """Return a type as a link to where it stands, seen from a topic's page."""
        name, shown = bare(kind), text or f"`{kind}`"
        if name.endswith(_LIST):
            node = bare(self.kinds[bare(self.kinds[name].fields["edges"].type)].fields["node"].type)
            return self.link(node, topic, f"list of `{node}`")
        home = self.homes[name]
        if "Scalar" in type(self.kinds[name]).__name__ and not self._module(name):
            return shown
        page = "" if home == topic else f"{home}.md"
        return f"[{shown}]({page}#{name.lower()})"


def bare(kind: Any) -> str:
    """Return a type's name without what makes it a list or required."""
    return str(kind).strip("[]!")


def _owners(kind: Any) -> dict[str, str]:
    """Return the module of each field of Query or Mutation."""
    camel = importlib.import_module("graphene.utils.str_converters").to_camel_case
    parts = [base for base in kind.__bases__ if base.__module__.startswith("jokkerit_plugin.")]
    return {
        camel(name): one.__module__.rpartition(".")[2] for one in parts for name in one._meta.fields
    }


def _used(one: Any) -> set[str]:
    return {bare(one.type), *(bare(arg.type) for arg in getattr(one, "args", {}).values())}


def _uses(kind: Any) -> Iterator[set[str]]:
    fields = getattr(kind, "fields", {})
    yield from map(_used, fields.values())


def undescribed(kinds: Mapping[str, Any]) -> list[str]:
    """Return whatever of a schema does not say what it is: `Type`, `Type.field`, `Type.field(arg)`.

    What graphene and GraphQL bring themselves is theirs.
    """
    return sorted(name for name, text in _described(kinds) if not (text or "").strip())


def _described(kinds: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for name, kind in kinds.items():
        if name.startswith("__"):
            continue
        yield name, kind.description
        for one in getattr(kind, "values", ()):
            yield f"{name}.{one.name}", one.description
        for key, one in getattr(kind, "fields", {}).items():
            yield f"{name}.{key}", one.description
            for arg, given in getattr(one, "args", {}).items():
                yield f"{name}.{key}({arg})", given.description
