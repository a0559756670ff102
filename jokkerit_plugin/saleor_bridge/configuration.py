"""From Saleor's stored plugin configuration to `Config`, strictly or with what is usable."""

from collections.abc import Mapping, Sequence

from ..config import Config, parse
from ..errors import SettingError


def values(configuration: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Name to value, of Saleor's list of fields."""
    return {str(field["name"]): field.get("value") for field in configuration if "name" in field}


def lenient(
    configuration: Sequence[Mapping[str, object]], *, active: bool
) -> tuple[Config, tuple[SettingError, ...]]:
    """Return a `Config` always: a field that cannot be used has its default, and its error.

    Saleor validates before it saves, but a row may be older than a rule, or written by SQL.
    """
    usable = values(configuration)
    problems: list[SettingError] = []
    while True:
        try:
            return parse(usable, active=active), tuple(problems)
        except SettingError as error:
            if error.field not in usable:
                raise
            del usable[error.field]
            problems.append(error)
