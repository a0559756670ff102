"""The parts of a document's plain text (`description.document`), for pages that show it."""

from itertools import groupby

from django import template

register = template.Library()

_ITEM = "- "


@register.filter
def parts_of(text: str) -> list[tuple[str, list[str]]]:
    """Return a document's parts: `title`, `heading`, `lines` or `items`, each with its lines.

    A heading is a line of its own that ends no sentence, before something that is none. An earlier
    text of the shop's own may hold none of these: it is lines.
    """
    found: list[tuple[str, list[str]]] = []
    for paragraph in filter(None, (one.strip("\n") for one in text.split("\n\n"))):
        lines = paragraph.splitlines()
        if _stands_alone(lines) and (not found or found[-1][0] != "heading"):
            found.append(("heading" if found else "title", lines))
            continue
        for is_item, run in groupby(lines, key=lambda line: line.startswith(_ITEM)):
            kind, shown = ("items", len(_ITEM)) if is_item else ("lines", 0)
            found.append((kind, [line[shown:] for line in run]))
    return found


def _stands_alone(lines: list[str]) -> bool:
    return len(lines) == 1 and not lines[0].startswith(_ITEM) and lines[0][-1] not in ".:;"
