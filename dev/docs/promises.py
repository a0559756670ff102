"""docs/promises.md: each promise, the code that keeps it, the tests that hold and break it.

Read from the marks in the tests' source: no test runs for it. Whether they passed, and where,
says the report of a test run.
"""

from __future__ import annotations

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from dev.paths import ROOT

TESTS = ROOT / "tests"
#: Promise to the tests that hold it, and those that break it.
Marks = dict[str, tuple[list[str], list[str]]]
_TOP = """\
# Promises

Made from the code by `make docs`: change the code, not this page.

What the first shop's published register description promises, sentence by sentence, in our own
words. Below each stand the modules that keep it, the tests that show it kept, and those that break
it and see the refusal or the alarm. Tests under `tests/saleor/` run in each Saleor version that is
there; `make test` says which passed where, and fails where a promise has no passed test that holds
it, or none that breaks it.
"""


def page() -> str:
    """Return the page."""
    marks = read(TESTS)
    known = importlib.import_module("tests.promises").PROMISES
    parts = [_TOP]
    for promise in known:
        held, broken = marks.get(promise.id, ([], []))
        kept = ", ".join(f"[`{name}`](../jokkerit_plugin/{name})" for name in promise.kept)
        parts.append(
            f"## {promise.sentence}. {promise.id}\n\n{promise.en} / {promise.fi}\n\n"
            f"Kept by {kept}.\n\n{_tests('Held', held)}\n\n{_tests('Broken', broken)}\n"
        )
    return "\n".join(parts)


def _tests(what: str, names: list[str]) -> str:
    if not names:
        return f"{what}: by no test yet."
    by_file: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(names)):
        file, _, test = name.partition("::")
        by_file[file].append(f"`{test}`")
    return "\n".join(
        [f"{what}:\n", *(f"- [{file}](../{file}): {', '.join(t)}" for file, t in by_file.items())]
    )


def read(folder: Path) -> Marks:
    """Return the tests below a folder by the promises that they are marked with."""
    marks: Marks = defaultdict(lambda: ([], []))
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for test in ast.walk(tree):
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                name = f"{path.relative_to(folder.parent).as_posix()}::{test.name}"
                for promise, breaks in _marked(test, tree):
                    marks[promise][breaks].append(name)
    return dict(marks)


def _marked(test: ast.FunctionDef, tree: ast.Module) -> Iterator[tuple[str, bool]]:
    calls = [call for one in test.decorator_list for call in ast.walk(one)]
    for call in (one for one in calls if isinstance(one, ast.Call)):
        breaks = any(
            key.arg == "breaks" and isinstance(key.value, ast.Constant) and bool(key.value.value)
            for key in call.keywords
        )
        if isinstance(call.func, ast.Attribute) and call.func.attr == "promise":
            yield from ((value, breaks) for value in _promises(call.args))
        elif isinstance(call.func, ast.Name):
            # Parameters made by a function, which marks each from a table beside it.
            home = _home(call.func.id, tree)
            yield from ((value, breaks) for value in _tabled(call.func.id, home))


def _home(function: str, tree: ast.Module) -> ast.Module:
    """Return the module of the tests that a function is imported from, or this one."""
    for one in tree.body:
        if isinstance(one, ast.ImportFrom) and function in {name.name for name in one.names}:
            path = ROOT / f"{(one.module or '').replace('.', '/')}.py"
            return ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else tree
    return tree


def _tabled(function: str, tree: ast.Module) -> Iterator[str]:
    """Yield the promises of the tables that such a function reads."""
    made = next(
        (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == function),
        None,
    )
    if made is None or "promise" not in {
        one.attr for one in ast.walk(made) if isinstance(one, ast.Attribute)
    }:
        return
    names = {one.id for one in ast.walk(made) if isinstance(one, ast.Name)}
    for one in tree.body:
        if isinstance(one, ast.Assign) and names & {getattr(to, "id", "") for to in one.targets}:
            yield from _promises(list(ast.walk(one.value)))


def _promises(nodes: list[ast.expr] | list[ast.AST]) -> Iterator[str]:
    for one in nodes:
        if isinstance(one, ast.Constant) and str(one.value).startswith("P-"):
            yield str(one.value)
