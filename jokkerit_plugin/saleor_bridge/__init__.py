"""Everything that knows Saleor; nothing else in the package imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from .erasers import SaleorEraser
    from .port import SaleorPort

#: In addresses, and of our app in the Dashboard.
PLUGIN_ID = "jokkerit.register"
#: Off unless the shop's settings name it.
BACKEND = f"{__name__}.backend.AgreementBackend"


def start() -> SaleorPort:
    """Tell Saleor what it must know of us, and return the port. For `apps.ready()`: no query."""
    from . import beat, permissions, version
    from .port import SaleorPort

    beat.install()
    permissions.ensure()
    version.register_check()
    if BACKEND in settings.AUTHENTICATION_BACKENDS:
        from . import backend

        backend.install()
    return SaleorPort()


def eraser() -> SaleorEraser:
    """Return who erases in Saleor's tables. For `apps.ready()`: no query."""
    from .erasers import SaleorEraser

    return SaleorEraser()
