"""docs/reference/graphql.md: how to read the schema, who may ask for what, where all of it is."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from typing import Any

from dev.docs import topics
from dev.docs.tables import table
from dev.paths import ROOT

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
    "superuser": "Superusers",
    "controller": "The controller's people",
    "manager": "Staff who change customers",
    "staff": "Staff who see customers",
    "accountant": "The accounting firm",
    "app": "The accounting firm's app",
    "granted": "Maintainers with a grant",
    "maintainer": "Maintainers",
    "customer": "Customers of the shop",
}
_TOP = """\
# GraphQL reference

Made from the code by `make docs`: change the code, not these pages. How to ask, with examples,
limits and what each code means over HTTP: [graphql.md](../graphql.md).
"""
#: What the same signs mean on all pages.
_READ = {
    "Door": (
        "A field stands behind one; who gets through which is tested for every field, with"
        " every kind of caller ([tests/authorisation.py](../../tests/authorisation.py)). All"
        " but `open`, `own` and `sign` also want the confidentiality agreement in force;"
        " which data a purpose gives, and what a restriction closes, comes on top"
    ),
    "`!`": (
        "Never null. Else null is what the field says; of a customer's or purchase's field"
        " it may also be that the purpose does not give it, and then an error stands at its"
        " path"
    ),
    "Empty text": "Not known, or nobody: nothing is null that is a text with `!`",
    "`ID`": (
        "Base64 of `<kind>:<number>`, as Relay and Saleor write them; the kind is named."
        " Ids of the log's rows are plain numbers"
    ),
    "Keys": (
        "Who did something: `user:12`, `app:3`, `command:register_follow_log`,"
        " `paper:<name>`; `shop`, `task:<name>`: by itself; `person`: who asked"
    ),
    "`Date`, `DateTime`": (
        "ISO 8601. Days are those of Helsinki; moments have a time zone, and are given with one"
    ),
    "`Decimal`": (
        "A number as text, in the currency's own unit (12.50, never cents), up to three"
        " decimals. Rates are fractions: 0.255"
    ),
    "`BigInt`": (
        "A number in JSON that may outgrow the 32 bits of `Int`, exact to 2^53. Sizes are bytes,"
        " durations milliseconds, unless a field says otherwise"
    ),
    "Lists of a type": (
        "Connections with `edges { node cursor }`, `pageInfo` and `totalCount`. They take"
        " `first` or `last` (1 to 100), with `after` or `before`"
    ),
    "`filter`, `purpose`": (
        "Unless something else is said: left out, all rows; and the usual purpose of who asks"
    ),
    "Mutations": (
        "Answer `errors { field message code }` beside what is named, which is null where"
        " there are any. The code that is named is that of a mistake in what was asked"
    ),
}


def page() -> str:
    """Return the page."""
    matrix: Any = importlib.import_module("tests.authorisation")
    schema = topics.Schema()
    return "\n".join([
        _TOP,
        "## How to read it\n", table(("Sign", "Means"), _READ.items()),
        "## Topics\n", _topics(schema),
        "## Who may ask\n", _callers(matrix),
        "## Doors\n", _doors(matrix),
        "## Queries\n", _index(schema, "Query", matrix),
        "## Mutations\n", _index(schema, "Mutation", matrix),
        "## Error codes\n", _codes(matrix),
    ])  # fmt: skip


def _topics(schema: topics.Schema) -> str:
    rows = []
    for name, (title, _) in topics.TOPICS.items():
        kinds = schema.of(name)
        asked = ", ".join(f"`{one}`" for one in [*kinds.queries, *kinds.mutations]) or "(types)"
        rows.append((f"[{title}](graphql/{name}.md)", asked))
    return table(("Topic", "What one asks for"), rows)


def _through(matrix: Any, door: str) -> list[str]:
    return [one for one in CALLERS if matrix.expected(door, one) == "ok"]


def _callers(matrix: Any) -> str:
    if set(DOORS) != set(matrix.DOORS) or not set(CALLERS) <= set(matrix.CALLERS):
        raise SystemExit("dev/docs/schema.py does not have the doors and callers of the matrix")
    rows = []
    for caller, called in CALLERS.items():
        opened = [f"`{door}`" for door in DOORS if caller in _through(matrix, door)]
        rows.append((called, "All" if len(opened) == len(DOORS) else ", ".join(opened)))
    return table(("Who", "Doors that open"), rows)


def _doors(matrix: Any) -> str:
    rows = []
    for door, about in DOORS.items():
        asked = [
            name for kind in ("Query", "Mutation")
            for name, one in topics.behind(matrix, kind).items() if one == door
        ]  # fmt: skip
        shown = ", ".join(f"`{one}`" for one in sorted(asked))
        rows.append((f"`{door}`", about, "See below" if len(asked) > 20 else shown))
    return table(("Door", "What stands behind it", "Queries and mutations"), rows)


def _index(schema: topics.Schema, kind: str, matrix: Any) -> str:
    doors = topics.behind(matrix, kind)
    rows = []
    for name, field in sorted(schema.kinds[kind].fields.items()):
        topic = schema.topic_of_field(kind, name)
        title = topics.TOPICS[topic][0]
        about = topics.first_sentence(field.description)
        rows.append((f"`{name}`", f"[{title}](graphql/{topic}.md)", f"`{doors[name]}`", about))
    return table((kind, "Topic", "Door", ""), rows)


def _codes(matrix: Any) -> str:
    """Return the codes that errors of ours bear, with what their classes say."""
    by_code: dict[str, list[str]] = {}
    for name, (_, code) in sorted(matrix.MUTATIONS.items()):
        by_code.setdefault(code, []).append(f"`{name}`")
    found: dict[str, list[str]] = {}
    for code, about in _errors():
        found.setdefault(code, []).append(about)
    rows = (
        (f"`{code}`", " ".join(dict.fromkeys(said)), ", ".join(by_code.get(code, ())))
        for code, said in sorted(found.items())
    )
    about = "Also those that commands and pages show. Of a mutation: what a mistake answers.\n\n"
    return about + table(("Code", "What it says", "Of mutations"), rows)


def _errors() -> Iterator[tuple[str, str]]:
    """Yield code and first sentence of each class of an error, as the source has them."""
    for path in sorted((ROOT / "jokkerit_plugin").rglob("*.py")):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(one, ast.ClassDef) or not (about := ast.get_docstring(one)):
                continue
            for line in one.body:
                if (
                    isinstance(line, ast.Assign)
                    and getattr(line.targets[0], "id", "") == "code"
                    and isinstance(line.value, ast.Constant)
                ):
                    yield str(line.value.value), topics.first_sentence(about)
