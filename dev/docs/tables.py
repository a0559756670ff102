"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; an empty text where there are no rows."""
    lines = [_row(row) for row in rows]
    return "\n".join([_row(heads), "|---" * len(heads) + "|", *lines]) + "\n" if lines else ""


def _row(cells: Sequence[str]) -> str:
    texts = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(texts)} |"
