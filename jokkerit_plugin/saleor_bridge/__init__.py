"""Everything that knows Saleor; nothing else in the package imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .port import SaleorPort


def start() -> SaleorPort:
    """Add the beat entries and the checks, and return the port. For `apps.ready()`: no query."""
    from . import beat, version
    from .port import SaleorPort

    beat.install()
    version.register_check()
    return SaleorPort()
