"""The plugin that Saleor finds through the entry point."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import lazystr
from saleor.core.db.connection import allow_writer
from saleor.plugins.base_plugin import BasePlugin
from saleor.plugins.error_codes import PluginErrorCode

from ..config import Config
from ..errors import SettingError
from ..logs import logger_of
from ..settings import parse
from . import PLUGIN_ID
from .configuration import lenient, unknown_channels, values
from .hooks import Hooks
from .settings_form import CONFIG_STRUCTURE, DEFAULT_CONFIGURATION, in_order
from .settings_shown import status, told

logger = logger_of(__name__)


#: Stands among the fields of a plugin that has no row yet, and so in the row as Saleor makes it.
_UNSAVED = {"name": "unsaved", "value": ""}


# Saleor takes a plugin for a provider as soon as a method of that name is there: with
# authenticate_user every sign-in asks it, with a payment hook it is offered as a way to pay,
# with invoice_request it is expected to make invoices. None of them may ever be defined here.
class RegisterPlugin(Hooks, BasePlugin):  # type: ignore[misc]
    """The shop's customer register. One configuration, whatever the number of channels."""

    configuration: list[dict[str, Any]]

    PLUGIN_ID = PLUGIN_ID
    PLUGIN_NAME = "Jokkerit Register"
    PLUGIN_DESCRIPTION = (
        "Keeps the shop's customer register: it follows the orders, shows each person only what "
        "their role allows, and erases what no purpose keeps."
    )
    DEFAULT_ACTIVE = True
    CONFIGURATION_PER_CHANNEL = False
    CONFIG_STRUCTURE = CONFIG_STRUCTURE
    DEFAULT_CONFIGURATION = DEFAULT_CONFIGURATION

    def __init__(self, *, db_config: Any = None, **kwargs: Any) -> None:
        super().__init__(db_config=db_config, **kwargs)
        if db_config is None:
            self.configuration = [*self.configuration, dict(_UNSAVED)]

    @cached_property
    def settings(self) -> Config:  # type: ignore[override]
        """The settings that this instance was loaded with."""
        return lenient(self.configuration, active=self.active)[0]

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Any) -> Any:
        """Save the form; a refused one changes nothing.

        Before it validates, Saleor makes the first row, inactive: a first form that was refused,
        or that does not say `active`, would silently switch the register off.
        """
        if _UNSAVED not in plugin_configuration.configuration:
            return super().save_plugin_configuration(plugin_configuration, cleaned_data)
        plugin_configuration.configuration.remove(_UNSAVED)
        try:
            given = {"active": cls.DEFAULT_ACTIVE, **cleaned_data}
            return super().save_plugin_configuration(plugin_configuration, given)
        except ValidationError:
            plugin_configuration.delete()
            raise

    @classmethod
    def pre_save_plugin_configuration(cls, plugin_configuration: Any) -> None:
        """Note that the register rests from now on, though no worker may run to notice."""
        config, _ = lenient(plugin_configuration.configuration, active=plugin_configuration.active)
        if config.active and config.fill_orders:
            return
        try:
            from ..register.proof import invalidate

            with allow_writer(), transaction.atomic():
                invalidate()
        except DatabaseError as error:
            logger.warning("the rest was not noted: %s", type(error).__name__)

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse an unusable value with a ValidationError at its field."""
        try:
            config = parse(
                values(plugin_configuration.configuration), active=plugin_configuration.active
            )
            _refuse_unknown_channels(config)
        except SettingError as error:
            refusal = ValidationError(error.message, code=PluginErrorCode.INVALID.value)
            # A plain str Saleor would turn into "businessId", and the Dashboard, which looks
            # for the field's own name, would show the refusal at no field.
            field: Any = lazystr(error.field or "configuration")
            raise ValidationError({field: refusal}) from None

    def resolve_plugin_configuration(self, request: Any) -> list[dict[str, Any]]:
        """Return the fields with the OUTPUT ones filled live; the stored copies are stale."""
        fields = cast("Sequence[dict[str, Any]]", self.configuration)
        config, errors = lenient(fields, active=self.active)
        problems = [f"{error.field}: {error.message}" for error in errors]
        problems += [f"{error.field}: {error.message}" for error in _unknown_channels(config)]
        values_now = status(config, tuple(problems))
        return [
            told(field, values_now[field["name"]]) if field["name"] in values_now else dict(field)
            for field in in_order(fields)
        ]

    def webhook(self, request: HttpRequest, path: str, previous_value: Any) -> HttpResponseBase:
        """Answer requests below /plugins/jokkerit.register/."""
        from ..web import routes

        return routes.serve(request, path, active=self.active)


def _unknown_channels(config: Config) -> list[SettingError]:
    with allow_writer():
        return [
            SettingError(f"The shop has no channel with the slug {', '.join(slugs)}.", field=name)
            for name, slugs in unknown_channels(config).items()
        ]


def _refuse_unknown_channels(config: Config) -> None:
    for error in _unknown_channels(config):
        raise error
