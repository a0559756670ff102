"""Which chain a command is about."""

from collections.abc import Mapping
from typing import Any

from ...models import AccessEntry, Disclosure, Erasure
from ...models.chain import ChainLink


def chosen(options: Mapping[str, Any]) -> type[ChainLink]:
    """Return the model of `--ledger`, `--erasures` or neither."""
    if options["erasures"]:
        return Erasure
    return Disclosure if options["ledger"] else AccessEntry
