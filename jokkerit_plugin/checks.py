"""Django system checks of our own. In a shop they are warnings: a check never stops Saleor."""

from typing import Any

from django.apps import apps
from django.core import checks
from django.db import DatabaseError, transaction

from .description import protection, status
from .errors import RegisterError
from .policy import fields
from .rights import status as rights
from .shop.port import shop


def check_claims(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W010: a field that no category of the policy claims. W011: a claim without its field."""
    messages: list[checks.CheckMessage] = []
    known = set()
    for model in apps.get_app_config("jokkerit_plugin").get_models():
        name = model.__name__
        known.add(name)
        present = [field.name for field in model._meta.concrete_fields]
        messages += [
            checks.Warning(
                f"{name}.{field} is claimed by no category of the policy.",
                hint="Name its category in policy/claims/, or declare it free.",
                id="jokkerit_plugin.W010",
            )
            for field in fields.unclaimed(name, present)
        ]
        messages += [_stale(f"{name}.{field}") for field in fields.stale(name, present)]
    return messages + [_stale(name) for name in fields.CLAIMS if name not in known]


def check_description(
    app_configs: Any = None, databases: Any = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """W020: the published description is not true, or a protection that it promises is missing.

    Reads the database, so only where Django's checks are given one (`check --database default`,
    `migrate`); before the tables are there, it says nothing.
    """
    if "default" not in (databases or ()):
        return []
    try:
        with shop().writer(), transaction.atomic():
            found = status.problems(shop().config())
    except (DatabaseError, RegisterError):
        return []
    return [checks.Warning(one, id="jokkerit_plugin.W020") for one in found]


def check_corrections(
    app_configs: Any = None, databases: Any = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """W022: a correction, a task for one, or the telling of one has waited for too long.

    Reads the database, as `check_description` does.
    """
    if "default" not in (databases or ()):
        return []
    try:
        with shop().writer(), transaction.atomic():
            found = rights.corrections() if shop().config().active else []
    except (DatabaseError, RegisterError):
        return []
    return [checks.Warning(one, id="jokkerit_plugin.W022") for one in found]


def check_protection(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """W021: a connection that the settings name leaves this machine without verified TLS."""
    try:
        found = protection.connections(shop().connections_of_settings())
    except RegisterError:
        return []
    return [checks.Warning(str(one), id="jokkerit_plugin.W021") for one in found]


def _stale(name: str) -> checks.CheckMessage:
    return checks.Warning(
        f"The policy claims {name}, which does not exist.",
        hint="Remove it from policy/claims/.",
        id="jokkerit_plugin.W011",
    )
