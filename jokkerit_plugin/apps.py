"""The composition root: the one place that decides which shop is read."""

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db.models.signals import pre_migrate

from .logs import logger_of

logger = logger_of(__name__)


class JokkeritConfig(AppConfig):
    """The Django app. `ready()` makes no database query."""

    name = "jokkerit_plugin"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Jokkerit Register"

    def import_models(self) -> None:
        """Import the models, and give Saleor our permissions: only now can they be added."""
        super().import_models()
        if _beside_saleor():
            from .saleor_bridge import permissions

            permissions.register()

    def ready(self) -> None:
        """Register the checks, and install the shop's port and erasers; no query."""
        from .checks import (
            check_claims,
            check_corrections,
            check_description,
            check_protection,
        )
        from .leaving import uninstall
        from .shop import erasers, port

        pre_migrate.connect(uninstall.before_migrating, sender=self)
        checks.register(check_claims, checks.Tags.models)
        checks.register(check_corrections, checks.Tags.database)
        checks.register(check_description, checks.Tags.database)
        checks.register(check_protection, checks.Tags.security)
        if _beside_saleor():
            from .saleor_bridge import eraser, start

            port.install(start())
            erasers.install(eraser())
            # Web and worker processes run no checks.
            for message in check_protection():
                logger.warning("%s", message.msg)
        elif path := getattr(settings, "JOKKERIT_RECORDED_SHOP", None):
            from .shop.recorded import RecordedShop

            port.install(RecordedShop(path))


def _beside_saleor() -> bool:
    return "saleor.plugins" in settings.INSTALLED_APPS
