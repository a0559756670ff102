"""How large a request may be. Checked before anything else is done with it.

The numbers are documented in docs/graphql.md. The walk costs time in proportion to the text:
a fragment is measured once, however often it is spread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql.language import ast

from .errors import Malformed, TooMuch
from .pagination import LARGEST_PAGE

#: Bytes of a body: the three texts of an agreement fit in.
BODY = 100_000
#: Characters of a query.
QUERY = 20_000
#: Levels of fields. (A page's `edges { node` are two.)
DEPTH = 12
#: Fields that an answer may hold, reckoned with full pages.
COST = 20_000
#: As how many rows a list without pages counts.
UNPAGED_ROWS = 10
UNPAGED = {
    "lines",
    "movements",
    "deliveries",
    "invoices",
    "addresses",
    "identifiers",
    "members",
    "keeps",
    "marketing",
    "marketingEvents",
    "times",
    "refused",
}
#: What reads a whole period to answer one field, and as how many fields it counts: four a request.
REPORTS = {
    "vatReport",
    "vatFindings",
    "tieOut",
    "receipts",
    "openPurchases",
    "monthReport",
    "mayContact",
    "audienceCount",
    "marketingState",
    "siteErrors",
    "siteLogIns",
    "siteUsage",
    "siteUsageByDay",
    "chainProof",
}
REPORT_COST = 4_000
#: Fields and fragments that the text may name: the comparing of fields that the specification
#: asks for takes the square of them (500: 0.3 s).
SELECTIONS = 500
ALIASES = 30
#: What a customer's own token opens, and staff's as customers.
OWN = {"ownMarketing", "ownMarketingUpdate", "ownRequestOpen", "ownRequests"}
MUTATIONS = 4
#: How often the lists of introspection may stand in each other (graphql-js has the same rule).
INTROSPECTION_LISTS = 3

_INTROSPECTION = {"fields", "interfaces", "possibleTypes", "inputFields"}


@dataclass(frozen=True, slots=True)
class _Size:
    #: Fields at the top of the selection, through its fragments.
    fields: int = 0
    cost: int = 0
    depth: int = 0
    lists: int = 0


class _Walk:
    def __init__(self, document: ast.Document, variables: Mapping[str, Any]) -> None:
        self.variables = variables
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, ast.FragmentDefinition)
        }
        self.measured: dict[str, _Size] = {}
        self.under_way: set[str] = set()

    def measure(self, selections: ast.SelectionSet | None) -> _Size:
        """Return how much a selection asks for."""
        sizes = [self._one(one) for one in selections.selections] if selections else []
        return _Size(
            # Capped, these two: fragments that double give numbers that are slow to work with.
            min(sum(size.fields for size in sizes), COST),
            min(sum(size.cost for size in sizes), 10 * COST),
            max((size.depth for size in sizes), default=0),
            max((size.lists for size in sizes), default=0),
        )

    def _one(self, node: ast.Node) -> _Size:
        if isinstance(node, ast.FragmentSpread):
            return self._fragment(node.name.value)
        below = self.measure(node.selection_set)
        if isinstance(node, ast.InlineFragment):
            return below
        return _Size(
            1,
            (REPORT_COST if node.name.value in REPORTS else 1) + self._rows(node) * below.cost,
            below.depth + 1,
            below.lists + (node.name.value in _INTROSPECTION),
        )

    def _fragment(self, name: str) -> _Size:
        if name in self.under_way:
            raise Malformed("A fragment spreads itself.")
        if name not in self.fragments:
            # Refused by the validation that follows.
            return _Size()
        if name not in self.measured:
            self.under_way.add(name)
            self.measured[name] = self.measure(self.fragments[name].selection_set)
            self.under_way.discard(name)
        return self.measured[name]

    def _rows(self, node: ast.Field) -> int:
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                value = argument.value
                if isinstance(value, ast.Variable):
                    found = self.variables.get(value.name.value)
                else:
                    found = getattr(value, "value", None)
                asked = str(found)
                rows = int(asked) if asked.isdecimal() and len(asked) < 4 else LARGEST_PAGE
                return min(max(rows, 1), LARGEST_PAGE)
        return UNPAGED_ROWS if node.name.value in UNPAGED else 1


def check(document: ast.Document, variables: Mapping[str, Any]) -> None:
    """Raise `TooMuch` where a limit is passed, `Malformed` for what cannot be measured."""
    operations = [one for one in document.definitions if isinstance(one, ast.OperationDefinition)]
    if any(one.operation not in {"query", "mutation"} for one in operations):
        raise Malformed("There are queries and mutations, nothing else.")
    selections = list(_selections(document))
    if len(selections) > SELECTIONS:
        raise TooMuch(f"The query names more than {SELECTIONS} fields.")
    if sum(1 for one in selections if getattr(one, "alias", None)) > ALIASES:
        raise TooMuch(f"More than {ALIASES} aliases in one request.")
    walk = _Walk(document, variables)
    # All operations of the text together: it may hold several, of which one is chosen.
    sizes = [walk.measure(one.selection_set) for one in operations]
    if max((size.lists for size in sizes), default=0) > INTROSPECTION_LISTS:
        raise TooMuch("The introspection goes round in circles.")
    introspection = introspects(document)
    if not introspection and max((size.depth for size in sizes), default=0) > DEPTH:
        raise TooMuch(f"The query is more than {DEPTH} levels deep.")
    cost = sum(size.cost for size in sizes)
    if cost > COST:
        raise TooMuch(f"The query costs {min(cost, 10 * COST)}, more than {COST}: ask for less.")
    changing = zip(operations, sizes, strict=True)
    if sum(size.fields for one, size in changing if one.operation == "mutation") > MUTATIONS:
        raise TooMuch(f"More than {MUTATIONS} mutations in one request.")


def introspects(document: ast.Document) -> bool:
    """Tell whether the request asks for the schema alone.

    Raises `Malformed` when it asks for the schema and for data, as Saleor does.
    """
    names = _fields(document)
    about = names & {"__schema", "__type"}
    if about and names - about - {"__typename"}:
        raise Malformed("Queries and introspection cannot be mixed in the same request.")
    return bool(names) and names <= {"__schema", "__type", "__typename"}


def is_own(document: ast.Document) -> bool:
    """Tell whether the request asks for nothing but what is one's own as a customer."""
    names = _fields(document)
    return bool(names) and names <= OWN | {"__typename"}


def _fields(document: ast.Document) -> set[str]:
    """Return the fields at the top of all operations of the text."""
    names: set[str] = set()
    roots = {"Query", "Mutation"}
    for one in document.definitions:
        if isinstance(one, ast.OperationDefinition) or one.type_condition.name.value in roots:
            names |= set(_top(one.selection_set, roots))
    return names


def _top(selections: ast.SelectionSet, roots: set[str]) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, ast.Field):
            yield one.name.value
        elif isinstance(one, ast.InlineFragment):
            yield from _top(one.selection_set, roots)


def _selections(document: ast.Document) -> Iterator[ast.Node]:
    waiting = [one.selection_set for one in document.definitions]
    while waiting:
        for one in waiting.pop().selections:
            yield one
            if getattr(one, "selection_set", None):
                waiting.append(one.selection_set)
