"""Django system checks of our own. In a shop they are warnings: a check never stops Saleor."""

from typing import Any

from django.apps import apps
from django.core import checks

from .policy import fields


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
                hint="Name its category in policy/fields.py, or declare it free.",
                id="jokkerit_plugin.W010",
            )
            for field in fields.unclaimed(name, present)
        ]
        messages += [_stale(f"{name}.{field}") for field in fields.stale(name, present)]
    return messages + [_stale(name) for name in fields.CLAIMS if name not in known]


def _stale(name: str) -> checks.CheckMessage:
    return checks.Warning(
        f"The policy claims {name}, which does not exist.",
        hint="Remove it from policy/fields.py.",
        id="jokkerit_plugin.W011",
    )
