"""From Saleor's stored plugin configuration to `Config`, strictly or with what is usable."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..config import Config
from ..errors import SettingError
from ..settings import parse


def values(configuration: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Name to value, of Saleor's list of fields."""
    return {str(field["name"]): field.get("value") for field in configuration if "name" in field}


def unknown_channels(config: Config) -> dict[str, list[str]]:
    """Return, by field, the slugs that no channel of the shop has (1 query).

    A mistyped slug would exclude nothing, and another company's orders would enter.
    """
    # Here and not above: the plugin's settings are read without Saleor's models, too.
    from saleor.channel.models import Channel

    fields = {"excluded_channels": config.excluded_channels, "test_channels": config.test_channels}
    named = {slug for slugs in fields.values() for slug in slugs}
    if not named:
        return {}
    known = set(Channel.objects.filter(slug__in=named).values_list("slug", flat=True))
    missing = {
        field: [slug for slug in slugs if slug not in known] for field, slugs in fields.items()
    }
    return {field: slugs for field, slugs in missing.items() if slugs}


def lenient(
    configuration: Sequence[Mapping[str, object]], *, active: bool
) -> tuple[Config, tuple[SettingError, ...]]:
    """Return a `Config` always: a field that cannot be used has its default, and its error.

    The config names such fields too (`unusable`), so that nothing is erased by a default.

    Saleor validates before it saves, but a row may be older than a rule, or written by SQL.
    """
    usable = values(configuration)
    problems: list[SettingError] = []
    while True:
        try:
            config = parse(usable, active=active)
            unusable = tuple((error.field or "", error.message) for error in problems)
            return replace(config, unusable=unusable), tuple(problems)
        except SettingError as error:
            if error.field not in usable:
                raise
            del usable[error.field]
            problems.append(error)
