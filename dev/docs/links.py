"""Links in Markdown: files and headings that they name must exist. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.paths import ROOT

_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def files(root: Path) -> list[Path]:
    """Return the project's Markdown files."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def broken(root: Path = ROOT) -> list[str]:
    """Return each link that leads nowhere, with its file."""
    return [fault for path in files(root) for fault in _broken(path, root)]


def _broken(path: Path, root: Path) -> Iterator[str]:
    for target in _LINK.findall(_CODE.sub("", _prose(path))):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", name):
            continue
        there = (path.parent / name).resolve() if name else path
        shown = path.relative_to(root)
        if not there.is_relative_to(root.resolve()) or not there.exists():
            yield f"{shown}: {target}: there is no such file"
        elif anchor and anchor not in anchors(there):
            yield f"{shown}: {target}: there is no such heading"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a file's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_prose(path)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        kept = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        same = (f"{kept}-{n}" for n in range(1, len(found) + 1))
        found.add(kept if kept not in found else next(one for one in same if one not in found))
    return found


def _prose(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))
