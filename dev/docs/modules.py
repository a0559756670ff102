"""docs/reference/modules.md: every module of the package with the first line it says of itself."""

from __future__ import annotations

import ast
from pathlib import Path

from dev.docs.tables import table
from dev.paths import ROOT

PACKAGE = ROOT / "jokkerit_plugin"
_TOP = """\
# Modules

Made from the code by `make docs`: change the code, not this page. Which room is for what, and who
may import whom: [architecture.md](../architecture.md#rooms).
"""


def page() -> str:
    """Return the page."""
    folders = sorted({path.parent for path in PACKAGE.rglob("*.py")})
    return "\n".join([_TOP, *filter(None, map(_room, folders))])


def _room(folder: Path) -> str:
    rows = [
        (f"[{path.stem}](../../{path.relative_to(ROOT).as_posix()})", _about(path))
        for path in sorted(folder.glob("*.py"))
        if path.stem != "__init__"
    ]
    name = f"{folder.relative_to(ROOT).as_posix()}/"
    return f"## `{name}`\n\n{table(('Module', 'What'), rows)}" if rows else ""


def _about(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = (ast.get_docstring(tree) or "").splitlines()
    if not lines:
        # Django wants nothing said of a command but its help.
        return _help(tree)
    return lines[0]


def _help(tree: ast.Module) -> str:
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign) and getattr(one.targets[0], "id", "") == "help":
            return str(ast.literal_eval(one.value)).partition(".")[0] + "."
    return ""
