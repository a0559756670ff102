"""What was erased on purpose and must never come back."""

from collections.abc import Iterable

from ..models import ErasedKey
from ..shop.snapshots import Kind
from .rows import fetch, table


def among(events: Iterable[tuple[Kind, str]]) -> set[tuple[Kind, str]]:
    """Return those of these kinds and keys that were erased."""
    flat = list(events)
    found = fetch(
        f"SELECT kind, key FROM {table(ErasedKey)} WHERE (kind, key) IN"
        " (SELECT * FROM unnest(%s::text[], %s::text[]))",
        [[kind.value for kind, _ in flat], [key for _, key in flat]],
    )
    return {(Kind(kind), key) for kind, key in found}
